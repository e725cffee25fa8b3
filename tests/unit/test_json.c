/* SPDX-License-Identifier: Apache-2.0 */
/* Which bytes are JSON, what their values are, and how a failure reads. Tables: test_json_tables.c. */
#include "core/json.h"

#include "support/check.h"
#include "support/twin.h"

#include <stdlib.h>

/* A copy without a byte behind it, so that the sanitizer sees one read too far. */
static struct text exact(struct text text)
{
    char *copy = malloc(text.length > 0 ? text.length : 1);

    assert_non_null(copy);
    if (text.length > 0)
        memcpy(copy, text.at, text.length);
    return (struct text){.at = copy, .length = text.length};
}

static void text_free(struct text *text)
{
    free((void *)(uintptr_t)text->at);
}

/* `sentence` NULL: these bytes are JSON, for jansson too. */
struct bytes_row {
    const char *name;
    struct text bytes;
    const char *sentence;
};

static const struct bytes_row bytes_rows[] = {
    {"an empty object", TEXT("{}"), NULL},
    {"an empty list", TEXT("[]"), NULL},
    {"white space of all four kinds", TEXT(" \t\r\n{ \t\r\n\"a\" \n: [ 1 , 2 ] , \"b\":{ } } \n"), NULL},
    {"a bare string", TEXT("\"a\""), NULL},
    {"a bare number", TEXT("0"), NULL},
    {"a bare literal", TEXT("null"), NULL},
    {"all literals", TEXT("[true,false,null]"), NULL},
    {"an empty name", TEXT("{\"\":1}"), NULL},
    {"numbers of all shapes", TEXT("[0,-0,10,-1,0.5,1.25e3,1E+2,1e-2,0e0,0.0]"), NULL},
    {"escapes of all kinds", TEXT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\ude00\\uFFFF\""), NULL},
    {"a NUL that is escaped", TEXT("\"a\\u0000b\""), NULL},
    {"UTF-8 at its limits", TEXT("\"\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf\""),
     NULL},
    {"UTF-8 of four bytes", TEXT("\"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\""), NULL},
    {"UTF-8 behind sixteen bytes", TEXT("\"sixteen bytes...\xe2\x82\xac\""), NULL},

    {"nothing", TEXT(""), "the document is cut off (byte 0)"},
    {"white space alone", TEXT(" \n"), "the document is cut off (byte 2)"},
    {"two documents", TEXT("{} {}"), "the document is followed by more than white space (byte 3)"},
    {"a comma behind", TEXT("1,"), "the document is followed by more than white space (byte 1)"},
    {"a byte order mark", TEXT("\xef\xbb\xbf{}"), "the document is no JSON value (byte 0)"},
    {"a raw NUL", TEXT("\0"), "the document is no JSON value (byte 0)"},
    {"a raw NUL behind", TEXT("{}\0"), "the document is followed by more than white space (byte 2)"},
    {"a raw NUL in a string", TEXT("\"\0\""),
     "the document holds a control character that is not escaped (byte 1)"},
    {"a form feed for a space", TEXT("[\f1]"), "[0] is no JSON value (byte 1)"},
    {"a no-break space", TEXT("[\xc2\xa0]"), "[0] is no JSON value (byte 1)"},
    {"a comment", TEXT("[/**/1]"), "[0] is no JSON value (byte 1)"},
    {"a single quote", TEXT("['a']"), "[0] is no JSON value (byte 1)"},
    {"an unquoted name", TEXT("{a:1}"), "the document needs a member's name in quotes (byte 1)"},
    {"a number for a name", TEXT("{\"a\":{1:2}}"), "a needs a member's name in quotes (byte 6)"},
    {"a member without a colon", TEXT("{\"a\" 1}"), "a must be followed by ':' (byte 5)"},
    {"a member without a value", TEXT("{\"a\":}"), "a is no JSON value (byte 5)"},
    {"a member cut behind its name", TEXT("{\"a\""), "a is cut off (byte 4)"},
    {"a member cut behind its colon", TEXT("{\"a\":"), "a is cut off (byte 5)"},
    {"a comma at an object's end", TEXT("{\"a\":1,}"),
     "the document needs a member's name in quotes (byte 7)"},
    {"a comma at a list's end", TEXT("[1,]"), "[1] is no JSON value (byte 3)"},
    {"a comma at a list's start", TEXT("[,1]"), "[0] is no JSON value (byte 1)"},
    {"two commas", TEXT("[1,,2]"), "[1] is no JSON value (byte 3)"},
    {"no comma in a list", TEXT("[1 2]"), "[0] must be followed by ',' or ']' (byte 3)"},
    {"no comma in an object", TEXT("{\"a\":1 \"b\":2}"), "a must be followed by ',' or '}' (byte 7)"},
    {"brackets that do not match", TEXT("{\"a\":[1}"), "a[0] must be followed by ',' or ']' (byte 7)"},
    {"a closing bracket alone", TEXT("]"), "the document is no JSON value (byte 0)"},
    {"an open object", TEXT("{"), "the document is cut off (byte 1)"},
    {"an open list", TEXT("["), "[0] is cut off (byte 1)"},

    {"half a literal", TEXT("tru"), "the document is cut off (byte 3)"},
    {"a misspelt literal", TEXT("[nil]"), "[0] is no JSON value (byte 1)"},
    {"a capital literal", TEXT("True"), "the document is no JSON value (byte 0)"},
    {"a literal with more", TEXT("[nullx]"), "[0] must be followed by ',' or ']' (byte 5)"},

    {"a plus sign", TEXT("+1"), "the document is no JSON value (byte 0)"},
    {"a minus sign alone", TEXT("[-]"), "[0] is no JSON number (byte 2)"},
    {"a minus sign at the end", TEXT("-"), "the document is cut off (byte 1)"},
    {"a leading zero", TEXT("[01]"), "[0] must be followed by ',' or ']' (byte 2)"},
    {"a point without digits before", TEXT("[.5]"), "[0] is no JSON value (byte 1)"},
    {"a point without digits behind", TEXT("[1.]"), "[0] is no JSON number (byte 3)"},
    {"an exponent without digits", TEXT("[1e]"), "[0] is no JSON number (byte 3)"},
    {"an exponent of a sign alone", TEXT("[1e+]"), "[0] is no JSON number (byte 4)"},
    {"an exponent at the end", TEXT("1e"), "the document is cut off (byte 2)"},
    {"a hexadecimal number", TEXT("[0x1]"), "[0] must be followed by ',' or ']' (byte 2)"},
    {"infinity", TEXT("[Infinity]"), "[0] is no JSON value (byte 1)"},

    {"an open string", TEXT("\"abc"), "the document is cut off (byte 4)"},
    {"a newline in a string", TEXT("\"a\nb\""),
     "the document holds a control character that is not escaped (byte 2)"},
    {"an unknown escape", TEXT("\"\\x\""), "the document has an unknown escape (byte 2)"},
    {"an escaped NUL byte", TEXT("\"\\\0\""), "the document has an unknown escape (byte 2)"},
    {"an escape at the end", TEXT("\"\\"), "the document is cut off (byte 2)"},
    {"a \\u cut short", TEXT("\"\\u00"), "the document is cut off (byte 5)"},
    {"a \\u that is not hexadecimal", TEXT("\"\\u00g0\""),
     "the document has a \\u escape without four hexadecimal digits (byte 5)"},
    {"a high surrogate alone", TEXT("\"\\ud800\""), "the document holds half of a surrogate pair (byte 3)"},
    {"a high surrogate before a letter", TEXT("\"\\ud800\\n\""),
     "the document holds half of a surrogate pair (byte 3)"},
    {"a high surrogate before another", TEXT("\"\\ud800\\ud800\""),
     "the document holds half of a surrogate pair (byte 3)"},
    {"a low surrogate alone", TEXT("\"\\udc00\""), "the document holds half of a surrogate pair (byte 3)"},
    {"a pair cut in two", TEXT("\"\\ud83d"), "the document is cut off (byte 7)"},
    {"a pair cut at its backslash", TEXT("\"\\ud83d\\"), "the document is cut off (byte 8)"},
    {"a pair cut at its u", TEXT("\"\\ud83d\\u"), "the document is cut off (byte 9)"},
    {"a pair whose second half is no number", TEXT("\"\\ud83d\\uzzzz\""),
     "the document has a \\u escape without four hexadecimal digits (byte 9)"},

    {"an overlong slash", TEXT("[\"\xc0\xaf\"]"), "[0] holds bytes that are not UTF-8 (byte 2)"},
    {"an overlong form of three bytes", TEXT("[\"\xe0\x9f\xbf\"]"),
     "[0] holds bytes that are not UTF-8 (byte 2)"},
    {"an overlong form of four bytes", TEXT("[\"\xf0\x8f\xbf\xbf\"]"),
     "[0] holds bytes that are not UTF-8 (byte 2)"},
    {"a surrogate in UTF-8", TEXT("[\"\xed\xa0\x80\"]"), "[0] holds bytes that are not UTF-8 (byte 2)"},
    {"one above U+10FFFF", TEXT("[\"\xf4\x90\x80\x80\"]"), "[0] holds bytes that are not UTF-8 (byte 2)"},
    {"a byte that UTF-8 never has", TEXT("[\"\xff\"]"), "[0] holds bytes that are not UTF-8 (byte 2)"},
    {"a continuation alone", TEXT("[\"\x80\"]"), "[0] holds bytes that are not UTF-8 (byte 2)"},
    {"a sequence that ends early", TEXT("[\"\xe2\x82\"]"), "[0] holds bytes that are not UTF-8 (byte 2)"},
    {"a sequence that is cut off", TEXT("[\"\xe2\x82"), "[0] is cut off (byte 2)"},
    {"bad UTF-8 in a name", TEXT("{\"\xff\":1}"), "the document holds bytes that are not UTF-8 (byte 2)"},
};

