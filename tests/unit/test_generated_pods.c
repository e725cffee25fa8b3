/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A hundred thousand pods that nobody would write, each held to tests/support/pod_property.h.
 *
 * The same ones in each run. GENERATED_SEED=7 begins at another, GENERATED_PODS=1000000 tries more; a failure
 * prints the seed of its pod, which GENERATED_PODS=1 tries alone.
 */
#include "support/check.h"
#include "support/pod_maker.h"
#include "support/pod_property.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    PODS = 100000,
    PODS_SANITIZED = 5000, /* five to thirty times as slow */
};

static uint64_t setting(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    uint64_t number;

    if (text == NULL || !text_parse_unsigned(text_of(text), UINT64_MAX, &number))
        return otherwise;
    return number;
}

static uint64_t pods_to_try(void)
{
    const char *variant = getenv("EFA_VARIANT");
    bool is_quick = variant == NULL || strncmp(variant, "release", 7) == 0;

    return setting("GENERATED_PODS", is_quick ? PODS : PODS_SANITIZED);
}

static void try_pod(uint64_t seed, struct arena *arena, struct pod_property *property)
{
    AUTO(buffer_release) struct buffer body = {0};
    struct choices choices = choices_of_seed(seed);
    const struct snapshot *snapshot = &pod_snapshots()[choices_below(&choices, POD_SNAPSHOTS)];

    pod_maker_review(&choices, &body);
    pod_property_check(buffer_text(&body), snapshot, arena, property);
    if (property->problem[0] != '\0')
        fail_msg("GENERATED_SEED=%llu GENERATED_PODS=1, snapshot %td: %s\n%.*s", (unsigned long long)seed,
                 snapshot - pod_snapshots(), property->problem, (int)body.length, body.at);
}

static void every_generated_pod_keeps_what_it_had(void **state)
{
    AUTO(arena_release) struct arena arena = {0};
    struct pod_property property;
    uint64_t begin = setting("GENERATED_SEED", 1);
    uint64_t count = pods_to_try();
    uint64_t patched = 0;
    uint64_t denied = 0;
    uint64_t seed;

    (void)state;
    for (seed = begin; seed - begin < count; seed++) {
        try_pod(seed, &arena, &property);
        patched += property.is_patched ? 1 : 0;
        denied += property.is_denied ? 1 : 0;
    }
    (void)printf("# %llu pods from seed %llu: %llu patched, %llu denied\n", (unsigned long long)count,
                 (unsigned long long)begin, (unsigned long long)patched, (unsigned long long)denied);
    if (count < 1000)
        return;
    assert_true(patched > count / 4); /* else it tests little */
    assert_true(denied > count / 20);
}

int main(void)
{
    static const struct check_test tests[] = {CHECK_TEST(every_generated_pod_keeps_what_it_had)};
    int status = CHECK_TESTS("generated pods", tests);

    pod_snapshots_release();
    return status;
}
