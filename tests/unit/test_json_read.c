/* SPDX-License-Identifier: Apache-2.0 */
/* Objects, lists and pairs read into what a caller has for them; wrong types; memory that runs out. */
#include "core/json.h"

#include "support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* What the rows below are read into. */
struct thing {
    struct text name;
    struct text size;
    bool is_open;
    size_t count;
    unsigned long sum;
    enum member parts;
    enum member labels;
    struct pair *pairs;
    size_t pairs_count;
};

static void read_name(struct json *json, void *into)
{
    struct thing *thing = into;

    thing->name = json_text(json);
}

static void read_size(struct json *json, void *into)
{
    struct thing *thing = into;

    thing->size = json_number(json);
}

static void read_open(struct json *json, void *into)
{
    struct thing *thing = into;

    thing->is_open = json_bool(json);
}

static void read_part(struct json *json, void *into)
{
    struct thing *thing = into;
    struct text number = json_number(json);

    thing->count++;
    thing->sum += number.at != NULL ? (unsigned long)(number.at[0] - '0') : 0;
}

static void read_parts(struct json *json, void *into)
{
    struct thing *thing = into;

    thing->parts = json_read_array(json, read_part, into);
}

static void read_labels(struct json *json, void *into)
{
    struct thing *thing = into;

    thing->labels = json_read_pairs(json, &thing->pairs, &thing->pairs_count);
}

static const struct json_field fields[] = {
    JSON_FIELD("name", read_name),
    JSON_FIELD("size", read_size),
    JSON_FIELD("open", read_open),
    JSON_FIELD("parts", read_parts),
    JSON_FIELD("labels", read_labels),
    JSON_FIELD("", read_name),
    JSON_FIELD("a-name-that-is-longer-than-sixty-three-bytes-so-that-it-shares-its-bit", read_name),
};

static enum member read_thing(const char *bytes, struct arena *arena, struct thing *thing, struct json *json)
{
    json_init(json, text_of(bytes), arena);
    return json_read_object(json, fields, COUNT_OF(fields), thing);
}

struct refusal_row {
    const char *name;
    const char *bytes;
    const char *sentence;
};

static const struct refusal_row refusal_rows[] = {
    {"a list for an object", "[]", "the document must be an object (byte 0)"},
    {"a number for a string", "{\"name\":1}", "name must be a string (byte 8)"},
    {"null for a string", "{\"name\":null}", "name must be a string (byte 8)"},
    {"a string for a number", "{\"size\":\"1\"}", "size must be a number (byte 8)"},
    {"a string for a truth value", "{\"open\":\"true\"}", "open must be true or false (byte 8)"},
    {"a misspelt truth value", "{\"open\":tree}", "open is no JSON value (byte 8)"},
    {"a misspelt lie", "{\"open\":falso}", "open is no JSON value (byte 8)"},
    {"a misspelt null", "{\"labels\":nul}", "labels is no JSON value (byte 10)"},
    {"an object for a list", "{\"parts\":{}}", "parts must be a list (byte 9)"},
    {"a wrong element", "{\"parts\":[1,2,\"3\"]}", "parts[2] must be a number (byte 14)"},
    {"a list for pairs", "{\"labels\":[]}", "labels must be an object (byte 10)"},
    {"a pair of another type", "{\"labels\":{\"a\":\"b\",\"c.io/d\":1}}",
     "labels[c.io/d] must be a string (byte 28)"},
    {"a member twice", "{\"name\":\"a\",\"x\":1,\"name\":\"a\"}", "name comes twice (byte 25)"},
    {"a member twice, once in escapes", "{\"name\":\"a\",\"n\\u0061me\":\"a\"}",
     "[n\\u0061me] comes twice (byte 24)"},
    {"a member twice, once null", "{\"parts\":null,\"parts\":[]}", "parts comes twice (byte 22)"},
    {"a pair twice", "{\"labels\":{\"a\":\"b\",\"a\":\"b\"}}", "labels.a comes twice (byte 22)"},
    {"a pair twice, once null", "{\"labels\":{\"a\":null,\"a\":\"b\"}}", "labels.a comes twice (byte 23)"},
    {"a pair twice, once in escapes", "{\"labels\":{\"a\":\"b\",\"\\u0061\":\"b\"}}",
     "labels holds a name twice (byte 32)"},
    {"a pair twice among many",
     "{\"labels\":{\"a\":\"\",\"b\":\"\",\"c\":\"\",\"d\":\"\",\"e\":\"\",\"f\":\"\",\"g\":\"\",\"h\":\"\","
     "\"i\":\"\",\"j\":\"\",\"k\":\"\",\"l\":\"\",\"m\":\"\",\"n\":\"\",\"f\":\"\"}}",
     "labels.f comes twice (byte 112)"},
    {"a member skipped that is no JSON", "{\"x\":[1,{\"y\":tru}],\"name\":\"a\"}",
     "x[1].y is no JSON value (byte 13)"},
    {"a name that is cut off", "{\"na", "the document is cut off (byte 4)"},
    {"pairs that are cut off", "{\"labels\":{\"a\":", "labels.a is cut off (byte 15)"},
    {"a list that is cut off", "{\"parts\":[1", "parts[0] is cut off (byte 11)"},
};

