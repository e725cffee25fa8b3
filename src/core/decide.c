/* SPDX-License-Identifier: Apache-2.0 */
#include "core/decide.h"

#include "core/rule_zone.h"
#include "core/rules.h"

/* The rules in order. A denial ends the run. */
static void (*const rules[])(struct decision *decision) = {
    recipients_find, rule_possible,    rule_devices, rule_hugepages,
    rule_shm,        rule_environment, rule_zone,    rule_pin,
};

static void run_rules(struct decision *decision)
{
    size_t i;

    for (i = 0; i < COUNT_OF(rules) && decision->is_allowed && !decision->failed; i++)
        rules[i](decision);
}

static bool is_windows(const struct pod *pod)
{
    return text_is_string(pod->os, "windows") ||
           text_is_string(pairs_find_string(&pod->node_selector, "kubernetes.io/os"), "windows");
}

/* What a target that was not found means. */
static void refuse_target(struct decision *decision)
{
    static const struct {
        enum reason reason;
        enum warning warning;
        bool may_pass; /* the policy's onUnresolved decides */
    } outcomes[] = {
        [TARGET_UNRESOLVED] = {REASON_UNRESOLVED, WARNING_UNRESOLVED, true},
        [TARGET_AMBIGUOUS] = {REASON_AMBIGUOUS, WARNING_AMBIGUOUS, true},
        [TARGET_CONTRADICTION] = {REASON_CONTRADICTION, WARNING_UNRESOLVED, false},
        [TARGET_UNKNOWN] = {REASON_BAD_ANNOTATION, WARNING_UNRESOLVED, false},
    };
    const struct target *target = &decision->subject.target;

    decision->reason = outcomes[target->outcome].reason;
    if (outcomes[target->outcome].may_pass &&
        decision->subject.snapshot->policy->on_unresolved == VERDICT_WARN) {
        /* the message with all candidates is for a denial: a warning is short and still ends in the fix */
        decision_warn(decision, outcomes[target->outcome].warning, "%s: set annotation %.*s/instance-type",
                      target->outcome == TARGET_AMBIGUOUS ? "several instance types are possible"
                                                          : "nothing says which instance type this is for",
                      TEXT_ARGS(decision->subject.snapshot->policy->prefix));
        return;
    }
    decision->is_allowed = false;
    decision->message = target->message;
}

static bool find_target(struct decision *decision)
{
    struct subject *subject = &decision->subject;
    struct target_question question = {
        .pod = subject->pod,
        .annotations = subject->annotations,
        .asks = &subject->asks,
        .snapshot = subject->snapshot,
    };

    if (!target_find(&question, decision->arena, &subject->target)) {
        decision->failed = true;
        return false;
    }
    if (subject->target.outcome == TARGET_FOUND)
        return true;
    refuse_target(decision);
    return false;
}

static void note_target(struct decision *decision)
{
    static const char *const sources[] = {
        [TARGET_BY_NOTHING] = "nothing",
        [TARGET_BY_ANNOTATION] = "annotation instance-type",
        [TARGET_BY_CONSTRAINTS] = "the pod's scheduling constraints",
        [TARGET_BY_NODES] = "the nodes that match the pod's constraints",
        [TARGET_BY_CONTAINERS] = "what the containers ask for",
        [TARGET_BY_DEFAULT] = "the policy's defaultInstanceType",
    };
    const struct target *target = &decision->subject.target;

    decision_note(decision, "Instance type: %.*s, by %s: %u EFA interfaces, %u accelerators.",
                  TEXT_ARGS(target->type->name), sources[target->source], target->efa, target->accelerators);
}

/* Everything about a pod that opted in, but its status. */
static void decide_pod(struct decision *decision)
{
    struct subject *subject = &decision->subject;
    struct error err = {0};

    if (!asks_of_pod(subject->pod, subject->snapshot->policy, &subject->asks, &err)) {
        decision_deny(decision, REASON_BAD_POD, "%s", err.text);
        return;
    }
    if (special_find(subject->pod, &subject->asks, &decision->reason))
        return;
    if (is_windows(subject->pod)) {
        decision->reason = REASON_IMPOSSIBLE;
        (void)decision_impossible(decision, "EFA does not exist on Windows; remove the annotations of %.*s/",
                                  TEXT_ARGS(subject->snapshot->policy->prefix));
        return;
    }
    if (!find_target(decision))
        return;
    note_target(decision);
    run_rules(decision);
}

static void decide_opted_in(struct decision *decision, struct annotations *annotations)
{
    struct subject *subject = &decision->subject;
    struct error err = {0};

    decision->reason = REASON_INJECTED;
    subject->annotations = annotations;
    if (!annotations_read(subject->pod, subject->snapshot->policy, annotations, &err)) {
        decision_deny(decision, REASON_BAD_ANNOTATION, "%s", err.text);
        return;
    }
    decide_pod(decision);
    if (decision->is_allowed && !decision->failed)
        rule_status(decision);
}

bool decide(const struct pod *pod, const struct snapshot *snapshot, struct arena *arena,
            struct decision *decision, struct error *err)
{
    static const struct text mirror = TEXT("kubernetes.io/config.mirror");
    struct annotations *annotations = arena_alloc(arena, sizeof(*annotations));
    bool wants_notes = decision->wants_notes;

    *decision = (struct decision){.arena = arena, .is_allowed = true, .wants_notes = wants_notes};
    decision->subject.pod = pod;
    decision->subject.snapshot = snapshot;
    if (annotations == NULL)
        return error_memory(err);
    if (pairs_find(&pod->annotations, mirror).at != NULL) {
        decision->reason = REASON_MIRROR_POD;
        return true;
    }
    switch (annotations_opt_in(pod, snapshot->policy->prefix)) {
    case OPT_NONE:
        decision->reason = REASON_NOT_OPTED_IN;
        break;
    case OPT_OUT:
        decision->reason = REASON_OPTED_OUT;
        break;
    case OPT_IN:
        decide_opted_in(decision, annotations);
        break;
    }
    return !decision->failed || error_memory(err);
}
