/* SPDX-License-Identifier: Apache-2.0 */
#include "support/rotation_world.h"

#include "support/check.h"

#include <stdio.h>
#include <string.h>

enum {
    BACKDATED_SECONDS = 3600,
    TURNS_LIMIT = 12,
    CONFLICTS_LIMIT = 4,
    PHASE_DECIDE = 3,
};

static int64_t first_day = 1795449600; /* 2026-11-23 */

void world_set_bundle(struct world *world, const struct world_bundle *bundle)
{
    size_t at = world->bundle_count++ % WORLD_VERSIONS;

    world->configuration.is_there = true;
    world->configuration.bundle = *bundle;
    world->configuration.version = ++world->versions;
    world->bundles[at].at = world->now;
    world->bundles[at].bundle = *bundle;
}

static void set_leaf(struct world *world, const struct world_leaf *leaf)
{
    size_t at = world->leaf_count++ % WORLD_VERSIONS;

    world->leaf.presence = ROTATION_WHOLE;
    world->leaf.leaf = *leaf;
    world->leaf.version = ++world->versions;
    world->leaf.changed_at = world->now;
    world->leaves[at].at = world->now;
    world->leaves[at].leaf = *leaf;
}

void world_init(struct world *world, int64_t step_delay)
{
    struct world_bundle empty = {.count = 0};

    memset(world, 0, sizeof(*world));
    world->now = first_day;
    world->step_delay = step_delay;
    world->authority_life = INT64_C(3650) * 86400;
    world->leaf_life = INT64_C(365) * 86400;
    world->authority.current = WORLD_NOBODY;
    world->authority.previous = WORLD_NOBODY;
    world->configuration.changed_at = ROTATION_TIME_UNKNOWN;
    world->leaf.changed_at = ROTATION_TIME_UNKNOWN;
    world_set_bundle(world, &empty);
    world->excused_until = world->now + WORLD_BUNDLE_LAG;
}

int world_add_authority(struct world *world, bool has_key, int64_t life)
{
    assert_true(world->authority_count < WORLD_AUTHORITIES);
    world->authorities[world->authority_count] = (struct rotation_authority){
        .from_seconds = world->now - BACKDATED_SECONDS,
        .until_seconds = world->now + life,
        .has_key = has_key,
    };
    return world->authority_count++;
}

/* The authorities as one run numbers them. */
struct numbering {
    struct rotation_facts *facts;
    int ids[ROTATION_AUTHORITIES_LIMIT];
    int count;
};

static int number(struct numbering *numbering, const struct world *world, int id)
{
    int i = 0;

    while (i < numbering->count && numbering->ids[i] != id)
        i++;
    if (i == numbering->count) {
        assert_true(numbering->count < ROTATION_AUTHORITIES_LIMIT);
        numbering->ids[numbering->count++] = id;
        numbering->facts->authorities[i] = world->authorities[id];
        numbering->facts->authorities[i].has_key = false;
    }
    return i;
}

static int number_or_nobody(struct numbering *numbering, const struct world *world, int id)
{
    return id == WORLD_NOBODY ? ROTATION_NOBODY : number(numbering, world, id);
}

static uint64_t mask_of(struct numbering *numbering, const struct world *world,
                        const struct world_bundle *bundle)
{
    uint64_t mask = 0;

    for (size_t i = 0; i < bundle->count; i++)
        mask |= UINT64_C(1) << (unsigned)number(numbering, world, bundle->trusted[i]);
    return mask;
}

static void number_secret(struct numbering *numbering, const struct world *world,
                          const struct world_authority_secret *secret)
{
    struct rotation_facts *facts = numbering->facts;
    int current = number_or_nobody(numbering, world, secret->current);

    facts->presence = secret->presence;
    facts->current =
        secret->current_has_key && secret->presence == ROTATION_WHOLE ? current : ROTATION_NOBODY;
    facts->previous = number_or_nobody(numbering, world, secret->previous);
    if (facts->current != ROTATION_NOBODY)
        facts->authorities[facts->current].has_key = true;
    if (facts->previous != ROTATION_NOBODY)
        facts->authorities[facts->previous].has_key = secret->previous_has_key;
}

static void gather(const struct world *world, const struct world_manager *manager,
                   struct numbering *numbering)
{
    struct rotation_facts *facts = numbering->facts;
    const struct world_leaf_secret *leaf = &manager->leaf;

