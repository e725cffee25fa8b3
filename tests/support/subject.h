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
 * The policy holds the shipped prefix and is empty otherwise; there is no catalogue and there are no nodes.
 * The test fills in what its rule looks at.
 */
#ifndef SUPPORT_SUBJECT_H
#define SUPPORT_SUBJECT_H

#include "core/decision.h"

struct subject_fixture {
    struct arena arena;
    struct pod pod;
    struct annotations annotations;
    struct policy policy;
    struct catalogue catalogue;
    struct snapshot snapshot;
    struct decision decision;
};

/* Fails the test if the JSON is no pod; ' stands for ". Must not be moved afterwards: it points into itself.
 */
void subject_fixture_init(struct subject_fixture *fixture, const char *pod_json);

/* A fresh decision about the same, perhaps changed, pod. */
void subject_fixture_restart(struct subject_fixture *fixture);

void subject_fixture_release(struct subject_fixture *fixture);

/* Whether one of the notes holds the words. */
bool subject_fixture_has_note(const struct subject_fixture *fixture, const char *words);

#endif
