/* SPDX-License-Identifier: Apache-2.0 */
#include "core/text.h"

#include "support/check.h"

struct flatten_row {
    const char *name;
    const char *line;
    const char *expected;
};

static const struct flatten_row flatten_rows[] = {
    {"nothing", "", ""},
    {"plain text", "a b", "a b"},
    {"newline, tab and DEL", "a\nb\tc\x7f", "a b c "},
    {"characters of two, three and four bytes", "\u00e9\u65e5\U0001f600", "\u00e9\u65e5\U0001f600"},
    {"a C1 control character", "a\xc2\x85" "b", "a b"},
    {"line and paragraph separator", "a\u2028b\u2029c", "a b c"},
    {"neighbours of the separators", "\u2027\u202a\u00a0", "\u2027\u202a\u00a0"},
    {"cut behind one of two bytes", "a\xc3", "a"},
    {"cut behind three of four bytes", "a\xf0\x9f\x98", "a"},
    {"cut in the middle of a line", "'\xe6\x97' is", "'' is"},
    {"cut before another character", "\xe6\xe6\x97\xa5", "\u65e5"},
    {"a continuation that nothing begins", "a\xa5z", "az"},
};

static void flattens_row(void **state)
{
    const struct flatten_row *row = *state;
    char line[64];
    size_t length = strlen(row->line);

    memcpy(line, row->line, length);
    length = text_flatten(line, length);
    assert_int_equal(length, strlen(row->expected));
    assert_memory_equal(line, row->expected, length);
}

int main(void)
{
    return CHECK_ROWS("text_flatten", flatten_rows, flattens_row);
}
