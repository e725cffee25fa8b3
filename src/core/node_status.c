/* SPDX-License-Identifier: Apache-2.0 */
#include "core/node_status.h"

#include "core/json.h"
#include "core/quantity.h"

#define RESOURCE(resource, field, counted)                                                                   \
    {                                                                                                        \
        .name = TEXT(resource), .missing = TEXT("the Node has no " resource),                                \
        .unreadable = TEXT("the Node's " resource " is no quantity"),                                        \
        .broken = TEXT("the Node's " resource " is no whole number"), .is_counted = (counted),               \
        .offsets = {offsetof(struct node_status, capacity_##field),                                          \
                    offsetof(struct node_status, allocatable_##field)},                                      \
    }

/* The two lists of a Node's status. */
enum offer {
    OFFER_CAPACITY,
    OFFER_ALLOCATABLE,
    OFFER_COUNT,
};

static const struct resource {
    struct text name;
    struct text missing; /* why there is no number */
    struct text unreadable;
    struct text broken;
    size_t offsets[OFFER_COUNT]; /* of a struct reading */
    bool is_counted;             /* devices, of which there are no parts */
} resources[] = {
    RESOURCE("vpc.amazonaws.com/efa", efa, true),
    RESOURCE("hugepages-2Mi", hugepages_bytes, false),
    RESOURCE("nvidia.com/gpu", accelerators[VENDOR_NVIDIA], true),
    RESOURCE("aws.amazon.com/neuron", accelerators[VENDOR_NEURON], true),
    RESOURCE("habana.ai/gaudi", accelerators[VENDOR_HABANA], true),
};

enum {
    LABELS_PER_FACT = 2 /* the present name, and the one before it */
};

struct node {
    struct text kind;
    struct text types[LABELS_PER_FACT];
    struct text zones[LABELS_PER_FACT];
    struct node_status status;
};

static struct reading *find_reading(struct node_status *status, const struct resource *resource,
                                    enum offer offer)
{
    return (struct reading *)(void *)((char *)status + resource->offsets[offer]);
}

static void miss_all(struct node_status *status)
{
    for (size_t i = 0; i < COUNT_OF(resources); i++) {
        *find_reading(status, &resources[i], OFFER_CAPACITY) = reading_missed(resources[i].missing);
        *find_reading(status, &resources[i], OFFER_ALLOCATABLE) = reading_missed(resources[i].missing);
    }
}

/* A quantity, as a string or a number; null is none. */
static struct reading read_amount(struct json *json, const struct resource *resource)
{
    struct quantity amount;
    struct error ignored;
    struct text text;

    if (json_skip_null(json))
        return reading_missed(resource->missing);
    text = json_peek(json) == JSON_NEXT_NUMBER ? json_number(json) : json_text(json);
    if (text.at == NULL || !quantity_parse(text, &amount, &ignored))
        return reading_missed(resource->unreadable);
    if (resource->is_counted && !amount.whole)
        return reading_missed(resource->broken);
    return reading_known(amount.units);
}

static size_t find_resource(struct text name)
{
    size_t i;

    for (i = 0; i < COUNT_OF(resources); i++) {
        if (text_is(resources[i].name, name))
            break;
    }
    return i;
}

static void read_offer(struct json *json, struct node *node, enum offer offer)
{
    unsigned seen = 0;
    struct text name;

    if (json_skip_null(json))
        return;
    json_object_start(json);
    while (json_next_member(json, &name)) {
        size_t i = find_resource(name);

        if (i == COUNT_OF(resources)) {
            (void)json_skip(json);
            continue;
        }
        if ((seen >> i & 1) != 0)
            json_fail(json, "comes twice");
        seen |= 1U << i;
        *find_reading(&node->status, &resources[i], offer) = read_amount(json, &resources[i]);
    }
}

static void read_capacity(struct json *json, void *into)
{
    read_offer(json, into, OFFER_CAPACITY);
}

static void read_allocatable(struct json *json, void *into)
{
    read_offer(json, into, OFFER_ALLOCATABLE);
}

static void read_conditions(struct json *json, void *into)
{
    struct node *node = into;

    node_condition_read(json, &node->status.condition);
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

static void read_labels(struct json *json, void *into)
{
    static const struct json_field fields[] = {
        JSON_FIELD_TEXT("node.kubernetes.io/instance-type", struct node, types[0]),
        JSON_FIELD_TEXT("beta.kubernetes.io/instance-type", struct node, types[1]),
        JSON_FIELD_TEXT("topology.kubernetes.io/zone", struct node, zones[0]),
        JSON_FIELD_TEXT("failure-domain.beta.kubernetes.io/zone", struct node, zones[1]),
    };

    (void)json_read_object(json, fields, COUNT_OF(fields), into);
}

static void read_metadata(struct json *json, void *into)
{
    static const struct json_field fields[] = {
        JSON_FIELD_TEXT("name", struct node, status.name),
        JSON_FIELD_TEXT("uid", struct node, status.uid),
        JSON_FIELD("labels", read_labels),
    };

    (void)json_read_object(json, fields, COUNT_OF(fields), into);
}

static bool read_node(struct json *json, struct node *node, struct error *err)
{
    static const struct json_field fields[] = {
        JSON_FIELD_TEXT("kind", struct node, kind),
        JSON_FIELD("metadata", read_metadata),
        JSON_FIELD("status", read_status),
    };

    (void)json_read_object(json, fields, COUNT_OF(fields), node);
    if (!json_finish(json, err)) {
        if (err->kind == ERROR_INPUT)
            err->kind = ERROR_REMOTE;
        return error_wrap(err, "the Node");
    }
    if (!text_is_string(node->kind, "Node"))
        return error_set(err, ERROR_REMOTE, "what came is no Node: its kind is '%.*s'",
                         TEXT_ARGS_SHORT(node->kind));
    if (node->status.name.length == 0)
        return error_set(err, ERROR_REMOTE, "the Node has no metadata.name");
    return true;
}

/* The first label that says something. */
static struct text choose(const struct text labels[LABELS_PER_FACT])
{
    return labels[0].length > 0 ? labels[0] : labels[1];
}

bool node_status_parse(struct text json, struct expectation *expectation, struct error *err)
{
    AUTO(arena_release) struct arena scratch = {0};
    struct arena *arena = &expectation->arena;
    struct node node = {.kind = {0}};
    struct json reader;

    miss_all(&node.status);
    json_init(&reader, json, &scratch);
    if (!read_node(&reader, &node, err))
        return false;
    node.status.instance_type = choose(node.types);
    node.status.zone = choose(node.zones);
    if (!arena_keep(arena, &node.status.name) || !arena_keep(arena, &node.status.uid) ||
        !arena_keep(arena, &node.status.instance_type) || !arena_keep(arena, &node.status.zone) ||
        !node_condition_keep(&node.status.condition, arena))
        return error_memory(err);
    expectation->status = node.status;
    expectation->node = reading_known(1);
    return true;
}
