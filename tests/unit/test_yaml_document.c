/* SPDX-License-Identifier: Apache-2.0 */
/* Documents as trees: what scalars mean, what is refused and where, and edits that keep the text. */
#include "core/buffer.h"
#include "core/edits.h"
#include "core/scalar.h"
#include "io/yaml_document.h"
#include "support/check.h"

#include <stdlib.h>

/* What a document comes to as JSON. */
struct meaning {
    const char *name;
    const char *text;
    const char *json; /* of the first document */
};

static const struct meaning meanings[] = {
    {"an element that is not there", "[, ~]", NULL},
    {"the words for nothing", "{a: , b: ~, c: null, d: Null, e: NULL, f: nULL}",
     "{\"a\":null,\"b\":null,\"c\":null,\"d\":null,\"e\":null,\"f\":\"nULL\"}"},
    {"YAML 1.1's truths", "[y, Yes, ON, true, n, No, off, FALSE, tRue]",
     "[true,true,true,true,false,false,false,false,\"tRue\"]"},
    {"quoted words are strings", "['true', \"1\", 'null', '~']", "[\"true\",\"1\",\"null\",\"~\"]"},
    {"bases", "[0x1F, 0o17, 017, 0b101, 1_000, -0x10, +7, 0]", "[31,15,15,5,1000,-16,7,0]"},
    {"octal that is none", "[08, 0o8, 0x, 0b2]", "[8,\"0o8\",\"0x\",\"0b2\"]"},
    {"the largest numbers", "[18446744073709551615, -9223372036854775808, 18446744073709551616]",
     "[18446744073709551615,-9223372036854775808,18446744073709551616]"},
    {"decimals", "[1.5, .5, 5., 1e3, -2.5E-3, +1.0, 1.5Gi, 1.2.3, -, ., 1e]",
     "[1.5,0.5,5,1e3,-2.5e-3,1.0,\"1.5Gi\",\"1.2.3\",\"-\",\".\",\"1e\"]"},
    {"dates and times are strings", "[2026-01-02, 1:30, 2026-01-02T03:04:05Z]",
     "[\"2026-01-02\",\"1:30\",\"2026-01-02T03:04:05Z\"]"},
    {"quantities are strings", "{a: 32Gi, b: 100m, c: 5120Mi}",
     "{\"a\":\"32Gi\",\"b\":\"100m\",\"c\":\"5120Mi\"}"},
    {"keys become strings", "{1: a, true: b, ~: c, 0x10: d}",
     "{\"1\":\"a\",\"true\":\"b\",\"null\":\"c\",\"16\":\"d\"}"},
    {"tags", "[!!str 5, !!int '5', !!bool \"yes\", !!null '', !!float 1, !!str '']",
     "[\"5\",5,true,null,1,\"\"]"},
    {"tagged collections", "!!map {a: !!seq [b]}", "{\"a\":[\"b\"]}"},
    {"block texts", "a: |\n  x\n  y\n\nb: >-\n  x\n  y\n", "{\"a\":\"x\\u000ay\\u000a\",\"b\":\"x y\"}"},
    {"aliases", "a: &x {b: [1]}\nc: *x\n", "{\"a\":{\"b\":[1]},\"c\":{\"b\":[1]}}"},
    {"an anchor defined twice", "[&x 1, *x, &x 2, *x]", "[1,1,2,2]"},
    {"a merge key", "a: &x {b: 1, c: 2}\nd: {<<: *x, c: 3}\n",
     "{\"a\":{\"b\":1,\"c\":2},\"d\":{\"c\":3,\"b\":1}}"},
    {"merging a list", "- &x {a: 1}\n- &y {a: 2, b: 2}\n- {<<: [*x, *y]}\n",
     "[{\"a\":1},{\"a\":2,\"b\":2},{\"a\":1,\"b\":2}]"},
    {"a quoted merge key is a key", "{'<<': 1}", "{\"<<\":1}"},
    {"a byte order mark",
     "\xef\xbb\xbf"
     "a: 1\nb: 2\n",
     "{\"a\":1,\"b\":2}"},
    {"JSON with tabs", "{\n\t\"a\":\t[1,\t2]}", "{\"a\":[1,2]}"},
    {"JSON's escapes", "{\"a\": \"\\/\\ud83d\\ude00\\u0000\", \"\\\"\\\\\": 1}",
     "{\"a\":\"/\xf0\x9f\x98\x80\\u0000\",\"\\\"\\\\\":1}"},
    {"flow that is no JSON", "{a: 'b', c: [d]}", "{\"a\":\"b\",\"c\":[\"d\"]}"},
};

