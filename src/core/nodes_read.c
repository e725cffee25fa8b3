/* SPDX-License-Identifier: Apache-2.0 */
#include "core/quantity.h"
#include "nodes_fold.h"

/* What is passed through the reader's tables. */
struct list {
    struct nodes_fold *fold;
    struct arena *arena;
    struct text kind;
    bool has_items;
    bool has_node;          /* metadata at the top: a single Node */
    struct node_facts node; /* the one that is being read */
    struct pair *labels;    /* room for its labels, used again for the next */
    size_t label_limit;     /* how many were ever in it */
    struct text condition;  /* of status.conditions: type and status */
    struct text is_true;
};

static void add_label(struct json *json, struct list *list, struct pair label)
{
    size_t count = list->node.label_count;

    if (count == list->label_limit) {
        struct pair *larger = arena_grow(list->arena, list->labels, count, sizeof(*larger));

        if (larger == NULL) {
            json_fail_memory(json);
            return;
        }
        list->labels = larger;
        list->label_limit++;
    }
    list->labels[count] = label;
    list->node.label_count++;
}

/* Labels, into the room that all nodes share; nulls are left out. */
static void read_labels(struct json *json, void *into)
{
    struct list *list = into;
    struct pair label;

    if (json_skip_null(json))
        return;
    json_object_start(json);
    while (json_next_member(json, &label.key)) {
        if (json_skip_null(json))
            continue;
        label.value = json_text(json);
        add_label(json, list, label);
    }
    list->node.labels = list->labels;
}

static void read_name(struct json *json, void *into)
{
    struct list *list = into;

    if (!json_skip_null(json))
        list->node.name = json_text(json);
}

static void read_deletion(struct json *json, void *into)
{
    struct list *list = into;

    if (!json_skip_null(json))
        list->node.is_deleting = json_text(json).at != NULL;
}

static void read_metadata(struct json *json, void *into)
{
    static const struct json_field fields[] = {
        JSON_FIELD("name", read_name),
        JSON_FIELD("labels", read_labels),
        JSON_FIELD("deletionTimestamp", read_deletion),
    };
    struct list *list = into;

    if (json_read_object(json, fields, COUNT_OF(fields), list) == MEMBER_PRESENT)
        list->has_node = true;
}

/* A quantity, as a string or a number; null is none. */
static uint64_t read_amount(struct json *json)
{
    struct quantity amount;
    struct error ignored;
    struct text text;

    if (json_skip_null(json))
        return 0;
    text = json_peek(json) == JSON_NEXT_NUMBER ? json_number(json) : json_text(json);
    if (text.at == NULL)
        return 0;
    if (!quantity_parse(text, &amount, &ignored)) {
        json_fail(json, "must be a quantity, such as \"8\" or \"5Gi\"");
        return 0;
    }
    return amount.units;
}

static void read_efa(struct json *json, void *into)
{
    struct list *list = into;

    list->node.efa = read_amount(json);
}

static void read_nvidia(struct json *json, void *into)
{
    struct list *list = into;

    list->node.accelerators[VENDOR_NVIDIA] = read_amount(json);
}

static void read_neuron(struct json *json, void *into)
{
    struct list *list = into;

    list->node.accelerators[VENDOR_NEURON] = read_amount(json);
}

static void read_habana(struct json *json, void *into)
{
    struct list *list = into;

    list->node.accelerators[VENDOR_HABANA] = read_amount(json);
}

static void read_hugepages(struct json *json, void *into)
{
    struct list *list = into;

    list->node.hugepages_bytes = read_amount(json);
}

static void read_capacity(struct json *json, void *into)
{
    static const struct json_field fields[] = {
        JSON_FIELD("vpc.amazonaws.com/efa", read_efa),
        JSON_FIELD("nvidia.com/gpu", read_nvidia),
        JSON_FIELD("aws.amazon.com/neuron", read_neuron),
        JSON_FIELD("habana.ai/gaudi", read_habana),
    };

    (void)json_read_object(json, fields, COUNT_OF(fields), into);
}

static void read_allocatable(struct json *json, void *into)
{
    static const struct json_field fields[] = {JSON_FIELD("hugepages-2Mi", read_hugepages)};

    (void)json_read_object(json, fields, COUNT_OF(fields), into);
}

