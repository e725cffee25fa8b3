/* SPDX-License-Identifier: Apache-2.0 */
#include "core/rotation.h"

#include <stddef.h>

static uint64_t bit(int authority)
{
    return authority == ROTATION_NOBODY ? 0 : UINT64_C(1) << authority;
}

static bool is_valid(const struct rotation_facts *facts, int64_t from, int64_t until)
{
    return from <= facts->now_seconds && facts->now_seconds < until - ROTATION_MARGIN_SECONDS;
}

static bool can_sign(const struct rotation_facts *facts, int authority)
{
    const struct rotation_authority *which;

    if (authority == ROTATION_NOBODY)
        return false;
    which = &facts->authorities[authority];
    return which->has_key && is_valid(facts, which->from_seconds, which->until_seconds);
}

/* Those of `mask` that are valid now. */
static uint64_t valid_of(const struct rotation_facts *facts, uint64_t mask)
{
    uint64_t valid = 0;

    for (int i = 0; i < ROTATION_AUTHORITIES_LIMIT; i++) {
        const struct rotation_authority *which = &facts->authorities[i];

        if ((mask & bit(i)) != 0 && which->from_seconds <= facts->now_seconds &&
            facts->now_seconds < which->until_seconds)
            valid |= bit(i);
    }
    return valid;
}

int64_t rotation_due(int64_t from_seconds, int64_t until_seconds)
{
    int64_t life = until_seconds - from_seconds;

    return until_seconds - life / 3;
}

/* Whether replicas that serve it are trusted, by those whose bundle holds one of its signers. */
static bool is_leaf_good(const struct rotation_facts *facts)
{
    const struct rotation_leaf *leaf = &facts->leaf;

    return leaf->presence == ROTATION_WHOLE && leaf->is_for_service &&
           is_valid(facts, leaf->from_seconds, leaf->until_seconds) && valid_of(facts, leaf->signers) != 0;
}

/* A change that lies ahead is one of unknown time: clocks differ by minutes, not more. */
static bool is_known(const struct rotation_facts *facts, int64_t changed_at)
{
    return changed_at != ROTATION_TIME_UNKNOWN && changed_at <= facts->now_seconds + ROTATION_SKEW_SECONDS;
}

static bool is_settled(const struct rotation_facts *facts, int64_t changed_at)
{
    return is_known(facts, changed_at) && facts->now_seconds >= changed_at + facts->step_delay_seconds;
}

static bool plan_wait(struct rotation_plan *plan, int64_t until, const char *reason)
{
    plan->step = ROTATION_WAIT;
    plan->until_seconds = until;
    plan->reason = reason;
    return true;
}

static bool plan_bundle(struct rotation_plan *plan, uint64_t bundle, const char *reason)
{
    plan->step = ROTATION_SET_BUNDLE;
    plan->bundle = bundle;
    plan->reason = reason;
    return true;
}

static bool plan_leaf(struct rotation_plan *plan, int signer, const char *reason)
{
    plan->step = ROTATION_ISSUE_LEAF;
    plan->signer = signer;
    plan->reason = reason;
    return true;
}

static int first_of(uint64_t mask)
{
    int i = 0;

    while (i < ROTATION_AUTHORITIES_LIMIT && (mask & bit(i)) == 0)
        i++;
    return i < ROTATION_AUTHORITIES_LIMIT ? i : ROTATION_NOBODY;
}

/* With a new authority the one that signed what is served stays known, should the bundle be lost. */
static void plan_authority(const struct rotation_facts *facts, struct rotation_plan *plan)
{
    uint64_t known = bit(facts->current) | bit(facts->previous);
    uint64_t signers = valid_of(facts, facts->leaf.signers);

    plan->step = ROTATION_MAKE_AUTHORITY;
    plan->previous = first_of((signers & known) != 0 ? signers & known : signers);
    if (plan->previous == ROTATION_NOBODY)
        plan->previous = first_of(valid_of(facts, known));
}

