/* SPDX-License-Identifier: Apache-2.0 */
/* What was expected, and by whom, as JSON. */
#include "json_out.h"
#include "node_report_parts.h"

#include "core/quantity.h"

/* "hugepages":{"2Mi":2560}, in pages, as those that were found. */
static void add_pages(struct buffer *buffer, struct reading bytes)
{
    json_out_open(buffer, "hugepages", '{');
    if (bytes.is_known)
        bytes.number /= REPORT_PAGE_BYTES;
    json_out_reading(buffer, "2Mi", bytes);
    json_out_close(buffer, '}');
}

/* "accelerators":{"nvidia.com/gpu":8}; none at all where there are none. */
static void add_count(struct buffer *buffer, enum vendor vendor, uint64_t count)
{
    json_out_open(buffer, "accelerators", '{');
    if (vendor != VENDOR_NONE && count > 0)
        json_out_number(buffer, vendor_resource(vendor).at, count);
    json_out_close(buffer, '}');
}

static void add_type(struct buffer *buffer, const struct instance_type *type)
{
    if (type == NULL) {
        json_out_null(buffer, "instanceType");
        return;
    }
    json_out_open(buffer, "instanceType", '{');
    json_out_text(buffer, "name", type->name);
    json_out_number(buffer, "efa", type->efa_interfaces);
    add_count(buffer, type->vendor, type->accelerators);
    add_pages(buffer, reading_known(type->hugepages_pool_bytes));
    json_out_fact(buffer, "gpudirect", type->gpudirect);
    json_out_text(buffer, "devicePluginChart", type->device_plugin_chart);
    json_out_close(buffer, '}');
}

static void add_offer(struct buffer *buffer, const char *key, struct reading efa,
                      const struct reading accelerators[VENDOR_COUNT], struct reading hugepages_bytes)
{
    size_t i;

    json_out_open(buffer, key, '{');
    json_out_reading(buffer, "efa", efa);
    json_out_open(buffer, "accelerators", '{');
    for (i = VENDOR_NONE + 1; i < VENDOR_COUNT; i++)
        if (accelerators[i].is_known)
            json_out_number(buffer, vendor_resource((enum vendor)i).at, accelerators[i].number);
    json_out_close(buffer, '}');
    add_pages(buffer, hugepages_bytes);
    json_out_close(buffer, '}');
}

static void add_node(struct buffer *buffer, const struct expectation *expectation)
{
    const struct node_status *status = &expectation->status;

    if (!expectation->node.is_known) {
        json_out_null(buffer, "node");
        return;
    }
    json_out_open(buffer, "node", '{');
    json_out_text(buffer, "name", status->name);
    json_out_text(buffer, "instanceType", status->instance_type);
    json_out_text(buffer, "zone", status->zone);
    add_offer(buffer, "capacity", status->capacity_efa, status->capacity_accelerators,
              status->capacity_hugepages_bytes);
    add_offer(buffer, "allocatable", status->allocatable_efa, status->allocatable_accelerators,
              status->allocatable_hugepages_bytes);
    json_out_close(buffer, '}');
}

static void add_texts(struct buffer *buffer, const char *key, const struct text *texts, size_t count)
{
    size_t i;

    json_out_open(buffer, key, '[');
    for (i = 0; i < count; i++)
        json_out_text(buffer, NULL, texts[i]);
    json_out_close(buffer, ']');
}

static void add_promise(struct buffer *buffer, const struct pod_promise *pod)
{
    if (!pod->has_status) {
        json_out_null(buffer, "promised");
        return;
    }
    json_out_open(buffer, "promised", '{');
    json_out_text(buffer, "result", pod->result);
    json_out_text(buffer, "instanceType", pod->instance_type);
    json_out_number(buffer, "efa", pod->promised.efa);
    add_count(buffer, pod->promised.vendor, pod->promised.accelerators);
    add_pages(buffer, reading_known(pod->promised.hugepages_bytes));
    add_texts(buffer, "warnings", pod->warnings, pod->warning_count);
    json_out_close(buffer, '}');
}

static void add_held(struct buffer *buffer, const struct pod_promise *pod)
{
    if (!pod->is_in_checkpoint) {
        json_out_null(buffer, "held");
        return;
    }
    json_out_open(buffer, "held", '{');
    add_texts(buffer, "efa", pod->efa_ids, pod->efa_id_count);
    add_texts(buffer, "accelerators", pod->accelerator_ids, pod->accelerator_id_count);
    json_out_close(buffer, '}');
}

bool report_has_promise(const struct pod_promise *pod)
{
    return pod->has_status || pod->efa_id_count > 0;
}

static void add_pods(struct buffer *buffer, const struct expectation *expectation)
{
    size_t i;

    if (!expectation->pods.is_known && !expectation->checkpoint.is_known) {
        json_out_null(buffer, "pods");
        return;
    }
    json_out_open(buffer, "pods", '[');
    for (i = 0; i < expectation->promise_count; i++) {
        const struct pod_promise *pod = &expectation->promises[i];

        if (!report_has_promise(pod))
            continue;
        json_out_open(buffer, NULL, '{');
        json_out_text(buffer, "namespace", pod->namespace);
        json_out_text(buffer, "name", pod->name);
        json_out_text(buffer, "uid", pod->uid);
        add_promise(buffer, pod);
        add_held(buffer, pod);
        json_out_close(buffer, '}');
    }
    json_out_close(buffer, ']');
}

static void add_wanted(struct buffer *buffer, const struct expectation *expectation)
{
    if (!expectation->has_wanted) {
        json_out_null(buffer, "wanted");
        return;
    }
    json_out_open(buffer, "wanted", '{');
    json_out_reading(buffer, "efa", expectation->wanted_efa);
    json_out_reading(buffer, "accelerators", expectation->wanted_accelerators);
    add_pages(buffer, expectation->wanted_hugepages_bytes);
    json_out_close(buffer, '}');
}

void report_json_expected(const struct node_report *report, struct buffer *buffer)
{
    json_out_open(buffer, "expected", '{');
    add_wanted(buffer, report->expectation);
    add_type(buffer, report->expectation->type);
    add_node(buffer, report->expectation);
    add_pods(buffer, report->expectation);
    json_out_close(buffer, '}');
}
