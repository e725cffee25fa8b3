/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"

#include "core/arena.h"
#include "core/error.h"

static bool is_zero(const char *memory, size_t bytes)
{
    size_t i;

    for (i = 0; i < bytes; i++) {
        if (memory[i] != 0)
            return false;
    }
    return true;
}

static void gives_zeroed_memory_for_any_type(void **state)
{
    static const size_t sizes[] = {0, 1, 15, 16, 17, 1000, 40000, 300000};
    AUTO(arena_release) struct arena arena = {0};
    size_t round;
    size_t i;

    (void)state;
    for (round = 0; round < 3; round++) {
        for (i = 0; i < COUNT_OF(sizes); i++) {
            char *memory = arena_alloc(&arena, sizes[i]);

            assert_non_null(memory);
            assert_int_equal((uintptr_t)memory % 16, 0);
            assert_true(is_zero(memory, sizes[i]));
            memset(memory, 0x5a, sizes[i]);
        }
        arena_reset(&arena); /* what it keeps is dirty */
        assert_int_equal(arena.used_bytes, 0);
    }
}

static void reuses_a_small_block_after_a_reset(void **state)
{
    AUTO(arena_release) struct arena arena = {0};
    void *first = arena_alloc(&arena, 100);

    (void)state;
    arena_reset(&arena);
    assert_ptr_equal(arena_alloc(&arena, 100), first);
}

static void gives_a_large_block_back_at_a_reset(void **state)
{
    AUTO(arena_release) struct arena arena = {0};

    (void)state;
    assert_non_null(arena_alloc(&arena, 1 << 20));
    arena_reset(&arena);
    assert_null(arena.blocks);
    assert_non_null(arena_alloc(&arena, 8));
}

static void may_be_reset_and_released_when_empty(void **state)
{
    struct arena arena = {.limit_bytes = 64};

    (void)state;
    arena_reset(&arena);
    arena_release(&arena);
    arena_release(&arena);
    assert_int_equal(arena.limit_bytes, 64);
}

static void stops_at_its_limit(void **state)
{
    AUTO(arena_release) struct arena arena = {.limit_bytes = 64};

    (void)state;
    assert_non_null(arena_alloc(&arena, 33)); /* rounded up to 48 */
    assert_null(arena_alloc(&arena, 17));
    assert_non_null(arena_alloc(&arena, 16));
    assert_null(arena_alloc(&arena, 1));
    arena_reset(&arena);
    assert_non_null(arena_alloc(&arena, 64));
}

static void refuses_sizes_beyond_memory(void **state)
{
    AUTO(arena_release) struct arena arena = {0};
    char element;

    (void)state;
    assert_null(arena_alloc(&arena, SIZE_MAX));
    assert_null(arena_alloc(&arena, SIZE_MAX / 4 + 1));
    arena.limit_bytes = 1024;
    assert_null(arena_alloc(&arena, SIZE_MAX / 8));
    assert_null(arena_grow(&arena, &element, (size_t)1 << 62, 8));
}

static void moves_an_array_only_at_powers_of_two(void **state)
{
    AUTO(arena_release) struct arena arena = {0};
    unsigned *array = NULL;
    size_t moves = 0;
    size_t count;

    (void)state;
    for (count = 0; count < 100; count++) {
        unsigned *larger = arena_grow(&arena, array, count, sizeof(*array));

        assert_non_null(larger);
        if (larger == NULL)
            return; /* never: for the analyzer, which does not know assert_non_null */
        moves += larger != array;
        array = larger;
        array[count] = (unsigned)count;
    }
    assert_int_equal(moves, 8); /* at 0, 1, 2, 4, ... 64 */
    for (count = 0; count < 100; count++)
        assert_int_equal(array[count], count);
}

static void joins_texts(void **state)
{
    AUTO(arena_release) struct arena arena = {0};
    const struct text parts[] = {text_of("a"), {0}, text_of(""), text_of("bc")};

    (void)state;
    check_text(arena_join(&arena, parts, COUNT_OF(parts)), "abc");
    check_text(arena_join(&arena, parts, 0), "");
    check_text(arena_copy(&arena, (struct text){0}), "");
    check_text(arena_format(&arena, "%s %d", "is", 7), "is 7");
}

static void cuts_what_it_formats_between_characters(void **state)
{
    AUTO(arena_release) struct arena arena = {0};
    char long_text[1100];
    struct text text;

    (void)state;
    memset(long_text, 'a', sizeof(long_text) - 1);
    long_text[sizeof(long_text) - 1] = '\0';
    text = arena_format(&arena, "%s", long_text);
    assert_int_equal(text.length, 1023);
    memcpy(long_text + 1021, "\xe2\x82\xac", 3);
    text = arena_format(&arena, "%s", long_text);
    assert_int_equal(text.length, 1021);
}

static bool use_arena(void *state, struct error *err)
{
    AUTO(arena_release) struct arena arena = {0};
    const struct text parts[] = {text_of("a"), text_of("b")};
    char *array = NULL;

    (void)state;
    if (arena_alloc(&arena, 100000) == NULL || arena_join(&arena, parts, 2).at == NULL)
        return error_memory(err);
    array = arena_grow(&arena, array, 0, 100000);
    if (array == NULL || arena_grow(&arena, array, 1, 100000) == NULL)
        return error_memory(err);
    return true;
}

static void survives_every_failed_allocation(void **state)
{
    (void)state;
    assert_true(check_every_allocation(use_arena, NULL) >= 2);
}

static void has_absent_texts_when_it_is_full(void **state)
{
    AUTO(arena_release) struct arena arena = {.limit_bytes = 16};

    (void)state;
    assert_non_null(arena_alloc(&arena, 16));
    check_text(arena_copy(&arena, text_of("a")), NULL);
    check_text(arena_format(&arena, "%d", 1), NULL);
}

static const struct check_test tests[] = {
    CHECK_TEST(gives_zeroed_memory_for_any_type),
    CHECK_TEST(reuses_a_small_block_after_a_reset),
    CHECK_TEST(gives_a_large_block_back_at_a_reset),
    CHECK_TEST(may_be_reset_and_released_when_empty),
    CHECK_TEST(stops_at_its_limit),
    CHECK_TEST(refuses_sizes_beyond_memory),
    CHECK_TEST(moves_an_array_only_at_powers_of_two),
    CHECK_TEST(joins_texts),
    CHECK_TEST(cuts_what_it_formats_between_characters),
    CHECK_TEST(survives_every_failed_allocation),
    CHECK_TEST(has_absent_texts_when_it_is_full),
};

int main(void)
{
    return CHECK_TESTS("arena", tests);
}
