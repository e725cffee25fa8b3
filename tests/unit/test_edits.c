/* SPDX-License-Identifier: Apache-2.0 */
/* Edits of a manifest's text: each row says what comes out, and it must be what the patch makes of the tree.
 */
#include "core/edits.h"

#include "core/scalar.h"
#include "io/yaml_document.h"
#include "support/check.h"

enum {
    OPERATIONS_LIMIT = 4
};

struct pointed {
    const char *path;
    const char *value;
};

struct row {
    const char *name;
    const char *before;
    struct pointed operations[OPERATIONS_LIMIT];
    const char *after;
};

static const struct row rows[] = {
    {"a member of a block map", "a:\n  b: 1\nc: 2\n", {{"/a/x", "\"z\""}}, "a:\n  b: 1\n  x: z\nc: 2\n"},
    {"a member of the document", "a: 1\n", {{"/b", "[1,\"x\"]"}}, "a: 1\nb:\n- 1\n- x\n"},
    {"deep ones come first where they meet",
     "a:\n  b:\n    c: 1\n",
     {{"/x", "1"}, {"/a/x", "2"}, {"/a/b/x", "3"}, {"/a/b/z", "4"}},
     "a:\n  b:\n    c: 1\n    x: 3\n    z: 4\n  x: 2\nx: 1\n"},
    {"a list at its key's column",
     "a:\n- b: 1\n",
     {{"/a/-", "{\"c\":1,\"d\":{\"e\":[2]}}"}},
     "a:\n- b: 1\n- c: 1\n  d:\n    e:\n    - 2\n"},
    {"a list that is indented",
     "a:\n    - b: 1\nc:\n    d: 1\n",
     {{"/a/-", "{\"c\":{\"x\":[2]}}"}, {"/c/e", "{\"f\":[3]}"}},
     "a:\n    - b: 1\n    - c:\n          x:\n              - 2\nc:\n    d: 1\n    e:\n        f:\n          "
     "  - 3\n"},
    {"a list in a list", "a:\n- - 1\n", {{"/a/-", "[2]"}}, "a:\n- - 1\n- [2]\n"},
    {"nothing in a block", "a:   # why\nb: 1\n", {{"/a", "{\"x\":1}"}}, "a:   # why\n  x: 1\nb: 1\n"},
    {"a tilde in a block", "a: ~  # why\nb: 1\n", {{"/a", "[1]"}}, "a:  # why\n- 1\nb: 1\n"},
    {"nothing, to be a scalar", "a:\nb: 1\n", {{"/a", "\"x\""}}, "a: x\nb: 1\n"},
    {"null, to be a scalar", "a: null # c\n", {{"/a", "true"}}, "a: true # c\n"},
    {"null, to be an empty list", "a: null\n", {{"/a", "[]"}}, "a: []\n"},
    {"an empty map in a block",
     "a: {} # e\nb: 1\n",
     {{"/a/x", "1"}, {"/a/w", "{\"z\":2}"}},
     "a: # e\n  x: 1\n  w:\n    z: 2\nb: 1\n"},
    {"an empty list in a list's map",
     "a:\n- b: []\n  c: 1\n",
     {{"/a/0/b/-", "1"}},
     "a:\n- b:\n  - 1\n  c: 1\n"},
    {"an empty document of JSON", "{}\n", {{"/a", "1"}}, "{\"a\": 1}\n"},
    {"an empty document of YAML", "--- {}\n", {{"/a", "1"}}, "---\na: 1\n"},
    {"a flow map",
     "a: {b: 1}\n",
     {{"/a/c", "\"d\""}, {"/a/e", "[\"f\",{}]"}},
     "a: {b: 1, c: d, e: [f, {}]}\n"},
    {"an empty flow map in a flow",
     "a: {b: {}}\n",
     {{"/a/b/c", "1"}, {"/a/b/d", "2"}},
     "a: {b: {c: 1, d: 2}}\n"},
    {"nothing in a flow", "a: {b: , c: 1}\n", {{"/a/b", "[1]"}}, "a: {b: [1] , c: 1}\n"},
    {"a null in a flow", "a: {b: ~}\n", {{"/a/b", "{\"c\":1}"}}, "a: {b: {c: 1}}\n"},
    {"a trailing comma", "a: [1, 2, ]\n", {{"/a/-", "3"}}, "a: [1, 2, 3, ]\n"},
    {"a flow with a line for each",
     "a: {\n  b: 1, # one\n  c: 2 # two\n}\n",
     {{"/a/d", "3"}},
     "a: {\n  b: 1, # one\n  c: 2,\n  d: 3 # two\n}\n"},
    {"a scalar is replaced",
     "a: {s: 'x'}\nb: \"y\" # c\n",
     {{"/b", "\"z\""}, {"/a/s", "\"1\""}},
     "a: {s: \"1\"}\nb: z # c\n"},
    {"a text is replaced", "a: |\n  x\n  y\nb: 1\n", {{"/a", "\"z\""}}, "a: z\nb: 1\n"},
    {"behind a text",
     "a:\n  b: |\n    x\n\n\nc: 1\n",
     {{"/a/d", "1"}},
     "a:\n  b: |\n    x\n  d: 1\n\n\nc: 1\n"},
    {"behind a text that keeps its lines",
     "a:\n  b: |+\n    x\n\nc: 1\n",
     {{"/a/d", "1"}},
     "a:\n  b: |+\n    x\n\n  d: 1\nc: 1\n"},
    {"comments go with what they are indented like",
     "a:\n  b:\n    c: 1\n    # of b\n\n  # of a\n# of all\n",
     {{"/a/b/x", "1"}, {"/a/z", "2"}},
     "a:\n  b:\n    c: 1\n    # of b\n    x: 1\n\n  # of a\n  z: 2\n# of all\n"},
    {"CRLF", "a:\r\n  b: 1\r\nc: 1\r\n", {{"/a/x", "[1]"}}, "a:\r\n  b: 1\r\n  x:\r\n  - 1\r\nc: 1\r\n"},
    {"no newline at the end", "a:\n  b: 1", {{"/a/x", "1"}, {"/z", "2"}}, "a:\n  b: 1\n  x: 1\nz: 2"},
    {"a comment without a newline at the end",
     "a:\n  b: 1\n  # c",
     {{"/a/x", "1"}},
     "a:\n  b: 1\n  # c\n  x: 1"},
    {"behind an alias",
     "a: &x\n  b: 1\nc:\n  d: *x # why\n",
     {{"/c/e", "1"}},
     "a: &x\n  b: 1\nc:\n  d: *x # why\n  e: 1\n"},
    {"over a merged member",
     "a: &x {b: 1}\nc:\n  <<: *x\n",
     {{"/c/b", "2"}, {"/c/d", "3"}},
     "a: &x {b: 1}\nc:\n  <<: *x\n  b: 2\n  d: 3\n"},
    {"behind an anchor of its own", "a: &x\n  b: 1\n", {{"/a/c", "1"}}, "a: &x\n  b: 1\n  c: 1\n"},
    {"the right document",
     "a:\n  b: 1\n---\na:\n  b: 1\n",
     {{"/a/c", "1"}},
     "a:\n  b: 1\n  c: 1\n---\na:\n  b: 1\n"},
    {"letters of more than a byte",
     "# \xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\na: {b: \"\xc3\xa4\"} # \xc3\xb6\nc: \xc3\xbc\n",
     {{"/a/d", "\"\xc3\x9f\""}, {"/e", "1"}},
     "# \xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\na: {b: \"\xc3\xa4\", d: \"\xc3\x9f\"} # \xc3\xb6\nc: "
     "\xc3\xbc\ne: 1\n"},
    {"keys with slashes and tildes",
     "a:\n  x/y~z: {b: 1}\n",
     {{"/a/x~1y~0z/c", "1"}},
     "a:\n  x/y~z: {b: 1, c: 1}\n"},
    {"values that need quotes",
     "a: {}\n",
     {{"/a/b", "\"yes\""}, {"/a/c", "\"32\""}, {"/a/d", "\"{\\\"x\\\":'1'}\""}, {"/a/e", "\"a: b\\n\""}},
     "a:\n  b: \"yes\"\n  c: \"32\"\n  d: '{\"x\":''1''}'\n  e: \"a: b\\u000a\"\n"},
    {"JSON on one line",
     "{\"a\":{\"b\":1},\"c\":[]}",
     {{"/a/x", "\"y\""}, {"/c/-", "{\"d\":1}"}, {"/c/-", "2"}},
     "{\"a\":{\"b\":1,\"x\":\"y\"},\"c\":[{\"d\":1},2]}"},
    {"JSON with blanks",
     "{\"a\": {\"b\": 1}, \"c\": null}",
     {{"/a/x", "[1, 2]"}, {"/c", "{\"d\":1}"}},
     "{\"a\": {\"b\": 1, \"x\": [1, 2]}, \"c\": {\"d\": 1}}"},
    {"JSON with lines",
     "{\n  \"a\": {},\n  \"b\": {\n    \"c\": null\n  }\n}\n",
     {{"/a/x", "1"}, {"/a/y", "2"}, {"/b/c", "[1]"}, {"/b/d", "{\"e\":1}"}},
     "{\n  \"a\": {\n    \"x\": 1,\n    \"y\": 2\n  },\n  \"b\": {\n    \"c\": [\n      1\n    ],\n    "
     "\"d\": {\n"
     "      \"e\": 1\n    }\n  }\n}\n"},
};

