/* SPDX-License-Identifier: Apache-2.0 */
/* Lives of a cluster: whatever happens, what replicas serve is trusted. */
#include "support/check.h"
#include "support/rotation_world.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    DAY = 86400,
    PERIOD = 900, /* of the CronJob */
    STEP_DELAY = 600,
    LIVES = 1000,
    RACES = 5000,
    EVENTS = 400, /* in one life */
};

static struct world world;

static void settle(void)
{
    for (int i = 0; i < 8; i++) {
        (void)world_run(&world);
        world_pass(&world, PERIOD);
    }
    assert_int_equal(world_run(&world).step, ROTATION_NONE);
}

static void first_run_makes_everything(void **state)
{
    struct rotation_plan plan;

    (void)state;
    world_init(&world, STEP_DELAY);
    plan = world_run(&world);
    assert_int_equal(plan.step, ROTATION_NONE);
    assert_int_equal(world.steps[ROTATION_MAKE_AUTHORITY], 1);
    assert_int_equal(world.steps[ROTATION_SET_BUNDLE], 1);
    assert_int_equal(world.steps[ROTATION_ISSUE_LEAF], 1);
    assert_int_equal(world.leaf_count, 1);
    assert_true(world.bundles[1].at <= world.leaves[0].at); /* trusted before it is served */
    world_pass(&world, WORLD_BUNDLE_LAG);
    assert_int_equal(world_run(&world).step, ROTATION_NONE);
    assert_int_equal(world.leaf_count, 1); /* and a second run changes nothing */
    assert_int_equal(world.bundle_count, 2);
}

static void secrets_are_made_before_the_configuration(void **state)
{
    (void)state;
    world_init(&world, STEP_DELAY);
    world.configuration.is_there = false;
    world.bundle_count = 0;
    assert_int_equal(world_run(&world).step, ROTATION_NONE);
    assert_int_equal(world.leaf_count, 1);
    world_set_bundle(&world, &(struct world_bundle){.count = 0});
    world.excused_until = world.now + WORLD_BUNDLE_LAG;
    assert_int_equal(world_run(&world).step, ROTATION_NONE);
    assert_int_equal(world.configuration.bundle.count, 1);
    world_pass(&world, WORLD_BUNDLE_LAG);
    assert_int_equal(world.leaf_count, 1);
}

/* The authority's Secret is deleted: that is how a rotation is asked for. */
static void changes_the_authority_in_three_runs(void **state)
{
    int first;

    (void)state;
    world_init(&world, STEP_DELAY);
    settle();
    first = world.authority.current;
    world.authority = (struct world_authority_secret){
        .current = WORLD_NOBODY, .previous = WORLD_NOBODY, .version = ++world.versions};

    (void)world_run(&world); /* joins */
    assert_int_equal(world.configuration.bundle.count, 2);
    assert_int_equal(world.leaf.leaf.signer, first);
    world_pass(&world, STEP_DELAY - 1);
    assert_int_equal(world_run(&world).step, ROTATION_WAIT);
    assert_int_equal(world.leaf.leaf.signer, first);
    world_pass(&world, 1);
    (void)world_run(&world); /* signs */
    assert_int_equal(world.leaf.leaf.signer, world.authority.current);
    assert_int_not_equal(world.leaf.leaf.signer, first);
    assert_int_equal(world.configuration.bundle.count, 2);
    world_pass(&world, STEP_DELAY - 1);
    assert_int_equal(world_run(&world).step, ROTATION_WAIT);
    assert_int_equal(world.configuration.bundle.count, 2);
    world_pass(&world, 1);
    (void)world_run(&world); /* leaves */
    assert_int_equal(world.configuration.bundle.count, 1);
    assert_int_equal(world.configuration.bundle.trusted[0], world.authority.current);
    assert_int_equal(world_run(&world).step, ROTATION_NONE);
}

static void lives_for_forty_years(void **state)
{
    (void)state;
    world_init(&world, STEP_DELAY);
    (void)world_run(&world);
    for (int64_t day = 0; day < INT64_C(40) * 365; day++) {
        for (int i = 0; i < 4; i++) {
            world_pass(&world, PERIOD);
            (void)world_run(&world);
        }
        world_pass(&world, DAY - 4 * PERIOD);
    }
    assert_in_range(world.authority_count, 6, 7); /* one every 6.7 years */
    assert_in_range(world.leaf_count, 58, 70);    /* one every 243 days, and one more for each authority */
    assert_true(world.conflicts == 0);
}

static void drop_authority(struct choices *choices)
{
    unsigned how = choices_below(choices, 3);

    world.authority.version = ++world.versions;
    if (how == 0) {
        world.authority = (struct world_authority_secret){
            .current = WORLD_NOBODY, .previous = WORLD_NOBODY, .version = world.versions};
        return;
    }
    world.authority.presence = ROTATION_BROKEN;
    world.authority.current_has_key = false;
    if (how == 1)
        world.authority.current = WORLD_NOBODY;
}

/* A third's certificate, that somebody put into the bundle. */
static void add_stranger(void)
{
    struct world_bundle bundle = world.configuration.bundle;

    if (bundle.count + 4 > WORLD_TRUSTED)
        return;
    bundle.trusted[bundle.count++] = world_add_authority(&world, false, INT64_C(30) * DAY);
    world_set_bundle(&world, &bundle);
}

