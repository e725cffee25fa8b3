/* SPDX-License-Identifier: Apache-2.0 */
#include "core/printable.h"

#include "core/error.h"
#include "support/check.h"

struct row {
    const char *name;
    const char *text;
    size_t limit;
    const char *shown;
};

static const struct row rows[] = {
    {"nothing", "", 3, ""},
    {"absent", NULL, 3, ""},
    {"plain", "efa_0", 40, "efa_0"},
    {"of two, three and four bytes", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", 40,
     "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"},
    {"control characters", "a\nb\tc\x01\x7f", 40, "a b c  "},
    {"control characters of two bytes", "a\xc2\x85z\xc2\xa0", 40, "a z\xc2\xa0"},
    {"what ends lines", "a\xe2\x80\xa8z\xe2\x80\xa9\xe2\x80\xaa", 40, "a z \xe2\x80\xaa"},
    {"no UTF-8", "a\x80\xff\xf5z", 40, "a???z"},
    {"a part of a character", "a\xe2\x82", 40, "a??"},
    {"longer than need be", "\xc0\xaf\xe0\x80\xaf\xf0\x80\x80\xaf", 40, "?????????"},
    {"a surrogate", "\xed\xa0\x80", 40, "???"},
    {"beyond Unicode", "\xf4\x90\x80\x80", 40, "????"},
    {"the last character", "\xf4\x8f\xbf\xbf", 40, "\xf4\x8f\xbf\xbf"},
    {"as long as may be", "abcdef", 6, "abcdef"},
    {"one too long", "abcdefg", 6, "abc..."},
    {"cut between characters", "ab\xc3\xa4\xc3\xa4\xc3\xa4", 6, "ab..."},
    {"cut behind a character", "a\xc3\xa4\xc3\xa4\xc3\xa4", 6, "a\xc3\xa4..."},
    {"a limit of nothing but the dots", "abcd", 3, "..."},
};

static void shows(void **state)
{
    const struct row *row = *state;
    AUTO(buffer_release) struct buffer buffer = {0};
    struct text text = text_of(row->text);

    buffer_add_string(&buffer, "<");
    printable_add(&buffer, text, row->limit);
    assert_false(buffer.failed);
    check_text(text_after(buffer_text(&buffer), 1), row->shown);
}

static void looks_at_no_byte_behind_the_text(void **state)
{
    AUTO(buffer_release) struct buffer buffer = {0};
    const struct text part = {.at = "\xc3\xa4", .length = 1};

    (void)state;
    printable_add(&buffer, part, 10);
    check_text(buffer_text(&buffer), "?");
}

static bool show_much(void *state, struct error *err)
{
    AUTO(buffer_release) struct buffer buffer = {0};
    static char much[5000];

    (void)state;
    memset(much, 'x', sizeof(much));
    printable_add(&buffer, (struct text){.at = much, .length = sizeof(much)}, 4000);
    return buffer.failed ? error_memory(err) : buffer.length == 4000;
}

static void survives_without_memory(void **state)
{
    (void)state;
    assert_in_range(check_every_allocation(show_much, NULL), 2, 10);
}

static const struct check_test tests[] = {
    CHECK_TEST(looks_at_no_byte_behind_the_text),
    CHECK_TEST(survives_without_memory),
};

int main(void)
{
    return CHECK_ROWS("printable_add", rows, shows) | CHECK_TESTS("printable", tests);
}