static void reads_bytes_as_jansson_does(void **state)
{
    const struct bytes_row *row = *state;
    AUTO(text_free) struct text bytes = exact(row->bytes);
    struct twin twin = twin_read(bytes);

    assert_null(twin.mismatch);
    assert_int_equal(twin.differences, 0);
    assert_int_equal(twin.is_accepted, row->sentence == NULL);
    assert_int_equal(twin.is_accepted_by_jansson, row->sentence == NULL);
    assert_string_equal(twin.err.text, row->sentence != NULL ? row->sentence : "");
    assert_int_equal(twin.err.kind, row->sentence != NULL ? ERROR_INPUT : ERROR_NONE);
}

/* Where the two differ, each difference once. */
struct difference_row {
    const char *name;
    struct text bytes;
    unsigned difference;
    bool is_accepted;
    bool is_accepted_by_jansson;
};

static const struct difference_row difference_rows[] = {
    {"jansson refuses integers beyond 64 bits", TEXT("[9223372036854775808]"), TWIN_LARGE_NUMBER, true,
     false},
    {"jansson refuses integers below them", TEXT("[-9223372036854775809]"), TWIN_LARGE_NUMBER, true, false},
    {"jansson takes the largest", TEXT("[9223372036854775807,-9223372036854775808]"), 0, true, true},
    {"jansson refuses reals that overflow", TEXT("[1e400]"), TWIN_LARGE_NUMBER, true, false},
    {"jansson takes reals that underflow", TEXT("[1e-400]"), 0, true, true},
    {"jansson refuses a NUL in a name", TEXT("{\"a\\u0000b\":1}"), TWIN_NUL_IN_NAME, true, false},
    {"jansson keeps the last of two members", TEXT("{\"a\":1,\"b\":2,\"\\u0061\":3}"), TWIN_MEMBER_TWICE,
     true, true},
    {"jansson overlooks a NUL byte behind a number", TEXT("[1\0]"), TWIN_NUL_BYTE, false, true},
    {"jansson overlooks a NUL byte behind a literal", TEXT("[true\0]"), TWIN_NUL_BYTE, false, true},
};

