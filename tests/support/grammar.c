/* SPDX-License-Identifier: Apache-2.0 */
#include "support/grammar.h"

#include <stdio.h>
#include <stdlib.h>

struct maker {
    const struct grammar *grammar;
    struct choices *choices;
    struct buffer *buffer;
};

static void write_rule(struct maker *maker, struct text name);

/* The value of an item: ' is ", <name> is a rule. */
static void write_value(struct maker *maker, struct text value)
{
    size_t i;

    for (i = 0; i < value.length; i++) {
        const char *end;
        struct text name;

        if (value.at[i] != '<') {
            buffer_add_char(maker->buffer, (char)(value.at[i] == '\'' ? '"' : value.at[i]));
            continue;
        }
        end = memchr(value.at + i, '>', value.length - i);
        if (end == NULL)
            abort();
        name = (struct text){.at = value.at + i + 1, .length = (size_t)(end - value.at) - i - 1};
        write_rule(maker, name);
        i += name.length + 1;
    }
}

static bool is_one_in(struct maker *maker, unsigned cases)
{
    return choices_below(maker->choices, cases) == cases - 1;
}

static void write_key(struct maker *maker, bool *is_first, struct text key)
{
    if (!*is_first)
        buffer_add_char(maker->buffer, ',');
    *is_first = false;
    buffer_add_json(maker->buffer, key);
    buffer_add_char(maker->buffer, ':');
}

/* What no release of Kubernetes has yet, with all that could lead a careless reader astray. */
static void write_unknown(struct maker *maker, bool *is_first)
{
    static const struct {
        struct text key;
        struct text value;
    } members[] = {
        {TEXT("futureField"), TEXT("null")},
        {TEXT("futureList"), TEXT("[1.25e3,\"\",[],{\"env\":[{\"name\":\"FI_PROVIDER\"}]}]")},
        {TEXT("future\"Text\\ /~"), TEXT("\"caf\u00e9 \\\" \\\\ \\u0041 ]}\"")},
        {TEXT("futureMap"), TEXT("{\"limits\":{\"vpc.amazonaws.com/efa\":7},\"annotations\":{}}")},
    };
    size_t which = choices_below(maker->choices, COUNT_OF(members));

    write_key(maker, is_first, members[which].key);
    buffer_add(maker->buffer, members[which].value);
}

static void write_object(struct maker *maker, const struct grammar_rule *rule)
{
    bool is_first = true;
    bool has_unknown = rule->kind != GRAMMAR_OBJECT;
    const char *const *item;

    buffer_add_char(maker->buffer, '{');
    for (item = rule->items; *item != NULL; item++) {
        struct text rest = text_of(*item);
        struct text key;
        struct text weight;
        uint64_t sixteenths;

        if (!text_split(&rest, '|', &key) || !text_split(&rest, '|', &weight) ||
            !text_parse_unsigned(weight, 16, &sixteenths))
            abort();
        if (!has_unknown && is_one_in(maker, 16)) {
            write_unknown(maker, &is_first);
            has_unknown = true;
        }
        if (choices_below(maker->choices, 16) >= sixteenths)
            continue;
        write_key(maker, &is_first, key);
        if (sixteenths < 16 && is_one_in(maker, 24))
            buffer_add_string(maker->buffer, "null");
        else
            write_value(maker, rest);
    }
    buffer_add_char(maker->buffer, '}');
}

static size_t count_items(const struct grammar_rule *rule)
{
    size_t count = 0;

    while (rule->items[count] != NULL)
        count++;
    return count;
}

static void write_list(struct maker *maker, const struct grammar_rule *rule)
{
    size_t count = choices_below(maker->choices, (unsigned)count_items(rule) + 1);
    size_t i;

    buffer_add_char(maker->buffer, '[');
    for (i = 0; i < count; i++) {
        if (i > 0)
            buffer_add_char(maker->buffer, ',');
        write_value(maker, text_of(rule->items[i]));
    }
    buffer_add_char(maker->buffer, ']');
}

static int compare_name(const void *key, const void *rule)
{
    const struct text *name = key;

    return text_compare(*name, text_of(((const struct grammar_rule *)rule)->name));
}

static void write_rule(struct maker *maker, struct text name)
{
    const struct grammar_rule *rule =
        bsearch(&name, maker->grammar->rules, maker->grammar->count, sizeof(*rule), compare_name);

    if (rule == NULL) {
        (void)fprintf(stderr, "grammar: there is no rule %.*s, or rules are not sorted\n", TEXT_ARGS(name));
        abort();
    }
    if (rule->kind == GRAMMAR_ONE_OF)
        write_value(maker, text_of(rule->items[choices_below(maker->choices, (unsigned)count_items(rule))]));
    else if (rule->kind == GRAMMAR_LIST)
        write_list(maker, rule);
    else
        write_object(maker, rule);
}

void grammar_write(const struct grammar *grammar, const char *name, struct choices *choices,
                   struct buffer *buffer)
{
    struct maker maker = {.grammar = grammar, .choices = choices, .buffer = buffer};

    write_rule(&maker, text_of(name));
}