    facts->now_seconds = world->now;
    facts->step_delay_seconds = world->step_delay;
    number_secret(numbering, world, &manager->authority);
    facts->bundle.is_there = manager->configuration.is_there;
    facts->bundle.all = mask_of(numbering, world, &manager->configuration.bundle);
    facts->bundle.any = facts->bundle.all;
    facts->bundle.has_junk = manager->configuration.bundle.has_junk;
    facts->bundle.changed_at_seconds = manager->configuration.changed_at;
    facts->leaf.presence = leaf->presence;
    facts->leaf.changed_at_seconds = leaf->changed_at;
    if (leaf->presence == ROTATION_WHOLE) {
        facts->leaf.from_seconds = leaf->leaf.from;
        facts->leaf.until_seconds = leaf->leaf.until;
        facts->leaf.is_for_service = leaf->leaf.service == world->service;
        facts->leaf.signers = UINT64_C(1)
                              << number(numbering, world, leaf->leaf.signer); /* beside it: ca.crt */
    }
}

static bool write_authority(struct world *world, const struct world_manager *manager,
                            const struct numbering *numbering)
{
    struct world_authority_secret *secret = &world->authority;
    int previous = manager->last.previous;

    if (secret->version != manager->authority.version)
        return false;
    secret->previous = previous == ROTATION_NOBODY ? WORLD_NOBODY : numbering->ids[previous];
    secret->previous_has_key = previous != ROTATION_NOBODY && numbering->facts->authorities[previous].has_key;
    if (manager->last.step == ROTATION_MAKE_AUTHORITY)
        secret->current = world_add_authority(world, true, world->authority_life);
    secret->current_has_key = true;
    secret->presence = ROTATION_WHOLE;
    secret->version = ++world->versions;
    return true;
}

static bool write_bundle(struct world *world, const struct world_manager *manager,
                         const struct numbering *numbering)
{
    struct world_bundle bundle = {.count = 0};

    if (world->configuration.version != manager->configuration.version)
        return false;
    for (int i = 0; i < numbering->count; i++) {
        if ((manager->last.bundle >> i & 1) != 0) {
            assert_true(bundle.count < WORLD_TRUSTED);
            bundle.trusted[bundle.count++] = numbering->ids[i];
        }
    }
    world_set_bundle(world, &bundle);
    world->configuration.changed_at = world->now;
    return true;
}

static bool write_leaf(struct world *world, const struct world_manager *manager,
                       const struct numbering *numbering)
{
    struct world_leaf leaf = {.service = world->service, .from = world->now - BACKDATED_SECONDS};
    int64_t until;

    if (world->leaf.version != manager->leaf.version)
        return false;
    if (manager->last.step == ROTATION_NOTE_LEAF) {
        world->leaf.changed_at = world->now;
        world->leaf.version = ++world->versions;
        return true;
    }
    assert_true(numbering->facts->authorities[manager->last.signer].has_key);
    leaf.signer = numbering->ids[manager->last.signer];
    until = world->authorities[leaf.signer].until_seconds;
    leaf.until = world->now + world->leaf_life < until ? world->now + world->leaf_life : until;
    set_leaf(world, &leaf);
    return true;
}

static bool act(struct world *world, const struct world_manager *manager, const struct numbering *numbering)
{
    switch (manager->last.step) {
    case ROTATION_MAKE_AUTHORITY:
    case ROTATION_FORGET_AUTHORITY:
        return write_authority(world, manager, numbering);
    case ROTATION_SET_BUNDLE:
        return write_bundle(world, manager, numbering);
    case ROTATION_ISSUE_LEAF:
    case ROTATION_NOTE_LEAF:
        return write_leaf(world, manager, numbering);
    case ROTATION_NONE:
    case ROTATION_WAIT:
    case ROTATION_STEP_COUNT:
        break;
    }
    return true;
}

/* Somebody destroyed the leaf and every key that API servers have settled on: nobody can do better. */
static void excuse_the_impossible(struct world *world, const struct rotation_facts *facts,
                                  const struct rotation_plan *plan)
{
    bool is_settled = facts->bundle.changed_at_seconds != ROTATION_TIME_UNKNOWN &&
                      world->now >= facts->bundle.changed_at_seconds + WORLD_BUNDLE_LAG;

    if (plan->step == ROTATION_ISSUE_LEAF && plan->is_urgent && plan->signer == facts->current &&
        !is_settled && (facts->previous == ROTATION_NOBODY || !facts->authorities[facts->previous].has_key) &&
        world->excused_until < world->now + WORLD_BUNDLE_LAG)
        world->excused_until = world->now + WORLD_BUNDLE_LAG;
}

