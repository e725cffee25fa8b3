/* SPDX-License-Identifier: Apache-2.0 */
#include "config_policy.h"

#include "core/config_values.h"

enum {
    SETS_LIMIT = 64,
    VARIABLES_LIMIT = 256, /* of one set; each ends up in every container */
};

static const char set_accepts[] = "a list of {name: VARIABLE, value: text, when: rdma-read}, at most 256";

/* In the order of enum environment_when. */
static const char *const conditions[] = {"always", "rdma-read", NULL};
_Static_assert(sizeof(enum environment_when) == sizeof(unsigned), "FIELD_WORD stores an unsigned");

static const struct field variable_fields[] = {
    {.name = "name",
     .type = FIELD_TEXT,
     .offset = offsetof(struct environment_variable, name),
     .is_valid = value_is_variable_name,
     .accepts = "a name of letters, digits and '_' that does not begin with a digit"},
    {.name = "value",
     .type = FIELD_TEXT,
     .offset = offsetof(struct environment_variable, value),
     .is_valid = value_is_variable_value,
     .accepts = "text of at most 4096 bytes"},
    {.name = "when",
     .type = FIELD_WORD,
     .is_optional = true,
     .offset = offsetof(struct environment_variable, when),
     .words = conditions,
     .accepts = "always, rdma-read"},
};
static const struct field_list variable_keys = {variable_fields, COUNT_OF(variable_fields), true};

/* What a table of keys cannot say; the first `count` variables stand before this one. */
static void check_variable(struct config_reader *reader, uint32_t node,
                           const struct environment_variable *variables, size_t count)
{
    struct text name = variables[count].name;
    const char *harm = value_variable_harm(name, variables[count].value);
    size_t i;

    if (harm != NULL)
        reader_problem(reader, node, NULL, "%.*s may not be set: %s; leave it out", TEXT_ARGS(name), harm);
    for (i = 0; i < count && name.at != NULL; i++) {
        if (text_is(variables[i].name, name))
            reader_problem(reader, node, NULL, "%.*s stands in this set twice; leave one out",
                           TEXT_ARGS(name));
    }
}

static void read_variables(struct config_reader *reader, uint32_t node, struct environment_set *set)
{
    const struct config_node *nodes = reader->tree->nodes;
    struct environment_variable *variables;
    uint32_t item;

    if (!reader_is(reader, node, CONFIG_LIST, set_accepts))
        return;
    if (nodes[node].count > VARIABLES_LIMIT) {
        reader_problem(reader, node, set_accepts, "%u variables", nodes[node].count);
        return;
    }
    variables = arena_alloc(reader->arena, (nodes[node].count + 1) * sizeof(*variables));
    if (variables == NULL) {
        reader_memory(reader);
        return;
    }
    for (item = node + 1; item < nodes[node].end; item = nodes[item].end) {
        size_t mark = reader_enter_item(reader, set->count);

        reader_fields(reader, item, &variable_keys, &variables[set->count]);
        check_variable(reader, item, variables, set->count);
        reader_leave(reader, mark);
        set->count++;
    }
    set->variables = variables;
}

static void read_set(struct config_reader *reader, uint32_t key, struct environment_set *set)
{
    static const char accepts[] = "a name of lower-case letters, digits, '-' and '.', not off";
    struct text name;

    if (!reader_text(reader, key, accepts, &name))
        return;
    if (!value_is_set_name(name))
        reader_problem(reader, key, accepts, "'%.*s' cannot name a set", TEXT_ARGS(name));
    set->name = arena_copy(reader->arena, name);
    if (set->name.at == NULL)
        reader_memory(reader);
    read_variables(reader, key + 1, set);
}

/* The set of that name, or the end of the sets. */
static size_t place_of(const struct environment_set *sets, size_t count, struct text name)
{
    size_t i;

    for (i = 0; i < count; i++) {
        if (text_is(sets[i].name, name))
            return i;
    }
    return count;
}

void config_environment_read(struct config_reader *reader, uint32_t node, const struct field *field,
                             void *target)
{
    struct policy *policy = target;
    const struct config_node *nodes = reader->tree->nodes;
    size_t count = policy->environment_set_count;
    struct environment_set *sets;
    uint32_t key;

    if (!reader_is(reader, node, CONFIG_MAP, field->accepts))
        return;
    if (nodes[node].count + count > SETS_LIMIT) {
        reader_problem(reader, node, field->accepts, "%u sets beside %zu that there are; at most %d in all",
                       nodes[node].count, count, SETS_LIMIT);
        return;
    }
    sets = arena_alloc(reader->arena, SETS_LIMIT * sizeof(*sets));
    if (sets == NULL) {
        reader_memory(reader);
        return;
    }
    if (count > 0)
        memcpy(sets, policy->environment_sets, count * sizeof(*sets));
    for (key = node + 1; key < nodes[node].end; key = nodes[key + 1].end) {
        size_t mark = reader_enter(reader, config_tree_text(reader->tree, key));
        struct environment_set set = {0};
        size_t place;

        read_set(reader, key, &set);
        place = place_of(sets, count, set.name);
        sets[place] = set;
        count += place == count;
        reader_leave(reader, mark);
    }
    policy->environment_sets = sets;
    policy->environment_set_count = count;
}
