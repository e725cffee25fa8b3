/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The nodes of a cluster that come, change and go, shown to requests as one immutable `struct nodes` after
 * the other.
 *
 *     AUTO(node_store_free) struct node_store *store = node_store_new(catalogue, policy);
 *     ...node_store_put(store, &facts) and node_store_remove(store, name), for some nodes...
 *     nodes = node_store_view(store);
 *     ...show it; when nobody sees the one before any more:
 *     node_store_reclaim(store);
 *
 * What a change costs depends on the number of classes, not of nodes: a view shares with the one before all
 * that did not change. Classes keep their positions; one without nodes leaves an empty place for the next.
 *
 * Where nodes fall into more than NODE_CLASSES_MAX classes, the label in which they differ most is kept no
 * more: matching then takes it for unknown, as a label that the policy lists as a node's own.
 *
 * Whatever returns false or NULL has run out of memory: the store is then of no more use, but what it has
 * shown stays whole until node_store_free().
 *
 * Thread: one at a time; views may be read by any thread while the store changes.
 */
#ifndef CORE_NODE_STORE_H
#define CORE_NODE_STORE_H

#include "core/nodes.h"

enum {
    NODE_CLASSES_MAX = 1024
};

/* What is read of a node; borrowed. Devices are capacity, huge pages allocatable. */
struct node_facts {
    struct text name;    /* absent: it is counted, and cannot be removed */
    struct pair *labels; /* in any order */
    size_t label_count;
    uint64_t efa;
    uint64_t accelerators[VENDOR_COUNT]; /* by vendor, of its whole devices */
    uint64_t hugepages_bytes;
    bool is_ready;
    bool is_deleting;
};

/* Catalogue and policy are borrowed. NULL without memory. */
MUST_CHECK struct node_store *node_store_new(const struct catalogue *catalogue, const struct policy *policy);

void node_store_free(struct node_store **store);

/*
 * A node that is there, in place of what was known by its name. One of a type that the catalogue lacks is as
 * good as gone. Sorts and shortens facts->labels.
 */
MUST_CHECK bool node_store_put(struct node_store *store, struct node_facts *facts);

/* The node is gone. A name that nobody knows is none of our nodes. */
MUST_CHECK bool node_store_remove(struct node_store *store, struct text name);

/* Whether something is otherwise than in the last view, or there was none yet. */
bool node_store_has_changed(const struct node_store *store);

/* The nodes as they are now; they stay until node_store_reclaim() is called after a later view. */
MUST_CHECK const struct nodes *node_store_view(struct node_store *store);

/* Free what only views before the last one show: nobody sees those any more. */
void node_store_reclaim(struct node_store *store);

size_t node_store_node_count(const struct node_store *store);

/* Of those with nodes. */
size_t node_store_class_count(const struct node_store *store);

#endif
