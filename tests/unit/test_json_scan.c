/* SPDX-License-Identifier: Apache-2.0 */
/* Large, deep and cut documents, and how a place in one is named. */
#include "core/json.h"

#include "support/check.h"
#include "support/twin.h"

#include <stdlib.h>

static void memory_free(char **memory)
{
    free(*memory);
}

/* `opening` so many times, then `middle`, then `closing` so many times. */
static char *nested(const char *opening, const char *middle, const char *closing, size_t times)
{
    size_t size = times * (strlen(opening) + strlen(closing)) + strlen(middle) + 1;
    char *memory = malloc(size);
    char *to = memory;
    size_t i;

    assert_non_null(memory);
    for (i = 0; i < times; i++)
        to = stpcpy(to, opening);
    to = stpcpy(to, middle);
    for (i = 0; i < times; i++)
        to = stpcpy(to, closing);
    return memory;
}

struct nesting_row {
    const char *name;
    const char *opening;
    const char *middle;
    const char *closing;
    size_t times;
    unsigned differences;
    bool is_accepted;
};

static const struct nesting_row nesting_rows[] = {
    {"lists at the limit", "[", "", "]", JSON_DEPTH_LIMIT, 0, true},
    {"objects at the limit", "{\"a\":", "{}", "}", JSON_DEPTH_LIMIT - 1, 0, true},
    {"both at the limit", "[{\"a\":", "[{}]", "}]", JSON_DEPTH_LIMIT / 2 - 1, 0, true},
    {"a number in lists at jansson's limit", "[", "1", "]", JSON_DEPTH_LIMIT - 1, 0, true},
    {"a number in lists at the limit", "[", "1", "]", JSON_DEPTH_LIMIT, TWIN_DEEP_SCALAR, true},
    {"lists one beyond", "[", "", "]", JSON_DEPTH_LIMIT + 1, 0, false},
    {"objects one beyond", "{\"a\":", "{}", "}", JSON_DEPTH_LIMIT, 0, false},
    {"10,000 lists", "[", "1", "]", 10000, 0, false},
    {"10,000 objects", "{\"a\":", "1", "}", 10000, 0, false},
    {"10,000 of both", "[{\"a\":", "1", "}]", 5000, 0, false},
    {"10,000 lists that stay open", "[", "", "", 10000, 0, false},
};

static void limits_how_deep_values_nest(void **state)
{
    const struct nesting_row *row = *state;
    AUTO(memory_free) char *memory = nested(row->opening, row->middle, row->closing, row->times);
    struct twin twin = twin_read(text_of(memory));

    assert_null(twin.mismatch);
    assert_int_equal(twin.is_accepted, row->is_accepted);
    assert_int_equal(twin.differences & TWIN_DEEP_SCALAR, row->differences);
    if (!row->is_accepted)
        assert_non_null(strstr(twin.err.text, "is nested deeper than 2048 levels (byte "));
}

static void skips_no_deeper_than_it_reads(void **state)
{
    AUTO(memory_free) char *memory = nested("[", "", "]", JSON_DEPTH_LIMIT + 1);
    struct error err = {0};
    struct json json;

    (void)state;
    json_init(&json, text_of(memory), NULL);
    json_array_start(&json);
    assert_true(json_next_element(&json));
    assert_null(json_skip(&json).at);
    assert_false(json_finish(&json, &err));
    assert_non_null(strstr(err.text, "is nested deeper than 2048 levels (byte 2048)"));
}

/* A list of one string of about a mebibyte, `unit` over and over. */
static void check_long_string(const char *unit, size_t unit_length, size_t decoded_length)
{
    size_t times = (1U << 20) / unit_length;
    AUTO(memory_free) char *memory = nested(unit, "\"]", "", times);
    AUTO(memory_free) char *whole = malloc(times * unit_length + 5);
    AUTO(arena_release) struct arena arena = {0};
    struct error err = {0};
    struct json json;
    struct text text;

    assert_non_null(whole);
    (void)stpcpy(stpcpy(whole, "[\""), memory);
    assert_null(twin_read(text_of(whole)).mismatch);
    json_init(&json, text_of(whole), &arena);
    json_array_start(&json);
    assert_true(json_next_element(&json));
    text = json_text(&json);
    assert_int_equal(text.length, times * decoded_length);
    assert_false(json_next_element(&json));
    assert_true(json_finish(&json, &err));
}

static void reads_a_mebibyte_of_letters(void **state)
{
    (void)state;
    check_long_string("abc", 3, 3);
}

static void reads_a_mebibyte_of_escapes(void **state)
{
    (void)state;
    check_long_string("\\u20ac\\n", 8, 4);
}

static void reads_a_mebibyte_of_wide_characters(void **state)
{
    (void)state;
    check_long_string("\xe2\x82\xac\xf0\x9f\x98\x80", 7, 7);
}

/* A real review, each time one byte shorter and in memory that ends where it does. */
static void refuses_a_review_cut_anywhere(void **state)
{
    size_t length;
    AUTO(memory_free) char *review = check_load("tests/fuzz/seeds/json/review.json", &length);
    size_t cut;

    (void)state;
    while (review[length - 1] != '}')
        length--;
    assert_true(twin_read((struct text){.at = review, .length = length}).is_accepted);
    for (cut = 0; cut < length; cut++) {
        AUTO(memory_free) char *part = malloc(cut + 1);
        struct twin twin;

        assert_non_null(part);
        memcpy(part + 1, review, cut);
        twin = twin_read((struct text){.at = part + 1, .length = cut});
        assert_null(twin.mismatch);
        assert_false(twin.is_accepted);
        assert_int_equal(twin.err.kind, ERROR_INPUT);
        assert_non_null(strstr(twin.err.text, " is cut off (byte "));
    }
}

