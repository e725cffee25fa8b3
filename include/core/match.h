/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a class of nodes meets what a pod demands of its node, three-valued.
 *
 * Kubernetes' own semantics: nodeSelector ANDed, required node affinity's terms ORed, their expressions
 * ANDed; NotIn and DoesNotExist hold where the label is absent; an empty term matches nothing. A label that
 * classes do not keep (a node's own) is unknown, and an unknown never excludes.
 *
 * Source: k8s.io/component-helpers/scheduling/corev1/nodeaffinity; k8s.io/apimachinery/pkg/labels.
 */
#ifndef CORE_MATCH_H
#define CORE_MATCH_H

#include "core/nodes.h"
#include "core/pod.h"

enum match {
    MATCH_NO,
    MATCH_UNKNOWN,
    MATCH_YES,
};

extern const struct text zone_label;     /* "topology.kubernetes.io/zone" */
extern const struct text hostname_label; /* "kubernetes.io/hostname" */

/*
 * nodeSelector, required node affinity and spec.nodeName of the pod; a `zone` that is not absent is demanded
 * too, unless nodeSelector names one itself. `position` is the class's in nodes->classes.
 */
enum match match_class(const struct pod *pod, struct text zone, const struct nodes *nodes, size_t position,
                       const struct policy *policy);

/* One of matchExpressions. */
enum match match_expression(const struct expression *expression, const struct nodes *nodes, size_t position,
                            const struct policy *policy);

/* Whether Gt or Lt ("operation") holds between a label's value and an expression's, both decimal integers. */
bool match_compare(struct text operation, struct text label, struct text value);

/* Whether a term has neither matchExpressions nor matchFields; it matches nothing. */
bool match_is_empty(const struct node_term *term);

#endif
