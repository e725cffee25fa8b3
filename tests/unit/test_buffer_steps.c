/* SPDX-License-Identifier: Apache-2.0 */
/* Every length and every place of what is special, since buffer.c takes sixteen bytes at a time. */
#include "support/check.h"

#include "core/buffer.h"

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

int main(void)
{
    static const struct check_test tests[] = {
        CHECK_TEST(base64_of_any_length_reads_back),
        CHECK_TEST(a_json_string_of_any_length_reads_back),
    };

    return CHECK_TESTS("buffer, in steps of sixteen bytes", tests);
}
