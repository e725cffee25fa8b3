/* SPDX-License-Identifier: Apache-2.0 */
#include "agent_metrics_parts.h"

#include "core/decision.h"

/* What one of those who expect something says. */
struct wish {
    const char *by;
    struct reading efa;
    struct reading accelerators;
    struct reading hugepages_bytes;
};

enum {
    WISHES = 5,
};

static struct reading sum(const struct reading *readings, size_t count)
{
    struct reading total = {.is_known = false};

    for (size_t i = 0; i < count; i++) {
        if (readings[i].is_known)
            total = reading_known(total.number + readings[i].number);
    }
    return total;
}

static struct wish wish_of_catalogue(const struct instance_type *type)
{
    struct wish wish = {.by = "catalogue"};

    if (type == NULL)
        return wish;
    wish.efa = reading_known(type->efa_interfaces);
    wish.accelerators = reading_known(type->accelerators);
    wish.hugepages_bytes = reading_known(type->hugepages_pool_bytes);
    return wish;
}

static struct wish wish_of_pods(const struct expectation *expectation)
{
    struct wish wish = {.by = "pods"};

    if (!expectation->pods.is_known)
        return wish;
    wish.efa = wish.accelerators = wish.hugepages_bytes = reading_known(0);
    for (size_t i = 0; i < expectation->promise_count; i++) {
        const struct pod_promise *promise = &expectation->promises[i];

        if (!promise->has_status)
            continue;
        wish.efa.number += promise->promised.efa;
        wish.accelerators.number += promise->promised.accelerators;
        wish.hugepages_bytes.number += promise->promised.hugepages_bytes;
    }
    return wish;
}

static void fill_wishes(const struct expectation *expectation, struct wish wishes[WISHES])
{
    const struct node_status *status = &expectation->status;

    wishes[0] = wish_of_catalogue(expectation->type);
    wishes[1] = (struct wish){.by = "node-capacity",
                              .efa = status->capacity_efa,
                              .accelerators = sum(status->capacity_accelerators, VENDOR_COUNT),
                              .hugepages_bytes = status->capacity_hugepages_bytes};
    wishes[2] = (struct wish){.by = "node-allocatable",
                              .efa = status->allocatable_efa,
                              .accelerators = sum(status->allocatable_accelerators, VENDOR_COUNT),
                              .hugepages_bytes = status->allocatable_hugepages_bytes};
    wishes[3] = wish_of_pods(expectation);
    wishes[4] = (struct wish){.by = "option",
                              .efa = expectation->wanted_efa,
                              .accelerators = expectation->wanted_accelerators,
                              .hugepages_bytes = expectation->wanted_hugepages_bytes};
}

static void add_wish(struct prometheus *out, const char *name, const struct wish *wish,
                     const struct reading *reading)
{
    if (!reading->is_known)
        return;
    prometheus_sample(out, name);
    prometheus_label(out, "by", text_of(wish->by));
    prometheus_unsigned(out, reading->number);
}

void agent_metrics_expected(struct prometheus *out, const struct expectation *expectation)
{
    struct wish wishes[WISHES];
    size_t i;

    fill_wishes(expectation, wishes);
    prometheus_describe(out, "expected_devices", "gauge", "EFA devices that are expected, by who expects.");
    for (i = 0; i < WISHES; i++)
        add_wish(out, "expected_devices", &wishes[i], &wishes[i].efa);
    prometheus_describe(out, "expected_accelerators", "gauge",
                        "Accelerators that are expected, by who expects.");
    for (i = 0; i < WISHES; i++)
        add_wish(out, "expected_accelerators", &wishes[i], &wishes[i].accelerators);
    prometheus_describe(out, "expected_hugepages_bytes", "gauge",
                        "Bytes in huge pages of 2 MiB that are expected, by who expects.");
    for (i = 0; i < WISHES; i++)
        add_wish(out, "expected_hugepages_bytes", &wishes[i], &wishes[i].hugepages_bytes);
}

static uint64_t count_kind(const struct findings *findings, const struct finding_kind *kind)
{
    for (size_t i = 0; i < findings->count; i++) {
        if (text_is(findings->items[i].kind->id, kind->id))
            return 1;
    }
    return 0;
}

void agent_metrics_findings(struct prometheus *out, const struct findings *findings)
{
    size_t count;
    const struct finding_kind *kinds = finding_kinds(&count);

    prometheus_describe(out, "health", "gauge", "1 for the state that the node is in.");
    for (size_t i = HEALTH_GOOD; i <= HEALTH_UNKNOWN; i++) {
        prometheus_sample(out, "health");
        prometheus_label(out, "state", health_name((enum node_health)i));
        prometheus_unsigned(out, findings->health == (enum node_health)i ? 1 : 0);
    }
    prometheus_describe(out, "finding", "gauge", "1 while there is a finding of the kind.");
    for (size_t i = 0; i < count; i++) {
        prometheus_sample(out, "finding");
        prometheus_label(out, "id", kinds[i].id);
        prometheus_label(out, "severity", severity_name(kinds[i].severity));
        prometheus_unsigned(out, count_kind(findings, &kinds[i]));
    }
}

static uint64_t count_warning(const struct expectation *expectation, struct text id)
{
    uint64_t count = 0;

    for (size_t i = 0; i < expectation->promise_count; i++) {
        const struct pod_promise *promise = &expectation->promises[i];

        for (size_t k = 0; k < promise->warning_count; k++)
            count += text_is(promise->warnings[k], id) ? 1 : 0;
    }
    return count;
}

static void add_warning(struct prometheus *out, const struct expectation *expectation, struct text id)
{
    prometheus_sample(out, "pod_warnings");
    prometheus_label(out, "warning", id);
    prometheus_unsigned(out, count_warning(expectation, id));
}

/* core/pod_promise.h makes one "other" of what this version does not know. */
void agent_metrics_pods(struct prometheus *out, const struct expectation *expectation)
{
    static const struct text other = TEXT("other");

    if (!expectation->pods.is_known)
        return;
    prometheus_gauge(out, "pods", "Pods on the node.", expectation->pods.number);
    prometheus_describe(out, "pod_warnings", "gauge",
                        "Pods on the node with the warning in the status that the webhook wrote.");
    for (size_t i = 0; i < WARNING_COUNT; i++)
        add_warning(out, expectation, warning_id((enum warning)i));
    add_warning(out, expectation, other);
}