static void differs_from_jansson_in_this_alone(void **state)
{
    const struct difference_row *row = *state;
    AUTO(text_free) struct text bytes = exact(row->bytes);
    struct twin twin = twin_read(bytes);

    assert_null(twin.mismatch);
    assert_int_equal(twin.differences, row->difference);
    assert_int_equal(twin.is_accepted, row->is_accepted);
    assert_int_equal(twin.is_accepted_by_jansson, row->is_accepted_by_jansson);
}

struct value_row {
    const char *name;
    struct text bytes;
    struct text value;
};

static const struct value_row string_rows[] = {
    {"empty", TEXT("\"\""), TEXT("")},
    {"plain", TEXT(" \"abc\""), TEXT("abc")},
    {"longer than a word", TEXT("\"sixteen bytes and then more\""), TEXT("sixteen bytes and then more")},
    {"letters that are escaped", TEXT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""), TEXT("\"\\/\b\f\n\r\t")},
    {"escapes of one to four bytes", TEXT("\"\\u0041\\u00e9\\u20AC\\ud83d\\uDE00\""),
     TEXT("A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80")},
    {"the last of all characters", TEXT("\"\\udbff\\udfff\""), TEXT("\xf4\x8f\xbf\xbf")},
    {"a NUL", TEXT("\"a\\u0000b\""), TEXT("a\0b")},
    {"escapes between text", TEXT("\"k:{\\\"name\\\":\\\"worker\\\"}\""), TEXT("k:{\"name\":\"worker\"}")},
    {"a backslash before a u", TEXT("\"\\\\u0041\""), TEXT("\\u0041")},
};

