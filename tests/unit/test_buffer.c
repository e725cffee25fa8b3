/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"

#include "core/buffer.h"
#include "core/error.h"

static const struct text_row {
    const char *name;
    const char *from;
    const char *to;
} base64_rows[] = {
    /* RFC 4648, section 10 */
    {"nothing", "", ""},
    {"one byte", "f", "Zg=="},
    {"two bytes", "fo", "Zm8="},
    {"three bytes", "foo", "Zm9v"},
    {"four bytes", "foob", "Zm9vYg=="},
    {"five bytes", "fooba", "Zm9vYmE="},
    {"six bytes", "foobar", "Zm9vYmFy"},
    {"high bytes use the whole alphabet", "\xfb\xff\xbe\xff", "+/++/w=="},
};

static void encodes_base64(void **state)
{
    const struct text_row *row = *state;
    AUTO(buffer_release) struct buffer buffer = {0};

    buffer_add_string(&buffer, "<");
    buffer_add_base64(&buffer, text_of(row->from));
    check_text(text_after(buffer_text(&buffer), 1), row->to);
}

static const struct url_row {
    const char *name;
    const char *from;
    const char *to;
} url_rows[] = {
    {"nothing", "", ""},
    {"what stands for itself", "azAZ09-._~", "azAZ09-._~"},
    {"what ends a part", "a/b?c#d&e=f+g", "a%2Fb%3Fc%23d%26e%3Df%2Bg"},
    {"a percent sign", "%2F", "%252F"},
    {"a line of its own", " \r\n", "%20%0D%0A"},
    {"bytes above ASCII", "\xc3\xbf", "%C3%BF"},
};

static void writes_parts_of_urls(void **state)
{
    const struct url_row *row = *state;
    AUTO(buffer_release) struct buffer buffer = {0};

    buffer_add_string(&buffer, "/");
    buffer_add_url(&buffer, text_of(row->from));
    assert_false(buffer.failed);
    check_text(text_after(buffer_text(&buffer), 1), row->to);
}

static const struct text_row json_rows[] = {
    {"plain", "abc", "\"abc\""},
    {"empty", "", "\"\""},
    {"absent as empty", NULL, "\"\""},
    {"quote and backslash", "a\"b\\c", "\"a\\\"b\\\\c\""},
    {"control characters", "\n\x1f\x01", "\"\\u000a\\u001f\\u0001\""},
    {"escape first and last", "\"a\"", "\"\\\"a\\\"\""},
    {"slash and DEL as they are", "/\x7f", "\"/\x7f\""},
    {"UTF-8 as it is", "\xc3\xa9\xf0\x9f\x98\x80", "\"\xc3\xa9\xf0\x9f\x98\x80\""},
};

static void writes_json_strings(void **state)
{
    const struct text_row *row = *state;
    AUTO(buffer_release) struct buffer buffer = {0};

    buffer_add_json(&buffer, text_of(row->from));
    check_text(buffer_text(&buffer), row->to);
}

static void writes_a_nul_as_an_escape(void **state)
{
    AUTO(buffer_release) struct buffer buffer = {0};

    (void)state;
    buffer_add_json(&buffer, (struct text){.at = "a\0b", .length = 3});
    check_text(buffer_text(&buffer), "\"a\\u0000b\"");
}

static const struct number_row {
    const char *name;
    uint64_t number;
} number_rows[] = {{"0", 0}, {"7", 7}, {"10", 10}, {"18446744073709551615", UINT64_MAX}};

static void writes_numbers(void **state)
{
    const struct number_row *row = *state;
    AUTO(buffer_release) struct buffer buffer = {0};

    buffer_add_unsigned(&buffer, row->number);
    check_text(buffer_text(&buffer), row->name);
}

static void grows_and_keeps_what_is_there(void **state)
{
    AUTO(buffer_release) struct buffer buffer = {0};
    size_t i;

    (void)state;
    for (i = 0; i < 5000; i++)
        buffer_add_char(&buffer, (char)('a' + i % 26));
    assert_false(buffer.failed);
    assert_int_equal(buffer.length, 5000);
    for (i = 0; i < 5000; i++)
        assert_int_equal(buffer.at[i], 'a' + i % 26);
}

static void takes_nothing_without_harm(void **state)
{
    AUTO(buffer_release) struct buffer buffer = {0};

    (void)state;
    buffer_add(&buffer, (struct text){0});
    buffer_add_string(&buffer, "");
    assert_int_equal(buffer.length, 0);
    assert_false(buffer.failed);
}

static void remembers_that_memory_ran_out(void **state)
{
    AUTO(buffer_release) struct buffer buffer = {0};

    (void)state;
    buffer_add_string(&buffer, "abc");
    assert_null(buffer_reserve(&buffer, SIZE_MAX)); /* the sum overflows */
    assert_true(buffer.failed);
    buffer_add_string(&buffer, "def");
    buffer_add_char(&buffer, 'g');
    buffer_add_base64(&buffer, text_of("foo"));
    check_text(buffer_text(&buffer), "abc");
}

static void refuses_a_capacity_beyond_memory(void **state)
{
    AUTO(buffer_release) struct buffer buffer = {0};

    (void)state;
    assert_null(buffer_reserve(&buffer, SIZE_MAX)); /* doubling overflows */
    assert_true(buffer.failed);
}

static bool fill(void *state, struct error *err)
{
    AUTO(buffer_release) struct buffer buffer = {0};
    size_t i;

    (void)state;
    for (i = 0; i < 3000; i++)
        buffer_add_json(&buffer, text_of("x\n"));
    return !buffer.failed || error_memory(err);
}

static void survives_every_failed_allocation(void **state)
{
    (void)state;
    assert_int_equal(check_every_allocation(fill, NULL), 6); /* 1 KiB to 32 KiB */
}

static const struct check_test tests[] = {
    CHECK_TEST(writes_a_nul_as_an_escape),        CHECK_TEST(grows_and_keeps_what_is_there),
    CHECK_TEST(takes_nothing_without_harm),       CHECK_TEST(remembers_that_memory_ran_out),
    CHECK_TEST(refuses_a_capacity_beyond_memory), CHECK_TEST(survives_every_failed_allocation),
};

int main(void)
{
    return CHECK_ROWS("URLs", url_rows, writes_parts_of_urls) |
           CHECK_ROWS("base64", base64_rows, encodes_base64) |
           CHECK_ROWS("JSON strings", json_rows, writes_json_strings) |
           CHECK_ROWS("numbers", number_rows, writes_numbers) | CHECK_TESTS("buffer", tests);
}
