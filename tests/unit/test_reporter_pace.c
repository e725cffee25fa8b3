/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/reporter_pace.h"

#include "core/error.h"
#include "support/check.h"

static void a_window_holds_so_many(void **state)
{
    AUTO(arena_release) struct arena arena = {0};
    struct reporter_window window;

    (void)state;
    assert_true(reporter_window_init(&window, &arena, 3, 60));
    for (int64_t now = 1000; now < 1003; now++) {
        assert_true(reporter_window_is_open(&window, now));
        reporter_window_note(&window, now);
    }
    assert_false(reporter_window_is_open(&window, 1003));
    assert_false(reporter_window_is_open(&window, 1059));
    assert_true(reporter_window_is_open(&window, 1060));
    reporter_window_note(&window, 1060);
    assert_false(reporter_window_is_open(&window, 1060));
    assert_true(reporter_window_is_open(&window, 1061));
    assert_true(reporter_window_is_open(&window, 5000));
}

/* In any minute of a long time with a writer who always wants to. */
static void a_window_holds_at_any_time(void **state)
{
    AUTO(arena_release) struct arena arena = {0};
    struct reporter_window window;
    unsigned written[1000] = {0};

    (void)state;
    assert_true(reporter_window_init(&window, &arena, 5, 60));
    for (int64_t now = 0; now < 1000; now++) {
        if (reporter_window_is_open(&window, now)) {
            reporter_window_note(&window, now);
            written[now]++;
        }
    }
    for (size_t begin = 0; begin + 60 <= 1000; begin++) {
        unsigned sum = 0;

        for (size_t i = begin; i < begin + 60; i++)
            sum += written[i];
        assert_int_equal(sum, 5);
    }
}

static void a_clock_that_is_put_back_shuts_no_window(void **state)
{
    AUTO(arena_release) struct arena arena = {0};
    struct reporter_window window;

    (void)state;
    assert_true(reporter_window_init(&window, &arena, 1, 60));
    reporter_window_note(&window, 100000);
    assert_false(reporter_window_is_open(&window, 100000));
    assert_true(reporter_window_is_open(&window, 99999));
    assert_true(reporter_window_is_open(&window, 50000));
}

struct retry_row {
    const char *name;
    unsigned failures;
    unsigned retry_after;
    int64_t least;
    int64_t most;
};

static const struct retry_row retries[] = {
    {"the first", 1, 0, 1, 2},
    {"the second", 2, 0, 2, 4},
    {"the third", 3, 0, 4, 8},
    {"the eighth", 8, 0, 128, 256},
    {"the ninth", 9, 0, 150, 300},
    {"the thousandth", 1000, 0, 150, 300},
    {"the server asks for a while", 1, 40, 40, 50},
    {"the server asks for less than we wait", 8, 1, 128, 256},
    {"the server asks for a day", 1, 86400, 300, 375},
};

static void waits_longer_each_time(void **state)
{
    const struct retry_row *row = *state;
    int64_t shortest = INT64_MAX;
    int64_t longest = 0;

    for (uint64_t spread = 1; spread < 400; spread++) {
        struct reporter_retry retry = {0};

        assert_false(reporter_retry_is_waiting(&retry, 0));
        for (unsigned i = 0; i < row->failures; i++)
            reporter_retry_fail(&retry, row->retry_after, spread * 977, 1000);
        assert_true(reporter_retry_is_waiting(&retry, 1000));
        assert_true(reporter_retry_is_waiting(&retry, retry.at - 1));
        assert_false(reporter_retry_is_waiting(&retry, retry.at));
        assert_false(reporter_retry_is_waiting(&retry, 100)); /* the clock was put back */
        shortest = retry.at - 1000 < shortest ? retry.at - 1000 : shortest;
        longest = retry.at - 1000 > longest ? retry.at - 1000 : longest;
    }
    assert_in_range(shortest, row->least, row->least + (row->most - row->least) / 10);
    assert_in_range(longest, row->most - (row->most - row->least) / 10, row->most);
}

struct moment_row {
    const char *name;
    uint64_t spread;
    int64_t period;
    int64_t earliest;
    int64_t moment;
};

static const struct moment_row moments[] = {
    {"later in this period", 123, 600, 1200, 1323},
    {"at once", 123, 600, 1323, 1323},
    {"in the next period", 123, 600, 1324, 1923},
    {"by what is left of a large number", 600 * UINT64_C(1000000007) + 7, 600, 0, 7},
    {"the beginning of time", 0, 600, 0, 0},
    {"before it", 5, 600, -10, 5},
    {"long before it", 5, 600, -600, -595},
};

static void has_a_moment_of_its_own(void **state)
{
    const struct moment_row *row = *state;

    assert_int_equal(reporter_own_moment(row->spread, row->period, row->earliest), row->moment);
}

static void what_is_too_far_ahead_has_come(void **state)
{
    (void)state;
    assert_true(reporter_has_come(100, 10, 100));
    assert_false(reporter_has_come(100, 10, 99));
    assert_false(reporter_has_come(100, 10, 90));
    assert_true(reporter_has_come(100, 10, 89));
}

static bool make_window(void *state, struct error *err)
{
    AUTO(arena_release) struct arena arena = {0};
    struct reporter_window window;

    (void)state;
    return reporter_window_init(&window, &arena, 5, 60) || error_memory(err);
}

static void survives_without_memory(void **state)
{
    (void)state;
    assert_int_equal(check_every_allocation(make_window, NULL), 1);
}

static const struct check_test tests[] = {
    CHECK_TEST(a_window_holds_so_many),         CHECK_TEST(a_window_holds_at_any_time),
    CHECK_TEST(what_is_too_far_ahead_has_come), CHECK_TEST(a_clock_that_is_put_back_shuts_no_window),
    CHECK_TEST(survives_without_memory),
};

int main(void)
{
    return CHECK_ROWS("reporter_retry", retries, waits_longer_each_time) |
           CHECK_ROWS("reporter_own_moment", moments, has_a_moment_of_its_own) |
           CHECK_TESTS("reporter_pace", tests);
}
