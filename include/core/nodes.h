/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cluster's nodes of catalogue types, folded into classes of nodes that are alike.
 *
 * Immutable once built; a request sees one snapshot. NULL in place of a `struct nodes *` means that no node
 * source is configured (offline), which differs from a source that knows of no node.
 *
 * A class keeps labels (but a node's own, policy node_own_labels) and what its nodes offer. A node counts
 * only if it is Ready, not being deleted and its *capacity* of the resource is at least 1; the others still
 * say which types exist.
 *
 * Source: Kubernetes API v1 Node and NodeList.
 */
#ifndef CORE_NODES_H
#define CORE_NODES_H

#include "core/json.h"
#include "core/policy.h"

struct node_class {
    size_t type;               /* position in the catalogue */
    const struct pair *labels; /* sorted by key */
    size_t label_count;
    bool is_provisioned;      /* Karpenter's or Auto Mode's: these cannot provision for huge pages */
    size_t node_count;        /* 0: an empty place, which says nothing */
    size_t ready_count;       /* Ready and not being deleted */
    unsigned efa;             /* the largest capacity of a node that counts; 0: none counts */
    unsigned accelerators;    /* likewise, of the type's own resource */
    bool has_hugepages;       /* a ready node exists, so that the next line is known */
    uint64_t hugepages_bytes; /* the smallest allocatable of hugepages-2Mi of a ready node */
};

struct node_names;
struct node_store;

struct nodes {
    const struct node_class *classes; /* empty places among them where nodes came and went */
    size_t class_count;               /* with empty places */
    size_t node_count;
    const struct node_names *names; /* see nodes_find_class() */
    struct type_set types;          /* all that exist */
    const struct text *varied;      /* labels that were not kept, since nodes differ in them too much */
    size_t varied_count;
    struct node_store *store; /* what all of this is in, where nodes_release() is to free it */
};

/*
 * Read a NodeList as `kubectl get nodes -o json` prints it (kind List or NodeList), or a single Node.
 *
 * Nodes of types that the catalogue lacks are passed over; of several with one name the last stands. What is
 * not JSON, or no list of nodes, is ERROR_INPUT. Owns: copies what it keeps; `bytes` may go.
 */
MUST_CHECK bool nodes_read(struct text bytes, const struct catalogue *catalogue, const struct policy *policy,
                           struct nodes *ret_nodes, struct error *err);

/* The position of the class of the node of that name; false when no node has it. */
bool nodes_find_class(const struct nodes *nodes, struct text name, size_t *ret_class);

/* Whether classes keep labels of that key: it is no node's own, and nodes do not differ in it too much. */
bool nodes_keep_label(const struct nodes *nodes, const struct policy *policy, struct text key);

void nodes_release(struct nodes *nodes);

#endif