/* Nothing can be signed: make an authority. What is served goes on, since the bundle keeps what it holds. */
static bool decide_authority(const struct rotation_facts *facts, struct rotation_plan *plan)
{
    if (can_sign(facts, facts->current))
        return false;
    plan_authority(facts, plan);
    plan->is_urgent = true;
    if (facts->current != ROTATION_NOBODY)
        plan->reason = "the authority's certificate is not valid, or expires within the hour";
    else if (facts->presence == ROTATION_ABSENT)
        plan->reason = "there is no authority yet";
    else
        plan->reason = "the Secret of the authority is incomplete or damaged";
    return true;
}

static const char *leaf_trouble(const struct rotation_facts *facts)
{
    const struct rotation_leaf *leaf = &facts->leaf;

    if (leaf->presence == ROTATION_ABSENT)
        return "there is no certificate to serve with yet";
    if (leaf->presence == ROTATION_BROKEN)
        return "the Secret of the certificate is incomplete or damaged";
    if (!leaf->is_for_service)
        return "the certificate does not name the Service";
    if (!is_valid(facts, leaf->from_seconds, leaf->until_seconds))
        return "the certificate is not valid, or expires within the hour";
    return "nobody knows, or nobody may still trust, who signed the certificate";
}

static bool is_leaf_due(const struct rotation_facts *facts)
{
    return facts->now_seconds >= rotation_due(facts->leaf.from_seconds, facts->leaf.until_seconds);
}

/* Nobody calls the webhook yet. */
static bool decide_without_bundle(const struct rotation_facts *facts, struct rotation_plan *plan)
{
    if (facts->bundle.is_there)
        return false;
    if (!is_leaf_good(facts)) {
        plan->is_urgent = true;
        return plan_leaf(plan, facts->current, leaf_trouble(facts));
    }
    if (is_leaf_due(facts)) {
        plan->is_rotation = true;
        return plan_leaf(plan, facts->current, "two thirds of the certificate's life are over");
    }
    plan->step = ROTATION_NONE;
    plan->reason = "nothing calls the webhook yet";
    plan->until_seconds = rotation_due(facts->leaf.from_seconds, facts->leaf.until_seconds);
    return true;
}

/* What every bundle must hold this minute: what signed what replicas serve, or may serve in a minute. */
static bool decide_repair(const struct rotation_facts *facts, struct rotation_plan *plan)
{
    const struct rotation_bundle *bundle = &facts->bundle;
    uint64_t known = bit(facts->current) | bit(facts->previous);
    uint64_t signers = valid_of(facts, facts->leaf.signers);
    uint64_t needed = 0;

    if (!bundle->is_there)
        return false;
    if (!is_leaf_good(facts))
        needed = valid_of(facts, known);
    else if ((bundle->all & signers) == 0)
        needed = signers;
    if (!is_settled(facts, facts->leaf.changed_at_seconds))
        needed |= valid_of(facts, bit(facts->previous));
    if ((needed & ~bundle->all) == 0)
        return false;
    plan->is_urgent = true;
    return plan_bundle(plan, bundle->any | needed | bit(facts->current),
                       bundle->any == 0 ? "the bundle is empty"
                                        : "the bundle lacks an authority that is needed now");
}

/* Who signs when a leaf is needed at once: rather not one that API servers may not have heard of. */
static int signer_now(const struct rotation_facts *facts)
{
    if (is_settled(facts, facts->bundle.changed_at_seconds))
        return facts->current;
    if (can_sign(facts, facts->previous) && (facts->bundle.all & bit(facts->previous)) != 0)
        return facts->previous;
    return facts->current;
}

static bool decide_leaf_now(const struct rotation_facts *facts, struct rotation_plan *plan)
{
    if (is_leaf_good(facts))
        return false;
    plan->is_urgent = true;
    return plan_leaf(plan, signer_now(facts), leaf_trouble(facts));
}