static void add_all(const struct row *row, struct edits *edits, struct tree *root)
{
    struct error err = {0};
    size_t i;

    for (i = 0; i < OPERATIONS_LIMIT && row->operations[i].path != NULL; i++) {
        bool is_added =
            edits_add(edits, root, text_of(row->operations[i].path), text_of(row->operations[i].value), &err);

        assert_string_equal(err.text, "");
        assert_true(is_added);
    }
}

static void patch_tree(const struct row *row, struct tree *root, struct arena *arena)
{
    struct error err = {0};
    size_t i;

    for (i = 0; i < OPERATIONS_LIMIT && row->operations[i].path != NULL; i++) {
        assert_true(
            tree_add(root, text_of(row->operations[i].path), text_of(row->operations[i].value), arena, &err));
    }
}

static void edits_row(void **state)
{
    AUTO(arena_release) struct arena arena = {0};
    AUTO(documents_release) struct documents documents = {0};
    AUTO(documents_release) struct documents changed = {0};
    AUTO(buffer_release) struct buffer after = {0};
    const struct row *row = *state;
    struct edits edits = {.bytes = text_of(row->before), .arena = &arena};
    struct error err = {0};
    size_t line;

    assert_true(documents_parse(edits.bytes, &documents, &line, &err));
    edits.is_json = documents.is_json;
    add_all(row, &edits, documents.items[0].root);
    edits_apply(&edits, &after);
    patch_tree(row, documents.items[0].root, &arena);
    assert_true(documents_parse(buffer_text(&after), &changed, &line, &err));
    assert_true(tree_is(changed.items[0].root, documents.items[0].root));
    buffer_add_char(&after, '\0');
    assert_string_equal(after.at, row->after);
}

