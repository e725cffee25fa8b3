/* SPDX-License-Identifier: Apache-2.0 */
#include "reporter_topics.h"

#include "core/hash.h"
#include "core/node_condition.h"

enum {
    WARNINGS_A_POD = 16 /* its annotation may hold any number */
};

static const struct text well_id = TEXT("well");

/* While devices may still be coming, that it cannot be told is no news. */
static bool is_news(const struct findings *findings, const struct finding *finding)
{
    return finding->kind->severity < SEVERITY_INFO &&
           !(findings->is_settling && finding->kind->severity == SEVERITY_UNKNOWN);
}

/* The findings, on the node or on the pod that each concerns. */
static bool next_finding(struct reporter_walk *walk, bool is_on_pod, struct reporter_topic *ret_topic)
{
    const struct findings *findings = walk->report->findings;

    while (walk->finding < findings->count) {
        const struct finding *finding = &findings->items[walk->finding++];

        if (!is_news(findings, finding) ||
            (is_on_pod && (finding->pod == NULL || !kube_event_is_about(finding->pod))))
            continue;
        *ret_topic = (struct reporter_topic){
            .finding = finding,
            .pod = is_on_pod ? finding->pod : NULL,
            .id = finding->kind->id,
            .is_lasting = finding->kind->severity <= SEVERITY_UNKNOWN,
        };
        return true;
    }
    walk->finding = 0;
    return false;
}

static bool next_on_node(struct reporter_walk *walk, struct reporter_topic *ret_topic)
{
    return next_finding(walk, false, ret_topic);
}

static bool next_on_pod(struct reporter_walk *walk, struct reporter_topic *ret_topic)
{
    return next_finding(walk, true, ret_topic);
}

static size_t warning_limit(const struct pod_promise *pod)
{
    if (!kube_event_is_about(pod))
        return 0;
    return pod->warning_count < WARNINGS_A_POD ? pod->warning_count : WARNINGS_A_POD;
}

static bool next_warning(struct reporter_walk *walk, struct reporter_topic *ret_topic)
{
    const struct expectation *expectation = walk->report->expectation;

    for (; walk->pod < expectation->promise_count; walk->pod++, walk->warning = 0) {
        const struct pod_promise *pod = &expectation->promises[walk->pod];

        if (walk->warning >= warning_limit(pod))
            continue;
        *ret_topic =
            (struct reporter_topic){.pod = pod, .id = pod->warnings[walk->warning++], .is_promise = true};
        return true;
    }
    return false;
}

static bool next_well(struct reporter_walk *walk, struct reporter_topic *ret_topic)
{
    if (!walk->wants_well)
        return false;
    walk->wants_well = false;
    *ret_topic = (struct reporter_topic){.id = well_id};
    return true;
}

bool reporter_walk_next(struct reporter_walk *walk, struct reporter_topic *ret_topic)
{
    static bool (*const stages[])(struct reporter_walk *, struct reporter_topic *) = {
        next_well,
        next_on_node,
        next_on_pod,
        next_warning,
    };

    for (; walk->stage < COUNT_OF(stages); walk->stage++) {
        if (stages[walk->stage](walk, ret_topic))
            return true;
    }
    return false;
}

/* The node is always the same one. */
uint64_t reporter_topic_key(const struct reporter_topic *topic)
{
    const uint64_t parts[] = {
        topic->pod != NULL ? hash_text(topic->pod->uid) : 0,
        hash_text(topic->id),
        topic->is_promise ? 1 : 0,
    };

    return hash_text((struct text){.at = (const char *)parts, .length = sizeof(parts)});
}

struct text reporter_topic_reason(const struct reporter_topic *topic)
{
    if (topic->is_promise)
        return (struct text)TEXT("EFAWarning");
    return topic->finding != NULL ? topic->finding->kind->reason : (struct text)TEXT(NODE_CONDITION_TYPE);
}

void reporter_topic_format(struct buffer *buffer, const struct reporter_topic *topic, struct text message)
{
    if (topic->is_promise)
        kube_event_format_warning(buffer, topic->id);
    else if (topic->finding != NULL)
        kube_event_format_finding(buffer, topic->finding, topic->pod != NULL);
    else
        buffer_add(buffer, message);
}
