/* SPDX-License-Identifier: Apache-2.0 */
#include "config_reader.h"

#include "core/config_values.h"
#include "core/quantity.h"

#include <stdio.h>

bool reader_is(struct config_reader *reader, uint32_t node, enum config_kind kind, const char *accepts)
{
    static const char *const names[] = {"a single value", "a list", "a mapping"};
    const struct config_node *found = &reader->tree->nodes[node];

    if (found->kind == kind)
        return true;
    if (found->kind == CONFIG_SCALAR && found->is_plain &&
        value_plain(config_tree_text(reader->tree, node)) == PLAIN_NULL)
        reader_problem(reader, node, accepts, "empty; leave the key out to keep what is shipped");
    else
        reader_problem(reader, node, accepts, "%s where %s belongs", names[found->kind], names[kind]);
    return false;
}

bool reader_text(struct config_reader *reader, uint32_t node, const char *accepts, struct text *ret_text)
{
    struct text text;
    enum plain plain = PLAIN_TEXT;

    if (!reader_is(reader, node, CONFIG_SCALAR, accepts))
        return false;
    text = config_tree_text(reader->tree, node);
    if (reader->tree->nodes[node].is_plain)
        plain = value_plain(text);
    switch (plain) {
    case PLAIN_TEXT:
        *ret_text = text;
        return true;
    case PLAIN_NULL:
        reader_problem(reader, node, accepts,
                       "empty or null; leave the key out, or write \"\" for an empty text");
        return false;
    case PLAIN_NUMBER:
        reader_problem(reader, node, accepts, "%.*s is a number; write it as text, in quotes: \"%.*s\"",
                       TEXT_ARGS(text), TEXT_ARGS(text));
        return false;
    case PLAIN_TRUE:
    case PLAIN_FALSE:
    case PLAIN_AMBIGUOUS:
        break;
    }
    reader_problem(reader, node, accepts,
                   "YAML readers take %.*s for a boolean; write it in quotes: \"%.*s\"", TEXT_ARGS(text),
                   TEXT_ARGS(text));
    return false;
}

static void *at_offset(void *target, size_t offset)
{
    return (char *)target + offset;
}

static void read_text(struct config_reader *reader, uint32_t node, const struct field *field, void *target)
{
    struct text text;

    if (!reader_text(reader, node, field->accepts, &text))
        return;
    if (!field->is_valid(text)) {
        reader_problem(reader, node, field->accepts, "'%.*s' is not that", TEXT_ARGS(text));
        return;
    }
    text = arena_copy(reader->arena, text);
    if (text.at == NULL)
        reader_memory(reader);
    memcpy(at_offset(target, field->offset), &text, sizeof(text));
}

static void read_texts(struct config_reader *reader, uint32_t node, const struct field *field, void *target)
{
    size_t count = 0;
    struct text *texts;
    uint32_t item;

    if (!reader_is(reader, node, CONFIG_LIST, field->accepts))
        return;
    texts = arena_alloc(reader->arena, (reader->tree->nodes[node].count + 1) * sizeof(*texts));
    if (texts == NULL) {
        reader_memory(reader);
        return;
    }
    for (item = node + 1; item < reader->tree->nodes[node].end; item = reader->tree->nodes[item].end) {
        size_t mark = reader_enter_item(reader, count);
        struct field element = *field;

        element.offset = 0;
        read_text(reader, item, &element, &texts[count]);
        reader_leave(reader, mark);
        count++;
    }
    *(const struct text **)at_offset(target, field->offset) = texts;
    memcpy(at_offset(target, field->count_offset), &count, sizeof(count));
}

static void read_quantity(struct config_reader *reader, uint32_t node, const struct field *field,
                          void *target)
{
    struct text text;
    struct quantity quantity;
    struct error err = {0};

    if (!reader_is(reader, node, CONFIG_SCALAR, field->accepts))
        return;
    text = config_tree_text(reader->tree, node);
    if (!quantity_parse(text, &quantity, &err))
        reader_problem(reader, node, field->accepts, "'%.*s' is not a quantity", TEXT_ARGS(text));
    else if (!quantity.whole)
        reader_problem(reader, node, field->accepts, "%.*s is not a whole number of bytes", TEXT_ARGS(text));
    else if (quantity.units < field->minimum || quantity.units > field->maximum)
        reader_problem(reader, node, field->accepts, "%.*s is out of range", TEXT_ARGS(text));
    else if (field->multiple > 0 && quantity.units % field->multiple != 0)
        reader_problem(reader, node, field->accepts, "%.*s is not a whole number of pages", TEXT_ARGS(text));
    else
        memcpy(at_offset(target, field->offset), &quantity.units, sizeof(quantity.units));
}

