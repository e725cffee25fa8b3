/* SPDX-License-Identifier: Apache-2.0 */
#include "core/node_stream.h"

#include "core/buffer.h"
#include "json_split.h"
#include "node_read.h"

#include <stdlib.h>

/* What comes next, white space apart. */
enum expected {
    EXPECT_LIST,
    EXPECT_KEY_OR_END,
    EXPECT_KEY,
    EXPECT_COLON,
    EXPECT_VALUE,
    EXPECT_COMMA_OR_END,
    EXPECT_ITEM_OR_END,
    EXPECT_ITEM,
    EXPECT_ITEM_COMMA_OR_END,
    EXPECT_NOTHING,
};

/* The members that count. */
enum member_name {
    MEMBER_KIND,
    MEMBER_METADATA,
    MEMBER_ITEMS,
    MEMBER_OTHER,
};

static const struct text member_names[MEMBER_OTHER] = {TEXT("kind"), TEXT("metadata"), TEXT("items")};

struct node_page {
    struct node_store *store;
    enum expected expected;
    bool is_inside; /* of a key, value or item that is not whole yet */
    struct json_split split;
    struct buffer part; /* what was seen of it in earlier pieces */
    enum member_name member;
    bool has[MEMBER_OTHER];
    size_t item_count;
    struct arena arena; /* of the value that is read, and emptied then */
    struct node_reader reader;
    struct buffer continuation;
    struct buffer version;
};

struct node_page *node_page_new(struct node_store *store)
{
    struct node_page *page = calloc(1, sizeof(*page));

    if (page == NULL)
        return NULL;
    page->store = store;
    page->reader.arena = &page->arena;
    return page;
}

void node_page_free(struct node_page **page)
{
    if (*page == NULL)
        return;
    buffer_release(&(*page)->part);
    buffer_release(&(*page)->continuation);
    buffer_release(&(*page)->version);
    arena_release(&(*page)->arena);
    free(*page);
    *page = NULL;
}

static bool refuse(struct error *err, const char *sentence)
{
    return error_set(err, ERROR_REMOTE, "the list of nodes %s", sentence);
}

/* A value was read: what is wrong with it is the server's fault. */
static bool finish_value(struct json *json, struct error *err)
{
    if (json_finish(json, err))
        return true;
    if (err->kind == ERROR_INPUT)
        err->kind = ERROR_REMOTE;
    return false;
}

static void read_version(struct json *json, void *into)
{
    struct node_page *page = into;
    struct text text = json_text_or_null(json);

    page->version.length = 0;
    buffer_add(&page->version, text);
}

static void read_continue(struct json *json, void *into)
{
    struct node_page *page = into;
    struct text text = json_text_or_null(json);

    page->continuation.length = 0;
    buffer_add(&page->continuation, text);
}

static void read_metadata(struct json *json, struct node_page *page)
{
    static const struct json_field fields[] = {
        JSON_FIELD("resourceVersion", read_version),
        JSON_FIELD("continue", read_continue),
    };

    (void)json_read_object(json, fields, COUNT_OF(fields), page);
    if (page->version.failed || page->continuation.failed)
        json_fail_memory(json);
}

static bool read_kind(const struct node_page *page, struct text kind, struct error *err)
{
    if (page->member != MEMBER_KIND || text_is_string(kind, "NodeList") || text_is_string(kind, "List"))
        return true;
    return error_set(err, ERROR_REMOTE, "the list of nodes has the kind '%.*s': it must be NodeList",
                     TEXT_ARGS_SHORT(kind));
}

