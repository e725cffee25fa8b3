/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"

#include "core/text.h"

#include <stdio.h>

static const struct compare_row {
    const char *name;
    const char *left;
    const char *right;
    int order;
} compare_rows[] = {
    {"equal", "abc", "abc", 0},
    {"smaller byte", "abb", "abc", -1},
    {"larger byte", "abd", "abc", 1},
    {"a prefix comes first", "ab", "abc", -1},
    {"and what it begins comes second", "abc", "ab", 1},
    {"bytes are unsigned", "\xc3\xa9", "z", 1},
    {"empty before anything", "", "a", -1},
    {"empty as empty", "", "", 0},
    {"absent as empty", NULL, "", 0},
};

static void compares(void **state)
{
    const struct compare_row *row = *state;

    assert_int_equal(text_compare(text_of(row->left), text_of(row->right)), row->order);
    assert_int_equal(text_is(text_of(row->left), text_of(row->right)), row->order == 0);
}

static const struct split_row {
    const char *name;
    const char *text;
    const char *parts; /* each in <> */
} split_rows[] = {
    {"absent has no part", NULL, ""},
    {"empty has one empty part", "", "<>"},
    {"one part", "a", "<a>"},
    {"several parts", "a,bc,d", "<a><bc><d>"},
    {"empty parts", ",a,,", "<><a><><>"},
};

static void splits(void **state)
{
    const struct split_row *row = *state;
    struct text rest = text_of(row->text);
    struct text part = text_of("untouched");
    char parts[64] = "";
    int length = 0;

    while (text_split(&rest, ',', &part))
        length += snprintf(parts + length, sizeof(parts) - (size_t)length, "<%.*s>", TEXT_ARGS(part));
    assert_string_equal(parts, row->parts);
    assert_null(rest.at);
    if (row->text == NULL)
        check_text(part, "untouched");
}

static const struct trim_row {
    const char *name;
    const char *text;
    const char *trimmed;
} trim_rows[] = {
    {"nothing to trim", "a b", "a b"},   {"every kind of space", " \t\r\na\n\r\t ", "a"},
    {"spaces alone", " \n", ""},         {"empty", "", ""},
    {"absent stays absent", NULL, NULL}, {"other control characters stay", "\va\f", "\va\f"},
};

static void trims(void **state)
{
    const struct trim_row *row = *state;

    check_text(text_trim(text_of(row->text)), row->trimmed);
}

static const struct number_row {
    const char *name;
    const char *text;
    uint64_t limit;
    uint64_t number;
    bool ok;
} number_rows[] = {
    {"zero", "0", 10, 0, true},
    {"the limit", "10", 10, 10, true},
    {"above the limit", "11", 10, 0, false},
    {"the largest of all", "18446744073709551615", UINT64_MAX, UINT64_MAX, true},
    {"overflow by the last digit", "18446744073709551616", UINT64_MAX, 0, false},
    {"overflow by one digit more", "99999999999999999999", UINT64_MAX, 0, false},
    {"leading zeros", "007", 10, 7, true},
    {"empty", "", 10, 0, false},
    {"absent", NULL, 10, 0, false},
    {"sign", "+1", 10, 0, false},
    {"letter behind digits", "1a", 10, 0, false},
    {"space", " 1", 10, 0, false},
};

static void parses_number(void **state)
{
    const struct number_row *row = *state;
    uint64_t number = 42;

    assert_int_equal(text_parse_unsigned(text_of(row->text), row->limit, &number), row->ok);
    assert_int_equal(number, row->ok ? row->number : 42);
}

static const struct cut_row {
    const char *name;
    const char *text;
    size_t limit;
    const char *cut;
} cut_rows[] = {
    {"shorter than the limit", "abc", 4, "abc"},
    {"as long as the limit", "abc", 3, "abc"},
    {"cut", "abcd", 3, "abc"},
    {"before two bytes that do not fit", "ab\xc3\xa9", 3, "ab"},
    {"before three bytes", "a\xe2\x82\xac", 3, "a"},
    {"before four bytes", "\xf0\x9f\x98\x80", 3, ""},
    {"between characters", "\xc3\xa9\xc3\xa9", 2, "\xc3\xa9"},
    {"empty", "", 3, ""},
    {"absent prints as empty", NULL, 3, ""},
};

static void cuts_for_printf(void **state)
{
    const struct cut_row *row = *state;
    struct text text = text_of(row->text);
    char room[32];

    (void)snprintf(room, sizeof(room), "%.*s", TEXT_ARGS_MAX(text, row->limit));
    assert_string_equal(room, row->cut);
}

static const struct cut_row part_rows[] = {
    {"whole ASCII", "abc", 0, "abc"},
    {"whole two bytes", "a\xc3\xa9", 0, "a\xc3\xa9"},
    {"whole three bytes", "\xe2\x82\xac", 0, "\xe2\x82\xac"},
    {"whole four bytes", "\xf0\x9f\x98\x80", 0, "\xf0\x9f\x98\x80"},
    {"one of two", "a\xc3", 0, "a"},
    {"one of three", "a\xe2", 0, "a"},
    {"two of three", "a\xe2\x82", 0, "a"},
    {"one of four", "a\xf0", 0, "a"},
    {"three of four", "a\xf0\x9f\x98", 0, "a"},
    {"empty", "", 0, ""},
    {"nothing but a part's rest", "\x82\x82", 0, "\x82\x82"},
};

static void drops_a_part(void **state)
{
    const struct cut_row *row = *state;

    check_text(text_drop_part(text_of(row->text)), row->cut);
}

static void has_prefixes(void **state)
{
    (void)state;
    assert_true(text_has_prefix(text_of("abc"), text_of("ab")));
    assert_true(text_has_prefix(text_of("abc"), text_of("abc")));
    assert_true(text_has_prefix(text_of("abc"), text_of("")));
    assert_true(text_has_prefix((struct text){0}, (struct text){0}));
    assert_false(text_has_prefix(text_of("ab"), text_of("abc")));
    assert_false(text_has_prefix(text_of("abc"), text_of("b")));
    check_text(text_after(text_of("abc"), 2), "c");
    check_text(text_after(text_of("abc"), 3), "");
    assert_false(text_is_string(text_of("ab"), "ac"));
}

static const struct check_test tests[] = {CHECK_TEST(has_prefixes)};

int main(void)
{
    return CHECK_ROWS("text_compare", compare_rows, compares) | CHECK_ROWS("text_split", split_rows, splits) |
           CHECK_ROWS("text_trim", trim_rows, trims) |
           CHECK_ROWS("text_parse_unsigned", number_rows, parses_number) |
           CHECK_ROWS("TEXT_ARGS", cut_rows, cuts_for_printf) |
           CHECK_ROWS("text_drop_part", part_rows, drops_a_part) | CHECK_TESTS("text", tests);
}
