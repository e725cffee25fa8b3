/* SPDX-License-Identifier: Apache-2.0 */
#include "core/edits.h"

#include "edits_lines.h"
#include "edits_render.h"

#include <stdlib.h>

/* One operation on its way into the text. */
struct place {
    struct edits *edits;
    struct manner manner;
    struct tree *grandparent; /* what holds the parent; NULL where the parent is the document */
    struct tree *parent;
    struct tree_item *item; /* what is replaced; NULL for something new */
    struct text key;        /* absent for a list's new element */
    const struct tree *value;
    size_t rank; /* steps to the parent */
};

static bool add_edit(const struct place *place, struct edit edit, struct buffer *text, struct error *err)
{
    struct edits *edits = place->edits;
    struct edit *items = arena_grow(edits->arena, edits->items, edits->count, sizeof(*items));

    if (text != NULL)
        edit.text = arena_copy(edits->arena, buffer_text(text));
    if (items == NULL || edit.text.at == NULL || (text != NULL && text->failed))
        return error_memory(err);
    edit.order += edits->count;
    items[edits->count++] = edit;
    edits->items = items;
    return true;
}

static bool has_edit(const struct edits *edits, size_t begin)
{
    size_t i;

    for (i = 0; i < edits->count; i++) {
        if (edits->items[i].begin == begin)
            return true;
    }
    return false;
}

/* Whole lines, put in where `at` begins a line or ends the file. */
static bool insert_lines(const struct place *place, size_t at, size_t rank, struct buffer *lines,
                         struct error *err)
{
    struct text bytes = place->edits->bytes;
    struct text newline = place->manner.newline;
    struct buffer moved = {0};
    bool is_added;

    if (at == 0 || bytes.at[at - 1] == '\n' || lines->length < newline.length)
        return add_edit(place, (struct edit){.begin = at, .end = at, .rank = rank}, lines, err);
    buffer_add(&moved, newline);
    buffer_add(&moved, (struct text){.at = lines->at, .length = lines->length - newline.length});
    is_added = add_edit(place, (struct edit){.begin = at, .end = at, .rank = rank}, &moved, err);
    buffer_release(&moved);
    return is_added;
}

/* The parent is written by indentation: a line of its own behind all that the parent holds. */
static bool add_to_block(const struct place *place, struct error *err)
{
    AUTO(buffer_release) struct buffer lines = {0};
    struct text bytes = place->edits->bytes;
    const struct tree *leaf = lines_last_leaf(place->parent);
    size_t at = lines_next(bytes, place->parent->end, leaf);

    at = at > 0 && bytes.at[at - 1] == '\n' ? lines_behind_comments(bytes, at, place->parent->column) : at;
    if (at == bytes.length && at > 0 && bytes.at[at - 1] != '\n' && leaf != NULL &&
        leaf->style == TREE_STYLE_TEXT && !lines_has_in_header(bytes, leaf, '-'))
        return error_set(err, ERROR_INPUT, "the file ends in a text without a newline; add one behind it");
    render_lines(&lines, &place->manner, place->key, place->value, place->parent->column);
    return insert_lines(place, at, place->rank, &lines, err);
}

/* Put one line's text in place of a value. */
static bool replace_inline(const struct place *place, struct error *err)
{
    AUTO(buffer_release) struct buffer text = {0};
    struct text bytes = place->edits->bytes;
    const struct tree *old = place->item->value;
    struct edit edit = {.begin = old->begin, .end = old->end, .rank = place->rank};
    size_t colon;

    if (old->begin == old->end) {
        if (!lines_find_colon(bytes, place->item, &colon))
            return error_set(err, ERROR_INPUT, "the key %.*s has no value that could be replaced; write null",
                             TEXT_ARGS(place->key));
        edit.begin = colon + 1;
        edit.end = colon + 1;
        buffer_add_char(&text, ' ');
    }
    render_inline(&text, &place->manner, (struct text){0}, place->value,
                  lines_indentation(bytes, old->begin));
    if (old->style == TREE_STYLE_TEXT && old->end > 0 && bytes.at[old->end - 1] == '\n')
        buffer_add(&text, place->manner.newline);
    return add_edit(place, edit, &text, err);
}

