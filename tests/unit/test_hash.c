/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"

#include "core/error.h"
#include "core/hash.h"

#include <inttypes.h>
#include <stdio.h>

/* What `printf <text> | xxhsum -H3` and `-H2` print. */
static const struct hash_row {
    const char *name;
    const char *hash;
    const char *digest;
} hash_rows[] = {
    {"", "2d06800538d394c2", "99aa06d3014798d86001c324468d497f"},
    {"a", "e6c632b61e964e1f", "a96faf705af16834e6c632b61e964e1f"},
    {"abc", "78af5f94892f3950", "06b05ab6733a618578af5f94892f3950"},
    {"team-a/kubeflow/nccl-test", "33ca873ed6782350", "d9fb65b0dc0d3a46961abf482c829ef4"},
};

static void check_hash(struct text text, const char *hash, const char *digest)
{
    char digits[33] = "";
    char room[17];

    (void)snprintf(room, sizeof(room), "%016" PRIx64, hash_text(text));
    assert_string_equal(room, hash);
    hash_digest(text, digits);
    assert_string_equal(digits, digest);
}

static void agrees_with_xxhsum(void **state)
{
    const struct hash_row *row = *state;

    check_hash(text_of(row->name), row->hash, row->digest);
}

static void agrees_with_xxhsum_on_long_texts(void **state)
{
    char text[1000];

    (void)state;
    memset(text, 'x', sizeof(text));
    check_hash((struct text){.at = text, .length = sizeof(text)}, "c0a4877b962cba82",
               "50a1af5a5f2dcf01c0a4877b962cba82");
}

static void takes_absent_for_empty(void **state)
{
    (void)state;
    check_hash((struct text){0}, hash_rows[0].hash, hash_rows[0].digest);
}

static void finds_what_was_added(void **state)
{
    AUTO(arena_release) struct arena arena = {0};
    struct index index;
    size_t position;
    size_t i;

    (void)state;
    assert_true(index_init(&index, &arena, 1000));
    for (i = 0; i < 1000; i++)
        assert_true(index_add(&index, arena_format(&arena, "key-%zu", i), i * 3));
    for (i = 0; i < 1000; i++) {
        assert_true(index_find(&index, arena_format(&arena, "key-%zu", i), &position));
        assert_int_equal(position, i * 3);
    }
    position = 42;
    assert_false(index_find(&index, text_of("key-1000"), &position));
    assert_int_equal(position, 42);
}

static void keeps_the_first_of_two_equal_keys(void **state)
{
    AUTO(arena_release) struct arena arena = {0};
    struct index index;
    size_t position = 0;

    (void)state;
    assert_true(index_init(&index, &arena, 2));
    assert_true(index_add(&index, text_of("a"), 1));
    assert_false(index_add(&index, text_of("a"), 2));
    assert_true(index_find(&index, text_of("a"), &position));
    assert_int_equal(position, 1);
}

static void takes_the_empty_text_as_a_key(void **state)
{
    AUTO(arena_release) struct arena arena = {0};
    struct index index;
    size_t position = 0;

    (void)state;
    assert_true(index_init(&index, &arena, 0));
    assert_false(index_find(&index, text_of(""), &position));
    assert_true(index_add(&index, text_of(""), 7));
    assert_true(index_find(&index, text_of(""), &position));
    assert_int_equal(position, 7);
}

static void finds_nothing_in_a_zeroed_index(void **state)
{
    const struct index index = {0};
    size_t position;

    (void)state;
    assert_false(index_find(&index, text_of("a"), &position));
}

static bool init_index(void *state, struct error *err)
{
    AUTO(arena_release) struct arena arena = {0};
    struct index index;

    (void)state;
    return index_init(&index, &arena, 10) || error_memory(err);
}

static void survives_every_failed_allocation(void **state)
{
    (void)state;
    assert_int_equal(check_every_allocation(init_index, NULL), 1);
}

static const struct check_test tests[] = {
    CHECK_TEST(agrees_with_xxhsum_on_long_texts),
    CHECK_TEST(takes_absent_for_empty),
    CHECK_TEST(finds_what_was_added),
    CHECK_TEST(keeps_the_first_of_two_equal_keys),
    CHECK_TEST(takes_the_empty_text_as_a_key),
    CHECK_TEST(finds_nothing_in_a_zeroed_index),
    CHECK_TEST(survives_every_failed_allocation),
};

int main(void)
{
    return CHECK_ROWS("XXH3", hash_rows, agrees_with_xxhsum) | CHECK_TESTS("hash", tests);
}