struct refused {
    const char *name;
    const char *before;
    struct pointed operation;
    enum error_kind kind;
    size_t line;
};

static const struct refused refusals[] = {
    {"behind an anchor that is used elsewhere",
     "a:\n  b: &x\n    c: 1\nd: *x\n",
     {"/a/b/e", "1"},
     ERROR_INPUT,
     2},
    {"through an alias", "a: &x\n  b: {c: 1}\nd: *x\n", {"/d/b/e", "1"}, ERROR_INPUT, 1},
    {"below a merged member", "a: &x {b: {c: 1}}\nd:\n  <<: *x\n", {"/d/b/e", "1"}, ERROR_INPUT, 1},
    {"a text that ends the file", "a:\n  b: |\n    x", {"/a/c", "1"}, ERROR_INPUT, 2},
    {"a key without a colon", "a: {b}\n", {"/a/b", "1"}, ERROR_INPUT, 1},
    {"where nothing is", "a: 1\n", {"/b/c", "1"}, ERROR_SYSTEM, 0},
    {"into a scalar", "a: 1\n", {"/a/c", "1"}, ERROR_SYSTEM, 0},
    {"in the middle of a list", "a: [1]\n", {"/a/0", "1"}, ERROR_SYSTEM, 0},
    {"a map that is there", "a: {b: 1}\n", {"/a", "{}"}, ERROR_SYSTEM, 1},
    {"the document", "a: 1\n", {"", "{}"}, ERROR_SYSTEM, 0},
    {"what is no JSON", "a: 1\n", {"/b", "{"}, ERROR_INPUT, 0},
};