/* What nobody may notice. */
static void disturb(struct choices *choices)
{
    switch (choices_below(choices, 6)) {
    case 0:
        drop_authority(choices);
        break;
    case 1: /* running replicas keep what they have */
        world.leaf.presence = choices_below(choices, 2) == 0 ? ROTATION_ABSENT : ROTATION_BROKEN;
        world.leaf.version = ++world.versions;
        break;
    case 2:
        world.leaf.changed_at = ROTATION_TIME_UNKNOWN;
        world.leaf.version = ++world.versions;
        break;
    case 3:
        world.configuration.changed_at = ROTATION_TIME_UNKNOWN;
        world.configuration.version = ++world.versions;
        break;
    case 4:
        add_stranger();
        break;
    default:
        world.configuration.changed_at = world.now + choices_below(choices, 200000); /* a clock ahead */
        world.configuration.version = ++world.versions;
        break;
    }
}

/* What must be repaired by the next run. Returns how long it may then take to be seen everywhere. */
static int64_t destroy(struct choices *choices)
{
    struct world_bundle bundle = {.has_junk = choices_below(choices, 2) == 0};
    /* Replicas may still serve what an authority signed that is now known nowhere. */
    int64_t lag = world.authority.previous == WORLD_NOBODY || world.leaf.presence != ROTATION_WHOLE
                      ? WORLD_LEAF_LAG
                      : WORLD_BUNDLE_LAG;

    switch (choices_below(choices, 4)) {
    case 0:
        world.service++;
        lag = WORLD_LEAF_LAG;
        break;
    case 1: /* one certificate of the bundle */
        bundle = world.configuration.bundle;
        if (bundle.count > 0) {
            bundle.count--;
            bundle.trusted[choices_below(choices, (unsigned)bundle.count + 1)] = bundle.trusted[bundle.count];
        }
        world_set_bundle(&world, &bundle);
        break;
    default:
        world_set_bundle(&world, &bundle);
        break;
    }
    if (world.now < world.excused_until)
        lag = WORLD_LEAF_LAG; /* of what was destroyed a moment ago */
    world.excused_until = INT64_MAX;
    return lag;
}

/* One run, and whether it brought the world in order as fast as can be. */
static void run_and_recover(int64_t lag)
{
    (void)world_run(&world);
    if (world.excused_until == INT64_MAX)
        world.excused_until = world.now + lag;
}

static int64_t gap_of(struct choices *choices)
{
    switch (choices_below(choices, 10)) {
    case 0:
        return 1 + choices_below(choices, 3 * PERIOD);
    case 1:
    case 2:
        return 1 + choices_below(choices, 2 * WORLD_BUNDLE_LAG);
    case 3:
        return (int64_t)(1 + choices_below(choices, 20)) * DAY;
    default:
        return PERIOD - 60 + choices_below(choices, 120);
    }
}

static void survives_everything(void **state)
{
    const char *seed = getenv("ROTATION_SEED");
    uint64_t first = seed != NULL ? strtoumax(seed, NULL, 10) : 1;
    unsigned conflicts = 0;

    (void)state;
    for (uint64_t i = 0; i < (seed != NULL ? 1 : LIVES); i++) {
        struct choices choices = choices_of_seed(first + i);
        int64_t lag = 0;

        print_message("seed %" PRIu64 "\n", first + i);
        world_init(&world, STEP_DELAY);
        world.leaf_life = (int64_t)(90 + choices_below(&choices, 300)) * DAY;
        world.authority_life = world.leaf_life * (2 + choices_below(&choices, 9));
        for (int event = 0; event < EVENTS; event++) {
            while (choices_below(&choices, 4) == 0)
                disturb(&choices);
            if (choices_below(&choices, 40) == 0)
                lag = destroy(&choices);
            run_and_recover(lag);
            world_pass(&world, gap_of(&choices));
        }
        settle();
        conflicts += world.conflicts;
    }
    assert_int_equal(conflicts, 0);
}

/* Two runs whose requests are mixed, each with its own pauses. */
static void race(struct choices *choices)
{
    struct world_manager managers[2] = {{.phase = 0}, {.phase = 0}};

    while (!managers[0].is_done || !managers[1].is_done) {
        world_manager_step(&world, &managers[choices_below(choices, 2)]);
        world.now += choices_below(choices, 3);
        world_check(&world);
    }
}

static void lets_two_run_at_once(void **state)
{
    unsigned conflicts = 0;
    unsigned made = 0;

    (void)state;
    for (uint64_t i = 0; i < RACES; i++) {
        struct choices choices = choices_of_seed(1000000 + i);

        world_init(&world, STEP_DELAY);
        world.excused_until += 60;
        race(&choices);
        assert_int_equal(world.authority_count, 1); /* only one of them made it */
        made += (unsigned)world.leaf_count;
        for (int event = 0; event < 12; event++) {
            world_pass(&world, gap_of(&choices));
            if (event % 4 == 0)
                disturb(&choices);
            race(&choices);
        }
        settle();
        conflicts += world.conflicts;
    }
    assert_true(conflicts > RACES);
    assert_true(made >= RACES);
}

/* The manager was away until everything had expired. */
static void recovers_in_one_run(void **state)
{
    (void)state;
    world_init(&world, STEP_DELAY);
    settle();
    world.excused_until = INT64_MAX;
    world_pass(&world, INT64_C(5000) * DAY);
    run_and_recover(WORLD_LEAF_LAG);
    world_pass(&world, WORLD_LEAF_LAG);
    settle();
}

static const struct check_test tests[] = {
    CHECK_TEST(first_run_makes_everything),
    CHECK_TEST(secrets_are_made_before_the_configuration),
    CHECK_TEST(changes_the_authority_in_three_runs),
    CHECK_TEST(lives_for_forty_years),
    CHECK_TEST(survives_everything),
    CHECK_TEST(lets_two_run_at_once),
    CHECK_TEST(recovers_in_one_run),
};

int main(void)
{
    return CHECK_TESTS("rotation", tests);
}
