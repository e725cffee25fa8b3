/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Same zone: the label of the pod's group, and what keeps the group in one zone.
 *
 * The label `<prefix>/group` is written wherever a group is known. The same-zone term (required podAffinity
 * on topology.kubernetes.io/zone, selecting that label and nothing else) is written for same-zone `required`,
 * and for `auto` (the default) unless a reason of the table in src/core/zone_reason.c speaks against it. A
 * zone's name becomes a nodeSelector, never a term; one that the pod's own nodeSelector or required
 * nodeAffinity excludes is denied. Depends on the pod alone, never on nodes.
 *
 * A pod may bring a term of ours that names another group: a copy of a running pod, a template made from one,
 * the output of --print-patch applied in another namespace. A patch cannot take the term away, and a second
 * one would be ANDed with it: the pod would have to match two values with one label, and would wait for ever.
 * So the term's value stays the group, and the label follows the term, whatever it was: the pod matches its
 * own term and can be scheduled, first of its kind or not, and all copies stay together. A label alone that
 * names another group is replaced.
 *
 * Asked again with its changes applied, it changes nothing and warns the same.
 *
 * Source: research on Kubernetes 1.36.3; the scheduler lets a pod that matches its own required terms be the
 * first of its group.
 */
#ifndef CORE_RULE_ZONE_H
#define CORE_RULE_ZONE_H

#include "core/decision.h"

/* Sets label, node_selector and zone_term_group; warns no-group and zone-impossible. */
void rule_zone(struct decision *decision);

#endif
