/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pod in a cluster, both written down as JSON, and the question for its target, asked twice.
 *
 *     AUTO(scene_release) struct scene scene;
 *
 *     scene_init(&scene, POD(TYPE("p5.48xlarge")), LIST(P5_NODE));
 *     scene_find(&scene, &target);
 *     scene_check_again(&scene, &target);
 */
#ifndef SUPPORT_SCENE_H
#define SUPPORT_SCENE_H

#include "support/cluster.h"
#include "support/subject.h"

#define POD(spec) "{'metadata': {}, 'spec': {" spec "}}"
#define ASKS(limits) "'containers': [{'name': 'c', 'resources': {'limits': {" limits "}}}]"
#define GPUS(count) ASKS("'nvidia.com/gpu': '" count "'")
#define SELECTOR(pairs) "'nodeSelector': {" pairs "}"
#define TYPE(name) SELECTOR("'node.kubernetes.io/instance-type': '" name "'")
#define REQUIRED(terms)                                                                                      \
    "'affinity': {'nodeAffinity': {'requiredDuringSchedulingIgnoredDuringExecution': "                       \
    "{'nodeSelectorTerms': [" terms "]}}}"
#define ON(key, operation, values) "{'key': '" key "', 'operator': '" operation "', 'values': [" values "]}"
#define TERM(expressions) "{'matchExpressions': [" expressions "]}"
#define IT "node.kubernetes.io/instance-type"
#define FAMILY "karpenter.k8s.aws/instance-family"
#define SIZE "eks.amazonaws.com/instance-size"
#define GPU_NAME "karpenter.k8s.aws/instance-gpu-name"
#define GPU_COUNT "eks.amazonaws.com/instance-gpu-count"
#define PRODUCT "nvidia.com/gpu.product"

#define P5_NODE NODE("a", "p5.48xlarge", ", 'pool': 'gpu'", DEVICES("32", "8"))
#define P5EN_NODE NODE("b", "p5en.48xlarge", ", 'pool': 'en'", DEVICES("16", "8"))
#define CPU_NODE NODE("d", "c6in.32xlarge", ", 'pool': 'cpu'", "'vpc.amazonaws.com/efa': 2")

#define NODEPOOL "karpenter.sh/nodepool"

/* The fixture's snapshot points to the cluster. Must not be moved. */
struct scene {
    struct cluster cluster;
    struct subject_fixture fixture;
    struct asks asks;
};

/* `nodes` NULL: offline. */
void scene_init(struct scene *scene, const char *pod, const char *nodes);

struct target_question scene_question(const struct scene *scene);

void scene_find(struct scene *scene, struct target *target);

/* Do to the pod what the rules on pin, zone and accelerators do, and ask again with each number of interfaces
   that the rule on EFA could have added: the same target, or the test fails. */
void scene_check_again(struct scene *scene, const struct target *target);

/*
 * Give the policy labelTypes: nodepool gpu is p5, nodepool gpu with team a is p5en too, team b in room 1 is
 * p4de, zone z1 is p4d; and an entry without labels, which never applies.
 */
void scene_add_label_types(struct scene *scene);

/* The message is one printable line of at most 900 bytes that holds the words, or the test fails. */
void scene_check_message(struct text message, const char *words);

void scene_release(struct scene *scene);

#endif
