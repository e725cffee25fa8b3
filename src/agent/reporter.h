/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Telling the cluster: the node condition EFAReady, Events on the node and on pods, and, where it is asked
 * for, a taint.
 *
 *     struct reporter *reporter = reporter_new(&options);
 *     if (reporter_is_due(reporter, &report, now_seconds) &&
 *         !reporter_report(reporter, client, &report, now_seconds, err))
 *         ...try again later, reporter_is_due() says when...
 *
 * Writes are few: the condition when status, reason or message change, and otherwise a heartbeat every
 * `heartbeat_seconds`, each node at a moment of its own; an Event once a finding and object, and again after
 * `event_seconds`, at most `event_limit` an hour. A write that failed is tried again with backoff, or after
 * what Retry-After says. The time is the caller's, so that a test can let hours pass.
 *
 * Thread: one at a time.
 */
#ifndef AGENT_REPORTER_H
#define AGENT_REPORTER_H

#include "core/node_report.h"
#include "io/kube_client.h"

struct reporter;

struct reporter_options {
    const char *node_name;
    bool taints;                /* efa-injector.io/efa-not-ready:NoSchedule while the node is a mismatch */
    const char *prefix;         /* of the taint's key, as of the annotations: "efa-injector.io" */
    unsigned heartbeat_seconds; /* 0: 600 */
    unsigned event_seconds;     /* 0: 3600 */
    unsigned event_limit;       /* Events an hour; 0: 30 */
};

/* What was written, and what was not. */
struct reporter_counts {
    uint64_t conditions;
    uint64_t events;
    uint64_t events_held_back;
    uint64_t taints;
    uint64_t failures;
};

/* Options are copied. NULL without memory. */
MUST_CHECK struct reporter *reporter_new(const struct reporter_options *options);

bool reporter_is_due(const struct reporter *reporter, const struct node_report *report, int64_t now_seconds);

MUST_CHECK bool reporter_report(struct reporter *reporter, struct kube_client *client,
                                const struct node_report *report, int64_t now_seconds, struct error *err);

struct reporter_counts reporter_counts(const struct reporter *reporter);

void reporter_free(struct reporter **reporter);

#endif
