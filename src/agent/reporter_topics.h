/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What there is to make Events of in a report, most important first.
 *
 *     struct reporter_walk walk = {.report = report};
 *     while (reporter_walk_next(&walk, &topic))
 *         ...
 */
#ifndef AGENT_REPORTER_TOPICS_H
#define AGENT_REPORTER_TOPICS_H

#include "core/kube_event.h"
#include "core/node_report.h"

struct reporter_walk {
    const struct node_report *report;
    bool wants_well; /* all is well again, and nobody was told */
    unsigned stage;  /* zeroed, as all that follows */
    size_t finding;
    size_t pod;
    size_t warning;
};

struct reporter_topic {
    const struct finding *finding;
    const struct pod_promise *pod; /* whom the Event is about; NULL: the node */
    struct text id;                /* of the finding or of the warning; "well" */
    bool is_lasting;               /* told again while it lasts */
    bool is_promise;               /* a warning of the webhook's, which is no news */
};

bool reporter_walk_next(struct reporter_walk *walk, struct reporter_topic *ret_topic);

/* A number for the object and the id. */
uint64_t reporter_topic_key(const struct reporter_topic *topic);

/* The reason and the sentence; `message` is what the condition says. */
struct text reporter_topic_reason(const struct reporter_topic *topic);
void reporter_topic_format(struct buffer *buffer, const struct reporter_topic *topic, struct text message);

#endif
