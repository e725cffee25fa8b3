/* SPDX-License-Identifier: Apache-2.0 */
#include "core/hash.h"
#include "core/tree.h"

struct reader {
    struct json json;
    struct arena *arena;
};

static struct tree *read_value(struct reader *reader, size_t depth);

static size_t offset(const struct reader *reader)
{
    return (size_t)(reader->json.at - reader->json.begin);
}

/* Whether the quote at `at` is no part of the string that it stands in. */
static bool is_bare_quote(const char *at)
{
    const char *slash = at;

    while (slash[-1] == '\\')
        slash--;
    return (at - slash) % 2 == 0;
}

/* Where the key stands whose value comes next. */
static void find_key(const struct reader *reader, struct tree_item *item)
{
    const char *at = reader->json.at;

    while (*--at != '"') {
    }
    item->key_end = (size_t)(at + 1 - reader->json.begin);
    do {
        at--;
    } while (*at != '"' || !is_bare_quote(at));
    item->key_begin = (size_t)(at - reader->json.begin);
}

static void add_item(struct reader *reader, struct tree *tree, struct text key, size_t depth)
{
    struct tree_item *items = arena_grow(reader->arena, tree->items, tree->count, sizeof(*items));
    struct tree_item item = {.key = key};

    if (items == NULL) {
        json_fail_memory(&reader->json);
        return;
    }
    tree->items = items;
    (void)json_peek(&reader->json);
    if (tree->kind == TREE_MAP)
        find_key(reader, &item);
    item.value = read_value(reader, depth + 1);
    if (item.value == NULL)
        return;
    item.end = item.value->end;
    items[tree->count++] = item;
    tree->size += item.value->size;
    if (item.value->height >= tree->height)
        tree->height = item.value->height + 1;
}

static void refuse_twins(struct reader *reader, const struct tree *tree)
{
    struct index index;
    size_t i;

    if (!index_init(&index, reader->arena, tree->count)) {
        json_fail_memory(&reader->json);
        return;
    }
    for (i = 0; i < tree->count; i++) {
        if (!index_add(&index, tree->items[i].key, i))
            json_fail(&reader->json, "holds a key twice");
    }
}

static void read_collection(struct reader *reader, struct tree *tree, size_t depth)
{
    struct json *json = &reader->json;
    struct text key;

    if (depth >= TREE_HEIGHT_LIMIT) {
        json_fail(json, "is nested too deep");
        return;
    }
    if (tree->kind == TREE_LIST) {
        json_array_start(json);
        while (json_next_element(json))
            add_item(reader, tree, (struct text){0}, depth);
        return;
    }
    json_object_start(json);
    while (json_next_member(json, &key))
        add_item(reader, tree, key, depth);
    refuse_twins(reader, tree);
}

static void read_scalar(struct reader *reader, struct tree *tree, enum json_next next)
{
    struct json *json = &reader->json;

    if (next == JSON_NEXT_STRING) {
        tree->kind = TREE_STRING;
        tree->text = json_text(json);
    } else if (next == JSON_NEXT_NUMBER) {
        tree->kind = TREE_NUMBER;
        tree->text = json_number(json);
    } else {
        tree->kind = next == JSON_NEXT_NULL ? TREE_NULL : TREE_BOOL;
        tree->text = json_skip(json);
        if (next == JSON_NEXT_NULL)
            tree->text = (struct text){0};
    }
}

static struct tree *read_value(struct reader *reader, size_t depth)
{
    struct tree *tree = arena_alloc(reader->arena, sizeof(*tree));
    enum json_next next = json_peek(&reader->json);

    if (tree == NULL) {
        json_fail_memory(&reader->json);
        return NULL;
    }
    *tree = (struct tree){.style = TREE_STYLE_FLOW, .begin = offset(reader), .height = 1, .size = 1};
    if (next == JSON_NEXT_OBJECT || next == JSON_NEXT_ARRAY) {
        tree->kind = next == JSON_NEXT_OBJECT ? TREE_MAP : TREE_LIST;
        read_collection(reader, tree, depth);
    } else {
        read_scalar(reader, tree, next);
    }
    tree->end = offset(reader);
    return tree;
}

/* Number the lines, for messages. Values come in the order of the text. */
static void number_lines(struct tree *tree, struct text bytes, size_t *line, size_t *at)
{
    size_t i;

    for (; *at < tree->begin; ++*at)
        *line += bytes.at[*at] == '\n';
    tree->line = *line;
    for (i = 0; i < tree->count; i++)
        number_lines(tree->items[i].value, bytes, line, at);
}

bool tree_parse_json(struct text bytes, struct arena *arena, struct tree **ret_tree, struct error *err)
{
    struct reader reader = {.arena = arena};
    struct tree *tree;
    size_t line = 1;
    size_t at = 0;

    json_init(&reader.json, bytes, arena);
    tree = read_value(&reader, 0);
    if (!json_finish(&reader.json, err))
        return false;
    if (tree == NULL)
        return error_memory(err);
    number_lines(tree, bytes, &line, &at);
    *ret_tree = tree;
    return true;
}
