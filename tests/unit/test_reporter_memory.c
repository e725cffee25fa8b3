/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/reporter_memory.h"

#include "support/check.h"

static void finds_what_was_put(void **state)
{
    static struct reporter_memory memory;
    struct reporter_memo *memo;

    (void)state;
    assert_null(reporter_memory_find(&memory, 7));
    memo = reporter_memory_put(&memory, 7);
    assert_int_equal(memo->at, 0);
    memo->at = 100;
    assert_ptr_equal(reporter_memory_find(&memory, 7), memo);
    assert_ptr_equal(reporter_memory_put(&memory, 7), memo);
    assert_null(reporter_memory_find(&memory, 7 + REPORTER_MEMORY_SETS));
}

static void nothing_has_the_key_of_a_free_place(void **state)
{
    static struct reporter_memory memory;

    (void)state;
    assert_null(reporter_memory_find(&memory, 0));
    reporter_memory_put(&memory, 0)->at = 3;
    assert_non_null(reporter_memory_find(&memory, 0));
    assert_int_equal(reporter_memory_find(&memory, 0)->at, 3);
}

/* Four find room; a fifth of the same set takes the place of the one whose time comes first. */
static void forgets_what_may_be_told_again_soonest(void **state)
{
    static struct reporter_memory memory;
    const int64_t moments[] = {40, 20, 10, 30};

    (void)state;
    for (uint64_t i = 0; i < REPORTER_MEMORY_WAYS; i++)
        reporter_memory_put(&memory, 5 + i * REPORTER_MEMORY_SETS)->at = moments[i];
    assert_int_equal(reporter_memory_put(&memory, 5 + 4 * REPORTER_MEMORY_SETS)->at, 0);
    assert_null(reporter_memory_find(&memory, 5 + 2 * REPORTER_MEMORY_SETS));
    for (uint64_t i = 0; i < REPORTER_MEMORY_WAYS; i++) {
        if (i != 2)
            assert_int_equal(reporter_memory_find(&memory, 5 + i * REPORTER_MEMORY_SETS)->at, moments[i]);
    }
}

static const struct check_test tests[] = {
    CHECK_TEST(finds_what_was_put),
    CHECK_TEST(nothing_has_the_key_of_a_free_place),
    CHECK_TEST(forgets_what_may_be_told_again_soonest),
};

int main(void)
{
    return CHECK_TESTS("reporter_memory", tests);
}