/* Take out what stands at [begin, end) with the blanks before it, once. */
static bool take_out(const struct place *place, size_t begin, size_t end, struct error *err)
{
    struct text bytes = place->edits->bytes;

    if (begin == end)
        return true;
    while (begin > 0 && (bytes.at[begin - 1] == ' ' || bytes.at[begin - 1] == '\t'))
        begin--;
    if (has_edit(place->edits, begin))
        return true;
    return add_edit(place, (struct edit){.begin = begin, .end = end, .text = TEXT("")}, NULL, err);
}

/* Put lines of a collection in place of a null, or of brackets with nothing in them, under a key. */
static bool open_block(const struct place *place, const struct tree *old, size_t end, struct buffer *lines,
                       struct error *err)
{
    return take_out(place, old->begin, old->end, err) &&
           insert_lines(place, lines_next(place->edits->bytes, end, NULL), place->rank + 1, lines, err);
}

static size_t nested_column(const struct place *place, const struct tree *outer, const struct tree *inner)
{
    if (outer == NULL)
        return 0;
    if (outer->kind == TREE_LIST)
        return outer->column + 2;
    return outer->column + (inner->kind == TREE_LIST ? place->manner.dash : place->manner.step);
}

static bool is_collection(const struct tree *tree)
{
    return tree->kind == TREE_MAP || tree->kind == TREE_LIST;
}

static bool replace(const struct place *place, struct error *err)
{
    AUTO(buffer_release) struct buffer lines = {0};
    const struct tree *old = place->item->value;
    bool is_scalar = old->kind != TREE_NULL && !is_collection(old);

    if (place->item->is_alias || old->is_shared || old->count > 0 ||
        (is_scalar && is_collection(place->value)))
        return error_set(err, ERROR_SYSTEM, "%.*s is there already", TEXT_ARGS(place->key));
    if (place->parent->style == TREE_STYLE_FLOW || place->value->count == 0)
        return replace_inline(place, err);
    render_members(&lines, &place->manner, place->value, nested_column(place, place->parent, place->value));
    return open_block(place, old, place->item->end, &lines, err);
}

/* "{}" or "[]" that stands in a block becomes one itself. */
static bool add_to_empty(const struct place *place, struct error *err)
{
    AUTO(buffer_release) struct buffer lines = {0};
    size_t column = nested_column(place, place->grandparent, place->parent);

    render_lines(&lines, &place->manner, place->key, place->value, column);
    return open_block(place, place->parent, place->parent->end, &lines, err);
}

static bool add_to_empty_flow(const struct place *place, struct error *err)
{
    AUTO(buffer_release) struct buffer text = {0};
    AUTO(buffer_release) struct buffer closing = {0};
    size_t at = place->parent->begin + 1;
    size_t column = lines_indentation(place->edits->bytes, place->parent->begin);
    bool is_first = !has_edit(place->edits, at);
    struct edit edit = {.begin = at, .end = at, .rank = place->rank};

    if (!is_first)
        buffer_add_char(&text, ',');
    if (place->manner.is_multi_line) {
        buffer_add(&text, place->manner.newline);
        render_blanks(&text, column + place->manner.step);
        buffer_add(&closing, place->manner.newline);
        render_blanks(&closing, column);
    } else if (!is_first && !place->manner.is_compact) {
        buffer_add_char(&text, ' ');
    }
    render_inline(&text, &place->manner, place->key, place->value, column + place->manner.step);
    if (!add_edit(place, edit, &text, err))
        return false;
    edit.order = SIZE_MAX / 2; /* behind all members */
    return !is_first || closing.length == 0 || add_edit(place, edit, &closing, err);
}

/* Behind the last member in brackets: on a line of its own where the first one has its own. */
static bool add_to_flow(const struct place *place, struct error *err)
{
    AUTO(buffer_release) struct buffer text = {0};
    struct text bytes = place->edits->bytes;
    const struct tree *parent = place->parent;
    const struct tree_item *first = &parent->items[0];
    size_t first_begin = parent->kind == TREE_MAP ? first->key_begin : first->value->begin;
    size_t last_end = 0;
    size_t i;

    for (i = 0; i < parent->count; i++) {
        if (!parent->items[i].is_merged && parent->items[i].end > last_end)
            last_end = parent->items[i].end;
    }
    buffer_add_char(&text, ',');
    if (memchr(bytes.at + parent->begin, '\n', first_begin - parent->begin) != NULL) {
        buffer_add(&text, place->manner.newline);
        render_blanks(&text, lines_indentation(bytes, first_begin));
    } else if (!place->manner.is_compact) {
        buffer_add_char(&text, ' ');
    }
    render_inline(&text, &place->manner, place->key, place->value, lines_indentation(bytes, first_begin));
    return add_edit(place, (struct edit){.begin = last_end, .end = last_end, .rank = place->rank}, &text,
                    err);
}

