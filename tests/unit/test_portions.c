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

    for (i = 0; i < count; i++) {
        portions[i] = (struct portion){
            .weight = row->weights[i],
            .is_counted = row->who[i] == 'c' || row->who[i] == 'i',
            .is_before = row->who[i] == 'i' || row->who[i] == 'n',
        };
    }
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
    {"the first gets the remainder", "ccc", 8, {0, 5, 0}, {4, 2, 2}},
    {"the first that is counted", "-cc", 3, {0, 0, 0}, {0, 2, 1}},
    {"no remainder", "cc", 8, {0, 0}, {4, 4}},
    {"fewer than recipients", "ccc", 2, {0, 0, 0}, {2, 0, 0}},
    {"none counted, none given", "--", 8, {0, 0}, {0, 0}},
    {"init containers get the whole", "icc", 8, {0, 0, 0}, {8, 4, 4}},
    {"a sidecar runs beside the init container behind it", "cic", 8, {0, 0, 0}, {4, 4, 4}},
};

static void splits(void **state)
{
    const struct portion_row *row = *state;
    struct portion portions[PORTIONS_MAX] = {{0}};
    size_t count = fill(row, portions);
    size_t i;

    portions_split(portions, count, row->total);
    portions_repeat(portions, count, row->total);
    for (i = 0; i < count; i++)
        assert_int_equal(portions[i].units, row->units[i]);
}

static void leaves_a_sidecar_what_it_asked_for(void **state)
{
    struct portion portions[] = {{.asked = 30}, {.is_before = true, .is_counted = true}};

    (void)state;
    portions_repeat(portions, COUNT_OF(portions), 32);
    assert_int_equal(portions[1].units, 2);
    portions[0].asked = 40;
    portions_repeat(portions, COUNT_OF(portions), 32);
    assert_int_equal(portions[1].units, 0);
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

static const struct check_test tests[] = {CHECK_TEST(gives_out_exactly_the_total),
                                          CHECK_TEST(leaves_a_sidecar_what_it_asked_for)};

int main(void)
{
    return CHECK_ROWS("portions_divide", rows, divides) | CHECK_ROWS("portions_split", split_rows, splits) |
           CHECK_TESTS("portions", tests);
}
