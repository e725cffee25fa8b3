/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two properties. Any bytes are refused with a sentence, or become trees that say as JSON what they said as
 * YAML. And the same bytes, taken as a recipe for a small document in some style and for things to add to
 * it: where an edit is accepted, reading the changed text gives what adding to the tree gives.
 */
#include "core/edits.h"
#include "io/yaml_document.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void check(bool is_right, const char *sentence, struct text text)
{
    if (is_right)
        return;
    (void)fprintf(stderr, "%s:\n%.*s\n", sentence, (int)text.length, text.at);
    abort();
}

static void check_reading(struct text bytes)
{
    AUTO(documents_release) struct documents documents = {0};
    AUTO(documents_release) struct documents again = {0};
    AUTO(buffer_release) struct buffer json = {0};
    struct error err = {0};
    size_t line = 0;

    if (!documents_parse(bytes, &documents, &line, &err)) {
        check(err.kind == ERROR_INPUT && err.text[0] != '\0' && line > 0, "refused without a reason", bytes);
        return;
    }
    if (documents.count == 0)
        return;
    buffer_add_char(&json, '['); /* a scalar alone is read as YAML */
    tree_format_json(documents.items[0].root, &json);
    buffer_add_char(&json, ']');
    check(documents_parse(buffer_text(&json), &again, &line, &err) && again.is_json, "JSON that is none",
          buffer_text(&json));
    check(tree_is(again.items[0].root->items[0].value, documents.items[0].root), "not the same as JSON",
          bytes);
}

/* The recipe: a byte for each choice; zeros at its end. */
struct recipe {
    const uint8_t *at;
    size_t left;
};

static unsigned take(struct recipe *recipe, unsigned choices)
{
    if (recipe->left == 0)
        return 0;
    recipe->left--;
    return *recipe->at++ % choices;
}

static void indent(struct buffer *text, unsigned columns)
{
    while (columns-- > 0)
        buffer_add_char(text, ' ');
}

static void write_scalar(struct recipe *recipe, struct buffer *text)
{
    static const char *const scalars[] = {"1",        "~",      "",        "{}",           "[]",
                                          "'a'",      "{p: 1}", "[1, 2]",  "{p: , q: {}}", "yes",
                                          "\xc3\xa4", "*s",     "\"\\n\"", "[{p: 1}]"};

    buffer_add_string(text, scalars[take(recipe, COUNT_OF(scalars))]);
}

static void write_map(struct recipe *recipe, struct buffer *text, unsigned column, unsigned depth);

static void write_list(struct recipe *recipe, struct buffer *text, unsigned column, unsigned depth)
{
    column += take(recipe, 2) * 2;
    buffer_add_string(text, "\n");
    indent(text, column);
    buffer_add_string(text, "- k: 1\n");
    write_map(recipe, text, column + 2, depth);
}

static void write_text(struct recipe *recipe, struct buffer *text, unsigned column)
{
    static const char *const headers[] = {" |\n", " >-\n", " |+\n"};

    buffer_add_string(text, headers[take(recipe, COUNT_OF(headers))]);
    indent(text, column + 1);
    buffer_add_string(text, take(recipe, 2) == 0 ? "x\n" : "x\n\n\n");
}

/* What stands behind a key's colon. */
static void write_value(struct recipe *recipe, struct buffer *text, unsigned column, unsigned depth)
{
    switch (depth < 4 ? take(recipe, 6) : 0) {
    case 1:
        buffer_add_string(text, take(recipe, 2) == 0 ? "\n" : " # c\n");
        write_map(recipe, text, column + 1 + take(recipe, 4), depth);
        return;
    case 2:
        write_list(recipe, text, column, depth);
        return;
    case 3:
        write_text(recipe, text, column);
        return;
    case 4:
        buffer_add_string(text, " &s");
        break;
    default:
        break;
    }
    buffer_add_char(text, ' ');
    write_scalar(recipe, text);
    buffer_add_string(text, take(recipe, 2) == 0 ? "\n" : " # c\n");
}

/* Members "a", "b", ... one below the other, with comments between. */
static void write_map(struct recipe *recipe, struct buffer *text, unsigned column, unsigned depth)
{
    unsigned count = 1 + take(recipe, 3);
    unsigned i;

    for (i = 0; i < count; i++) {
        indent(text, column);
        buffer_add_char(text, (char)('a' + i));
        buffer_add_char(text, ':');
        write_value(recipe, text, column, depth + 1);
        if (take(recipe, 5) != 1)
            continue;
        indent(text, take(recipe, 8));
        buffer_add_string(text, "# own line\n");
    }
}

static struct text write_path(struct recipe *recipe, struct arena *arena)
{
    static const char *const steps[] = {"/a", "/b", "/c", "/0", "/-", "/x", "/p", "/q"};
    struct text path = {0};
    unsigned count = 1 + take(recipe, 4);

    while (count-- > 0) {
        const struct text parts[] = {path, text_of(steps[take(recipe, COUNT_OF(steps))])};

        path = arena_join(arena, parts, path.length > 0 ? 2 : COUNT_OF(parts));
    }
    return path;
}

/* Add to the text and to the tree, at most twice: neither within the other's value, as patches are. */
static void add_one(struct recipe *recipe, struct edits *edits, struct tree *root)
{
    static const char *const values[] = {"1", "\"x\"", "{\"x\":[1,{\"w\":\"v\"}]}", "[\"x\"]", "{}"};
    struct text first = write_path(recipe, edits->arena);
    struct text value = text_of(values[take(recipe, COUNT_OF(values))]);
    struct text second = write_path(recipe, edits->arena);
    struct error err = {0};
    bool is_first = edits_add(edits, root, first, value, &err);
    bool is_second = !text_has_prefix(second, first) && !text_has_prefix(first, second) &&
                     edits_add(edits, root, second, value, &err);

    if (is_first)
        check(tree_add(root, first, value, edits->arena, &err), "edited, but not added", first);
    if (is_second)
        check(tree_add(root, second, value, edits->arena, &err), "edited, but not added", second);
}

static void check_editing(struct recipe *recipe)
{
    AUTO(arena_release) struct arena arena = {0};
    AUTO(documents_release) struct documents documents = {0};
    AUTO(documents_release) struct documents changed = {0};
    AUTO(buffer_release) struct buffer text = {0};
    AUTO(buffer_release) struct buffer after = {0};
    struct edits edits = {.arena = &arena};
    struct error err = {0};
    size_t line;

    write_map(recipe, &text, 0, 0);
    if (take(recipe, 4) == 1 && text.length > 0)
        text.length--; /* no newline at the end */
    edits.bytes = buffer_text(&text);
    if (!documents_parse(edits.bytes, &documents, &line, &err) || documents.count != 1)
        return;
    add_one(recipe, &edits, documents.items[0].root);
    edits_apply(&edits, &after);
    check(documents_parse(buffer_text(&after), &changed, &line, &err), err.text, buffer_text(&after));
    check(changed.count == 1 && tree_is(changed.items[0].root, documents.items[0].root),
          "the text says something else than the tree", buffer_text(&after));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct recipe recipe = {.at = bytes, .left = length};

    check_reading((struct text){.at = (const char *)bytes, .length = length});
    check_editing(&recipe);
    return 0;
}
