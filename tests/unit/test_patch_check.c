/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/subject.h"

#include "core/patch.h"

#include <stdio.h>

#define CONTAINER "/spec/containers/0"

/* A patch that adds at these paths, which are separated by spaces. */
static struct patch patch_at(struct arena *arena, const char *paths)
{
    struct patch patch = {0};
    struct text rest = text_of(paths);
    struct operation operation = {.value = text_of("1")};

    while (text_split(&rest, ' ', &operation.path)) {
        struct operation *larger = arena_grow(arena, patch.operations, patch.count, sizeof(*larger));

        assert_non_null(larger);
        patch.operations = larger;
        larger[patch.count++] = operation;
    }
    return patch;
}

static const struct check_row {
    const char *name;
    const char *pod;
    const char *paths;
    const char *missed; /* NULL: all resolve */
} rows[] = {
    {"a new member", "{}", "/metadata", NULL},
    {"a member that is there", "{'metadata': null}", "/metadata", NULL},
    {"no parent", "{}", "/metadata/labels", "/metadata/labels"},
    {"null for a parent", "{'metadata': null}", "/metadata/labels", "/metadata/labels"},
    {"a string for a parent", "{'metadata': 'x'}", "/metadata/labels", "/metadata/labels"},
    {"a list for an object", "{'metadata': []}", "/metadata/labels", "/metadata/labels"},
    {"a list as the pod", "[]", "/metadata", "/metadata"},
    {"no pod", "null", "/metadata", "/metadata"},
    {"escaped tokens", "{'a/b': {'c~d': {}}}", "/a~1b/c~0d/e", NULL},
    {"escapes that name another key", "{'a/b': {}}", "/a~0b/c", "/a~0b/c"},
    {"a tilde at the end", "{'a~': {}}", "/a~/c", NULL},
    {"a key that is longer", "{'metadata2': {}}", "/metadata/labels", "/metadata/labels"},
    {"a key that is shorter", "{'meta': {}}", "/metadata/labels", "/metadata/labels"},
    {"append to a list", "{'spec': {'volumes': []}}", "/spec/volumes/-", NULL},
    {"append twice", "{'spec': {'volumes': [1]}}", "/spec/volumes/- /spec/volumes/-", NULL},
    {"append to nothing", "{'spec': {}}", "/spec/volumes/-", "/spec/volumes/-"},
    {"append to null", "{'spec': {'volumes': null}}", "/spec/volumes/-", "/spec/volumes/-"},
    {"insert into a list is not what we do", "{'spec': {'volumes': []}}", "/spec/volumes/0",
     "/spec/volumes/0"},
    {"a minus that is no list's end", "{'spec': {'volumes': {}}}", "/spec/volumes/-", NULL},
    {"the second of two elements", "{'spec': {'containers': [{}, {}]}}", "/spec/containers/1/env", NULL},
    {"an element too many", "{'spec': {'containers': [{}]}}", "/spec/containers/1/env",
     "/spec/containers/1/env"},
    {"an element that is null", "{'spec': {'containers': [null]}}", CONTAINER "/env", CONTAINER "/env"},
    {"several elements", "{'spec': {'containers': [{'env': []}, 1, {}]}}",
     CONTAINER "/env/- " CONTAINER "/resources /spec/containers/2/env", NULL},
    {"elements out of order", "{'spec': {'containers': [{}, {}]}}",
     "/spec/containers/1/env /spec/containers/0/env", "/spec/containers/0/env"},
    {"an index that is none", "{'spec': {'containers': [{}]}}", "/spec/containers/x/env",
     "/spec/containers/x/env"},
    {"through the end of a list", "{'spec': {'containers': [{}]}}", "/spec/containers/-/env",
     "/spec/containers/-/env"},
    {"one prefix of another", "{'spec': {'containers': [{'env': []}]}}",
     CONTAINER "/env/- " CONTAINER "/envFrom", NULL},
    {"members in any order of the pod",
     "{'spec': {'volumes': []}, 'x': {'spec': 1}, 'metadata': {'labels': {}}}",
     "/metadata/labels/a /metadata/annotations /spec/nodeSelector /spec/volumes/-", NULL},
    {"the second of several is a miss", "{'spec': {'containers': [{}]}, 'metadata': {}}",
     "/metadata/labels " CONTAINER "/env/- /spec/volumes", CONTAINER "/env/-"},
    {"an escaped key in the pod", "{'met\\u0061data': {}}", "/metadata/labels", NULL},
    {"no slash", "{}", "metadata", NULL},
};

