/* SPDX-License-Identifier: Apache-2.0 */
/* Trees: finding, pointers, JSON in and out, adding, comparing. */
#include "core/tree.h"

#include "support/check.h"

static struct tree *parse(const char *json, struct arena *arena)
{
    struct tree *tree = NULL;
    struct error err = {0};
    bool is_read = tree_parse_json(text_of(json), arena, &tree, &err);

    assert_string_equal(err.text, "");
    assert_true(is_read);
    return tree;
}

static const char document[] = "{\"a\": {\"b/c\": [1, {\"d~e\": null}], \"\": true},\n \"n\": \"x\"}";

struct step_row {
    const char *name;
    const char *pointer;
    const char *json; /* of what is there; NULL: nothing */
    const char *key;
    bool has_parent;
};

static const struct step_row step_rows[] = {
    {"a member", "/n", "\"x\"", "n", true},
    {"an escaped slash, an element", "/a/b~1c/0", "1", "0", true},
    {"an escaped tilde", "/a/b~1c/1/d~0e", "null", "d~e", true},
    {"an empty key", "/a/", "true", "", true},
    {"a member that is not there", "/a/x", NULL, "x", true},
    {"behind the end of a list", "/a/b~1c/-", NULL, "-", true},
    {"an element that is not there", "/a/b~1c/2", NULL, "2", true},
    {"below what is not there", "/x/y", NULL, "y", false},
    {"below a scalar", "/n/y", NULL, "y", true},
};

static void resolves_row(void **state)
{
    AUTO(arena_release) struct arena arena = {0};
    AUTO(buffer_release) struct buffer json = {0};
    const struct step_row *row = *state;
    struct tree *parent;
    struct text key;
    const struct tree_item *item =
        tree_resolve(parse(document, &arena), text_of(row->pointer), &arena, &parent, &key);

    assert_int_equal(item != NULL, row->json != NULL);
    assert_int_equal(parent != NULL, row->has_parent);
    assert_true(text_is_string(key, row->key));
    if (item == NULL)
        return;
    tree_format_json(item->value, &json);
    assert_true(text_is_string(buffer_text(&json), row->json));
}

static void builds_pointers(void **state)
{
    AUTO(arena_release) struct arena arena = {0};
    struct text pointer = tree_pointer(&arena, text_of(""), text_of("a/b~c"));

    (void)state;
    assert_true(text_is_string(pointer, "/a~1b~0c"));
    assert_true(text_is_string(tree_pointer(&arena, pointer, text_of("d")), "/a~1b~0c/d"));
}

static void finds_nothing_in_what_is_no_map(void **state)
{
    AUTO(arena_release) struct arena arena = {0};
    const struct tree *root = parse(document, &arena);

    (void)state;
    assert_null(tree_find(NULL, "a"));
    assert_null(tree_find(tree_find(root, "n"), "a"));
    assert_null(tree_find_text(root, "a").at);
    assert_null(tree_find_text(root, "z").at);
    assert_true(text_is_string(tree_find_text(root, "n"), "x"));
    assert_int_equal(tree_find(root, "n")->line, 2);
}

struct pair_row {
    const char *name;
    const char *left;
    const char *right;
    bool is_same;
};

static const struct pair_row pair_rows[] = {
    {"members in another order", "{\"a\":1,\"b\":[2]}", "{\"b\":[2],\"a\":1}", true},
    {"elements in another order", "[1,2]", "[2,1]", false},
    {"a member more", "{\"a\":1}", "{\"a\":1,\"b\":1}", false},
    {"another member", "{\"a\":1}", "{\"b\":1}", false},
    {"another kind", "[\"1\"]", "[1]", false},
    {"null and nothing", "{\"a\":null}", "{}", false},
};

static void compares_row(void **state)
{
    AUTO(arena_release) struct arena arena = {0};
    const struct pair_row *row = *state;

    assert_int_equal(tree_is(parse(row->left, &arena), parse(row->right, &arena)), row->is_same);
}

struct add_row {
    const char *name;
    const char *pointer;
    const char *value;
    const char *after; /* of {"a":[1],"b":{}}; NULL: refused */
};

static const struct add_row add_rows[] = {
    {"a member", "/b/c", "[2]", "{\"a\":[1],\"b\":{\"c\":[2]}}"},
    {"in place of a member", "/a", "null", "{\"a\":null,\"b\":{}}"},
    {"an element", "/a/-", "\"x\"", "{\"a\":[1,\"x\"],\"b\":{}}"},
    {"in the middle of a list", "/a/0", "2", NULL},
    {"below nothing", "/c/d", "2", NULL},
    {"below a scalar", "/a/0/d", "2", NULL},
    {"what is no JSON", "/b/c", "{", NULL},
};

static void adds_row(void **state)
{
    AUTO(arena_release) struct arena arena = {0};
    AUTO(buffer_release) struct buffer json = {0};
    const struct add_row *row = *state;
    struct tree *root = parse("{\"a\":[1],\"b\":{}}", &arena);
    struct error err = {0};

    assert_int_equal(tree_add(root, text_of(row->pointer), text_of(row->value), &arena, &err),
                     row->after != NULL);
    assert_int_equal(err.kind == ERROR_NONE, row->after != NULL);
    tree_format_json(root, &json);
    assert_true(text_is_string(buffer_text(&json), row->after != NULL ? row->after : "{\"a\":[1],\"b\":{}}"));
}

static bool build(void *into, struct error *err)
{
    AUTO(arena_release) struct arena arena = {0};
    struct tree *tree;

    (void)into;
    return tree_parse_json(text_of(document), &arena, &tree, err) &&
           tree_add(tree, text_of("/a/x"), text_of("{\"y\":[1,\"z\"]}"), &arena, err);
}

static void survives_every_failing_allocation(void **state)
{
    (void)state;
    assert_true(check_every_allocation(build, NULL) > 0);
}

static const struct check_test tests[] = {
    CHECK_TEST(builds_pointers),
    CHECK_TEST(finds_nothing_in_what_is_no_map),
    CHECK_TEST(survives_every_failing_allocation),
};

int main(void)
{
    return CHECK_ROWS("tree_resolve", step_rows, resolves_row) |
           CHECK_ROWS("tree_is", pair_rows, compares_row) | CHECK_ROWS("tree_add", add_rows, adds_row) |
           CHECK_TESTS("tree", tests);
}
