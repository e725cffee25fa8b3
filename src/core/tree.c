/* SPDX-License-Identifier: Apache-2.0 */
#include "core/tree.h"

struct tree_item *tree_find_item(const struct tree *map, struct text key)
{
    size_t i;

    if (map == NULL || map->kind != TREE_MAP)
        return NULL;
    for (i = 0; i < map->count; i++) {
        if (text_is(map->items[i].key, key))
            return &map->items[i];
    }
    return NULL;
}

struct tree *tree_find(const struct tree *map, const char *key)
{
    const struct tree_item *item = tree_find_item(map, text_of(key));

    return item != NULL ? item->value : NULL;
}

struct text tree_find_text(const struct tree *map, const char *key)
{
    const struct tree *value = tree_find(map, key);

    return value != NULL && value->kind == TREE_STRING ? value->text : (struct text){0};
}

/* A step of a pointer without ~0 and ~1. */
static struct text unescape(struct text step, struct arena *arena)
{
    char *to = arena_alloc(arena, step.length + 1);
    size_t length = 0;
    size_t i;

    if (to == NULL)
        return (struct text){0};
    for (i = 0; i < step.length; i++) {
        char byte = step.at[i];

        if (byte == '~' && i + 1 < step.length)
            byte = step.at[++i] == '1' ? '/' : '~';
        to[length++] = byte;
    }
    return (struct text){.at = to, .length = length};
}

static struct tree_item *find_step(struct tree *parent, struct text key)
{
    uint64_t position;

    if (parent->kind == TREE_MAP)
        return tree_find_item(parent, key);
    if (parent->kind == TREE_LIST && parent->count > 0 &&
        text_parse_unsigned(key, parent->count - 1, &position))
        return &parent->items[position];
    return NULL;
}

struct tree_item *tree_resolve(struct tree *root, struct text pointer, struct arena *arena,
                               struct tree **ret_parent, struct text *ret_key)
{
    struct text rest = pointer.length > 0 ? text_after(pointer, 1) : (struct text){0};
    struct tree *parent = NULL;
    struct tree_item *item = NULL;
    struct text step;
    struct text key = {0};

    while (text_split(&rest, '/', &step)) {
        parent = item != NULL ? item->value : key.at == NULL ? root : NULL;
        key = unescape(step, arena);
        item = parent != NULL && key.at != NULL ? find_step(parent, key) : NULL;
    }
    *ret_parent = parent;
    *ret_key = key;
    return item;
}

struct text tree_pointer(struct arena *arena, struct text pointer, struct text key)
{
    char *to = arena_alloc(arena, pointer.length + 1 + 2 * key.length);
    size_t length = pointer.length;
    size_t i;

    if (to == NULL)
        return (struct text){0};
    if (pointer.length > 0)
        memcpy(to, pointer.at, pointer.length);
    to[length++] = '/';
    for (i = 0; i < key.length; i++) {
        bool is_special = key.at[i] == '~' || key.at[i] == '/';

        to[length++] = is_special ? '~' : key.at[i];
        if (is_special)
            to[length++] = key.at[i] == '~' ? '0' : '1';
    }
    return (struct text){.at = to, .length = length};
}

static void format_items(const struct tree *tree, struct buffer *buffer)
{
    size_t i;

    buffer_add_char(buffer, tree->kind == TREE_MAP ? '{' : '[');
    for (i = 0; i < tree->count; i++) {
        if (i > 0)
            buffer_add_char(buffer, ',');
        if (tree->kind == TREE_MAP) {
            buffer_add_json(buffer, tree->items[i].key);
            buffer_add_char(buffer, ':');
        }
        tree_format_json(tree->items[i].value, buffer);
    }
    buffer_add_char(buffer, tree->kind == TREE_MAP ? '}' : ']');
}

void tree_format_json(const struct tree *tree, struct buffer *buffer)
{
    switch (tree->kind) {
    case TREE_NULL:
        buffer_add_string(buffer, "null");
        break;
    case TREE_BOOL:
    case TREE_NUMBER:
        buffer_add(buffer, tree->text);
        break;
    case TREE_STRING:
        buffer_add_json(buffer, tree->text);
        break;
    case TREE_LIST:
    case TREE_MAP:
        format_items(tree, buffer);
        break;
    }
}

/* The item of `tree` that answers the one at `position` of another tree; the same place first. */
static const struct tree_item *counterpart(const struct tree *tree, const struct tree_item *item,
                                           size_t position)
{
    if (tree->kind == TREE_LIST || text_is(tree->items[position].key, item->key))
        return &tree->items[position];
    return tree_find_item(tree, item->key);
}

bool tree_is(const struct tree *left, const struct tree *right)
{
    size_t i;

    if (left->kind != right->kind || left->count != right->count || !text_is(left->text, right->text))
        return false;
    for (i = 0; i < left->count; i++) {
        const struct tree_item *other = counterpart(right, &left->items[i], i);

        if (other == NULL || !tree_is(left->items[i].value, other->value))
            return false;
    }
    return true;
}

static bool add_item(struct tree *parent, struct text key, struct tree *value, struct arena *arena)
{
    struct tree_item *items = arena_grow(arena, parent->items, parent->count, sizeof(*items));

    if (items == NULL)
        return false;
    items[parent->count++] = (struct tree_item){.key = key, .value = value};
    parent->items = items;
    return true;
}

bool tree_add(struct tree *root, struct text pointer, struct text json, struct arena *arena,
              struct error *err)
{
    struct tree *parent;
    struct tree *value;
    struct tree_item *item;
    struct text key;

    if (!tree_parse_json(json, arena, &value, err))
        return error_wrap(err, "the value at %.*s", TEXT_ARGS(pointer));
    item = tree_resolve(root, pointer, arena, &parent, &key);
    if (item != NULL && parent->kind == TREE_MAP) {
        item->value = value;
        item->is_merged = false;
        return true;
    }
    if (parent == NULL || (parent->kind == TREE_LIST && !text_is_string(key, "-")) ||
        (parent->kind != TREE_LIST && parent->kind != TREE_MAP))
        return error_set(err, ERROR_SYSTEM, "there is nothing to add to at %.*s", TEXT_ARGS(pointer));
    if (parent->kind == TREE_LIST)
        key = (struct text){0};
    return add_item(parent, key, value, arena) || error_memory(err);
}