static bool add_place(const struct place *place, struct error *err)
{
    const struct tree *parent = place->parent;
    bool is_in_block = place->grandparent == NULL || place->grandparent->style == TREE_STYLE_BLOCK;

    if (place->item != NULL)
        return replace(place, err);
    if (parent->style == TREE_STYLE_BLOCK)
        return add_to_block(place, err);
    if (parent->count > 0)
        return add_to_flow(place, err);
    return is_in_block && !place->edits->is_json ? add_to_empty(place, err) : add_to_empty_flow(place, err);
}

static bool refuse_shared(struct edits *edits, const struct tree *tree, struct error *err)
{
    edits->line = tree->line;
    return error_set(
        err, ERROR_INPUT,
        "this has an anchor that is used elsewhere too, so a change here would change that as well: "
        "write it out in each place, or use -o patch");
}

/* Go to the parent step by step; nothing on the way may be shared. */
static bool find_place(struct place *place, struct tree *root, struct text pointer, struct error *err)
{
    struct text walked = {.at = pointer.at, .length = 0};
    struct tree_item *item = NULL;
    struct tree *parent = NULL;

    do {
        const char *next;

        place->grandparent = parent;
        walked.length++;
        next = memchr(pointer.at + walked.length, '/', pointer.length - walked.length);
        walked.length = next != NULL ? (size_t)(next - pointer.at) : pointer.length;
        item = tree_resolve(root, walked, place->edits->arena, &parent, &place->key);
        if (parent == NULL)
            return error_set(err, ERROR_SYSTEM, "there is nothing at %.*s", TEXT_ARGS(walked));
        if (parent->is_shared)
            return refuse_shared(place->edits, parent, err);
        place->rank++;
        if (item != NULL && item->is_merged && walked.length < pointer.length)
            return refuse_shared(place->edits, item->value, err);
    } while (walked.length < pointer.length);
    place->parent = parent;
    place->item = item != NULL && !item->is_merged && parent->kind == TREE_MAP ? item : NULL;
    return true;
}

bool edits_add(struct edits *edits, struct tree *root, struct text pointer, struct text json,
               struct error *err)
{
    struct place place = {.edits = edits, .manner = manner_of(root, edits->bytes, edits->is_json)};
    struct tree *value;

    if (pointer.length == 0)
        return error_set(err, ERROR_SYSTEM, "the whole document cannot be replaced");
    if (!tree_parse_json(json, edits->arena, &value, err) || !find_place(&place, root, pointer, err))
        return false;
    if ((place.parent->kind != TREE_MAP && place.parent->kind != TREE_LIST) ||
        (place.parent->kind == TREE_LIST && !text_is_string(place.key, "-")))
        return error_set(err, ERROR_SYSTEM, "there is nothing to add to at %.*s", TEXT_ARGS(pointer));
    if (place.parent->kind == TREE_LIST)
        place.key = (struct text){0};
    place.value = value;
    edits->line = place.parent->line;
    return add_place(&place, err);
}

static int compare(const void *left_at, const void *right_at)
{
    const struct edit *left = left_at;
    const struct edit *right = right_at;

    if (left->begin != right->begin)
        return left->begin < right->begin ? -1 : 1;
    if (left->rank != right->rank)
        return left->rank > right->rank ? -1 : 1;
    return left->order < right->order ? -1 : left->order > right->order;
}

void edits_apply(struct edits *edits, struct buffer *buffer)
{
    size_t begin = buffer->length;
    size_t at = 0;
    size_t i;

    if (edits->count > 0)
        qsort(edits->items, edits->count, sizeof(*edits->items), compare);
    for (i = 0; i < edits->count; i++) {
        struct edit *edit = &edits->items[i];

        if (edit->begin > at)
            buffer_add(buffer, (struct text){.at = edits->bytes.at + at, .length = edit->begin - at});
        edit->new_begin = buffer->length - begin;
        buffer_add(buffer, edit->text);
        if (edit->end > at)
            at = edit->end;
        else if (edit->begin > at)
            at = edit->begin;
    }
    if (at < edits->bytes.length)
        buffer_add(buffer, text_after(edits->bytes, at));
}