static void decide(struct world *world, struct world_manager *manager)
{
    struct rotation_facts facts = {.now_seconds = 0};
    struct numbering numbering = {.facts = &facts};

    manager->phase = 0;
    gather(world, manager, &numbering);
    manager->last = rotation_decide(&facts);
    manager->is_done = manager->last.step == ROTATION_NONE || manager->last.step == ROTATION_WAIT ||
                       (manager->has_rotated && manager->last.is_rotation) || ++manager->turns > TURNS_LIMIT;
    if (manager->is_done)
        return;
    excuse_the_impossible(world, &facts, &manager->last);
    if (act(world, manager, &numbering)) {
        manager->has_rotated |= manager->last.is_rotation;
        world->steps[manager->last.step]++;
    } else {
        world->conflicts++;
        manager->is_done = ++manager->conflicts > CONFLICTS_LIMIT;
    }
    world_check(world);
}

void world_manager_step(struct world *world, struct world_manager *manager)
{
    if (manager->is_done)
        return;
    switch (manager->phase++) {
    case 0:
        manager->configuration = world->configuration;
        break;
    case 1:
        manager->leaf = world->leaf;
        break;
    case 2:
        manager->authority = world->authority;
        break;
    default:
        decide(world, manager);
    }
}

struct rotation_plan world_run(struct world *world)
{
    struct world_manager manager = {.phase = 0};

    while (!manager.is_done)
        world_manager_step(world, &manager);
    assert_true(manager.turns <= TURNS_LIMIT);
    return manager.last;
}

static bool is_in(const struct world_bundle *bundle, int id)
{
    for (size_t i = 0; i < bundle->count; i++) {
        if (bundle->trusted[i] == id)
            return true;
    }
    return false;
}

/* Whether version `i` may still be seen: it is the last, or its successor came less than `lag` ago. */
#define MAY_BE_SEEN(versions, count, i, now, lag)                                                            \
    ((i) + 1 == (count) || (versions)[((i) + 1) % WORLD_VERSIONS].at > (now) - (lag))

static const char *trouble(const struct world *world, const struct world_leaf *leaf,
                           const struct world_bundle *bundle)
{
    const struct rotation_authority *signer = &world->authorities[leaf->signer];

    if (leaf->service != world->service)
        return "names another Service";
    if (world->now < leaf->from || world->now >= leaf->until)
        return "is not valid";
    if (world->now < signer->from_seconds || world->now >= signer->until_seconds)
        return "is signed by an authority that is not valid";
    return is_in(bundle, leaf->signer) ? NULL : "is signed by an authority that the bundle lacks";
}

static size_t oldest(size_t count)
{
    return count > WORLD_VERSIONS ? count - WORLD_VERSIONS : 0;
}

bool world_is_trusted(const struct world *world, char *sentence, size_t size)
{
    for (size_t i = oldest(world->leaf_count); i < world->leaf_count; i++) {
        if (!MAY_BE_SEEN(world->leaves, world->leaf_count, i, world->now, WORLD_LEAF_LAG))
            continue;
        for (size_t j = oldest(world->bundle_count); j < world->bundle_count; j++) {
            const char *what = trouble(world, &world->leaves[i % WORLD_VERSIONS].leaf,
                                       &world->bundles[j % WORLD_VERSIONS].bundle);

            if (what == NULL ||
                !MAY_BE_SEEN(world->bundles, world->bundle_count, j, world->now, WORLD_BUNDLE_LAG))
                continue;
            (void)snprintf(sentence, size, "second %lld: leaf %zu against bundle %zu %s",
                           (long long)(world->now - first_day), i, j, what);
            return false;
        }
    }
    return true;
}

void world_check(const struct world *world)
{
    char sentence[160];

    if (world->now >= world->excused_until && !world_is_trusted(world, sentence, sizeof(sentence)))
        fail_msg("%s", sentence);
}

void world_pass(struct world *world, int64_t seconds)
{
    /* Just before and after somebody stops seeing, or excusing, what was. */
    static const int64_t moments[] = {
        0, 1, WORLD_BUNDLE_LAG - 1, WORLD_BUNDLE_LAG, WORLD_LEAF_LAG - 1, WORLD_LEAF_LAG};
    int64_t began = world->now;

    for (size_t i = 0; i < sizeof(moments) / sizeof(moments[0]) && moments[i] < seconds; i++) {
        world->now = began + moments[i];
        world_check(world);
    }
    world->now = began + seconds;
    world_check(world);
}
