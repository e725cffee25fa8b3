/* SPDX-License-Identifier: Apache-2.0 */
/* What the same-zone rule asks of a pod; private to src/core/rule_zone.c and src/core/zone_*.c. */
#ifndef ZONE_H
#define ZONE_H

#include "core/pod.h"

/* The topology of the same-zone term and of a zone's name. Source: Kubernetes' well-known labels. */
#define ZONE_LABEL "topology.kubernetes.io/zone"

struct zone_facts {
    const struct pod *pod;
    struct pair label;               /* the group's, as the pod will carry it; value absent: no group */
    const struct pod_term *own_term; /* the same-zone term that the pod brings; NULL */
    bool is_required;                /* same-zone: required */
};

/* Why the same-zone term is not written. */
struct zone_reason {
    bool (*applies)(const struct zone_facts *facts);
    const char *because;     /* names the field; follows "no same-zone term: " */
    const char *fix;         /* for who asked for the term; NULL: the pod keeps to one zone as it is */
    bool yields_to_required; /* speaks against `auto` alone */
    bool is_no_group;
};

/* The first reason behind `after` (NULL: the first of all) that applies; NULL when there is none. */
const struct zone_reason *zone_reason_find(const struct zone_facts *facts, const struct zone_reason *after);

/* Labels that name a zone: the name, its former spelling, AWS's zone id. */
bool zone_is_key(struct text key);

/* Whether the nodeSelector, or every required nodeAffinity term, leaves one and the same zone; which it is,
   and on which of the keys above. */
bool zone_find_only(const struct pod *pod, struct pair *ret_zone);

/* The constraint that keeps the pod out of a zone known by its name: a nodeSelector entry, or an expression
   of the first of required nodeAffinity's terms if all of them exclude it. */
struct zone_exclusion {
    const struct pair *selector;
    const struct expression *expression;
};

bool zone_find_exclusion(const struct pod *pod, struct text zone, struct zone_exclusion *ret_exclusion);

/* Whether an expression of a node selector term lets the value pass; an unknown operator does. */
bool expression_allows(const struct expression *expression, struct text value);

bool expression_has_value(const struct expression *expression, struct text value);

/* Whether the pod, carrying the group's label, is one of those that its own term selects. What the API server
   adds later or a namespace's labels decide counts as no. */
bool pod_term_selects_itself(const struct pod_term *term, const struct zone_facts *facts);

/* Whether it is a same-zone term as we write it, for any group: that group's label value; absent when not. */
struct text pod_term_group(const struct pod_term *term, struct text label_key);

#endif