static void means_row(void **state)
{
    AUTO(documents_release) struct documents documents = {0};
    AUTO(buffer_release) struct buffer json = {0};
    const struct meaning *row = *state;
    struct error err = {0};
    size_t line = 0;
    bool is_read = documents_parse(text_of(row->text), &documents, &line, &err);

    if (row->json == NULL) { /* an element that is not written at all */
        assert_false(is_read);
        return;
    }
    assert_string_equal(err.text, "");
    assert_true(is_read);
    assert_int_equal(documents.count, 1);
    tree_format_json(documents.items[0].root, &json);
    buffer_add_char(&json, '\0');
    assert_string_equal(json.at, row->json);
}

struct refusal {
    const char *name;
    const char *text;
    size_t line;
    const char *part; /* of the sentence */
};

static const struct refusal refusals[] = {
    {"a key twice", "a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\n", 5, "the key c comes twice"},
    {"a key twice in JSON", "{\"a\": 1,\n\"a\": 2}", 2, "the key a comes twice"},
    {"keys that are one as strings", "1: a\n\"1\": b\n", 2, "the key 1 comes twice"},
    {"infinity", "a: 1\nb: .inf\n", 2, "write it in quotes"},
    {"not a number", "a: .NaN\n", 1, "write it in quotes"},
    {"a key that is a map", "? {a: b}\n: c\n", 1, "a key must be a word"},
    {"Jinja in a value", "a: 1\nb: {{ x }}\n", 2, "a key must be a word"},
    {"an unknown tag", "a: !secret x\n", 1, "tag"},
    {"a tag that does not fit", "a: !!int x\n", 1, "tag"},
    {"a tagged map", "a: !thing {}\n", 1, "Kubernetes does not know this tag"},
    {"an alias to nothing", "a: 1\nb: *x\n", 2, "no anchor"},
    {"an alias to its parent", "a: &x\n  - *x\n", 2, "what it is part of"},
    {"an anchor of another document", "a: &x 1\n---\nb: *x\n", 3, "no anchor"},
    {"merging a scalar", "a: &x 1\nb: {<<: *x}\n", 2, "must name a map"},
    {"merging twice", "a: &x {}\nb:\n  <<: *x\n  <<: *x\n", 4, "comes twice"},
    {"a tab for indentation", "a:\n\tb: 1\n", 2, "not YAML"},
    {"an open bracket", "a: [1\nb: 2\n", 2, "not YAML"},
    {"bytes that are not UTF-8", "a: 1\nb: \xff\n", 2, "UTF-8"},
};

static void refuses_row(void **state)
{
    const struct refusal *row = *state;
    struct documents documents = {0};
    struct error err = {0};
    size_t line = 0;

    assert_false(documents_parse(text_of(row->text), &documents, &line, &err));
    assert_int_equal(err.kind, ERROR_INPUT);
    assert_non_null(strstr(err.text, row->part));
    assert_int_equal(line, row->line);
    assert_null(documents.items);
}

