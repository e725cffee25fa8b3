/* SPDX-License-Identifier: Apache-2.0 */
#include "config_policy.h"

#include "core/config_values.h"

static const char type_accepts[] = "the name of a type of the catalogue, such as p5.48xlarge";
static const char verdict_accepts[] = "deny, warn";
static const char match_accepts[] = "a mapping of labels to their values, at least one";

/* In the order of their enums. */
static const char *const verdicts[] = {"deny", "warn", NULL};
static const char *const without_node[] = {"omit", "inject", NULL};
_Static_assert(sizeof(enum verdict) == sizeof(unsigned), "FIELD_WORD stores an unsigned");
_Static_assert(sizeof(enum when_no_node) == sizeof(unsigned), "FIELD_WORD stores an unsigned");

static struct text nearest_type(const struct catalogue *catalogue, struct text name)
{
    struct text nearest = {0};
    unsigned least = UINT32_MAX;
    size_t i;

    for (i = 0; i < catalogue->count; i++) {
        unsigned distance = value_distance(name, catalogue->types[i].name);

        if (distance < least) {
            least = distance;
            nearest = catalogue->types[i].name;
        }
    }
    return nearest;
}

/* The position of the type that is named; false, with a problem noted, when there is none. */
static bool find_type(struct config_reader *reader, uint32_t node, size_t *ret_type)
{
    struct text name;
    struct text nearest = {0};

    if (!reader_text(reader, node, type_accepts, &name))
        return false;
    if (reader->catalogue == NULL) {
        *ret_type = 0; /* the catalogue has problems of its own, which are told */
        return true;
    }
    if (catalogue_find(reader->catalogue, name, ret_type))
        return true;
    if (reader_is_telling(reader))
        nearest = nearest_type(reader->catalogue, name);
    reader_problem(reader, node, type_accepts, "'%.*s' is not in the catalogue, the nearest is %.*s",
                   TEXT_ARGS(name), TEXT_ARGS(nearest));
    return false;
}

static void read_default_type(struct config_reader *reader, uint32_t node, const struct field *field,
                              void *target)
{
    struct policy *policy = target;
    const struct config_node *found = &reader->tree->nodes[node];

    (void)field;
    if (found->kind == CONFIG_SCALAR && !found->is_plain && found->text_length == 0)
        policy->default_type = SIZE_MAX;
    else
        (void)find_type(reader, node, &policy->default_type);
}

static void read_cluster_types(struct config_reader *reader, uint32_t node, const struct field *field,
                               void *target)
{
    struct policy *policy = target;
    const struct config_node *nodes = reader->tree->nodes;
    size_t position = 0;
    uint32_t item;

    if (!reader_is(reader, node, CONFIG_LIST, field->accepts))
        return;
    policy->cluster_types = (struct type_set){0};
    for (item = node + 1; item < nodes[node].end; item = nodes[item].end) {
        size_t mark = reader_enter_item(reader, position++);
        size_t type;

        if (find_type(reader, item, &type))
            type_set_add(&policy->cluster_types, type);
        reader_leave(reader, mark);
    }
}

static void read_label(struct config_reader *reader, uint32_t key, struct pair *label)
{
    static const char accepts[] = "a Kubernetes label and its value, such as karpenter.sh/nodepool: gpu";
    struct text name;
    struct text value;

    if (!reader_text(reader, key, accepts, &name) || !reader_text(reader, key + 1, accepts, &value))
        return;
    if (!value_is_label_key(name))
        reader_problem(reader, key, accepts, "'%.*s' is not a label key", TEXT_ARGS(name));
    if (!value_is_label_value(value))
        reader_problem(reader, key + 1, accepts, "'%.*s' is not a label value", TEXT_ARGS(value));
    label->key = arena_copy(reader->arena, name);
    label->value = arena_copy(reader->arena, value);
    if (label->key.at == NULL || label->value.at == NULL)
        reader_memory(reader);
}

static void read_match(struct config_reader *reader, uint32_t node, const struct field *field, void *target)
{
    struct label_type *label_type = target;
    const struct config_node *nodes = reader->tree->nodes;
    struct pair *labels;
    size_t count = 0;
    uint32_t key;

    if (!reader_is(reader, node, CONFIG_MAP, field->accepts))
        return;
    if (nodes[node].count == 0) {
        reader_problem(reader, node, field->accepts, "no label");
        return;
    }
    labels = arena_alloc(reader->arena, nodes[node].count * sizeof(*labels));
    if (labels == NULL) {
        reader_memory(reader);
        return;
    }
    for (key = node + 1; key < nodes[node].end; key = nodes[key + 1].end) {
        size_t mark = reader_enter(reader, config_tree_text(reader->tree, key));

        read_label(reader, key, &labels[count++]);
        reader_leave(reader, mark);
    }
    label_type->labels = labels;
    label_type->count = count;
}

static void read_type(struct config_reader *reader, uint32_t node, const struct field *field, void *target)
{
    struct label_type *label_type = target;

    (void)field;
    (void)find_type(reader, node, &label_type->type);
}

static const struct field label_type_fields[] = {
    {.name = "match", .type = FIELD_OTHER, .read = read_match, .accepts = match_accepts},
    {.name = "type", .type = FIELD_OTHER, .read = read_type, .accepts = type_accepts},
};
static const struct field_list label_type_keys = {label_type_fields, COUNT_OF(label_type_fields), true};

