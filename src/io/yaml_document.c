/* SPDX-License-Identifier: Apache-2.0 */
#include "io/yaml_document.h"

#include "core/hash.h"
#include "core/scalar.h"
#include "yaml_stream.h"

struct anchor {
    struct text name;
    struct tree *tree;
};

struct reader {
    struct stream *stream;
    struct stream_event event;
    struct arena *arena;
    struct text bytes;
    struct anchor *anchors;
    size_t anchor_count;
    size_t aliased; /* values that aliases stand for */
    size_t depth;
    size_t line; /* of the trouble */
    struct error *err;
};

static bool compose(struct reader *reader, struct tree_item *item);

static bool refuse_at(struct reader *reader, size_t line, const char *sentence)
{
    reader->line = line;
    return error_set(reader->err, ERROR_INPUT, "%s", sentence);
}

static bool refuse(struct reader *reader, const char *sentence)
{
    return refuse_at(reader, reader->event.line, sentence);
}

static bool next_event(struct reader *reader)
{
    bool is_read = stream_next(reader->stream, &reader->event, reader->err);

    reader->line = reader->event.line;
    return is_read;
}

static size_t line_of(const struct reader *reader, size_t offset)
{
    size_t line = 1;
    size_t i;

    for (i = 0; i < offset; i++)
        line += reader->bytes.at[i] == '\n';
    return line;
}

static bool add_anchor(struct reader *reader, struct tree *tree)
{
    struct anchor *anchors;
    struct text name;

    if (reader->event.anchor.at == NULL)
        return true;
    anchors = arena_grow(reader->arena, reader->anchors, reader->anchor_count, sizeof(*anchors));
    name = arena_copy(reader->arena, reader->event.anchor);
    if (anchors == NULL || name.at == NULL)
        return error_memory(reader->err);
    anchors[reader->anchor_count++] = (struct anchor){.name = name, .tree = tree};
    reader->anchors = anchors;
    return true;
}

static bool count_aliased(struct reader *reader, const struct tree *tree)
{
    reader->aliased += tree->size;
    if (reader->aliased > DOCUMENTS_ALIASED_LIMIT)
        return refuse(reader, "its aliases stand for more than 100,000 values; write them out");
    return true;
}

static bool compose_alias(struct reader *reader, struct tree_item *item)
{
    size_t i = reader->anchor_count;

    while (i > 0 && !text_is(reader->anchors[i - 1].name, reader->event.text))
        i--;
    if (i == 0)
        return refuse(reader, "there is no anchor for this alias");
    if (reader->anchors[i - 1].tree->size == 0)
        return refuse(reader, "this alias stands for what it is part of");
    item->value = reader->anchors[i - 1].tree;
    if (reader->depth + item->value->height > TREE_HEIGHT_LIMIT)
        return refuse(reader, "this is nested too deep");
    item->value->is_shared = true;
    item->is_alias = true;
    item->end = reader->event.end;
    return count_aliased(reader, item->value);
}

static bool compose_scalar(struct reader *reader, struct tree *tree)
{
    const struct stream_event *event = &reader->event;

    tree->kind = TREE_STRING;
    tree->text = arena_copy(reader->arena, event->text);
    tree->style = event->style == STREAM_TEXT   ? TREE_STYLE_TEXT
                  : event->style == STREAM_FLOW ? TREE_STYLE_FLOW
                                                : TREE_STYLE_BLOCK;
    tree->end = event->end;
    if (tree->begin > tree->end)
        tree->begin = tree->end;
    if (tree->text.at == NULL || !add_anchor(reader, tree))
        return error_memory(reader->err);
    if (event->tag.at != NULL && !scalar_resolve_tag(event->tag, reader->arena, &tree->kind, &tree->text))
        return refuse(reader, "this tag does not fit, or is none that Kubernetes knows; remove it");
    if (event->tag.at == NULL && event->style == STREAM_PLAIN &&
        !scalar_resolve(tree->text, reader->arena, &tree->kind, &tree->text))
        return refuse(reader, "JSON has no such number, so Kubernetes refuses it; write it in quotes");
    if (tree->kind != TREE_NULL && tree->text.at == NULL)
        return error_memory(reader->err);
    return true;
}