static void refuses_a_thing(void **state)
{
    const struct refusal_row *row = *state;
    AUTO(arena_release) struct arena arena = {0};
    struct thing thing = {.count = 0};
    struct error err = {0};
    struct json json;

    assert_int_equal(read_thing(row->bytes, &arena, &thing, &json), MEMBER_ABSENT);
    assert_null(thing.pairs);
    assert_false(json_finish(&json, &err));
    assert_int_equal(err.kind, ERROR_INPUT);
    assert_string_equal(err.text, row->sentence);
}

static void reads_wanted_members_and_skips_the_rest(void **state)
{
    static const char bytes[] =
        "{\"x\":{\"name\":1},\"nam\":0,\"names\":0,\"mane\":0,\"n\\u0061me\":\"\\u0041\",\"size\":-1.5e3,"
        "\"open\":true,"
        "\"y\":[[{}]],\"parts\":[1,2,3],\"labels\":{\"b\":\"1\",\"a\":\"\",\"c\":null,\"d\":\"4\"}}";
    AUTO(arena_release) struct arena arena = {0};
    struct thing thing = {.count = 0};
    struct error err = {0};
    struct json json;

    (void)state;
    assert_int_equal(read_thing(bytes, &arena, &thing, &json), MEMBER_PRESENT);
    assert_true(json_finish(&json, &err));
    assert_true(text_is_string(thing.name, "A"));
    assert_true(text_is_string(thing.size, "-1.5e3"));
    assert_true(thing.is_open);
    assert_int_equal(thing.parts, MEMBER_PRESENT);
    assert_int_equal(thing.count, 3);
    assert_int_equal(thing.sum, 6);
    assert_int_equal(thing.labels, MEMBER_PRESENT);
    assert_int_equal(thing.pairs_count, 3);
    assert_true(text_is_string(thing.pairs[0].key, "b") && text_is_string(thing.pairs[0].value, "1"));
    assert_true(text_is_string(thing.pairs[1].key, "a") && text_is_string(thing.pairs[1].value, ""));
    assert_true(text_is_string(thing.pairs[2].key, "d") && text_is_string(thing.pairs[2].value, "4"));
}

static void knows_names_that_are_empty_or_long(void **state)
{
    AUTO(arena_release) struct arena arena = {0};
    struct thing thing = {.count = 0};
    struct json json;

    (void)state;
    assert_int_equal(read_thing("{\"\":\"empty\"}", &arena, &thing, &json), MEMBER_PRESENT);
    assert_true(text_is_string(thing.name, "empty"));
    assert_int_equal(
        read_thing("{\"a-name-that-is-longer-than-sixty-three-bytes-but-not-the-one-that-is-wanted\":1,"
                   "\"a-name-that-is-longer-than-sixty-three-bytes-so-that-it-shares-its-bit\":\"long\"}",
                   &arena, &thing, &json),
        MEMBER_PRESENT);
    assert_true(text_is_string(thing.name, "long"));
}