static void read_label_types(struct config_reader *reader, uint32_t node, const struct field *field,
                             void *target)
{
    struct policy *policy = target;
    const struct config_node *nodes = reader->tree->nodes;
    struct label_type *label_types;
    size_t count = 0;
    uint32_t item;

    if (!reader_is(reader, node, CONFIG_LIST, field->accepts))
        return;
    label_types = arena_alloc(reader->arena, (nodes[node].count + 1) * sizeof(*label_types));
    if (label_types == NULL) {
        reader_memory(reader);
        return;
    }
    for (item = node + 1; item < nodes[node].end; item = nodes[item].end) {
        size_t mark = reader_enter_item(reader, count);

        reader_fields(reader, item, &label_type_keys, &label_types[count++]);
        reader_leave(reader, mark);
    }
    policy->label_types = label_types;
    policy->label_type_count = count;
}

static const struct field hugepages_fields[] = {
    {.name = "size",
     .type = FIELD_QUANTITY,
     .offset = offsetof(struct policy, hugepages_bytes),
     .minimum = UINT64_C(2) << 20,
     .maximum = UINT64_C(1) << 40,
     .multiple = UINT64_C(2) << 20,
     .accepts = "a quantity that is a multiple of 2Mi, 2Mi to 1Ti, such as 5120Mi"},
    {.name = "whenNoNode",
     .type = FIELD_WORD,
     .offset = offsetof(struct policy, hugepages_when_no_node),
     .words = without_node,
     .accepts = "omit, inject"},
};
static const struct field_list hugepages_keys = {hugepages_fields, COUNT_OF(hugepages_fields), false};

static const struct field shm_fields[] = {
    {.name = "size",
     .type = FIELD_QUANTITY,
     .offset = offsetof(struct policy, shm_bytes),
     .minimum = UINT64_C(64) << 20,
     .maximum = UINT64_C(64) << 40,
     .accepts = "a quantity, 64Mi to 64Ti, such as 64Gi"},
};
static const struct field_list shm_keys = {shm_fields, COUNT_OF(shm_fields), false};

static const struct field claims_fields[] = {
    {.name = "ignore",
     .type = FIELD_TEXTS,
     .offset = offsetof(struct policy, claims_ignore),
     .count_offset = offsetof(struct policy, claims_ignore_count),
     .is_valid = value_is_dns_subdomain,
     .accepts = "a list of names of ResourceClaimTemplates"},
};
static const struct field_list claims_keys = {claims_fields, COUNT_OF(claims_fields), false};

static const struct field nodes_fields[] = {
    {.name = "ownLabels",
     .type = FIELD_TEXTS,
     .offset = offsetof(struct policy, node_own_labels),
     .count_offset = offsetof(struct policy, node_own_label_count),
     .is_valid = value_is_label_pattern,
     .accepts = "a list of label keys; a '*' at the end stands for any end"},
};
static const struct field_list nodes_keys = {nodes_fields, COUNT_OF(nodes_fields), false};

static const struct field policy_fields[] = {
    {.name = "annotationPrefix",
     .type = FIELD_TEXT,
     .offset = offsetof(struct policy, prefix),
     .is_valid = value_is_dns_subdomain,
     .accepts = "a DNS subdomain without a slash, such as efa-injector.io"},
    {.name = "defaultInstanceType",
     .type = FIELD_OTHER,
     .read = read_default_type,
     .accepts = "\"\" for none, or the name of a type of the catalogue"},
    {.name = "clusterTypes",
     .type = FIELD_OTHER,
     .read = read_cluster_types,
     .accepts = "a list of types of the catalogue, [] for all"},
    {.name = "labelTypes",
     .type = FIELD_OTHER,
     .read = read_label_types,
     .accepts = "a list of {match: {label: value}, type: p5.48xlarge}"},
    {.name = "onUnresolved",
     .type = FIELD_WORD,
     .offset = offsetof(struct policy, on_unresolved),
     .words = verdicts,
     .accepts = verdict_accepts},
    {.name = "onImpossible",
     .type = FIELD_WORD,
     .offset = offsetof(struct policy, on_impossible),
     .words = verdicts,
     .accepts = verdict_accepts},
    {.name = "hugepages", .type = FIELD_FIELDS, .fields = &hugepages_keys, .accepts = "a mapping"},
    {.name = "shm", .type = FIELD_FIELDS, .fields = &shm_keys, .accepts = "a mapping"},
    {.name = "environment",
     .type = FIELD_OTHER,
     .read = config_environment_read,
     .accepts = "a mapping of set names to lists of {name: VARIABLE, value: text, when: rdma-read}"},
    {.name = "claims", .type = FIELD_FIELDS, .fields = &claims_keys, .accepts = "a mapping"},
    {.name = "nodes", .type = FIELD_FIELDS, .fields = &nodes_keys, .accepts = "a mapping"},
};
const struct field_list config_policy_keys = {policy_fields, COUNT_OF(policy_fields), false};

/* An empty file, or one of comments alone. */
static bool is_empty(const struct config_tree *tree)
{
    return tree->count == 0 || (tree->nodes[0].kind == CONFIG_SCALAR && tree->nodes[0].is_plain &&
                                tree->nodes[0].text_length == 0);
}

void config_policy_read(struct config_reader *reader, struct policy *policy)
{
    if (!is_empty(reader->tree))
        reader_fields(reader, 0, &config_policy_keys, policy);
    else if (reader->is_complete)
        reader_problem(reader, 0, NULL, "empty");
}