static bool read_member(struct node_page *page, struct text value, struct error *err)
{
    static const char *const names[] = {"kind", "metadata", "items", "a member"};
    struct text kind = {0};
    struct json json;
    bool is_well;

    json_init(&json, value, &page->arena);
    if (page->member == MEMBER_KIND)
        kind = json_text(&json);
    else if (page->member == MEMBER_METADATA)
        read_metadata(&json, page);
    else
        (void)json_skip(&json);
    is_well = (finish_value(&json, err) || error_wrap(err, "the list of nodes: %s", names[page->member])) &&
              read_kind(page, kind, err);
    arena_reset(&page->arena);
    page->expected = EXPECT_COMMA_OR_END;
    return is_well;
}

static bool read_item(struct node_page *page, struct text value, struct error *err)
{
    struct json json;
    bool is_well;

    node_reader_reset(&page->reader);
    json_init(&json, value, &page->arena);
    if (node_read_item(&json, &page->reader) == MEMBER_PRESENT &&
        !node_store_put(page->store, &page->reader.facts))
        json_fail_memory(&json);
    is_well = finish_value(&json, err) || error_wrap(err, "the list of nodes: items[%zu]", page->item_count);
    arena_reset(&page->arena);
    page->item_count++;
    page->expected = EXPECT_ITEM_COMMA_OR_END;
    if (is_well && node_store_node_count(page->store) > NODE_COUNT_MAX)
        return refuse(err, "has more than 1,000,000 nodes of our types");
    return is_well;
}

static bool read_key(struct node_page *page, struct text value, struct error *err)
{
    struct json json;
    struct text key;
    size_t i;

    json_init(&json, value, &page->arena);
    key = json_text(&json);
    if (!finish_value(&json, err)) {
        arena_reset(&page->arena);
        return error_wrap(err, "the list of nodes: a member's name");
    }
    for (i = 0; i < MEMBER_OTHER && !text_is(member_names[i], key); i++)
        ;
    page->member = (enum member_name)i;
    page->expected = EXPECT_COLON;
    arena_reset(&page->arena);
    if (i == MEMBER_OTHER)
        return true;
    if (page->has[i])
        return error_set(err, ERROR_REMOTE, "the list of nodes has %s twice", member_names[i].at);
    page->has[i] = true;
    return true;
}

/* A key, a value or an item is whole. */
static bool read_whole(struct node_page *page, struct text value, struct error *err)
{
    if (value.length > NODE_OBJECT_BYTES_MAX)
        return refuse(err, "has a member of more than 4 MiB");
    if (page->expected == EXPECT_VALUE)
        return read_member(page, value, err);
    if (page->expected == EXPECT_ITEM)
        return read_item(page, value, err);
    return read_key(page, value, err);
}

/* The part of a key, value or item that is in this piece; it moves behind. */
static bool take_inside(struct node_page *page, struct text *piece, struct error *err)
{
    struct text part = *piece;
    bool is_whole;

    part.length = json_split_take(&page->split, part, &is_whole);
    *piece = text_after(*piece, part.length);
    if (!is_whole || page->part.length > 0) {
        if (page->part.length + part.length > NODE_OBJECT_BYTES_MAX)
            return refuse(err, "has a member of more than 4 MiB");
        buffer_add(&page->part, part);
        if (page->part.failed)
            return error_memory(err);
        part = buffer_text(&page->part);
    }
    if (!is_whole)
        return true;
    page->is_inside = false;
    page->part.length = 0;
    return read_whole(page, part, err);
}

/* What a byte leads to. */
struct step {
    enum expected at;
    char byte;
    enum expected next;
};

static const struct step steps[] = {
    {EXPECT_LIST, '{', EXPECT_KEY_OR_END},
    {EXPECT_KEY_OR_END, '}', EXPECT_NOTHING},
    {EXPECT_COLON, ':', EXPECT_VALUE},
    {EXPECT_COMMA_OR_END, ',', EXPECT_KEY},
    {EXPECT_COMMA_OR_END, '}', EXPECT_NOTHING},
    {EXPECT_ITEM_OR_END, ']', EXPECT_COMMA_OR_END},
    {EXPECT_ITEM_COMMA_OR_END, ',', EXPECT_ITEM},
    {EXPECT_ITEM_COMMA_OR_END, ']', EXPECT_COMMA_OR_END},
};

