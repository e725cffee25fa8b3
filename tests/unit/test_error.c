/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"

#include "core/error.h"

#include <string.h>

static void says_kind_and_sentence(void **state)
{
    struct error err = {0};

    (void)state;
    assert_false(error_set(&err, ERROR_INPUT, "line %d: %s", 3, "no"));
    assert_int_equal(err.kind, ERROR_INPUT);
    assert_string_equal(err.text, "line 3: no");
}

static void wraps_and_keeps_the_kind(void **state)
{
    struct error err = {0};

    (void)state;
    (void)error_set(&err, ERROR_REMOTE, "refused");
    assert_false(error_wrap(&err, "node %s", "a"));
    assert_int_equal(err.kind, ERROR_REMOTE);
    assert_string_equal(err.text, "node a: refused");
}

static void has_one_sentence_for_memory(void **state)
{
    struct error err = {0};

    (void)state;
    assert_false(error_memory(&err));
    assert_int_equal(err.kind, ERROR_MEMORY);
    assert_string_equal(err.text, "out of memory");
}

static void stays_on_one_line(void **state)
{
    struct error err = {0};

    (void)state;
    (void)error_set(&err, ERROR_INPUT, "%s", "a\nb\tc\x7f\xc3\xa9");
    assert_string_equal(err.text, "a b c \xc3\xa9");
}

static void is_cut_between_characters(void **state)
{
    struct error err = {0};
    char before[254];
    char text[300];

    (void)state;
    memset(before, 'a', sizeof(before) - 1);
    before[sizeof(before) - 1] = '\0';
    memset(text, 'a', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    (void)error_set(&err, ERROR_INPUT, "%s", text);
    assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
    (void)error_set(&err, ERROR_INPUT, "%s\xe2\x82\xac", before);
    assert_string_equal(err.text, before);
    (void)error_set(&err, ERROR_INPUT, "%s\xc3\xa9", before); /* fits exactly */
    assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
    assert_false(error_wrap(&err, "%s", text));
    assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
}

static const struct check_test tests[] = {
    CHECK_TEST(says_kind_and_sentence),      CHECK_TEST(wraps_and_keeps_the_kind),
    CHECK_TEST(has_one_sentence_for_memory), CHECK_TEST(stays_on_one_line),
    CHECK_TEST(is_cut_between_characters),
};

int main(void)
{
    return CHECK_TESTS("error", tests);
}
