/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The policy: the webhook's settings, as config/policy.yaml documents them key by key.
 *
 * Built once by io/config.h from the shipped file and, over it, the admin's; immutable afterwards, shared by
 * all threads.
 */
#ifndef CORE_POLICY_H
#define CORE_POLICY_H

#include "core/catalogue.h"
#include "core/error.h"

/* What happens to a pod that asked for EFA and cannot have it. */
enum verdict {
    VERDICT_DENY,
    VERDICT_WARN, /* allow it, unpatched where nothing sane can be patched, and say so */
};

enum when_no_node {
    WHEN_NO_NODE_OMIT,
    WHEN_NO_NODE_INJECT,
};

/* A variable of an environment set, and where it belongs. */
enum environment_when {
    ENVIRONMENT_ALWAYS,
    ENVIRONMENT_RDMA_READ, /* only where the type is known to have RDMA read */
};

struct environment_variable {
    struct text name;
    struct text value;
    enum environment_when when;
};

struct environment_set {
    struct text name;
    const struct environment_variable *variables;
    size_t count;
};

/* A pod whose constraints hold all these labels goes to nodes of this type. */
struct label_type {
    const struct pair *labels;
    size_t count;
    size_t type; /* position in the catalogue */
};

struct policy {
    struct arena arena;            /* everything below is in it */
    struct text prefix;            /* of annotations and of the group label, without the slash */
    size_t default_type;           /* position in the catalogue; SIZE_MAX: none */
    struct type_set cluster_types; /* what may exist in the cluster; empty: not said */
    const struct label_type *label_types;
    size_t label_type_count;
    enum verdict on_unresolved;
    enum verdict on_impossible;
    uint64_t hugepages_bytes; /* a whole node's; a multiple of 2 MiB */
    enum when_no_node hugepages_when_no_node;
    uint64_t shm_bytes; /* a whole node's */
    const struct environment_set *environment_sets;
    size_t environment_set_count;
    const struct text
        *claims_ignore; /* names of ResourceClaimTemplates that stand for neither EFA nor accelerators */
    size_t claims_ignore_count;
    const struct text *node_own_labels; /* a node's own, not kept; a trailing '*' stands for any end */
    size_t node_own_label_count;
};

void policy_release(struct policy *policy);

/* The set of that name; NULL when the policy has none. */
const struct environment_set *policy_find_environment(const struct policy *policy, struct text name);

/* Whether a label of nodes is one that every node has a value of its own of (policy nodes.ownLabels). */
bool policy_is_own_label(const struct policy *policy, struct text key);

#endif
