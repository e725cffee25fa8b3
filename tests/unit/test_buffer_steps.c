/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"

#include "core/buffer.h"
#include "core/error.h"

#include <jansson.h>
#include <string.h>

enum {
    LENGTH_MAX = 200 /* several steps of every loop, and each remainder */
};

static uint32_t next_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

struct base64_row {
    const char *plain;
    const char *digits;
};

/* RFC 4648, section 10; and each of the 64 digits. */
static const struct base64_row base64_rows[] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
    {"many hands make light work.", "bWFueSBoYW5kcyBtYWtlIGxpZ2h0IHdvcmsu"},
};

static void writes_base64(void **state)
{
    const struct base64_row *row = *state;
    AUTO(buffer_release) struct buffer buffer = {0};

    buffer_add_base64(&buffer, text_of(row->plain));
    assert_int_equal(buffer.length, strlen(row->digits));
    assert_memory_equal(buffer.length > 0 ? buffer.at : "", row->digits, buffer.length);
}

/* The bytes that four digits stand for; returns how many. */
static size_t read_digits(const char *digits, unsigned char bytes[3])
{
    static const char all[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint32_t bits = 0;
    size_t count = 3;
    size_t i;

    for (i = 0; i < 4; i++) {
        const char *found = digits[i] == '=' ? all : strchr(all, digits[i]);

        assert_non_null(found);
        count -= digits[i] == '=';
        bits = bits << 6 | (uint32_t)(found - all);
    }
    for (i = 0; i < 3; i++)
        bytes[i] = (unsigned char)(bits >> (16 - 8 * i));
    return count;
}

static void base64_of_any_length_reads_back(void **state)
{
    uint32_t random = 1;
    size_t length;
    size_t i;

    (void)state;
    for (length = 0; length <= LENGTH_MAX; length++) {
        AUTO(buffer_release) struct buffer buffer = {0};
        char bytes[LENGTH_MAX];
        unsigned char back[LENGTH_MAX + 3];
        size_t got = 0;

        for (i = 0; i < length; i++)
            bytes[i] = (char)next_random(&random);
        buffer_add_base64(&buffer, (struct text){.at = bytes, .length = length});
        assert_false(buffer.failed);
        assert_int_equal(buffer.length, (length + 2) / 3 * 4);
        for (i = 0; i < buffer.length; i += 4)
            got += read_digits(buffer.at + i, back + got);
        assert_int_equal(got, length);
        assert_memory_equal(back, bytes, length);
    }
}

/* A text of every sort of byte that JSON treats in its own way, in random order. */
static size_t make_text(uint32_t *random, char *text, size_t length)
{
    static const char *const parts[] = {"a",    "\"",       "\\",           "\n",    "\x01",   "/",
                                        "\x7f", "\xc3\xa4", "\xe2\x82\xac", "plain", "{\"a\":"};
    size_t at = 0;

    while (at < length) {
        const char *part = parts[next_random(random) % COUNT_OF(parts)];
        size_t bytes = strlen(part);

        memcpy(text + at, part, bytes);
        at += bytes;
    }
    return at;
}

static void a_json_string_of_any_length_reads_back(void **state)
{
    uint32_t random = 7;
    size_t length;

    (void)state;
    for (length = 0; length <= LENGTH_MAX; length++) {
        AUTO(buffer_release) struct buffer buffer = {0};
        char text[LENGTH_MAX + 8];
        size_t bytes = make_text(&random, text, length);
        json_t *back;

        buffer_add_string(&buffer, "behind it: "); /* not at the buffer's beginning */
        buffer.length = 0;
        buffer_add_json(&buffer, (struct text){.at = text, .length = bytes});
        back = json_loadb(buffer.at, buffer.length, JSON_DECODE_ANY, NULL);
        assert_non_null(back);
        assert_int_equal(json_string_length(back), bytes);
        assert_memory_equal(json_string_value(back), text, bytes);
        json_decref(back);
    }
}

static void an_absent_text_is_an_empty_string(void **state)
{
    AUTO(buffer_release) struct buffer buffer = {0};

    (void)state;
    buffer_add_json(&buffer, (struct text){0});
    buffer_add(&buffer, (struct text){0});
    buffer_add_base64(&buffer, (struct text){0});
    assert_int_equal(buffer.length, 2);
    assert_memory_equal(buffer.at, "\"\"", 2);
}

static void writes_numbers(void **state)
{
    static const char expected[] = "0 9 10 18446744073709551615";
    AUTO(buffer_release) struct buffer buffer = {0};

    (void)state;
    buffer_add_unsigned(&buffer, 0);
    buffer_add_char(&buffer, ' ');
    buffer_add_unsigned(&buffer, 9);
    buffer_add_char(&buffer, ' ');
    buffer_add_unsigned(&buffer, 10);
    buffer_add_char(&buffer, ' ');
    buffer_add_unsigned(&buffer, UINT64_MAX);
    assert_int_equal(buffer.length, sizeof(expected) - 1);
    assert_memory_equal(buffer.at, expected, sizeof(expected) - 1);
}

/* Additions of all kinds until the buffer had to grow several times. */
static bool fill(void *state, struct error *err)
{
    AUTO(buffer_release) struct buffer buffer = {0};
    char text[700];

    (void)state;
    memset(text, 'x', sizeof(text));
    buffer_add_json(&buffer, (struct text){.at = text, .length = sizeof(text)});
    buffer_add(&buffer, (struct text){.at = text, .length = sizeof(text)});
    buffer_add_base64(&buffer, (struct text){.at = text, .length = sizeof(text)});
    buffer_add_char(&buffer, '!');
    buffer_add_unsigned(&buffer, 1);
    return !buffer.failed || error_memory(err);
}

static void remembers_that_memory_ran_out(void **state)
{
    (void)state;
    assert_true(check_every_allocation(fill, NULL) >= 3);
}

static void too_much_is_no_memory(void **state)
{
    AUTO(buffer_release) struct buffer buffer = {0};

    (void)state;
    buffer_add_string(&buffer, "kept");
    assert_null(buffer_reserve(&buffer, SIZE_MAX - 2));
    assert_true(buffer.failed);
    buffer_add_string(&buffer, "not added");
    assert_int_equal(buffer.length, 4);
    assert_memory_equal(buffer.at, "kept", 4);
}

int main(void)
{
    static const struct check_test tests[] = {
        CHECK_TEST(base64_of_any_length_reads_back),   CHECK_TEST(a_json_string_of_any_length_reads_back),
        CHECK_TEST(an_absent_text_is_an_empty_string), CHECK_TEST(writes_numbers),
        CHECK_TEST(remembers_that_memory_ran_out),     CHECK_TEST(too_much_is_no_memory),
    };

    return CHECK_ROWS("buffer_add_base64", base64_rows, writes_base64) | CHECK_TESTS("buffer", tests);
}