static void takes_null_for_an_object_a_list_and_pairs(void **state)
{
    AUTO(arena_release) struct arena arena = {0};
    struct thing thing = {.count = 0};
    struct error err = {0};
    struct json json;

    (void)state;
    assert_int_equal(read_thing("null", &arena, &thing, &json), MEMBER_NULL);
    assert_true(json_finish(&json, &err));
    assert_int_equal(read_thing("{\"parts\":null,\"labels\":null,\"open\":false}", &arena, &thing, &json),
                     MEMBER_PRESENT);
    assert_true(json_finish(&json, &err));
    assert_int_equal(thing.parts, MEMBER_NULL);
    assert_int_equal(thing.labels, MEMBER_NULL);
    assert_int_equal(thing.count, 0);
}

static void tells_empty_from_null(void **state)
{
    AUTO(arena_release) struct arena arena = {0};
    struct thing thing = {.pairs_count = 7};
    struct error err = {0};
    struct json json;

    (void)state;
    assert_int_equal(read_thing("{\"parts\":[],\"labels\":{}}", &arena, &thing, &json), MEMBER_PRESENT);
    assert_true(json_finish(&json, &err));
    assert_int_equal(thing.parts, MEMBER_PRESENT);
    assert_int_equal(thing.labels, MEMBER_PRESENT);
    assert_int_equal(thing.pairs_count, 0);
}

static void sticks_to_its_first_failure(void **state)
{
    struct error err = {0};
    struct text key = TEXT("untouched");
    struct json json;

    (void)state;
    json_init(&json, text_of("{\"a\":1,\"b\":null}"), NULL);
    json_object_start(&json);
    assert_true(json_next_member(&json, &key));
    assert_null(json_text(&json).at);
    assert_int_equal(json_peek(&json), JSON_NEXT_INVALID);
    assert_null(json_number(&json).at);
    assert_null(json_skip(&json).at);
    assert_false(json_bool(&json));
    assert_false(json_skip_null(&json));
    assert_false(json_next_member(&json, &key));
    assert_false(json_next_element(&json));
    json_object_start(&json);
    json_array_start(&json);
    json_fail(&json, "is another matter");
    json_fail_memory(&json);
    assert_false(json_finish(&json, &err));
    assert_string_equal(err.text, "a must be a string (byte 5)");
    assert_true(text_is_string(key, "a"));
}

static void reports_memory_as_such(void **state)
{
    struct error err = {0};
    struct json json;

    (void)state;
    json_init(&json, text_of("[]"), NULL);
    json_fail_memory(&json);
    json_fail(&json, "is another matter");
    assert_false(json_finish(&json, &err));
    assert_int_equal(err.kind, ERROR_MEMORY);
}

static void refuses_absent_bytes(void **state)
{
    struct error err = {0};
    struct json json;

    (void)state;
    json_init(&json, (struct text){0}, NULL);
    assert_null(json_skip(&json).at);
    assert_false(json_finish(&json, &err));
    assert_string_equal(err.text, "the document is cut off (byte 0)");
}

/* "{"key0":"v",...}"; the caller frees it. */
static char *many_pairs(size_t count)
{
    char *memory = malloc(count * 24 + 3);
    char *to = memory;
    size_t i;

    assert_non_null(memory);
    *to++ = '{';
    for (i = 0; i < count; i++)
        to += snprintf(to, 24, "%s\"key%zu\":\"v\"", i > 0 ? "," : "", i);
    (void)stpcpy(to, "}");
    return memory;
}

static void memory_free(char **memory)
{
    free(*memory);
}

