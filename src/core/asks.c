/* SPDX-License-Identifier: Apache-2.0 */
#include "core/asks.h"

const struct text efa_resource = TEXT("vpc.amazonaws.com/efa");
const struct text hugepages_resource = TEXT("hugepages-2Mi");

static const struct text mig_prefix = TEXT("nvidia.com/mig-");
static const struct text shared_resource = TEXT("nvidia.com/gpu.shared");

static bool read_amount(const struct container *container, const struct resource *resource,
                        struct quantity *ret_amount, struct error *err)
{
    if (resource == NULL || resource->is_null) {
        *ret_amount = (struct quantity){.whole = true};
        return true;
    }
    if (!quantity_parse(resource->amount, ret_amount, err))
        return error_wrap(err, "container '%.*s': %.*s", TEXT_ARGS(container->name),
                          TEXT_ARGS(resource->name));
    return true;
}

bool asks_amount(const struct container *container, struct text resource, struct quantity *ret_amount,
                 struct error *err)
{
    struct quantity limit;
    struct quantity request;

    if (!read_amount(container, resource_find(&container->limits, resource), &limit, err) ||
        !read_amount(container, resource_find(&container->requests, resource), &request, err))
        return false;
    *ret_amount = limit.units >= request.units ? limit : request;
    return true;
}

/* A device is whole: half of one is a slip of the author's. */
static bool device_amount(const struct container *container, const struct resource *resource,
                          uint64_t *ret_count, struct error *err)
{
    struct quantity amount;

    if (!read_amount(container, resource, &amount, err))
        return false;
    if (!amount.whole) {
        return error_set(err, ERROR_INPUT,
                         "container '%.*s': %.*s: %.*s is a fraction of a device; write a whole number",
                         TEXT_ARGS(container->name), TEXT_ARGS(resource->name), TEXT_ARGS(resource->amount));
    }
    *ret_count = amount.units;
    return true;
}

static void raise(uint64_t *count, uint64_t other)
{
    if (other > *count)
        *count = other;
}

/* NVIDIA's parts of devices are never counted as devices; Neuron's cores say nothing more where devices are
 * named. */
static void note_share(struct asks *asks, struct text name)
{
    if (text_has_prefix(name, mig_prefix) || text_is(name, shared_resource) || asks->accelerators == 0)
        asks->has_shares = true;
}

/* Of two vendors the first of the enum counts, in whatever order the container names them. */
static void note_vendor(struct asks *asks, enum vendor vendor)
{
    asks->has_other_vendor =
        asks->has_other_vendor || (asks->vendor != VENDOR_NONE && asks->vendor != vendor);
    if (asks->vendor != VENDOR_NONE && asks->vendor <= vendor)
        return;
    asks->vendor = vendor;
    asks->accelerators = 0;
    asks->has_shares = false;
}

static bool note_accelerator(const struct container *container, const struct resource *resource,
                             enum vendor vendor, struct asks *asks, struct error *err)
{
    uint64_t count = 0;

    if (!device_amount(container, resource, &count, err))
        return false;
    if (count == 0)
        return true;
    note_vendor(asks, vendor);
    if (vendor != asks->vendor)
        return true;
    if (!text_is(resource->name, vendor_resource(vendor))) {
        note_share(asks, resource->name);
    } else {
        raise(&asks->accelerators, count);
        asks->has_shares = asks->has_shares && vendor == VENDOR_NVIDIA;
    }
    return true;
}

static bool note_resource(const struct container *container, const struct resource *resource,
                          struct asks *asks, struct error *err)
{
    enum vendor vendor = vendor_of_resource(resource->name);
    struct quantity pages;
    uint64_t count = 0;

    if (vendor != VENDOR_NONE)
        return note_accelerator(container, resource, vendor, asks, err);
    if (text_is(resource->name, efa_resource)) {
        if (!device_amount(container, resource, &count, err))
            return false;
        asks->has_efa_zero = asks->has_efa_zero || count == 0;
        raise(&asks->efa, count);
    } else if (text_is(resource->name, hugepages_resource)) {
        if (!read_amount(container, resource, &pages, err))
            return false;
        raise(&asks->hugepages_bytes, pages.units);
    }
    return true;
}

