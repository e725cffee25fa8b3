/* SPDX-License-Identifier: Apache-2.0 */
/* Pods as the tests of the same-zone rule write them down, and the same question asked twice. */
#ifndef SUPPORT_PLACEMENT_H
#define SUPPORT_PLACEMENT_H

#include "support/subject.h"

/* Of team-a/kubeflow/nccl-test; tests/unit/test_group.c says where such values come from. */
#define HASH "33ca873ed6782350"
#define GROUP "efa-injector.io/group"
#define ZONE "topology.kubernetes.io/zone"
#define BETA_ZONE "failure-domain.beta.kubernetes.io/zone"
#define ZONE_ID "topology.k8s.aws/zone-id"

#define META(metadata, spec) "{'metadata': {'namespace': 'team-a', " metadata "}, 'spec': {" spec "}}"
#define LABELS(more) "'labels': {'training.kubeflow.org/job-name': 'nccl-test', 'app': 'a'" more "}"
#define POD(spec) META(LABELS(""), spec)
#define OWNED(kind) META(LABELS("") ", 'ownerReferences': [{'kind': '" kind "', 'uid': 'u'}]", "")
#define MARKED(mark) META(LABELS("") ", 'annotations': {'" mark "'}", "")

#define REQUIRED_TERMS "'requiredDuringSchedulingIgnoredDuringExecution': "
#define POD_AFFINITY(terms) "'affinity': {'podAffinity': {" REQUIRED_TERMS "[" terms "]}}"
#define TERM(key, selector) "{'topologyKey': '" key "', 'labelSelector': {" selector "}}"
#define MATCH(key, value) "'matchLabels': {'" key "': '" value "'}"
#define EXPRESSION(key, operation, values)                                                                   \
    "'matchExpressions': [{'key': '" key "', 'operator': '" operation "', 'values': [" values "]}]"
#define NODE_AFFINITY(terms)                                                                                 \
    "'affinity': {'nodeAffinity': {" REQUIRED_TERMS "{'nodeSelectorTerms': [" terms "]}}}"
#define NODE_TERM(key, operation, values) "{" EXPRESSION(key, operation, values) "}"
#define IN(key, values) NODE_TERM(key, "In", values)

#define COPIED(label, group) META(LABELS(label), POD_AFFINITY(TERM(ZONE, MATCH(GROUP, group))))

/* Do to the pod what the decision says of label, nodeSelector and same-zone term, as the patch does. */
void placement_apply(struct subject_fixture *fixture);

/* Apply rule_zone's decision and let it decide once more: no change, the same warnings, or the test fails. */
void placement_check_again(struct subject_fixture *fixture);

#endif
