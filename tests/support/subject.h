/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A decision about a pod that a test writes down as JSON, for trying a single rule.
 *
 *     AUTO(subject_fixture_release) struct subject_fixture fixture = {0};
 *
 *     subject_fixture_init(&fixture, "{'metadata': {'namespace': 'team-a'}}");
 *     fixture.annotations.zone = ZONE_REQUIRED;
 *     rule_zone(&fixture.decision);
 *
 * The policy holds the shipped prefix, sizes and three environment sets, and is empty otherwise; there is no
 * catalogue and there are no nodes.
 * The test fills in what its rule looks at.
 */
#ifndef SUPPORT_SUBJECT_H
#define SUPPORT_SUBJECT_H

#include "core/decision.h"

struct subject_fixture {
    struct arena arena;
    struct text object; /* the pod's bytes */
    struct pod pod;
    struct annotations annotations;
    struct policy policy;
    struct catalogue catalogue;
    struct snapshot snapshot;
    struct decision decision;
};

/* JSON for a test to write down, in the arena: ' stands for ". */
struct text subject_fixture_quote(struct subject_fixture *fixture, const char *json);

/* Fails the test if the JSON is no pod; ' stands for ". Must not be moved afterwards: it points into itself.
 */
void subject_fixture_init(struct subject_fixture *fixture, const char *pod_json);

/* A fresh decision about the same, perhaps changed, pod. */
void subject_fixture_restart(struct subject_fixture *fixture);

void subject_fixture_release(struct subject_fixture *fixture);

/* Types to aim at: 32 EFA and 8 GPUs; 8 and 16 Neuron devices; 2 and no accelerator, without RDMA read. */
extern const struct instance_type subject_p5;
extern const struct instance_type subject_trn1;
extern const struct instance_type subject_c6in;

/*
 * Do what decide() does before the rules: read the pod's own annotations, add up what it asks for, and take
 * `type` as the target that annotation instance-type named (no node source is configured). Then find the
 * recipients. Fails the test where a pod is not fit for it.
 */
void subject_fixture_aim(struct subject_fixture *fixture, const struct instance_type *type);

/*
 * What the decision adds and says, in order, for comparing with a row:
 *
 *     limit main nvidia.com/gpu=8; request main ...; env main NAME=VALUE; mount main efa-shm /dev/shm;
 *     volume efa-shm Memory 64Gi; select key=value; warn shm-none; deny impossible
 *
 * "-" for nothing at all.
 */
const char *subject_fixture_describe(struct subject_fixture *fixture);

/* The text of the first warning of that id; absent where it was not raised. */
struct text subject_fixture_warning(const struct subject_fixture *fixture, enum warning id);

/* Whether one of the notes holds the words. */
bool subject_fixture_has_note(const struct subject_fixture *fixture, const char *words);

#endif
