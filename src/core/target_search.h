/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of target_find() hand to each other. */
#ifndef CORE_TARGET_SEARCH_H
#define CORE_TARGET_SEARCH_H

#include "core/match.h"
#include "core/target.h"

/* Where the first constraint about types stands, for messages. */
enum constraint_place {
    PLACE_NONE,
    PLACE_NODE_SELECTOR,
    PLACE_AFFINITY,
    PLACE_LABEL_TYPES,
};

/* What the pod's own constraints say about instance types. */
struct constraints {
    struct type_set types; /* what they leave; the whole catalogue where they say nothing */
    bool is_positive;      /* they name what to take, rather than only rule some out */
    bool is_provisioned;   /* a label of Karpenter's or Auto Mode's is demanded */
    enum constraint_place place;
    struct text key;
    struct text value; /* absent where there is none */
};

struct target_search {
    const struct pod *pod;
    const struct annotations *annotations;
    const struct asks *asks;
    const struct snapshot *snapshot;
    struct arena *arena;
    struct text zone; /* that the annotation names; absent */
    struct constraints constraints;
    bool *matches; /* by class: whether it may be where the pod lands; NULL without classes */
};

/* Step 2; false without memory. */
MUST_CHECK bool target_read_constraints(struct target_search *search);

/* The table labelTypes: the types of all entries whose labels the constraints imply. False without memory. */
MUST_CHECK bool target_read_label_types(struct target_search *search);

/* Fill `matches`; false without memory. */
MUST_CHECK bool target_match_classes(struct target_search *search);

/* The types of matching classes. */
void target_get_node_types(const struct target_search *search, struct type_set *ret_types);

/* Fill what is known of the type and its nodes, `candidates` being one answer. */
void target_settle(struct target_search *search, struct type_set *candidates, struct target *target);

/* Whether the types can be taken one for the other. */
bool target_is_one_answer(const struct catalogue *catalogue, const struct type_set *types);

/* Whether two types are the same in all that counts (p5 and p5e are not: their accelerators differ). */
bool target_are_same(const struct instance_type *left, const struct instance_type *right);

/* Step 4; empty where the containers say nothing. */
void target_find_by_asks(const struct target_search *search, struct type_set *ret_types);

/* Leave out types that cannot run the pod at all, unless none would be left. */
void target_drop_impossible(const struct target_search *search, struct type_set *types);

/* Sentences for target->message, absent without memory. */
struct text target_say_unknown(const struct target_search *search);
struct text target_say_contradiction(const struct target_search *search);
struct text target_say_excluded(const struct target_search *search);
struct text target_say_unresolved(const struct target_search *search);
struct text target_say_ambiguous(const struct target_search *search, const struct type_set *types);

#endif
