/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"

#include "core/rules.h"

enum {
    PORTIONS_MAX = 4
};

/* One letter a recipient: c counted, - not counted, i counted and before the others, n neither. */
static const struct portion_row {
    const char *name;
    const char *who;
    uint64_t total;
    uint64_t weights[PORTIONS_MAX];
    uint64_t units[PORTIONS_MAX];
} rows[] = {
    {"one gets all", "c", 32, {8}, {32}},
    {"one without weight gets all", "c", 32, {0}, {32}},
    {"none counted, none given", "--", 32, {4, 4}, {0, 0}},
    {"by weight", "cc", 32, {6, 2}, {24, 8}},
    {"largest remainder wins", "ccc", 10, {1, 1, 5}, {2, 1, 7}},
    {"largest remainder wins behind a smaller one", "cc", 5, {2, 7}, {1, 4}},
    {"first of equal remainders", "cc", 3, {1, 1}, {2, 1}},
    {"every remainder once", "ccc", 5, {1, 1, 1}, {2, 2, 1}},
    {"weight zero beside weights gets nothing", "cc", 32, {0, 8}, {0, 32}},
    {"equal shares, rest to the first", "ccc", 8, {0, 0, 0}, {3, 3, 2}},
    {"equal shares pass over the uncounted", "c-c", 3, {0, 0, 0}, {2, 0, 1}},
    {"fewer than recipients", "ccc", 2, {0, 0, 0}, {1, 1, 0}},
    {"nothing to give", "cc", 0, {1, 1}, {0, 0}},
    {"init containers get the whole", "icc", 32, {0, 4, 4}, {32, 16, 16}},
    {"init container alone", "i", 32, {0}, {32}},
    {"init container with a weight takes nothing from the rest", "ic", 32, {8, 8}, {32, 32}},
    {"uncounted init container", "nc", 32, {0, 8}, {0, 32}},
    {"absurd weights", "cc", 4, {UINT64_MAX, UINT64_MAX}, {2, 2}},
};

static size_t fill(const struct portion_row *row, struct portion portions[PORTIONS_MAX])
{
    size_t count = strlen(row->who);
    size_t i;

    for (i = 0; i < count; i++)
        portions[i] = (struct portion){
            .weight = row->weights[i],
            .is_counted = row->who[i] == 'c' || row->who[i] == 'i',
            .is_before = row->who[i] == 'i' || row->who[i] == 'n',
        };
    return count;
}

static void divides(void **state)
{
    const struct portion_row *row = *state;
    struct portion portions[PORTIONS_MAX] = {{0}};
    size_t count = fill(row, portions);
    size_t i;

    portions_divide(portions, count, row->total);
    portions_repeat(portions, count, row->total);
    for (i = 0; i < count; i++)
        assert_int_equal(portions[i].units, row->units[i]);
}

static const struct portion_row split_rows[] = {
    {"evenly, whatever the weights", "cc", 32, {6, 2}, {16, 16}},
    {"all that is left to the first", "ccc", 11, {0}, {5, 3, 3}},
    {"the first that is counted", "-cc", 3, {0}, {0, 2, 1}},
    {"not to init containers", "ic", 3, {0}, {0, 3}},
    {"none counted", "--", 3, {0}, {0, 0}},
};

static void splits(void **state)
{
    const struct portion_row *row = *state;
    struct portion portions[PORTIONS_MAX] = {{0}};
    size_t count = fill(row, portions);
    size_t i;

    portions_split(portions, count, row->total);
    for (i = 0; i < count; i++)
        assert_int_equal(portions[i].units, row->units[i]);
}

static void leaves_to_init_containers_what_sidecars_do_not_hold(void **state)
{
    struct portion portions[] = {
        {.is_counted = true, .is_before = true}, /* runs alone */
        {.asked = 10},                           /* a sidecar with its own */
        {.is_counted = true, .weight = 1},       /* a sidecar */
        {.is_counted = true, .is_before = true}, /* beside both */
        {.is_before = true, .asked = 4},         /* has what it wants */
        {.is_counted = true, .weight = 1},
    };

    (void)state;
    portions_divide(portions, COUNT_OF(portions), 22);
    portions_repeat(portions, COUNT_OF(portions), 32);
    assert_int_equal(portions[0].units, 32);
    assert_int_equal(portions[1].units, 0);
    assert_int_equal(portions[2].units, 11);
    assert_int_equal(portions[3].units, 11);
    assert_int_equal(portions[4].units, 0);
    assert_int_equal(portions[5].units, 11);
    portions[1].asked = 40; /* more than there is */
    portions_repeat(portions, COUNT_OF(portions), 32);
    assert_int_equal(portions[3].units, 0);
}

static void gives_out_exactly_the_total(void **state)
{
    uint64_t seed = 1;
    unsigned round;

    (void)state;
    for (round = 0; round < 2000; round++) {
        struct portion portions[7] = {{0}};
        uint64_t total = round % 65;
        uint64_t sum = 0;
        size_t i;

        for (i = 0; i < COUNT_OF(portions); i++) {
            seed = seed * 6364136223846793005U + 1442695040888963407U;
            portions[i].is_counted = true;
            portions[i].weight = seed >> 60;
        }
        portions_divide(portions, COUNT_OF(portions), total);
        for (i = 0; i < COUNT_OF(portions); i++)
            sum += portions[i].units;
        assert_int_equal(sum, total);
    }
}

static const struct check_test tests[] = {
    CHECK_TEST(gives_out_exactly_the_total),
    CHECK_TEST(leaves_to_init_containers_what_sidecars_do_not_hold),
};

int main(void)
{
    return CHECK_ROWS("portions_divide", rows, divides) | CHECK_ROWS("portions_split", split_rows, splits) |
           CHECK_TESTS("portions", tests);
}
