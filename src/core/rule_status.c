/* SPDX-License-Identifier: Apache-2.0 */
#include "core/rules.h"

#include "core/buffer.h"

/* The API server's limit on all annotations of an object together: keys and values. */
enum {
    ANNOTATIONS_BYTES_MAX = 256 * 1024
};

static void add_count(struct buffer *buffer, struct text name, uint64_t count)
{
    if (count == 0)
        return;
    buffer_add_char(buffer, ',');
    buffer_add_json(buffer, name);
    buffer_add_char(buffer, ':');
    buffer_add_unsigned(buffer, count);
}

/* "vpc.amazonaws.com/efa":32,"nvidia.com/gpu":8,"hugepages-2Mi":"5120Mi" */
static void add_amounts(struct buffer *buffer, const struct decision *decision,
                        const struct recipient *amounts)
{
    struct text accelerator = vendor_resource(decision->subject.asks.vendor);
    char room[24];

    if (accelerator.at == NULL)
        accelerator = vendor_resource(decision->subject.target.type->vendor);
    add_count(buffer, efa_resource, amounts->efa);
    if (accelerator.at != NULL)
        add_count(buffer, accelerator, amounts->accelerators);
    if (amounts->hugepages_bytes == 0)
        return;
    buffer_add_string(buffer, ",\"hugepages-2Mi\":\"");
    buffer_add(buffer, quantity_format_mebibytes(amounts->hugepages_bytes, room));
    buffer_add_char(buffer, '"');
}

static void add_containers(struct buffer *buffer, const struct decision *decision)
{
    const struct subject *subject = &decision->subject;
    size_t i;

    buffer_add_string(buffer, ",\"containers\":[");
    for (i = 0; i < subject->recipient_count; i++) {
        buffer_add_string(buffer, i > 0 ? ",{\"name\":" : "{\"name\":");
        buffer_add_json(buffer, subject->recipients[i].container->name);
        if (subject->recipients[i].container->is_init && !subject->recipients[i].container->is_sidecar)
            buffer_add_string(buffer, ",\"init\":true");
        add_amounts(buffer, decision, &subject->recipients[i]);
        buffer_add_char(buffer, '}');
    }
    buffer_add_char(buffer, ']');
}

/* What the whole pod asks for: what remains of the containers where space is short. */
static void add_totals(struct buffer *buffer, const struct decision *decision)
{
    const struct subject *subject = &decision->subject;
    const struct recipient totals = {
        .efa = subject->asks.efa,
        .accelerators = subject->asks.accelerators,
        .hugepages_bytes = subject->asks.hugepages_bytes,
    };

    buffer_add_string(buffer, ",\"total\":{\"pods\":1");
    add_amounts(buffer, decision, &totals);
    buffer_add_char(buffer, '}');
}

/*
 * Ids in the table's order, each once: whatever order the rules raised them in.
 *
 * All but first-container: once the first container has the devices, nothing of the pod says any more that it
 * was a guess, and the status tells of the pod alone. The warning itself is in the answer that made it so.
 */
static void add_warnings(struct buffer *buffer, const struct decision *decision)
{
    const char *separator = ",\"warnings\":[";
    int id;

    for (id = 0; id < WARNING_COUNT; id++) {
        if (id == WARNING_FIRST_CONTAINER || !decision_has_warning(decision, (enum warning)id))
            continue;
        buffer_add_string(buffer, separator);
        buffer_add_json(buffer, warning_id((enum warning)id));
        separator = ",";
    }
    if (separator[1] == '\0')
        buffer_add_char(buffer, ']');
}

static struct text format_status(struct decision *decision, bool is_short)
{
    AUTO(buffer_release) struct buffer buffer = {0};
    struct text status;

    buffer_add_string(&buffer, "{\"version\":1,\"result\":");
    buffer_add_json(&buffer, reason_label(decision->reason));
    if (decision->subject.target.type != NULL) {
        buffer_add_string(&buffer, ",\"instanceType\":");
        buffer_add_json(&buffer, decision->subject.target.type->name);
        if (is_short)
            add_totals(&buffer, decision);
        else
            add_containers(&buffer, decision);
    }
    if (!is_short)
        add_warnings(&buffer, decision);
    buffer_add_char(&buffer, '}');
    status = buffer.failed ? ((struct text){0}) : arena_copy(decision->arena, buffer_text(&buffer));
    decision->failed = decision->failed || status.at == NULL;
    return status;
}

/* All annotations but the status that came with the pod. */
static size_t annotation_bytes(const struct decision *decision)
{
    const struct pairs *annotations = &decision->subject.pod->annotations;
    size_t bytes = decision->subject.snapshot->policy->prefix.length + sizeof("/status") - 1;
    size_t i;

    for (i = 0; i < annotations->count; i++)
        bytes += annotations->items[i].key.length + annotations->items[i].value.length;
    if (decision->subject.annotations->status.at != NULL)
        bytes -= decision->subject.annotations->status.length +
                 decision->subject.snapshot->policy->prefix.length + sizeof("/status") - 1;
    return bytes;
}

void rule_status(struct decision *decision)
{
    size_t others = annotation_bytes(decision);
    struct text status = format_status(decision, false);

    if (others + status.length > ANNOTATIONS_BYTES_MAX)
        status = format_status(decision, true);
    if (others + status.length > ANNOTATIONS_BYTES_MAX)
        return; /* the API server would refuse the pod for it */
    decision->status = status;
}