static void resolves(void **state)
{
    const struct check_row *row = *state;
    AUTO(arena_release) struct arena arena = {0};
    struct subject_fixture quoter = {0};
    struct patch patch = patch_at(&arena, row->paths);
    struct text pod = subject_fixture_quote(&quoter, row->pod);
    struct error err = {0};
    char sentence[256];

    if (row->missed == NULL) {
        if (!patch_check(&patch, pod, NULL, &arena, &err))
            fail_msg("%s", err.text);
    } else {
        assert_false(patch_check(&patch, pod, NULL, &arena, &err));
        assert_int_equal(err.kind, ERROR_SYSTEM);
        (void)snprintf(sentence, sizeof(sentence), "the patch does not fit the pod at %s", row->missed);
        assert_string_equal(err.text, sentence);
    }
    subject_fixture_release(&quoter);
}

static void takes_an_empty_patch_for_any_pod(void **state)
{
    AUTO(arena_release) struct arena arena = {0};
    const struct patch patch = {0};
    struct error err = {0};

    (void)state;
    assert_true(patch_check(&patch, text_of("not even JSON"), NULL, &arena, &err));
}

static void refuses_what_is_no_json(void **state)
{
    AUTO(arena_release) struct arena arena = {0};
    struct patch patch = patch_at(&arena, "/metadata/labels");
    struct error err = {0};

    (void)state;
    assert_false(patch_check(&patch, text_of("{\"metadata\"{}"), NULL, &arena, &err));
    assert_int_equal(err.kind, ERROR_INPUT);
}

/* The reader has checked every byte already; behind the last parent there is nothing to learn. */
static void stops_where_the_last_operation_is_found(void **state)
{
    AUTO(arena_release) struct arena arena = {0};
    struct patch patch = patch_at(&arena, "/metadata/labels");
    struct error err = {0};

    (void)state;
    assert_true(patch_check(&patch, text_of("{\"metadata\":{},\"spec\":"), NULL, &arena, &err));
}

/* One group of operations a container: more than one object can hold is a miss, never an overflow. */
static void refuses_more_members_than_it_can_follow(void **state)
{
    AUTO(arena_release) struct arena arena = {0};
    struct patch patch =
        patch_at(&arena, "/a/x /b/x /c/x /d/x /e/x /f/x /g/x /h/x /i/x /j/x /k/x /l/x /m/x /n/x "
                         "/o/x /p/x /q/x /r/x /s/x /t/x /u/x /v/x /w/x /x/x /y/x /z/x /0/x /1/x "
                         "/2/x /3/x /4/x /5/x /6/x");
    struct error err = {0};

    (void)state;
    assert_false(patch_check(&patch, text_of("{}"), NULL, &arena, &err));
    assert_string_equal(err.text, "the patch does not fit the pod at /6/x");
}

static void refuses_paths_that_are_too_deep(void **state)
{
    AUTO(arena_release) struct arena arena = {0};
    struct patch patch = patch_at(&arena, "/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a");
    struct error err = {0};

    (void)state;
    assert_false(
        patch_check(&patch,
                    text_of("{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":"
                            "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{}}}}}}}}}}}}}}}}}"),
                    NULL, &arena, &err));
    assert_int_equal(err.kind, ERROR_SYSTEM);
}

static const struct check_test tests[] = {
    CHECK_TEST(takes_an_empty_patch_for_any_pod),        CHECK_TEST(refuses_what_is_no_json),
    CHECK_TEST(refuses_more_members_than_it_can_follow), CHECK_TEST(stops_where_the_last_operation_is_found),
    CHECK_TEST(refuses_paths_that_are_too_deep),
};

int main(void)
{
    return CHECK_ROWS("patch_check", rows, resolves) | CHECK_TESTS("patch_check's limits", tests);
}