static bool decide_joining(const struct rotation_facts *facts, struct rotation_plan *plan)
{
    if ((facts->bundle.all & bit(facts->current)) != 0)
        return false;
    plan->is_rotation = true;
    return plan_bundle(plan, facts->bundle.any | bit(facts->current),
                       "a new authority joins the bundle; the old one stays for now");
}

static bool decide_leaf(const struct rotation_facts *facts, struct rotation_plan *plan)
{
    const struct rotation_bundle *bundle = &facts->bundle;
    bool is_ours = (facts->leaf.signers & bit(facts->current)) != 0;

    if (is_ours && !is_leaf_due(facts))
        return false;
    /* Whoever trusts the leaf that is there trusts the next of the same authority. */
    if (!is_ours && !is_known(facts, bundle->changed_at_seconds))
        return plan_bundle(plan, bundle->any | bit(facts->current),
                           "the time of the bundle's last change is not known, and is noted");
    if (!is_ours && !is_settled(facts, bundle->changed_at_seconds))
        return plan_wait(plan, bundle->changed_at_seconds + facts->step_delay_seconds,
                         "until every API server has the new bundle");
    plan->is_rotation = true;
    return plan_leaf(plan, facts->current,
                     is_ours ? "two thirds of the certificate's life are over"
                             : "every API server has the new bundle: the new authority signs");
}

/* The leaf is the current authority's: what else the bundle holds can go, once no replica has an older leaf.
 */
static bool decide_leaving(const struct rotation_facts *facts, struct rotation_plan *plan)
{
    const struct rotation_bundle *bundle = &facts->bundle;
    bool is_bare = bundle->any == bit(facts->current) && !bundle->has_junk;

    if (is_bare && facts->previous == ROTATION_NOBODY)
        return false;
    if (!is_known(facts, facts->leaf.changed_at_seconds)) {
        plan->step = ROTATION_NOTE_LEAF;
        plan->reason = "the time of the certificate's last change is not known, and is noted";
        return true;
    }
    if (!is_settled(facts, facts->leaf.changed_at_seconds))
        return plan_wait(plan, facts->leaf.changed_at_seconds + facts->step_delay_seconds,
                         "until every replica serves with the new certificate");
    if (is_bare) {
        plan->step = ROTATION_FORGET_AUTHORITY;
        plan->reason = "nothing needs the previous authority any more";
        return true;
    }
    plan->is_rotation = true;
    return plan_bundle(plan, bit(facts->current),
                       "every replica has the new certificate: the old authority leaves");
}

static bool decide_renewal(const struct rotation_facts *facts, struct rotation_plan *plan)
{
    const struct rotation_authority *current = &facts->authorities[facts->current];
    int64_t due = rotation_due(current->from_seconds, current->until_seconds);
    int64_t leaf_due = rotation_due(facts->leaf.from_seconds, facts->leaf.until_seconds);

    plan->step = ROTATION_NONE;
    plan->reason = "all is well";
    if (facts->now_seconds >= due) {
        plan_authority(facts, plan);
        plan->reason = "two thirds of the authority's life are over";
    }
    plan->until_seconds = due < leaf_due ? due : leaf_due;
    return true;
}

struct rotation_plan rotation_decide(const struct rotation_facts *facts)
{
    static bool (*const rules[])(const struct rotation_facts *facts, struct rotation_plan *plan) = {
        decide_repair,  decide_authority, decide_without_bundle, decide_leaf_now,
        decide_joining, decide_leaf,      decide_leaving,        decide_renewal,
    };
    struct rotation_plan plan = {.signer = ROTATION_NOBODY, .previous = ROTATION_NOBODY};

    for (size_t i = 0; i < COUNT_OF(rules) && !rules[i](facts, &plan); i++)
        ;
    return plan;
}

const char *rotation_step_word(enum rotation_step step)
{
    static const char *const words[] = {
#define ROTATION_STEP(name, word) [ROTATION_##name] = (word),
        ROTATION_STEPS(ROTATION_STEP)
#undef ROTATION_STEP
    };

    return words[step];
}