/* A scalar without quotes; what it stands for is the caller's to say. */
static bool is_plain_scalar(struct config_reader *reader, uint32_t node, const char *accepts,
                            struct text *ret_text)
{
    if (!reader_is(reader, node, CONFIG_SCALAR, accepts))
        return false;
    *ret_text = config_tree_text(reader->tree, node);
    if (reader->tree->nodes[node].is_plain)
        return true;
    reader_problem(reader, node, accepts, "\"%.*s\" is text; write it without quotes", TEXT_ARGS(*ret_text));
    return false;
}

static void read_count(struct config_reader *reader, uint32_t node, const struct field *field, void *target)
{
    struct text text;
    uint64_t number;
    unsigned count;

    if (!is_plain_scalar(reader, node, field->accepts, &text))
        return;
    if (!text_parse_unsigned(text, field->maximum, &number) || number < field->minimum ||
        (text.length > 1 && text.at[0] == '0')) {
        reader_problem(reader, node, field->accepts, "'%.*s' is not that", TEXT_ARGS(text));
        return;
    }
    count = (unsigned)number;
    memcpy(at_offset(target, field->offset), &count, sizeof(count));
}

static void read_decimal(struct config_reader *reader, uint32_t node, const struct field *field, void *target)
{
    struct text text;
    struct quantity quantity = {0};
    struct error err = {0};

    (void)target;
    if (!is_plain_scalar(reader, node, field->accepts, &text))
        return;
    if (value_plain(text) != PLAIN_NUMBER || !quantity_parse(text, &quantity, &err) ||
        quantity.units < field->minimum || quantity.units > field->maximum)
        reader_problem(reader, node, field->accepts, "'%.*s' is not that", TEXT_ARGS(text));
}

static void read_bool(struct config_reader *reader, uint32_t node, const struct field *field, void *target)
{
    struct text text;
    enum plain plain;

    if (!is_plain_scalar(reader, node, field->accepts, &text))
        return;
    plain = value_plain(text);
    if (plain == PLAIN_TRUE || plain == PLAIN_FALSE)
        *(bool *)at_offset(target, field->offset) = plain == PLAIN_TRUE;
    else
        reader_problem(reader, node, field->accepts, "'%.*s' is not that", TEXT_ARGS(text));
}

static void read_word(struct config_reader *reader, uint32_t node, const struct field *field, void *target)
{
    struct text text;
    unsigned position;

    if (!reader_text(reader, node, field->accepts, &text))
        return;
    for (position = 0; field->words[position] != NULL; position++) {
        if (!text_is_string(text, field->words[position]))
            continue;
        memcpy(at_offset(target, field->offset), &position, sizeof(position));
        return;
    }
    reader_problem(reader, node, field->accepts, "'%.*s' is not that", TEXT_ARGS(text));
}

static void read_nested(struct config_reader *reader, uint32_t node, const struct field *field, void *target)
{
    reader_fields(reader, node, field->fields, target);
}

static void read_other(struct config_reader *reader, uint32_t node, const struct field *field, void *target)
{
    field->read(reader, node, field, target);
}

static void read_value(struct config_reader *reader, uint32_t node, const struct field *field, void *target)
{
    static void (*const readers[])(struct config_reader *, uint32_t, const struct field *, void *) = {
        [FIELD_TEXT] = read_text,     [FIELD_TEXTS] = read_texts, [FIELD_QUANTITY] = read_quantity,
        [FIELD_COUNT] = read_count,   [FIELD_BOOL] = read_bool,   [FIELD_WORD] = read_word,
        [FIELD_FIELDS] = read_nested, [FIELD_OTHER] = read_other, [FIELD_DECIMAL] = read_decimal,
    };

    readers[field->type](reader, node, field, target);
}

static const struct field *find_field(const struct field_list *list, struct text name)
{
    size_t i;

    for (i = 0; i < list->count; i++) {
        if (text_is_string(name, list->fields[i].name))
            return &list->fields[i];
    }
    return NULL;
}