static void refuses_a_review_with_any_byte_made_null(void **state)
{
    size_t length;
    AUTO(memory_free) char *review = check_load("tests/fuzz/seeds/json/review.json", &length);
    size_t i;

    (void)state;
    for (i = 0; i < length; i++) {
        char kept = review[i];
        struct twin twin;

        review[i] = '\0';
        twin = twin_read((struct text){.at = review, .length = length});
        assert_null(twin.mismatch);
        assert_false(twin.is_accepted);
        review[i] = kept;
    }
}

/* The walk below complains about the value "here", before or after reading it. */
struct place_row {
    const char *name;
    const char *bytes;
    const char *sentence;
};

static const struct place_row place_rows[] = {
    {"the document", "\"here\"", "the document must be elsewhere (byte 0)"},
    {"a member", "{\"a\":\"here\"}", "a must be elsewhere (byte 5)"},
    {"a later member", "{\"a\":{\"x\":[1,2]},\"b\":\"here\"}", "b must be elsewhere (byte 21)"},
    {"an element", "[\"a\",[],{},\"here\"]", "[3] must be elsewhere (byte 11)"},
    {"members and elements", "{\"spec\":{\"containers\":[{\"name\":\"a\"},{\"env\":[{\"b\":\"here\"}]}]}}",
     "spec.containers[1].env[0].b must be elsewhere (byte 49)"},
    {"strings that look like brackets", "{\"a\":\"}],\\\",{\",\"b\":\"here\"}",
     "b must be elsewhere (byte 19)"},
    {"a name with a dot and a slash", "{\"a\":{\"x.io/y\":\"here\"}}",
     "a[x.io/y] must be elsewhere (byte 15)"},
    {"an empty name", "{\"a\":{\"\":\"here\"}}", "a[] must be elsewhere (byte 9)"},
    {"a name that is not ASCII", "{\"\xc3\xa9\x7f\":\"here\"}", "[\?\?\?] must be elsewhere (byte 7)"},
    {"a name with an escape", "{\"a\\u0000b\\\"\":\"here\"}", "[a\\u0000b\\\"] must be elsewhere (byte 14)"},
    {"a long name", "{\"aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff\":\"here\"}",
     "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeee... must be elsewhere (byte 64)"},
    {"a path that is too long",
     "{\"aaaaaaaaaabbbbbbbbbbcccccccccc\":{\"aaaaaaaaaabbbbbbbbbbcccccccccc\":{"
     "\"aaaaaaaaaabbbbbbbbbbcccccccccc\":"
     "{\"aaaaaaaaaabbbbbbbbbbcccccccccc\":{\"aaaaaaaaaabbbbbbbbbbcccccccccc\":\"here\"}}}}}",
     "aaaaaaaaaabbbbbbbbbbcccccccccc.aaaaaaaaaabbbbbbbbbbccccccccc...bbbbbcccccccccc."
     "aaaaaaaaaabbbbbbbbbbcccccccccc.aaaaaaaaaabbbbbbbbbbcccccccccc must be elsewhere (byte 170)"},
    {"a path that is too deep", "[[[[[[[[[[[[[[[[[[[[[[[[[[\"here\"]]]]]]]]]]]]]]]]]]]]]]]]]]",
     "[0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0]... must be elsewhere (byte "
     "26)"},
};

static void find_here_in_string(struct json *json, bool read_first)
{
    struct json before = *json;

    if (!text_is_string(json_text(json), "here"))
        return;
    if (!read_first)
        *json = before;
    json_fail(json, "must be elsewhere");
}

static void find_here(struct json *json, bool read_first)
{
    enum json_next next = json_peek(json);
    struct text name;

    if (next == JSON_NEXT_STRING)
        find_here_in_string(json, read_first);
    if (next == JSON_NEXT_OBJECT) {
        json_object_start(json);
        while (json_next_member(json, &name))
            find_here(json, read_first);
    }
    if (next == JSON_NEXT_ARRAY) {
        json_array_start(json);
        while (json_next_element(json))
            find_here(json, read_first);
    }
    if (next == JSON_NEXT_NUMBER)
        (void)json_number(json);
}

static void names_the_place(void **state)
{
    const struct place_row *row = *state;
    AUTO(arena_release) struct arena arena = {0};
    struct error err = {0};
    struct error err_after = {0};
    struct json json;

    json_init(&json, text_of(row->bytes), &arena);
    find_here(&json, false);
    assert_false(json_finish(&json, &err));
    assert_int_equal(err.kind, ERROR_INPUT);
    assert_string_equal(err.text, row->sentence);

    json_init(&json, text_of(row->bytes), &arena);
    find_here(&json, true);
    assert_false(json_finish(&json, &err_after));
    assert_memory_equal(err_after.text, row->sentence,
                        (size_t)(strstr(row->sentence, "(byte") - row->sentence));
}

int main(void)
{
    static const struct check_test tests[] = {
        CHECK_TEST(skips_no_deeper_than_it_reads), CHECK_TEST(reads_a_mebibyte_of_letters),
        CHECK_TEST(reads_a_mebibyte_of_escapes),   CHECK_TEST(reads_a_mebibyte_of_wide_characters),
        CHECK_TEST(refuses_a_review_cut_anywhere), CHECK_TEST(refuses_a_review_with_any_byte_made_null),
    };

    return CHECK_ROWS("json nesting", nesting_rows, limits_how_deep_values_nest) |
           CHECK_ROWS("json_path", place_rows, names_the_place) | CHECK_TESTS("json_scan", tests);
}
