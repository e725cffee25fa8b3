/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One YAML document in memory, each node with its place in the file.
 *
 * Nodes stand in the order of the file: the first item of a list follows the list, the first key of a
 * mapping follows the mapping and its value follows the key; `end` is what follows the whole node.
 *
 *     for (at = node + 1; at < tree->nodes[node].end; at = tree->nodes[at].end)
 *         ...item
 *     for (key = node + 1; key < tree->nodes[node].end; key = tree->nodes[key + 1].end)
 *         ...value is key + 1
 */
#ifndef IO_CONFIG_TREE_H
#define IO_CONFIG_TREE_H

#include "core/buffer.h"
#include "yaml_events.h"

enum config_kind {
    CONFIG_SCALAR,
    CONFIG_LIST,
    CONFIG_MAP,
};

struct config_node {
    struct mark mark;
    uint32_t text_at; /* into `texts` */
    uint32_t text_length;
    uint32_t count; /* of items or pairs */
    uint32_t end;
    enum config_kind kind;
    bool is_plain;
};

struct config_tree {
    struct config_node *nodes; /* the first is the root */
    uint32_t count;            /* 0: an empty file */
    uint32_t capacity;
    struct buffer texts;
};

/* What events_next() refuses, and keys that are lists or mappings; on failure `ret_mark` says where (line 0
 * where there is no place) and the tree is to be released too. */
MUST_CHECK bool config_tree_parse(struct text bytes, struct config_tree *tree, struct mark *ret_mark,
                                  struct error *err);

void config_tree_release(struct config_tree *tree);

/* The text of a scalar. */
static inline struct text config_tree_text(const struct config_tree *tree, uint32_t node)
{
    const struct config_node *scalar = &tree->nodes[node];

    if (scalar->text_length == 0)
        return (struct text){.at = "", .length = 0};
    return (struct text){.at = tree->texts.at + scalar->text_at, .length = scalar->text_length};
}

#endif