static bool is_ignored(const struct policy *policy, struct text template_name)
{
    size_t i;

    for (i = 0; i < policy->claims_ignore_count; i++) {
        if (text_is(policy->claims_ignore[i], template_name))
            return true;
    }
    return false;
}

/* A claim that the pod does not even list may stand for anything. */
static bool stands_for_devices(const struct pod *pod, const struct policy *policy, struct text name)
{
    size_t i;

    for (i = 0; i < pod->claim_count; i++) {
        if (text_is(pod->claims[i].name, name))
            return pod->claims[i].template_name.at == NULL ||
                   !is_ignored(policy, pod->claims[i].template_name);
    }
    return true;
}

bool asks_of(const struct container *container, const struct pod *pod, const struct policy *policy,
             struct asks *ret_asks, struct error *err)
{
    const struct resource_list *lists[] = {&container->limits, &container->requests};
    struct asks asks = {0};
    size_t list;
    size_t i;

    for (list = 0; list < COUNT_OF(lists); list++) {
        for (i = 0; i < lists[list]->count; i++) {
            if (!note_resource(container, &lists[list]->items[i], &asks, err))
                return false;
        }
    }
    asks.has_efa_zero = asks.has_efa_zero && asks.efa == 0;
    for (i = 0; i < container->claim_count && !asks.has_claims; i++)
        asks.has_claims = stands_for_devices(pod, policy, container->claims[i].key);
    *ret_asks = asks;
    return true;
}

static uint64_t add(uint64_t left, uint64_t right)
{
    uint64_t sum;

    return __builtin_add_overflow(left, right, &sum) ? UINT64_MAX : sum;
}

static void add_flags(struct asks *into, const struct asks *asks)
{
    into->has_other_vendor =
        into->has_other_vendor || asks->has_other_vendor ||
        (into->vendor != VENDOR_NONE && asks->vendor != VENDOR_NONE && into->vendor != asks->vendor);
    if (into->vendor == VENDOR_NONE)
        into->vendor = asks->vendor;
    into->has_shares = into->has_shares || asks->has_shares;
    into->has_efa_zero = into->has_efa_zero || asks->has_efa_zero;
    into->has_claims = into->has_claims || asks->has_claims;
}

static void add_amounts(struct asks *into, const struct asks *asks)
{
    into->accelerators = add(into->accelerators, asks->accelerators);
    into->efa = add(into->efa, asks->efa);
    into->hugepages_bytes = add(into->hugepages_bytes, asks->hugepages_bytes);
}

static void raise_amounts(struct asks *into, const struct asks *asks)
{
    raise(&into->accelerators, asks->accelerators);
    raise(&into->efa, asks->efa);
    raise(&into->hugepages_bytes, asks->hugepages_bytes);
}

/* An init container, while the sidecars before it run. */
static void raise_beside(struct asks *into, const struct asks *asks, const struct asks *sidecars)
{
    struct asks both = *asks;

    add_amounts(&both, sidecars);
    raise_amounts(into, &both);
}

bool asks_of_pod(const struct pod *pod, const struct policy *policy, struct asks *ret_asks, struct error *err)
{
    struct asks running = {0};
    struct asks sidecars = {0};
    struct asks before = {0};
    struct asks asks;
    size_t i;

    for (i = 0; i < pod->container_count; i++) {
        if (!asks_of(&pod->containers[i], pod, policy, &asks, err))
            return false;
        add_flags(&running, &asks);
        add_amounts(&running, &asks);
    }
    for (i = 0; i < pod->init_container_count; i++) {
        if (!asks_of(&pod->init_containers[i], pod, policy, &asks, err))
            return false;
        add_flags(&running, &asks);
        if (pod->init_containers[i].is_sidecar)
            add_amounts(&sidecars, &asks);
        else
            raise_beside(&before, &asks, &sidecars);
    }
    add_amounts(&running, &sidecars);
    running.efa_running = running.efa;
    raise_amounts(&running, &before);
    *ret_asks = running;
    return true;
}

bool asks_has_accelerators(const struct asks *asks)
{
    return asks->vendor != VENDOR_NONE;
}
