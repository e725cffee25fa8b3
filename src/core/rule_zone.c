/* SPDX-License-Identifier: Apache-2.0 */
#include "core/rule_zone.h"

#include "core/group.h"
#include "zone.h"

/* The same-zone term that the pod brings: the one for `hash`, else the first for any group; NULL if none. */
static const struct pod_term *own_term_find(const struct pod *pod, struct text label_key, struct text hash)
{
    const struct pod_term *first = NULL;
    size_t i;

    for (i = 0; i < pod->affinity.pod_term_count; i++) {
        const struct pod_term *term = &pod->affinity.pod_terms[i];
        struct text group = pod_term_group(term, label_key);

        if (group.at == NULL)
            continue;
        if (hash.at != NULL && text_is(group, hash))
            return term;
        if (first == NULL)
            first = term;
    }
    return first;
}

static bool facts_find(struct decision *decision, const struct group *group, struct zone_facts *ret_facts)
{
    const struct subject *subject = &decision->subject;
    const struct text parts[] = {subject->snapshot->policy->prefix, TEXT("/group")};
    struct zone_facts facts = {
        .pod = subject->pod,
        .is_required = subject->annotations->zone == ZONE_REQUIRED,
    };

    facts.label.key = arena_join(decision->arena, parts, COUNT_OF(parts));
    if (facts.label.key.at == NULL)
        return false;
    facts.own_term = own_term_find(subject->pod, facts.label.key, group->hash);
    facts.label.value =
        facts.own_term != NULL ? pod_term_group(facts.own_term, facts.label.key) : group->hash;
    *ret_facts = facts;
    return true;
}

static void write_label(struct decision *decision, const struct zone_facts *facts, const struct group *group)
{
    struct text present = pairs_find(&facts->pod->labels, facts->label.key);
    struct text value = facts->label.value;

    if (value.at == NULL)
        return;
    if (group->hash.at != NULL && text_is(group->hash, value)) {
        decision_note(decision, "group %.*s: by %.*s, %.*s", TEXT_ARGS(value), TEXT_ARGS(group->source),
                      TEXT_ARGS(group->value));
    } else {
        decision_note(decision, "group %.*s: the pod brings a same-zone term for it, which it has to match",
                      TEXT_ARGS(value));
    }
    if (present.at == NULL || !text_is(present, value))
        decision->label = facts->label;
}

/* The constraint in words: "nodeSelector topology.kubernetes.io/zone: us-east-1b". */
static struct text exclusion_text(const struct zone_exclusion *exclusion, struct arena *arena)
{
    const struct expression *expression = exclusion->expression;
    struct text value = {0};

    if (exclusion->selector != NULL) {
        return arena_format(arena, "nodeSelector %.*s: %.*s", TEXT_ARGS(exclusion->selector->key),
                            TEXT_ARGS(exclusion->selector->value));
    }
    if (expression->value_count > 0)
        value = expression->values[0];
    return arena_format(arena, "required nodeAffinity %.*s %.*s %.*s%s", TEXT_ARGS(expression->key),
                        TEXT_ARGS(expression->operation), TEXT_ARGS(value),
                        expression->value_count > 1 ? ", ..." : "");
}

/* same-zone: <zone> */
static void name_zone(struct decision *decision, const struct pod *pod, struct text zone)
{
    static const struct text zone_key = TEXT(ZONE_LABEL);
    const struct text prefix = decision->subject.snapshot->policy->prefix;
    struct zone_exclusion exclusion;
    struct pair only;

    if (zone_find_exclusion(pod, zone, &exclusion)) {
        struct text text = exclusion_text(&exclusion, decision->arena);

        decision_deny(
            decision, REASON_CONTRADICTION,
            "annotation %.*s/same-zone names %.*s, but %.*s excludes it; make them agree or remove one",
            TEXT_ARGS(prefix), TEXT_ARGS(zone), TEXT_ARGS(text));
        return;
    }
    if (zone_find_only(pod, &only) && text_is(only.value, zone)) {
        decision_note(decision, "same-zone names %.*s; %.*s keeps the pod there", TEXT_ARGS(zone),
                      TEXT_ARGS(only.key));
        return;
    }
    decision_note(decision, "same-zone names %.*s: a nodeSelector on " ZONE_LABEL " is added",
                  TEXT_ARGS(zone));
    decision_add_node_selector(decision, zone_key, zone);
}

static void warn_no_group(struct decision *decision, const struct group *group)
{
    const struct text prefix = decision->subject.snapshot->policy->prefix;

    if (group->source.at != NULL) {
        decision_warn(decision, WARNING_NO_GROUP,
                      "LeaderWorkerSet has not written label group-key yet, so the group is not known");
        return;
    }
    decision_warn(decision, WARNING_NO_GROUP,
                  "no group is known, so nothing keeps the peers in one zone; set annotation %.*s/group",
                  TEXT_ARGS(prefix));
}

/* `required` was asked for and `reason` speaks against it. */
static void warn_impossible(struct decision *decision, const struct zone_reason *reason)
{
    const struct text prefix = decision->subject.snapshot->policy->prefix;

    decision_warn(decision, WARNING_ZONE_IMPOSSIBLE, "%.*s/same-zone: required, but %s; %s",
                  TEXT_ARGS(prefix), reason->because, reason->fix);
}

/* Say why there is no term; false when nothing speaks against it. Where a reason keeps the pod to one zone as
 * it is, `required` has what it wants. */
static bool explain_reasons(struct decision *decision, const struct zone_facts *facts,
                            const struct group *group)
{
    const struct zone_reason *first = zone_reason_find(facts, NULL);
    const struct zone_reason *reason;
    bool is_kept = false;

    for (reason = first; reason != NULL; reason = zone_reason_find(facts, reason)) {
        decision_note(decision, "no same-zone term: %s", reason->because);
        is_kept = is_kept || reason->fix == NULL;
    }
    if (first == NULL)
        return false;
    if (first->is_no_group) {
        warn_no_group(decision, group);
        return true;
    }
    if (facts->is_required && !is_kept)
        warn_impossible(decision, first);
    return true;
}

/* same-zone: auto, required */
static void write_term(struct decision *decision, const struct zone_facts *facts, const struct group *group)
{
    if (facts->own_term != NULL) {
        decision_note(decision, "the pod carries the same-zone term");
        return;
    }
    if (explain_reasons(decision, facts, group))
        return;
    decision->zone_term_group = facts->label.value;
    decision_note(decision,
                  "same-zone term: required podAffinity on " ZONE_LABEL " with the pods of the group");
}

void rule_zone(struct decision *decision)
{
    const struct annotations *annotations = decision->subject.annotations;
    struct zone_facts facts;
    struct group group;

    if (!group_find(decision->subject.pod, annotations, decision->arena, &group) ||
        !facts_find(decision, &group, &facts)) {
        decision->failed = true;
        return;
    }
    write_label(decision, &facts, &group);
    switch (annotations->zone) {
    case ZONE_NAMED:
        name_zone(decision, facts.pod, annotations->zone_name);
        break;
    case ZONE_OFF:
        decision_note(decision, "no same-zone term: annotation same-zone is off");
        break;
    case ZONE_AUTO:
    case ZONE_REQUIRED:
        write_term(decision, &facts, &group);
        break;
    }
}