static void refuses_billions_of_laughs(void **state)
{
    AUTO(buffer_release) struct buffer text = {0};
    struct documents documents = {0};
    struct error err = {0};
    size_t line;
    int letter;

    (void)state;
    buffer_add_string(&text, "a: &a [x, x, x, x, x, x, x, x, x]\n");
    for (letter = 'b'; letter <= 'i'; letter++) {
        const char here = (char)letter;
        const char before = (char)(letter - 1);
        const char row[] = {here, ':', ' ',    '&', here, ' ',    '[', '*', before, ',', '*',  before,
                            ',',  '*', before, ',', '*',  before, ',', '*', before, ']', '\n', '\0'};

        buffer_add_string(&text, row);
    }
    assert_false(documents_parse(buffer_text(&text), &documents, &line, &err));
    assert_non_null(strstr(err.text, "100,000"));
}

static void nest(struct buffer *text, size_t depth, const char *brackets)
{
    size_t i;

    for (i = 0; i < depth; i++)
        buffer_add_char(text, brackets[0]);
    for (i = 0; i < depth; i++)
        buffer_add_char(text, brackets[1]);
}

static void refuses_what_is_nested_too_deep(void **state)
{
    AUTO(documents_release) struct documents documents = {0};
    AUTO(buffer_release) struct buffer text = {0};
    struct error err = {0};
    size_t line;

    (void)state;
    nest(&text, TREE_HEIGHT_LIMIT + 1, "[]");
    assert_false(documents_parse(buffer_text(&text), &documents, &line, &err));
    assert_int_equal(err.kind, ERROR_INPUT);
    text.length = 0;
    nest(&text, 500, "[]");
    assert_true(documents_parse(buffer_text(&text), &documents, &line, &err));
}

static void refuses_what_is_too_large(void **state)
{
    AUTO(buffer_release) struct buffer text = {0};
    struct documents documents = {0};
    struct error err = {0};
    size_t line;

    (void)state;
    assert_non_null(buffer_reserve(&text, DOCUMENTS_BYTES_LIMIT + 1));
    memset(text.at, ' ', DOCUMENTS_BYTES_LIMIT + 1);
    text.length = DOCUMENTS_BYTES_LIMIT + 1;
    assert_false(documents_parse(buffer_text(&text), &documents, &line, &err));
    assert_non_null(strstr(err.text, "16 MiB"));
}

static void counts_documents(void **state)
{
    AUTO(documents_release) struct documents documents = {0};
    struct error err = {0};
    size_t line;

    (void)state;
    assert_true(
        documents_parse(text_of("# c\n---\na: 1\n---\n---\n# d\nb: 2\n...\n"), &documents, &line, &err));
    assert_int_equal(documents.count, 3);
    assert_int_equal(documents.items[1].root->kind, TREE_NULL);
    assert_int_equal(documents.items[2].root->line, 7);
    documents_release(&documents);
    assert_true(documents_parse(text_of("# only\n"), &documents, &line, &err));
    assert_int_equal(documents.count, 0);
}

static bool parse_some(void *into, struct error *err)
{
    static const struct text yaml = TEXT("a: &x {b: [1, 0x2, c], d: !!str 5}\ne: {<<: *x, f: text}\n");
    AUTO(documents_release) struct documents documents = {0};
    size_t line;

    (void)into;
    return documents_parse(yaml, &documents, &line, err);
}

static void survives_every_failing_allocation(void **state)
{
    (void)state;
    assert_true(check_every_allocation(parse_some, NULL) > 2);
}

static const struct check_test tests[] = {
    CHECK_TEST(refuses_billions_of_laughs),        CHECK_TEST(refuses_what_is_nested_too_deep),
    CHECK_TEST(refuses_what_is_too_large),         CHECK_TEST(counts_documents),
    CHECK_TEST(survives_every_failing_allocation),
};

int main(void)
{
    return CHECK_ROWS("documents_parse means", meanings, means_row) |
           CHECK_ROWS("documents_parse refuses", refusals, refuses_row) |
           CHECK_TESTS("documents_parse", tests);
}
