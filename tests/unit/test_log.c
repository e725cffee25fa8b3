/* SPDX-License-Identifier: Apache-2.0 */
#include "io/log.h"

#include "support/check.h"

#include <string.h>

struct text_row {
    const char *name;
    const char *text;
    const char *line;
};

static const struct text_row text_rows[] = {
    {"nothing", "", "\"\""},
    {"plain text", "train-worker-0", "\"train-worker-0\""},
    {"quotes and backslashes", "a\"b\\c", "\"a\\\"b\\\\c\""},
    {"control characters", "a\nb\tc\x01\x7f", "\"a\\u000ab\\u0009c\\u0001\\u007f\""},
    {"characters of two, three and four bytes", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80",
     "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\""},
    {"a byte that begins nothing", "a\x80z", "\"a?z\""},
    {"a byte beyond UTF-8", "\xff\xf5", "\"??\""},
    {"a sequence that is cut", "a\xe2\x82", "\"a??\""},
    {"a sequence that is too long", "\xc0\xaf\xe0\x80\xaf\xf0\x80\x80\xaf", "\"?????????\""},
    {"a surrogate", "\xed\xa0\x80", "\"???\""},
    {"beyond Unicode", "\xf4\x90\x80\x80", "\"????\""},
    {"the last character", "\xf4\x8f\xbf\xbf", "\"\xf4\x8f\xbf\xbf\""},
    {"a third byte that is wrong", "\xe2\x82z", "\"??z\""},
};

/* What was added behind the line's beginning. */
static const char *added(struct log_line *line, size_t begin)
{
    line->bytes[line->length] = '\0';
    return line->bytes + begin;
}

static void writes_text(void **state)
{
    const struct text_row *row = *state;
    struct log_line line;
    size_t begin;
    char expected[128] = ",\"key\":";

    log_begin(&line, LOG_LEVEL_INFO, "test");
    begin = line.length;
    log_string(&line, "key", row->text);
    memcpy(expected + strlen(expected), row->line, strlen(row->line) + 1);
    assert_string_equal(added(&line, begin), expected);
}

static void cuts_long_text_between_characters(void **state)
{
    struct log_line line;
    char text[1001];
    size_t begin;
    const char *written;

    (void)state;
    for (size_t i = 0; i < 1000; i += 2)
        memcpy(text + i, "\xc3\xa4", 2);
    text[1000] = '\0';
    log_begin(&line, LOG_LEVEL_INFO, "test");
    begin = line.length;
    log_string(&line, "key", text);
    written = added(&line, begin);
    assert_in_range(strlen(written), 250, LOG_TEXT_BYTES + 20);
    assert_memory_equal(written + strlen(written) - 6, "\xc3\xa4...\"", 6);
}

static void leaves_out_what_does_not_fit(void **state)
{
    struct log_line line;
    struct text many[64];
    char text[400];

    (void)state;
    memset(text, 'x', sizeof(text));
    for (size_t i = 0; i < COUNT_OF(many); i++)
        many[i] = (struct text){.at = text, .length = sizeof(text)};
    log_begin(&line, LOG_LEVEL_INFO, "test");
    log_texts(&line, "many", many, COUNT_OF(many));
    assert_null(strstr(added(&line, 0), "many"));
    for (size_t i = 0; i < COUNT_OF(many); i++)
        log_text(&line, "one", many[i]);
    log_number(&line, "number", 12345678);
    log_bool(&line, "bool", true);
    assert_in_range(line.length, LOG_LINE_BYTES - 400, LOG_LINE_BYTES - 2);
    assert_true(line.bytes[line.length - 1] == '"' || line.bytes[line.length - 1] == 'e' ||
                line.bytes[line.length - 1] == '8');
}

static void writes_lists_numbers_and_truth(void **state)
{
    const struct text texts[] = {TEXT("a"), TEXT("b\"")};
    struct log_line line;
    size_t begin;

    (void)state;
    log_begin(&line, LOG_LEVEL_WARN, "test");
    begin = line.length;
    log_texts(&line, "none", NULL, 0);
    log_texts(&line, "some", texts, COUNT_OF(texts));
    log_number(&line, "most", UINT64_MAX);
    log_bool(&line, "yes", true);
    log_bool(&line, "no", false);
    assert_string_equal(added(&line, begin),
                        ",\"none\":[],\"some\":[\"a\",\"b\\\"\"],\"most\":18446744073709551615,"
                        "\"yes\":true,\"no\":false");
}

static void writes_nothing_below_the_level(void **state)
{
    struct log_line line;

    (void)state;
    log_set_level("warn");
    log_begin(&line, LOG_LEVEL_INFO, "test");
    log_string(&line, "key", "text");
    assert_false(line.is_wanted);
    assert_int_equal(line.length, 0);
    log_begin(&line, LOG_LEVEL_WARN, "test");
    assert_true(line.is_wanted);
    log_set_level("info");
}

static const struct check_test tests[] = {
    CHECK_TEST(cuts_long_text_between_characters),
    CHECK_TEST(leaves_out_what_does_not_fit),
    CHECK_TEST(writes_lists_numbers_and_truth),
    CHECK_TEST(writes_nothing_below_the_level),
};

int main(void)
{
    return CHECK_ROWS("log_text", text_rows, writes_text) | CHECK_TESTS("log", tests);
}