static void decodes_a_string(void **state)
{
    const struct value_row *row = *state;
    AUTO(text_free) struct text bytes = exact(row->bytes);
    AUTO(arena_release) struct arena arena = {0};
    struct error err = {0};
    struct json json;
    struct text value;

    json_init(&json, bytes, &arena);
    assert_int_equal(json_peek(&json), JSON_NEXT_STRING);
    value = json_text(&json);
    assert_non_null(value.at);
    assert_int_equal(value.length, row->value.length);
    assert_memory_equal(value.at, row->value.at, value.length);
    assert_true(json_finish(&json, &err));
}

static const struct value_row number_rows[] = {
    {"zero", TEXT("0"), TEXT("0")},
    {"minus zero", TEXT(" -0 "), TEXT("-0")},
    {"as written", TEXT("1.50E+02"), TEXT("1.50E+02")},
    {"of any size", TEXT("123456789012345678901234567890"), TEXT("123456789012345678901234567890")},
};

static void hands_a_number_out_as_written(void **state)
{
    const struct value_row *row = *state;
    AUTO(text_free) struct text bytes = exact(row->bytes);
    struct error err = {0};
    struct json json;
    struct text value;

    json_init(&json, bytes, NULL);
    assert_int_equal(json_peek(&json), JSON_NEXT_NUMBER);
    value = json_number(&json);
    assert_true(text_is(value, row->value));
    assert_true(json_finish(&json, &err));
}

int main(void)
{
    return CHECK_ROWS("json bytes", bytes_rows, reads_bytes_as_jansson_does) |
           CHECK_ROWS("json differences", difference_rows, differs_from_jansson_in_this_alone) |
           CHECK_ROWS("json_text", string_rows, decodes_a_string) |
           CHECK_ROWS("json_number", number_rows, hands_a_number_out_as_written);
}
