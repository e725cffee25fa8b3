/* SPDX-License-Identifier: Apache-2.0 */
#include "target_search.h"

#include <stdio.h>

enum {
    LINE_BYTES_MAX = 900,
    NAME_BYTES_MAX = 100, /* of a text that the author wrote */
    LISTED_TYPES_MAX = 5,
};

/* One line of a message; too long a one is cut. */
struct line {
    char room[LINE_BYTES_MAX];
    size_t length;
};

static void line_add(struct line *line, struct text text)
{
    size_t left = sizeof(line->room) - line->length;
    size_t i;

    if (text.length > left)
        return;
    for (i = 0; i < text.length; i++) {
        unsigned char byte = (unsigned char)text.at[i];

        line->room[line->length++] = byte < 0x20 || byte == 0x7f ? ' ' : (char)byte;
    }
}

static void line_add_string(struct line *line, const char *string)
{
    line_add(line, text_of(string));
}

/* What the author wrote, cut between characters. */
static void line_add_name(struct line *line, struct text name)
{
    size_t length = name.length;

    if (length > NAME_BYTES_MAX) {
        length = NAME_BYTES_MAX;
        while (length > 0 && ((unsigned char)name.at[length] & 0xc0) == 0x80)
            length--;
    }
    line_add(line, (struct text){.at = name.at, .length = length});
    if (length < name.length)
        line_add_string(line, "...");
}

static void line_add_number(struct line *line, size_t number)
{
    char digits[24];

    (void)snprintf(digits, sizeof(digits), "%zu", number);
    line_add_string(line, digits);
}

static struct text line_take(const struct line *line, struct arena *arena)
{
    return arena_copy(arena, (struct text){.at = line->room, .length = line->length});
}

/* "efa-injector.io/inject" */
static void add_annotation(struct line *line, const struct target_search *search, const char *name)
{
    line_add_name(line, search->snapshot->policy->prefix);
    line_add_string(line, "/");
    line_add_string(line, name);
}

/* ", for example p5.48xlarge" */
static void add_example(struct line *line, const struct catalogue *catalogue)
{
    static const struct text favourite = TEXT("p5.48xlarge");
    size_t type = 0;

    if (catalogue->count == 0)
        return;
    (void)catalogue_find(catalogue, favourite, &type);
    line_add_string(line, ", for example ");
    line_add_name(line, catalogue->types[type].name);
}

/* "p5.48xlarge (32 EFA, 8 nvidia.com/gpu)" */
static void add_type(struct line *line, const struct instance_type *type)
{
    line_add_name(line, type->name);
    line_add_string(line, " (");
    line_add_number(line, type->efa_interfaces);
    line_add_string(line, " EFA");
    if (type->accelerators > 0) {
        line_add_string(line, ", ");
        line_add_number(line, type->accelerators);
        line_add_string(line, " ");
        line_add(line, vendor_resource(type->vendor));
    }
    line_add_string(line, ")");
}

static void add_types(struct line *line, const struct catalogue *catalogue, const struct type_set *types)
{
    size_t count = type_set_count(types);
    size_t listed = 0;
    size_t i;

    for (i = 0; listed < LISTED_TYPES_MAX && type_set_next(types, i, &i); i++) {
        if (listed++ > 0)
            line_add_string(line, ", ");
        add_type(line, &catalogue->types[i]);
    }
    if (count > listed) {
        line_add_string(line, " and ");
        line_add_number(line, count - listed);
        line_add_string(line, " more");
    }
}

/* "nodeSelector node.kubernetes.io/instance-type: m5.large" */
static void add_constraint(struct line *line, const struct constraints *constraints)
{
    switch (constraints->place) {
    case PLACE_NODE_SELECTOR:
        line_add_string(line, "nodeSelector ");
        break;
    case PLACE_AFFINITY:
        line_add_string(line, "required node affinity on ");
        break;
    case PLACE_LABEL_TYPES:
        line_add_string(line, "the policy's labelTypes, for the labels that the pod's constraints demand,");
        return;
    case PLACE_NONE:
        line_add_string(line, "required node affinity, no term of which can match,");
        return;
    }
    line_add_name(line, constraints->key);
    if (constraints->value.at != NULL) {
        line_add_string(line, ": ");
        line_add_name(line, constraints->value);
    }
}

/* An instance type that is demanded and not in the catalogue. */
static bool is_of_no_catalogue(const struct target_search *search)
{
    static const struct text suffix = TEXT("kubernetes.io/instance-type");
    struct text key = search->constraints.key;
    size_t type;

    if (search->constraints.value.at == NULL || key.length < suffix.length)
        return false;
    return text_is(text_after(key, key.length - suffix.length), suffix) &&
           !catalogue_find(search->snapshot->catalogue, search->constraints.value, &type);
}

struct text target_say_unknown(const struct target_search *search)
{
    struct line line = {.length = 0};

    line_add_string(&line, "annotation ");
    add_annotation(&line, search, "instance-type");
    line_add_string(&line, " names ");
    line_add_name(&line, search->annotations->instance_type);
    line_add_string(&line, ", which has no EFA or is not in the catalogue: write an instance type with EFA");
    add_example(&line, search->snapshot->catalogue);
    return line_take(&line, search->arena);
}

struct text target_say_contradiction(const struct target_search *search)
{
    struct line line = {.length = 0};

    line_add_string(&line, "annotation ");
    add_annotation(&line, search, "instance-type");
    line_add_string(&line, " says ");
    line_add_name(&line, search->annotations->instance_type);
    line_add_string(&line, ", but ");
    add_constraint(&line, &search->constraints);
    if (type_set_is_empty(&search->constraints.types)) {
        line_add_string(&line, " leaves no type with EFA");
    } else {
        line_add_string(&line, " leaves ");
        add_types(&line, search->snapshot->catalogue, &search->constraints.types);
    }
    line_add_string(&line, ": change the one or the other");
    return line_take(&line, search->arena);
}

struct text target_say_excluded(const struct target_search *search)
{
    struct line line = {.length = 0};

    add_constraint(&line, &search->constraints);
    if (is_of_no_catalogue(search))
        line_add_string(&line, " names a type that has no EFA or is not in the catalogue");
    else
        line_add_string(&line, " and the pod's other constraints leave no instance type with EFA");
    line_add_string(&line, ": choose one that has");
    add_example(&line, search->snapshot->catalogue);
    line_add_string(&line, ", or remove annotation ");
    add_annotation(&line, search, "inject");
    return line_take(&line, search->arena);
}

struct text target_say_unresolved(const struct target_search *search)
{
    struct line line = {.length = 0};

    line_add_string(&line, "nothing says which instance type this pod is for: set annotation ");
    add_annotation(&line, search, "instance-type");
    add_example(&line, search->snapshot->catalogue);
    return line_take(&line, search->arena);
}

struct text target_say_ambiguous(const struct target_search *search, const struct type_set *types)
{
    struct line line = {.length = 0};

    line_add_string(&line, "several instance types are possible, and they differ: ");
    add_types(&line, search->snapshot->catalogue, types);
    line_add_string(&line, ": set annotation ");
    add_annotation(&line, search, "instance-type");
    line_add_string(&line, " to one of them");
    return line_take(&line, search->arena);
}