static bool add_item(struct reader *reader, struct tree *tree, const struct tree_item *item)
{
    struct tree_item *items = arena_grow(reader->arena, tree->items, tree->count, sizeof(*items));

    if (items == NULL || item->value == NULL)
        return error_memory(reader->err);
    tree->items = items;
    items[tree->count++] = *item;
    if (!item->is_merged && item->end > tree->end)
        tree->end = item->end;
    tree->size += item->value->size;
    if (item->value->height >= tree->height)
        tree->height = item->value->height + 1;
    return true;
}

static bool compose_list(struct reader *reader, struct tree *tree)
{
    while (next_event(reader)) {
        struct tree_item item = {0};

        if (reader->event.kind == STREAM_LIST_END)
            return true;
        item.key_begin = reader->event.begin;
        if (!compose(reader, &item) || !add_item(reader, tree, &item))
            return false;
    }
    return false;
}

static bool read_key(struct reader *reader, struct tree_item *item, bool *ret_is_merge)
{
    const struct stream_event *event = &reader->event;
    enum tree_kind kind;

    if (event->kind != STREAM_SCALAR)
        return refuse(reader, "a key must be a word, not an alias or a collection");
    item->key = arena_copy(reader->arena, event->text);
    item->key_begin = event->begin;
    item->key_end = event->end;
    if (item->key.at == NULL)
        return error_memory(reader->err);
    *ret_is_merge = false;
    if (event->style != STREAM_PLAIN || event->tag.at != NULL)
        return true;
    *ret_is_merge = text_is_string(item->key, "<<");
    if (!scalar_resolve(item->key, reader->arena, &kind, &item->key))
        return refuse(reader, "a key must be a word; write it in quotes");
    if (kind == TREE_NULL)
        item->key = text_of("null");
    return item->key.at != NULL || error_memory(reader->err);
}

/* Add the members of a map that a merge key names, where the map has none of that name itself. */
static bool merge_map(struct reader *reader, struct tree *tree, const struct tree *source)
{
    size_t i;

    if (source->kind != TREE_MAP)
        return refuse(reader, "a merge key (<<) must name a map or a list of maps");
    if (!count_aliased(reader, source))
        return false;
    for (i = 0; i < source->count; i++) {
        struct tree_item item = source->items[i];

        item.is_merged = true;
        if (tree_find_item(tree, item.key) == NULL && !add_item(reader, tree, &item))
            return false;
    }
    return true;
}

static bool merge(struct reader *reader, struct tree *tree, const struct tree *source)
{
    size_t i;

    if (source->kind != TREE_LIST)
        return merge_map(reader, tree, source);
    for (i = 0; i < source->count; i++) {
        if (!merge_map(reader, tree, source->items[i].value))
            return false;
    }
    return true;
}

static bool refuse_twins(struct reader *reader, const struct tree *tree)
{
    struct index index;
    size_t i;

    if (!index_init(&index, reader->arena, tree->count))
        return error_memory(reader->err);
    for (i = 0; i < tree->count; i++) {
        if (index_add(&index, tree->items[i].key, i))
            continue;
        reader->line = line_of(reader, tree->items[i].key_begin);
        return error_set(reader->err, ERROR_INPUT, "the key %.*s comes twice in the same map; remove one",
                         TEXT_ARGS(tree->items[i].key));
    }
    return true;
}

static bool compose_member(struct reader *reader, struct tree *tree, const struct tree **merged)
{
    struct tree_item item = {0};
    bool is_merge = false;

    if (!read_key(reader, &item, &is_merge) || !next_event(reader) || !compose(reader, &item))
        return false;
    if (!is_merge)
        return add_item(reader, tree, &item);
    if (*merged != NULL)
        return refuse(reader, "the key << comes twice in the same map; merge a list: <<: [*a, *b]");
    *merged = item.value;
    tree->end = item.end;
    return true;
}

static bool compose_map(struct reader *reader, struct tree *tree)
{
    const struct tree *merged = NULL;

    while (next_event(reader)) {
        if (reader->event.kind == STREAM_MAP_END)
            return refuse_twins(reader, tree) && (merged == NULL || merge(reader, tree, merged));
        if (!compose_member(reader, tree, &merged))
            return false;
    }
    return false;
}

