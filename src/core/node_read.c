/* SPDX-License-Identifier: Apache-2.0 */
#include "node_read.h"

#include "core/quantity.h"

void node_reader_clear(struct node_reader *reader)
{
    reader->facts = (struct node_facts){0};
    reader->has_metadata = false;
    reader->resource_version = (struct text){0};
}

void node_reader_reset(struct node_reader *reader)
{
    node_reader_clear(reader);
    reader->labels = NULL;
    reader->label_limit = 0;
}

static void add_label(struct json *json, struct node_reader *reader, struct pair label)
{
    size_t count = reader->facts.label_count;

    if (count == reader->label_limit) {
        struct pair *larger = arena_grow(reader->arena, reader->labels, count, sizeof(*larger));

        if (larger == NULL) {
            json_fail_memory(json);
            return;
        }
        reader->labels = larger;
        reader->label_limit++;
    }
    reader->labels[count] = label;
    reader->facts.label_count++;
}

/* Labels, into the room that all nodes share; nulls are left out. */
static void read_labels(struct json *json, void *into)
{
    struct node_reader *reader = into;
    struct pair label;

    if (json_skip_null(json))
        return;
    json_object_start(json);
    while (json_next_member(json, &label.key)) {
        if (json_skip_null(json))
            continue;
        label.value = json_text(json);
        add_label(json, reader, label);
    }
    reader->facts.labels = reader->labels;
}

static void read_name(struct json *json, void *into)
{
    struct node_reader *reader = into;

    if (!json_skip_null(json))
        reader->facts.name = json_text(json);
}

static void read_deletion(struct json *json, void *into)
{
    struct node_reader *reader = into;

    if (!json_skip_null(json))
        reader->facts.is_deleting = json_text(json).at != NULL;
}

void node_read_metadata(struct json *json, void *into)
{
    static const struct json_field fields[] = {
        JSON_FIELD("name", read_name),
        JSON_FIELD("labels", read_labels),
        JSON_FIELD("deletionTimestamp", read_deletion),
        JSON_FIELD_TEXT("resourceVersion", struct node_reader, resource_version),
    };
    struct node_reader *reader = into;

    if (json_read_object(json, fields, COUNT_OF(fields), reader) == MEMBER_PRESENT)
        reader->has_metadata = true;
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
    struct node_reader *reader = into;

    reader->facts.efa = read_amount(json);
}

static void read_nvidia(struct json *json, void *into)
{
    struct node_reader *reader = into;

    reader->facts.accelerators[VENDOR_NVIDIA] = read_amount(json);
}

static void read_neuron(struct json *json, void *into)
{
    struct node_reader *reader = into;

    reader->facts.accelerators[VENDOR_NEURON] = read_amount(json);
}

static void read_habana(struct json *json, void *into)
{
    struct node_reader *reader = into;

    reader->facts.accelerators[VENDOR_HABANA] = read_amount(json);
}

static void read_hugepages(struct json *json, void *into)
{
    struct node_reader *reader = into;

    reader->facts.hugepages_bytes = read_amount(json);
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
    struct node_reader *reader = into;

    if (!json_skip_null(json))
        reader->condition = json_text(json);
}

static void read_condition_status(struct json *json, void *into)
{
    struct node_reader *reader = into;

    if (!json_skip_null(json))
        reader->condition_status = json_text(json);
}

static void read_condition(struct json *json, void *into)
{
    static const struct json_field fields[] = {
        JSON_FIELD("type", read_condition_type),
        JSON_FIELD("status", read_condition_status),
    };
    struct node_reader *reader = into;

    reader->condition = (struct text){0};
    reader->condition_status = (struct text){0};
    (void)json_read_object(json, fields, COUNT_OF(fields), reader);
    if (text_is_string(reader->condition, "Ready"))
        reader->facts.is_ready = text_is_string(reader->condition_status, "True");
}

static void read_conditions(struct json *json, void *into)
{
    (void)json_read_array(json, read_condition, into);
}

void node_read_status(struct json *json, void *into)
{
    static const struct json_field fields[] = {
        JSON_FIELD("capacity", read_capacity),
        JSON_FIELD("allocatable", read_allocatable),
        JSON_FIELD("conditions", read_conditions),
    };

    (void)json_read_object(json, fields, COUNT_OF(fields), into);
}

static void read_kind(struct json *json, void *into)
{
    (void)into;
    if (!json_skip_null(json) && !text_is_string(json_text(json), "Node"))
        json_fail(json, "must be Node");
}

enum member node_read_item(struct json *json, struct node_reader *reader)
{
    static const struct json_field fields[] = {
        JSON_FIELD("kind", read_kind),
        JSON_FIELD("metadata", node_read_metadata),
        JSON_FIELD("status", node_read_status),
    };

    node_reader_clear(reader);
    return json_read_object(json, fields, COUNT_OF(fields), reader);
}