/* "a, b, c" of the table's keys. */
static void list_names(const struct field_list *list, char *room, size_t size)
{
    size_t length = 0;
    size_t i;

    room[0] = '\0';
    for (i = 0; i < list->count && length < size; i++)
        length +=
            (size_t)snprintf(room + length, size - length, "%s%s", i > 0 ? ", " : "", list->fields[i].name);
}

static void refuse_key(struct config_reader *reader, uint32_t key, const struct field_list *list)
{
    struct text name = config_tree_text(reader->tree, key);
    const char *nearest = "";
    unsigned least = UINT32_MAX;
    char names[512];
    size_t i;

    for (i = 0; i < list->count; i++) {
        unsigned distance = value_distance(name, text_of(list->fields[i].name));

        if (distance < least) {
            least = distance;
            nearest = list->fields[i].name;
        }
    }
    list_names(list, names, sizeof(names));
    reader_problem(reader, key, names, "unknown key, the nearest is %s", nearest);
}

static void refuse_missing(struct config_reader *reader, uint32_t node, const struct field_list *list,
                           uint64_t seen)
{
    size_t i;

    for (i = 0; i < list->count; i++) {
        const struct field *field = &list->fields[i];
        size_t mark;

        if (field->is_optional || (seen >> i & 1) != 0)
            continue;
        mark = reader_enter(reader, text_of(field->name));
        reader_problem(reader, node, field->accepts, "missing");
        reader_leave(reader, mark);
    }
}

static bool is_map(struct config_reader *reader, uint32_t node, const struct field_list *list)
{
    char names[512];

    if (reader->tree->nodes[node].kind == CONFIG_MAP)
        return true;
    list_names(list, names, sizeof(names));
    return reader_is(reader, node, CONFIG_MAP, names);
}

void reader_fields(struct config_reader *reader, uint32_t node, const struct field_list *list, void *target)
{
    const struct config_node *nodes = reader->tree->nodes;
    uint64_t seen = 0;
    uint32_t key;

    if (!is_map(reader, node, list))
        return;
    for (key = node + 1; key < nodes[node].end; key = nodes[key + 1].end) {
        struct text name = config_tree_text(reader->tree, key);
        const struct field *field = find_field(list, name);
        size_t mark = reader_enter(reader, name);

        if (field == NULL) {
            refuse_key(reader, key, list);
        } else {
            seen |= UINT64_C(1) << (field - list->fields);
            read_value(reader, key + 1, field, target);
        }
        reader_leave(reader, mark);
    }
    if (reader->is_complete || list->is_complete)
        refuse_missing(reader, node, list, seen);
}

static void refuse_duplicate_keys(struct config_reader *reader, uint32_t map, struct arena *scratch)
{
    const struct config_node *nodes = reader->tree->nodes;
    struct index keys;
    uint32_t key;

    arena_reset(scratch);
    if (!index_init(&keys, scratch, nodes[map].count)) {
        reader_memory(reader);
        return;
    }
    for (key = map + 1; key < nodes[map].end; key = nodes[key + 1].end) {
        struct text name = config_tree_text(reader->tree, key);
        size_t mark = reader_enter(reader, name);
        size_t first;

        if (!index_add(&keys, name, key) && index_find(&keys, name, &first)) {
            reader_problem(reader, key, NULL,
                           "stands here a second time, the first is in line %u; remove one",
                           nodes[first].mark.line);
        }
        reader_leave(reader, mark);
    }
}

/* As deep as the file is nested, which yaml_events.h limits. */
static void refuse_duplicates(struct config_reader *reader, uint32_t node, struct arena *scratch)
{
    const struct config_node *nodes = reader->tree->nodes;
    bool is_map = nodes[node].kind == CONFIG_MAP;
    size_t position = 0;
    uint32_t at;

    if (is_map && nodes[node].count > 1)
        refuse_duplicate_keys(reader, node, scratch);
    for (at = node + 1; at < nodes[node].end; at = nodes[at].end) {
        struct text key = config_tree_text(reader->tree, at);
        size_t mark = is_map ? reader_enter(reader, key) : reader_enter_item(reader, position++);

        at += is_map; /* the value */
        refuse_duplicates(reader, at, scratch);
        reader_leave(reader, mark);
    }
}

void reader_refuse_duplicates(struct config_reader *reader)
{
    AUTO(arena_release) struct arena scratch = {0};

    if (reader->tree->count > 0)
        refuse_duplicates(reader, 0, &scratch);
}
