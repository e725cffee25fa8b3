/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Classes of nodes that are alike (type, kept labels and capacities are equal), and how many nodes of each
 * are ready and with which huge pages, so that a node can leave without a look at the others.
 */
#ifndef CORE_NODE_CLASSES_H
#define CORE_NODE_CLASSES_H

#include "core/buffer.h"
#include "core/node_store.h"
#include "node_names.h"

/* How many ready nodes have that much. */
struct class_pages {
    uint64_t bytes;
    size_t count;
};

/* The labels of a class, with the bytes of their texts behind them. */
struct class_labels {
    struct retired link;
    struct pair pairs[];
};

struct class_slot {
    struct node_class shown;
    uint64_t efa; /* capacities of each of its nodes */
    uint64_t accelerators;
    struct class_labels *labels; /* NULL: an empty place */
    struct class_pages *pages;   /* smallest first */
    size_t pages_count;
    size_t pages_capacity;
};

struct node_classes {
    struct class_slot *slots;
    uint64_t *hashes; /* of what the nodes of a slot have in common */
    size_t count;     /* with empty places */
    size_t capacity;
    size_t live_count; /* without */
    struct buffer key;
};

/* What nodes of one class have in common; labels without those that are not kept, sorted by key. Borrowed. */
struct class_facts {
    size_t type;
    uint64_t efa;
    uint64_t accelerators;
    bool is_provisioned;
    const struct pair *labels;
    size_t label_count;
};

/* The class of such nodes, made if need be; false without memory. */
MUST_CHECK bool node_classes_get(struct node_classes *classes, const struct class_facts *facts,
                                 size_t *ret_class);

/* A node comes into the class; false without memory. */
MUST_CHECK bool node_classes_count(struct node_classes *classes, size_t class,
                                   const struct node_record *record);

/* A node that was counted leaves it; with the last one it ends. */
void node_classes_uncount(struct node_classes *classes, size_t class, const struct node_record *record,
                          struct retired **retired);

/* All nodes of one class come into another, and the one ends; false without memory. */
MUST_CHECK bool node_classes_merge(struct node_classes *classes, size_t from, size_t into,
                                   struct retired **retired);

void node_classes_release(struct node_classes *classes);

#endif
