/* SPDX-License-Identifier: Apache-2.0 */
#include "config_tree.h"

#include <stdlib.h>

enum {
    NODES_MIN = 256
};

/* The lists and mappings that the next event is in. */
struct nesting {
    uint32_t open[EVENTS_DEPTH_LIMIT + 1];
    uint32_t depth;
};

void config_tree_release(struct config_tree *tree)
{
    free(tree->nodes);
    buffer_release(&tree->texts);
    *tree = (struct config_tree){0};
}

static bool make_room(struct config_tree *tree)
{
    uint32_t capacity = tree->capacity > 0 ? tree->capacity * 2 : NODES_MIN;
    struct config_node *larger;

    if (tree->count < tree->capacity)
        return true;
    larger = realloc(tree->nodes, capacity * sizeof(*larger));
    if (larger == NULL)
        return false;
    tree->nodes = larger;
    tree->capacity = capacity;
    return true;
}

static bool add_node(struct config_tree *tree, const struct event *event, enum config_kind kind)
{
    struct config_node *node;

    if (!make_room(tree))
        return false;
    node = &tree->nodes[tree->count++];
    *node = (struct config_node){.mark = event->mark,
                                 .text_at = (uint32_t)tree->texts.length,
                                 .text_length = (uint32_t)event->text.length,
                                 .end = tree->count,
                                 .kind = kind,
                                 .is_plain = event->is_plain};
    if (event->text.length > 0)
        buffer_add(&tree->texts, event->text);
    return !tree->texts.failed;
}

/* Count it in what holds it; until a mapping ends, `count` is of keys and values. */
static bool begin_child(struct config_tree *tree, const struct nesting *nesting, const struct event *event,
                        struct error *err)
{
    struct config_node *parent;

    if (nesting->depth == 0)
        return true;
    parent = &tree->nodes[nesting->open[nesting->depth - 1]];
    if (parent->kind == CONFIG_MAP && parent->count % 2 == 0 && event->kind != EVENT_SCALAR)
        return error_set(err, ERROR_INPUT, "a key that is a list or a mapping; keys are single words");
    parent->count++;
    return true;
}

static void end_parent(struct config_tree *tree, struct nesting *nesting)
{
    struct config_node *parent = &tree->nodes[nesting->open[--nesting->depth]];

    parent->end = tree->count;
    if (parent->kind == CONFIG_MAP)
        parent->count /= 2;
}

static bool take_event(struct config_tree *tree, struct nesting *nesting, const struct event *event,
                       struct error *err)
{
    enum config_kind kind = CONFIG_SCALAR;

    if (event->kind == EVENT_LIST_END || event->kind == EVENT_MAP_END) {
        end_parent(tree, nesting);
        return true;
    }
    if (event->kind == EVENT_LIST_START)
        kind = CONFIG_LIST;
    if (event->kind == EVENT_MAP_START)
        kind = CONFIG_MAP;
    if (!begin_child(tree, nesting, event, err))
        return false;
    if (!add_node(tree, event, kind))
        return error_memory(err);
    if (kind != CONFIG_SCALAR)
        nesting->open[nesting->depth++] = tree->count - 1;
    return true;
}

bool config_tree_parse(struct text bytes, struct config_tree *tree, struct mark *ret_mark, struct error *err)
{
    AUTO(events_free) struct events *events = events_new(bytes, err);
    struct nesting nesting = {.depth = 0};
    struct event event = {.kind = EVENT_SCALAR};

    if (events == NULL) {
        *ret_mark = (struct mark){0};
        return false;
    }
    for (;;) {
        if (!events_next(events, &event, err))
            break;
        if (event.kind == EVENT_END)
            return true;
        if (!take_event(tree, &nesting, &event, err))
            break;
    }
    *ret_mark = event.mark;
    return false;
}
