/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base64.h"

#include "core/buffer.h"
#include "support/check.h"

struct base64_row {
    const char *name;
    const char *text;
    const char *bytes; /* NULL: refused */
};

static const struct base64_row rows[] = {
    {"nothing", "", ""},
    {"one byte", "Zg==", "f"},
    {"two bytes", "Zm8=", "fo"},
    {"three bytes", "Zm9v", "foo"},
    {"four bytes", "Zm9vYg==", "foob"},
    {"the two signs", "+/+/", "\xfb\xff\xbf"},
    {"lines of it", "Zm9v\nYmFy\r\n", "foobar"},
    {"no padding", "Zm9vYg", NULL},
    {"half the padding", "Zm9vYg=", NULL},
    {"a lone character", "Zm9vY", NULL},
    {"padding for nothing", "====", NULL},
    {"padding with too little before it", "Z===", NULL},
    {"padding in the middle", "Zg==Zm9v", NULL},
    {"bits behind the last byte", "Zh==", NULL},
    {"the alphabet of URLs", "-_-_", NULL},
    {"a space", "Zm9v Zm9v", NULL},
    {"a PEM file", "-----BEGIN CERTIFICATE-----", NULL},
};

static void reads_row(void **state)
{
    const struct base64_row *row = *state;
    AUTO(arena_release) struct arena arena = {0};
    struct text bytes = text_of("untouched");
    struct error err = {0};

    assert_int_equal(base64_parse(text_of(row->text), &arena, &bytes, &err), row->bytes != NULL);
    check_text(bytes, row->bytes != NULL ? row->bytes : "untouched");
    assert_int_equal(err.kind, row->bytes != NULL ? ERROR_NONE : ERROR_INPUT);
}

static void reads_what_the_buffer_writes(void **state)
{
    char all[256];

    (void)state;
    for (size_t i = 0; i < sizeof(all); i++)
        all[i] = (char)i;
    for (size_t length = 0; length <= sizeof(all); length++) {
        AUTO(arena_release) struct arena arena = {0};
        AUTO(buffer_release) struct buffer buffer = {0};
        struct text bytes = {0};
        struct error err = {0};

        buffer_add_base64(&buffer, (struct text){.at = all, .length = length});
        assert_true(base64_parse(buffer_text(&buffer), &arena, &bytes, &err));
        assert_int_equal(bytes.length, length);
        assert_memory_equal(bytes.at, all, length);
        assert_int_equal(bytes.at[length], '\0');
    }
}

static bool parse_any(void *state, struct error *err)
{
    AUTO(arena_wipe) struct arena arena = {0};
    struct text bytes;

    (void)state;
    return base64_parse(text_of("Zm9v"), &arena, &bytes, err);
}

static void says_that_memory_ran_out(void **state)
{
    (void)state;
    assert_int_equal(check_every_allocation(parse_any, NULL), 1);
}

static const struct check_test tests[] = {
    CHECK_TEST(reads_what_the_buffer_writes),
    CHECK_TEST(says_that_memory_ran_out),
};

int main(void)
{
    return CHECK_ROWS("base64_parse", rows, reads_row) | CHECK_TESTS("base64", tests);
}
