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
 * Writes are few. The condition is written when status, reason or message differ from what the cluster has
 * (the Node in the report says what that is), at most 5 times a minute and always the latest in the end, and
 * otherwise as a heartbeat, each node at a moment of its own in every `heartbeat_seconds`. What is first
 * written after a start is spread over 10 seconds. While the Node could not be read, the first write waits
 * for two minutes.
 *
 * An Event is made for each finding that is no mere information, on the node and on the pod that it concerns;
 * for each warning in a pod's status; and when all is well again. Each is made once an object and finding;
 * errors and what is unknown again after `event_seconds` while they last. There are at most `event_limit` an
 * hour, of which pods, whose annotations anybody may write, get at most half; the others are counted and made
 * when there is room again. An agent that was started again may make one once more: names are made so that
 * most of these are conflicts. That something is not known is not told while devices may still be coming.
 *
 * The taint is added while the node is a mismatch and removed when it is well; while that is unknown it is
 * left as it is, and so are the taints of others. Without `taints` no taint is looked at: one of ours that an
 * earlier agent left behind stays, since nodes may not be changed then.
 *
 * A write that failed is tried again after 2 seconds and more, up to 5 minutes, or after what Retry-After
 * says if that is later. One that is refused (403, 404) holds up nothing else.
 *
 * Rights, to be given by RBAC:
 *     nodes/status   patch    PATCH /api/v1/nodes/NAME/status?fieldManager=efa-agent&force=true
 *     events         create   POST  /api/v1/namespaces/NAMESPACE/events, of every namespace with such pods
 *                             and of "default" for the node; core/v1, not events.k8s.io
 *     nodes          get, patch   GET and PATCH /api/v1/nodes/NAME; with `taints` only (the agent reads its
 *                             Node in any case: agent/promises.h)
 *
 * The time is the caller's, in seconds since 1970, so that a test can let hours pass. A clock that is set
 * back delays nothing by more than a heartbeat.
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
    unsigned event_limit;       /* Events an hour; 0: 30; at most 1000 */
};

/* What was written, and what was not. */
struct reporter_counts {
    uint64_t conditions; /* heartbeats too */
    uint64_t heartbeats;
    uint64_t events;
    uint64_t events_held_back; /* for want of room in the hour */
    uint64_t taints;
    uint64_t failures; /* requests that failed */
};

/* Options are copied. NULL without memory. */
MUST_CHECK struct reporter *reporter_new(const struct reporter_options *options);

/* Whether there is something to write now. The first call counts as the agent's start. */
bool reporter_is_due(struct reporter *reporter, const struct node_report *report, int64_t now_seconds);

/* Write what is due. False with the first failure; what does not depend on it was tried all the same. */
MUST_CHECK bool reporter_report(struct reporter *reporter, struct kube_client *client,
                                const struct node_report *report, int64_t now_seconds, struct error *err);

struct reporter_counts reporter_counts(const struct reporter *reporter);

void reporter_free(struct reporter **reporter);

#endif
