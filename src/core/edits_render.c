/* SPDX-License-Identifier: Apache-2.0 */
#include "edits_render.h"

#include "core/scalar.h"

static bool is_collection(const struct tree *tree)
{
    return tree->kind == TREE_MAP || tree->kind == TREE_LIST;
}

static struct text newline_of(struct text bytes)
{
    const char *end = bytes.length > 0 ? memchr(bytes.at, '\n', bytes.length) : NULL;

    return text_of(end != NULL && end > bytes.at && end[-1] == '\r' ? "\r\n" : "\n");
}

/* What the first nested map and the first list under a key show. */
static void find_steps(const struct tree *tree, size_t *step, size_t *dash)
{
    size_t i;

    for (i = 0; i < tree->count && (*step == 0 || *dash == SIZE_MAX); i++) {
        const struct tree_item *item = &tree->items[i];
        const struct tree *value = item->value;
        bool is_nested = !item->is_alias && !item->is_merged && is_collection(value) &&
                         value->style == TREE_STYLE_BLOCK && value->column >= tree->column;

        if (!is_nested)
            continue;
        if (tree->kind == TREE_MAP && value->kind == TREE_LIST && *dash == SIZE_MAX)
            *dash = value->column - tree->column;
        if (tree->kind == TREE_MAP && value->kind == TREE_MAP && *step == 0)
            *step = value->column - tree->column;
        find_steps(value, step, dash);
    }
}

static size_t column_of(struct text bytes, size_t offset)
{
    size_t begin = offset;

    while (begin > 0 && bytes.at[begin - 1] != '\n')
        begin--;
    return offset - begin;
}

static struct manner json_manner(const struct tree *root, struct text bytes)
{
    struct manner manner = {.newline = newline_of(bytes), .is_json = true};
    const struct tree_item *first = root->count > 0 ? &root->items[0] : NULL;

    if (first == NULL || root->kind != TREE_MAP)
        return manner;
    manner.is_multi_line = memchr(bytes.at + root->begin, '\n', first->key_begin - root->begin) != NULL;
    manner.step = manner.is_multi_line ? column_of(bytes, first->key_begin) : 0;
    manner.is_compact = !manner.is_multi_line && bytes.at[first->key_end + 1] != ' ';
    return manner;
}

struct manner manner_of(const struct tree *root, struct text bytes, bool is_json)
{
    struct manner manner = {.newline = newline_of(bytes)};
    size_t dash = SIZE_MAX;

    if (is_json)
        return json_manner(root, bytes);
    find_steps(root, &manner.step, &dash);
    if (manner.step == 0)
        manner.step = 2;
    manner.dash = dash != SIZE_MAX ? dash : 0;
    return manner;
}

void render_blanks(struct buffer *buffer, size_t count)
{
    while (count-- > 0)
        buffer_add_char(buffer, ' ');
}

static void render_scalar(struct buffer *buffer, const struct manner *manner, const struct tree *value)
{
    if (value->kind == TREE_NULL)
        buffer_add_string(buffer, "null");
    else if (value->kind != TREE_STRING)
        buffer_add(buffer, value->text);
    else if (manner->is_json)
        buffer_add_json(buffer, value->text);
    else
        scalar_add(buffer, value->text);
}

static void render_key(struct buffer *buffer, const struct manner *manner, struct text key)
{
    if (manner->is_json)
        buffer_add_json(buffer, key);
    else
        scalar_add(buffer, key);
    buffer_add_char(buffer, ':');
}

void render_members(struct buffer *buffer, const struct manner *manner, const struct tree *value,
                    size_t column)
{
    size_t i;

    for (i = 0; i < value->count; i++)
        render_lines(buffer, manner, value->items[i].key, value->items[i].value, column);
}

/* "- " and a map whose first member stands on the same line. */
static void render_map_element(struct buffer *buffer, const struct manner *manner, const struct tree *value,
                               size_t column)
{
    size_t begin = buffer->length;

    render_members(buffer, manner, value, column + 2);
    if (!buffer->failed)
        buffer->at[begin + column] = '-';
}

void render_lines(struct buffer *buffer, const struct manner *manner, struct text key,
                  const struct tree *value, size_t column)
{
    bool is_nested = is_collection(value) && value->count > 0;

    if (key.at == NULL && is_nested && value->kind == TREE_MAP) {
        render_map_element(buffer, manner, value, column);
        return;
    }
    render_blanks(buffer, column);
    if (key.at != NULL && is_nested) {
        render_key(buffer, manner, key);
        buffer_add(buffer, manner->newline);
        render_members(buffer, manner, value,
                       column + (value->kind == TREE_LIST ? manner->dash : manner->step));
        return;
    }
    if (key.at == NULL)
        buffer_add_string(buffer, "- ");
    render_inline(buffer, manner, key, value, column);
    buffer_add(buffer, manner->newline);
}

static void render_break(struct buffer *buffer, const struct manner *manner, size_t column)
{
    buffer_add(buffer, manner->newline);
    render_blanks(buffer, column);
}

static void render_flow(struct buffer *buffer, const struct manner *manner, const struct tree *value,
                        size_t column)
{
    bool is_broken = manner->is_multi_line && value->count > 0;
    size_t i;

    buffer_add_char(buffer, value->kind == TREE_MAP ? '{' : '[');
    for (i = 0; i < value->count; i++) {
        if (i > 0)
            buffer_add_char(buffer, ',');
        if (is_broken)
            render_break(buffer, manner, column + manner->step);
        else if (i > 0 && !manner->is_compact)
            buffer_add_char(buffer, ' ');
        render_inline(buffer, manner, value->items[i].key, value->items[i].value, column + manner->step);
    }
    if (is_broken)
        render_break(buffer, manner, column);
    buffer_add_char(buffer, value->kind == TREE_MAP ? '}' : ']');
}

void render_inline(struct buffer *buffer, const struct manner *manner, struct text key,
                   const struct tree *value, size_t column)
{
    if (key.at != NULL) {
        render_key(buffer, manner, key);
        if (!manner->is_compact)
            buffer_add_char(buffer, ' ');
    }
    if (is_collection(value))
        render_flow(buffer, manner, value, column);
    else
        render_scalar(buffer, manner, value);
}