/* Comparing each with each would be five thousand million comparisons: minutes, not seconds. */
static void reads_a_hundred_thousand_pairs_in_linear_time(void **state)
{
    AUTO(memory_free) char *bytes = many_pairs(100000);
    AUTO(arena_release) struct arena arena = {0};
    struct pair *pairs = NULL;
    struct error err = {0};
    clock_t begin = clock();
    struct json json;
    size_t count = 0;

    (void)state;
    json_init(&json, text_of(bytes), &arena);
    assert_int_equal(json_read_pairs(&json, &pairs, &count), MEMBER_PRESENT);
    assert_true(json_finish(&json, &err));
    assert_int_equal(count, 100000);
    assert_true(text_is_string(pairs[99999].key, "key99999"));
    assert_true((clock() - begin) / CLOCKS_PER_SEC < 3);
}

static void finds_the_one_pair_of_ten_thousand_that_comes_twice(void **state)
{
    AUTO(memory_free) char *bytes = many_pairs(10000);
    AUTO(arena_release) struct arena arena = {0};
    char *last = strstr(bytes, "key9999");
    struct pair *pairs = NULL;
    struct error err = {0};
    struct json json;
    size_t count = 0;

    (void)state;
    assert_non_null(last);
    memcpy(last, "key1234", 7);
    json_init(&json, text_of(bytes), &arena);
    assert_int_equal(json_read_pairs(&json, &pairs, &count), MEMBER_ABSENT);
    assert_null(pairs);
    assert_false(json_finish(&json, &err));
    assert_memory_equal(err.text, "key1234 comes twice (byte ", 26);
}

/* Escapes in names and values, and enough pairs for an index: each kind of allocation that reading makes. */
static const char needy_bytes[] =
    "{\"name\":\"\\u0041\",\"labels\":{\"\\n\":\"\\t\",\"a\":\"\",\"b\":\"\",\"c\":\"\",\"d\":\"\",\"e\":"
    "\"\",\"f\":\"\","
    "\"g\":\"\",\"h\":\"\",\"i\":\"\",\"j\":\"\",\"k\":\"\",\"l\":\"\",\"m\":\"\"}}";

static void survives_an_arena_that_ends_anywhere(void **state)
{
    size_t limit_bytes = 0;
    bool is_done = false;

    (void)state;
    while (!is_done) {
        AUTO(arena_release) struct arena arena = {.limit_bytes = limit_bytes + 16};
        struct thing thing = {.count = 0};
        struct error err = {0};
        struct json json;

        (void)read_thing(needy_bytes, &arena, &thing, &json);
        is_done = json_finish(&json, &err);
        limit_bytes += 16;
        assert_int_equal(err.kind, is_done ? ERROR_NONE : ERROR_MEMORY);
        assert_int_equal(thing.pairs_count, is_done ? 14 : 0);
    }
    assert_true(limit_bytes >
                (1 + 1 + 2 * 14) * sizeof(struct text)); /* two texts, and the pairs themselves */
}

static bool read_needy(void *state, struct error *err)
{
    AUTO(arena_release) struct arena arena = {0};
    struct thing thing = {.count = 0};
    struct json json;

    (void)state;
    (void)read_thing(needy_bytes, &arena, &thing, &json);
    return json_finish(&json, err);
}

static void survives_every_failing_allocation(void **state)
{
    (void)state;
    assert_int_equal(check_every_allocation(read_needy, NULL), 1); /* the arena's block */
}

int main(void)
{
    static const struct check_test tests[] = {
        CHECK_TEST(reads_wanted_members_and_skips_the_rest),
        CHECK_TEST(knows_names_that_are_empty_or_long),
        CHECK_TEST(takes_null_for_an_object_a_list_and_pairs),
        CHECK_TEST(tells_empty_from_null),
        CHECK_TEST(sticks_to_its_first_failure),
        CHECK_TEST(reports_memory_as_such),
        CHECK_TEST(refuses_absent_bytes),
        CHECK_TEST(reads_a_hundred_thousand_pairs_in_linear_time),
        CHECK_TEST(finds_the_one_pair_of_ten_thousand_that_comes_twice),
        CHECK_TEST(survives_an_arena_that_ends_anywhere),
        CHECK_TEST(survives_every_failing_allocation),
    };

    return CHECK_ROWS("json refusals", refusal_rows, refuses_a_thing) | CHECK_TESTS("json_read", tests);
}