static const char *const complaints[] = {
    [EXPECT_LIST] = "is no JSON object",
    [EXPECT_KEY_OR_END] = "needs a member's name in quotes",
    [EXPECT_KEY] = "needs a member's name in quotes",
    [EXPECT_COLON] = "needs ':' after a member's name",
    [EXPECT_VALUE] = "has a member without a value",
    [EXPECT_COMMA_OR_END] = "needs ',' or '}' after a member",
    [EXPECT_ITEM_OR_END] = "has an item without a value",
    [EXPECT_ITEM] = "has an item without a value",
    [EXPECT_ITEM_COMMA_OR_END] = "needs ',' or ']' after an item",
    [EXPECT_NOTHING] = "is followed by more than white space",
};

/* Whether a key, value or item begins with the byte; and what it is. */
static bool begins(const struct node_page *page, char byte, enum expected *ret_what)
{
    switch (page->expected) {
    case EXPECT_KEY_OR_END:
    case EXPECT_KEY:
        *ret_what = EXPECT_KEY;
        return byte == '"';
    case EXPECT_ITEM_OR_END:
    case EXPECT_ITEM:
        *ret_what = EXPECT_ITEM;
        return json_split_begins(byte);
    case EXPECT_VALUE:
        *ret_what = EXPECT_VALUE;
        return json_split_begins(byte);
    case EXPECT_LIST:
    case EXPECT_COLON:
    case EXPECT_COMMA_OR_END:
    case EXPECT_ITEM_COMMA_OR_END:
    case EXPECT_NOTHING:
        break;
    }
    return false;
}

/* What comes next is no white space. A mark is eaten; of what begins here nothing is. */
static bool take_mark(struct node_page *page, struct text *piece, struct error *err)
{
    char byte = piece->at[0];
    enum expected what;
    size_t i;

    if (page->expected == EXPECT_VALUE && page->member == MEMBER_ITEMS && byte == '[') {
        page->expected = EXPECT_ITEM_OR_END;
        *piece = text_after(*piece, 1);
        return true;
    }
    if (page->expected == EXPECT_VALUE && page->member == MEMBER_ITEMS && byte != 'n')
        return refuse(err, "has items that are no list");
    if (begins(page, byte, &what)) {
        page->expected = what;
        page->is_inside = true;
        page->split = (struct json_split){0};
        return true;
    }
    for (i = 0; i < COUNT_OF(steps); i++) {
        if (steps[i].at == page->expected && steps[i].byte == byte) {
            page->expected = steps[i].next;
            *piece = text_after(*piece, 1);
            return true;
        }
    }
    return refuse(err, complaints[page->expected]);
}

static void skip_space(struct text *piece)
{
    while (piece->length > 0 &&
           (piece->at[0] == ' ' || piece->at[0] == '\n' || piece->at[0] == '\r' || piece->at[0] == '\t'))
        *piece = text_after(*piece, 1);
}

bool node_page_take(struct node_page *page, struct text bytes, struct error *err)
{
    for (;;) {
        if (!page->is_inside)
            skip_space(&bytes);
        if (bytes.length == 0)
            return true;
        if (!(page->is_inside ? take_inside(page, &bytes, err) : take_mark(page, &bytes, err)))
            return false;
    }
}

bool node_page_finish(struct node_page *page, struct error *err)
{
    if (page->expected != EXPECT_NOTHING)
        return refuse(err, "is cut off");
    if (!page->has[MEMBER_KIND])
        return refuse(err, "has no kind");
    if (!page->has[MEMBER_ITEMS])
        return refuse(err, "has no items");
    return true;
}

struct text node_page_continue(const struct node_page *page)
{
    return buffer_text(&page->continuation);
}

struct text node_page_version(const struct node_page *page)
{
    return buffer_text(&page->version);
}