static void read_condition_type(struct json *json, void *into)
{
    struct list *list = into;

    if (!json_skip_null(json))
        list->condition = json_text(json);
}

static void read_condition_status(struct json *json, void *into)
{
    struct list *list = into;

    if (!json_skip_null(json))
        list->is_true = json_text(json);
}

static void read_condition(struct json *json, void *into)
{
    static const struct json_field fields[] = {
        JSON_FIELD("type", read_condition_type),
        JSON_FIELD("status", read_condition_status),
    };
    struct list *list = into;

    list->condition = (struct text){0};
    list->is_true = (struct text){0};
    (void)json_read_object(json, fields, COUNT_OF(fields), list);
    if (text_is_string(list->condition, "Ready"))
        list->node.is_ready = text_is_string(list->is_true, "True");
}

static void read_conditions(struct json *json, void *into)
{
    (void)json_read_array(json, read_condition, into);
}

static void read_status(struct json *json, void *into)
{
    static const struct json_field fields[] = {
        JSON_FIELD("capacity", read_capacity),
        JSON_FIELD("allocatable", read_allocatable),
        JSON_FIELD("conditions", read_conditions),
    };

    (void)json_read_object(json, fields, COUNT_OF(fields), into);
}

static void read_item_kind(struct json *json, void *into)
{
    (void)into;
    if (!json_skip_null(json) && !text_is_string(json_text(json), "Node"))
        json_fail(json, "must be Node");
}

static void add_node(struct json *json, struct list *list)
{
    if (json->failure == ERROR_NONE && !nodes_fold_add(list->fold, &list->node))
        json_fail_memory(json);
}

static void read_item(struct json *json, void *into)
{
    static const struct json_field fields[] = {
        JSON_FIELD("kind", read_item_kind),
        JSON_FIELD("metadata", read_metadata),
        JSON_FIELD("status", read_status),
    };
    struct list *list = into;

    list->node = (struct node_facts){0};
    if (json_read_object(json, fields, COUNT_OF(fields), list) == MEMBER_PRESENT)
        add_node(json, list);
}

static void read_kind(struct json *json, void *into)
{
    struct list *list = into;

    list->kind = json_text(json);
    if (list->kind.at != NULL && !text_is_string(list->kind, "List") &&
        !text_is_string(list->kind, "NodeList") && !text_is_string(list->kind, "Node"))
        json_fail(json, "must be List, NodeList or Node");
}

static void read_items(struct json *json, void *into)
{
    struct list *list = into;

    list->has_items = true;
    (void)json_read_array(json, read_item, list);
}

/* `metadata` of a list is read as a node's and then not used. */
static bool read_document(struct json *json, struct list *list, struct error *err)
{
    static const struct json_field fields[] = {
        JSON_FIELD("kind", read_kind),
        JSON_FIELD("items", read_items),
        JSON_FIELD("metadata", read_metadata),
        JSON_FIELD("status", read_status),
    };

    if (json_skip_null(json))
        json_fail(json, "must be a NodeList or a Node");
    (void)json_read_object(json, fields, COUNT_OF(fields), list);
    if (!json_finish(json, err))
        return false;
    if (list->kind.at == NULL)
        return error_set(err, ERROR_INPUT, "kind is missing: it must be List, NodeList or Node");
    if (text_is_string(list->kind, "Node")) {
        if (!list->has_node)
            return error_set(err, ERROR_INPUT, "metadata of the Node is missing");
        return nodes_fold_add(list->fold, &list->node) || error_memory(err);
    }
    return list->has_items || error_set(err, ERROR_INPUT, "items is missing: it must be a list of nodes");
}

bool nodes_read(struct text bytes, const struct catalogue *catalogue, const struct policy *policy,
                struct nodes *ret_nodes, struct error *err)
{
    AUTO(nodes_fold_release) struct nodes_fold fold = {.catalogue = catalogue, .policy = policy};
    AUTO(arena_release) struct arena arena = {0};
    struct list list = {.fold = &fold, .arena = &arena};
    struct json json;

    json_init(&json, bytes, &arena);
    if (!read_document(&json, &list, err))
        return false;
    return nodes_fold_take(&fold, ret_nodes) || error_memory(err);
}