static void refuses_row(void **state)
{
    AUTO(arena_release) struct arena arena = {0};
    AUTO(documents_release) struct documents documents = {0};
    const struct refused *row = *state;
    struct edits edits = {.bytes = text_of(row->before), .arena = &arena};
    struct error err = {0};
    size_t line;

    assert_true(documents_parse(edits.bytes, &documents, &line, &err));
    assert_false(edits_add(&edits, documents.items[0].root, text_of(row->operation.path),
                           text_of(row->operation.value), &err));
    assert_int_equal(err.kind, row->kind);
    assert_int_equal(edits.line, row->line);
}

/* Any string that is written must be read back, and read by a YAML 1.2 reader too: nothing that only looks
   like a string. */
static const char *const strings[] = {
    "",         "a",      "true",
    "No",       "0x1f",   "1e5",
    "12",       "5120Mi", "1.5Gi",
    "a: b",     "a #b",   "- a",
    "*a",       "&a",     "!a",
    "%a",       "@a",     "'a'",
    "\"a\"",    "a'b\"c", "{a}",
    "[a]",      "a\nb",   "\xc3\xa4",
    " a",       "a ",     "0o17",
    "2026-1-2", "1:30",   "~",
    "null",     ".inf",   "-",
    "---",      "<<",     "a,b",
    "^x,lo",    "=",      "AWS Libfabric",
    "\x01\x1f", "1_000",  "0b11",
    "+1",       "a\\b\"", "efa-shm-2",
    "x=y z/",   ".5",
};

static void writes_a_string(void **state)
{
    AUTO(documents_release) struct documents documents = {0};
    AUTO(buffer_release) struct buffer text = {0};
    const char *string = *(const char *const *)*state;
    struct error err = {0};
    const struct tree *read;
    size_t line;

    buffer_add_string(&text, "a: [");
    scalar_add(&text, text_of(string));
    buffer_add_string(&text, ", 1]\n");
    assert_true(documents_parse(buffer_text(&text), &documents, &line, &err));
    read = tree_find(documents.items[0].root, "a");
    assert_int_equal(read->items[0].value->kind, TREE_STRING);
    assert_true(text_is_string(read->items[0].value->text, string));
}

struct failing {
    struct arena *arena;
    struct tree *root;
};

static bool add_some(void *into, struct error *err)
{
    AUTO(arena_release) struct arena arena = {0};
    AUTO(buffer_release) struct buffer changed = {0};
    const struct failing *failing = into;
    struct edits edits = {.bytes = text_of("a:\n  b: {}\n"), .arena = &arena};

    if (!edits_add(&edits, failing->root, text_of("/a/b/c"), text_of("{\"x\":[1,\"y\"]}"), err))
        return false;
    edits_apply(&edits, &changed);
    return !changed.failed || error_memory(err);
}

static void survives_every_failing_allocation(void **state)
{
    AUTO(documents_release) struct documents documents = {0};
    struct failing failing = {0};
    struct error err = {0};
    size_t line;

    (void)state;
    assert_true(documents_parse(text_of("a:\n  b: {}\n"), &documents, &line, &err));
    failing.root = documents.items[0].root;
    assert_true(check_every_allocation(add_some, &failing) > 1);
}

static const struct check_test tests[] = {CHECK_TEST(survives_every_failing_allocation)};

int main(void)
{
    return CHECK_ROWS("edits", rows, edits_row) | CHECK_ROWS("edits refuse", refusals, refuses_row) |
           CHECK_ROWS("scalar_add", strings, writes_a_string) | CHECK_TESTS("edits memory", tests);
}
