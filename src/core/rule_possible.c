/* SPDX-License-Identifier: Apache-2.0 */
#include "core/rules.h"

#include <stdarg.h>
#include <stdio.h>

bool decision_impossible(struct decision *decision, const char *format, ...)
{
    char line[512];
    va_list values;

    va_start(values, format);
    (void)vsnprintf(line, sizeof(line), format, values);
    va_end(values);
    if (decision->subject.snapshot->policy->on_impossible == VERDICT_WARN) {
        decision_warn(decision, WARNING_IMPOSSIBLE, "%s", line);
        return true;
    }
    decision_deny(decision, REASON_IMPOSSIBLE, "%s", line);
    return false;
}

static const char *vendor_name(enum vendor vendor)
{
    struct text resource = vendor_resource(vendor);

    return resource.at != NULL ? resource.at : "no accelerator";
}

static bool check_vendor(struct decision *decision)
{
    const struct asks *asks = &decision->subject.asks;
    const struct instance_type *type = decision->subject.target.type;

    if (asks->has_other_vendor) {
        return decision_impossible(
            decision,
            "the pod asks for accelerators of two vendors, which no instance type has; leave one out");
    }
    if (asks->vendor == VENDOR_NONE || asks->vendor == type->vendor)
        return true;
    return decision_impossible(decision,
                               "the pod asks for %s, but %.*s has %s; change the type or the resource",
                               vendor_name(asks->vendor), TEXT_ARGS(type->name), vendor_name(type->vendor));
}

static bool check_count(struct decision *decision, const char *resource, uint64_t asked, unsigned has)
{
    const struct instance_type *type = decision->subject.target.type;

    if (asked <= has)
        return true;
    return decision_impossible(
        decision, "the pod asks for %llu %s, but %.*s has %u; write %u or fewer, or leave it out",
        (unsigned long long)asked, resource, TEXT_ARGS(type->name), has, has);
}

static bool is_device(struct text resource)
{
    return vendor_of_resource(resource) != VENDOR_NONE || text_is(resource, efa_resource) ||
           text_is(resource, hugepages_resource);
}

/* Extended resources and huge pages cannot be overcommitted: the API server refuses a limit that differs.
 * The fix comes first, since a warning is cut at its end. */
static bool check_equal(struct decision *decision, const struct container *container,
                        const struct resource *request)
{
    static const struct text null = TEXT("null");
    const struct resource *limit =
        is_device(request->name) ? resource_find(&container->limits, request->name) : NULL;
    struct quantity wanted = {0};
    struct quantity allowed = {0};
    struct error err = {0};

    if (limit == NULL)
        return true;
    if ((!request->is_null && !quantity_parse(request->amount, &wanted, &err)) ||
        (!limit->is_null && !quantity_parse(limit->amount, &allowed, &err)) || wanted.units == allowed.units)
        return true;
    return decision_impossible(decision, "make limit %.*s and request %.*s of %.*s equal in container '%.*s'",
                               TEXT_ARGS_MAX(limit->is_null ? null : limit->amount, 20),
                               TEXT_ARGS_MAX(request->is_null ? null : request->amount, 20),
                               TEXT_ARGS(request->name), TEXT_ARGS(container->name));
}

static bool check_container(struct decision *decision, const struct container *container)
{
    size_t i;

    for (i = 0; i < container->requests.count; i++) {
        if (!check_equal(decision, container, &container->requests.items[i]))
            return false;
    }
    return true;
}

void rule_possible(struct decision *decision)
{
    const struct subject *subject = &decision->subject;
    const struct pod *pod = subject->pod;
    const struct instance_type *type = subject->target.type;
    size_t i;

    if (!check_vendor(decision) ||
        (subject->asks.vendor == type->vendor &&
         !check_count(decision, vendor_name(type->vendor), subject->asks.accelerators, type->accelerators)) ||
        !check_count(decision, efa_resource.at, subject->asks.efa, type->efa_interfaces))
        return;
    for (i = 0; i < pod->container_count; i++) {
        if (!check_container(decision, &pod->containers[i]))
            return;
    }
    for (i = 0; i < pod->init_container_count; i++) {
        if (!check_container(decision, &pod->init_containers[i]))
            return;
    }
}