static bool compose_collection(struct reader *reader, struct tree *tree)
{
    bool is_map = reader->event.kind == STREAM_MAP_START;
    const char *tag = is_map ? "tag:yaml.org,2002:map" : "tag:yaml.org,2002:seq";

    if (reader->event.tag.at != NULL && !text_is_string(reader->event.tag, tag))
        return refuse(reader, "Kubernetes does not know this tag; remove it");
    tree->kind = is_map ? TREE_MAP : TREE_LIST;
    tree->style = reader->event.style == STREAM_FLOW ? TREE_STYLE_FLOW : TREE_STYLE_BLOCK;
    tree->column = reader->event.indent;
    tree->end = tree->begin;
    tree->size = 0; /* until it is complete no alias may stand for it */
    if (++reader->depth > TREE_HEIGHT_LIMIT)
        return refuse(reader, "this is nested too deep");
    if (!add_anchor(reader, tree) || !(is_map ? compose_map(reader, tree) : compose_list(reader, tree)))
        return false;
    reader->depth--;
    tree->size++;
    if (tree->style == TREE_STYLE_FLOW)
        tree->end = reader->event.end;
    return true;
}

/* The value of the event at hand, with all that is in it. */
static bool compose(struct reader *reader, struct tree_item *item)
{
    struct tree *tree;
    bool is_scalar = reader->event.kind == STREAM_SCALAR;

    if (reader->event.kind == STREAM_ALIAS)
        return compose_alias(reader, item);
    tree = arena_alloc(reader->arena, sizeof(*tree));
    if (tree == NULL)
        return error_memory(reader->err);
    *tree = (struct tree){.height = 1, .size = 1, .begin = reader->event.content, .line = reader->event.line};
    item->value = tree;
    if (!(is_scalar ? compose_scalar(reader, tree) : compose_collection(reader, tree)))
        return false;
    item->end = tree->end;
    return true;
}

static bool compose_document(struct reader *reader, struct documents *documents)
{
    struct document *items = arena_grow(reader->arena, documents->items, documents->count, sizeof(*items));
    struct tree_item item = {0};

    if (items == NULL)
        return error_memory(reader->err);
    documents->items = items;
    reader->anchor_count = 0;
    if (!compose(reader, &item))
        return false;
    items[documents->count++].root = item.value;
    return true;
}

static bool compose_documents(struct reader *reader, struct documents *documents)
{
    while (next_event(reader)) {
        if (reader->event.kind == STREAM_END)
            return true;
        if (reader->event.kind != STREAM_DOCUMENT && !compose_document(reader, documents))
            return false;
    }
    return false;
}

static bool parse_yaml(struct text bytes, struct documents *documents, size_t *ret_line, struct error *err)
{
    AUTO(stream_free) struct stream *stream = stream_new(bytes, err);
    struct reader reader = {.stream = stream, .arena = &documents->arena, .bytes = bytes, .err = err};

    if (stream != NULL && compose_documents(&reader, documents))
        return true;
    *ret_line = reader.line;
    return false;
}

/* libyaml knows neither JSON's tabs nor its surrogate pairs. */
static bool parse_json(struct text bytes, struct documents *documents)
{
    struct document *items = arena_alloc(&documents->arena, sizeof(*items));
    struct error err = {0};

    if (items == NULL || !tree_parse_json(bytes, &documents->arena, &items->root, &err))
        return false;
    documents->items = items;
    documents->count = 1;
    documents->is_json = true;
    return true;
}

bool documents_parse(struct text bytes, struct documents *ret_documents, size_t *ret_line, struct error *err)
{
    AUTO(documents_release) struct documents documents = {0};
    struct text content = text_trim(bytes);
    bool is_braced = content.length > 0 && (content.at[0] == '{' || content.at[0] == '[');

    if (bytes.length > DOCUMENTS_BYTES_LIMIT) {
        *ret_line = 1;
        return error_set(err, ERROR_INPUT, "larger than 16 MiB");
    }
    if (!(is_braced && parse_json(bytes, &documents)) && !parse_yaml(bytes, &documents, ret_line, err))
        return false;
    *ret_documents = documents;
    documents = (struct documents){0};
    return true;
}

void documents_release(struct documents *documents)
{
    arena_release(&documents->arena);
    *documents = (struct documents){0};
}
