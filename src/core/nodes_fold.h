/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Folding nodes, one after the other, into classes of nodes that are alike.
 *
 *     AUTO(nodes_fold_release) struct nodes_fold fold = {.catalogue = catalogue, .policy = policy};
 *     ...nodes_fold_add(&fold, &facts) for each...
 *     return nodes_fold_take(&fold, ret_nodes);
 *
 * Nodes are alike if type, kept labels and capacities are equal.
 */
#ifndef CORE_NODES_FOLD_H
#define CORE_NODES_FOLD_H

#include "core/buffer.h"
#include "core/nodes.h"

enum {
    VENDOR_COUNT = VENDOR_HABANA + 1
};

/* What is read of a node; borrowed. Devices are capacity, huge pages allocatable. */
struct node_facts {
    struct text name;
    struct pair *labels; /* in any order; the fold sorts them */
    size_t label_count;
    uint64_t efa;
    uint64_t accelerators[VENDOR_COUNT]; /* by vendor, of its whole devices */
    uint64_t hugepages_bytes;
    bool is_ready;
    bool is_deleting;
};

struct node_name {
    struct text name;
    size_t class;
};

struct nodes_fold {
    const struct catalogue *catalogue;
    const struct policy *policy;
    struct nodes nodes;
    struct node_class *classes; /* in nodes.arena */
    struct arena scratch;       /* the rest */
    struct node_name *names;
    size_t name_count;
    struct text *keys; /* what nodes of the class have in common, as bytes */
    struct index class_by_key;
    size_t key_limit;
    struct buffer key;
};

/* Take a node in, if the catalogue has its type; false without memory. Sorts and shortens facts->labels. */
MUST_CHECK bool nodes_fold_add(struct nodes_fold *fold, struct node_facts *facts);

/* Hand the classes over; false without memory. */
MUST_CHECK bool nodes_fold_take(struct nodes_fold *fold, struct nodes *ret_nodes);

void nodes_fold_release(struct nodes_fold *fold);

#endif
