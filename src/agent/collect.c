/* SPDX-License-Identifier: Apache-2.0 */
#include "collect.h"

#include "core/config_values.h"
#include "io/imds.h"
#include "io/libfabric.h"
#include "io/verbs.h"

enum {
    IMDS_AGAIN_MS = 3600 * 1000,
};

static bool is_same_device(const struct rdma_device *left, const struct rdma_device *right)
{
    return text_is(left->name, right->name) && text_is(left->pci_address, right->pci_address) &&
           text_is(left->driver, right->driver) && text_is(left->uverbs, right->uverbs) &&
           left->character == right->character && left->is_in_verbs == right->is_in_verbs;
}

/* Whether libfabric would say the same. */
static bool has_same_devices(const struct inventory *left, const struct inventory *right)
{
    if (left->device_count != right->device_count)
        return false;
    for (size_t i = 0; i < left->device_count; i++) {
        if (!is_same_device(&left->devices[i], &right->devices[i]))
            return false;
    }
    return true;
}

static void copy_libfabric(const struct inventory *answered, struct inventory *inventory)
{
    inventory->libfabric = answered->libfabric;
    inventory->libfabric.why = arena_copy(&inventory->arena, answered->libfabric.why);
    inventory->libfabric_version = arena_copy(&inventory->arena, answered->libfabric_version);
    inventory->is_libfabric_late = answered->is_libfabric_late;
    for (size_t i = 0; i < inventory->device_count; i++)
        inventory->devices[i].is_in_libfabric = answered->devices[i].is_in_libfabric;
}

static void keep_imds(const struct instance_identity *last, struct inventory *inventory)
{
    struct instance_identity *instance = &inventory->instance;
    struct arena *arena = &inventory->arena;

    instance->imds = last->imds;
    instance->imds_why = arena_copy(arena, last->imds_why);
    instance->imds_type = arena_copy(arena, last->imds_type);
    instance->zone = arena_copy(arena, last->zone);
    instance->zone_id = arena_copy(arena, last->zone_id);
    instance->placement_group = arena_copy(arena, last->placement_group);
}

/* A machine whose DMI says something else than an instance type is no EC2 instance: nobody would answer. */
static bool may_have_imds(const struct agent_options *options, const struct inventory *inventory)
{
    struct text type = inventory->instance.dmi_type;

    if (strcmp(options->imds, "off") == 0)
        return false;
    return options->imds_endpoint != NULL || type.length == 0 || value_is_instance_type(type);
}

static void ask_imds(struct collector *collector, int64_t now_ms, struct inventory *inventory)
{
    const struct agent_options *options = collector->setup->options;
    const struct imds_options imds = {.endpoint = options->imds_endpoint};
    const struct instance_identity *last =
        collector->last != NULL ? &collector->last->inventory.instance : NULL;
    bool is_due = !collector->has_asked_imds || now_ms - collector->imds_ms >= IMDS_AGAIN_MS;

    if (!may_have_imds(options, inventory))
        return;
    if (last != NULL && (last->imds == IMDS_ANSWERED || !is_due)) {
        keep_imds(last, inventory);
        return;
    }
    collector->has_asked_imds = true;
    collector->imds_ms = now_ms;
    imds_read(&imds, inventory);
}

/*
 * Whether all EFA devices that have a file here could be opened; true where there is no device. A container
 * with a part of the host's has files of that part alone, and libibverbs lists no others.
 */
static bool are_ours_usable(const struct inventory *inventory)
{
    size_t usable = 0;
    size_t count = 0;

    for (size_t i = 0; i < inventory->device_count; i++) {
        const struct rdma_device *device = &inventory->devices[i];

        if (!device->is_efa || device->name.length == 0)
            continue;
        if (device->character != CHARACTER_USABLE && device->character != CHARACTER_ABSENT)
            return false;
        usable += device->character == CHARACTER_USABLE ? 1 : 0;
        count++;
    }
    return usable > 0 || count == 0;
}

static void open_devices(const struct agent_options *options, struct agent_facts *facts)
{
    bool is_chosen = options->devices != NULL;
    bool opens = is_chosen ? strcmp(options->devices, "open") == 0 : options->mode == AGENT_ONCE;

    if (!opens)
        return;
    character_open(options->dev, &facts->inventory);
    facts->opens_devices = is_chosen || are_ours_usable(&facts->inventory);
}

static void read_devices(const struct agent_setup *setup, struct agent_facts *facts)
{
    node_files_read(&setup->roots, &facts->inventory);
    verbs_read(&facts->inventory);
    rdma_netns_read(&facts->inventory);
    open_devices(setup->options, facts);
}

/* Either the last answer is of these devices, or there is none yet. */
static void use_libfabric(const struct collector *collector, struct agent_facts *facts)
{
    const struct agent_facts *answered = collector->answered;

    if (!facts->opens_devices)
        return;
    facts->is_libfabric_pending =
        answered == NULL || !has_same_devices(&answered->inventory, &facts->inventory);
    if (!facts->is_libfabric_pending)
        copy_libfabric(&answered->inventory, &facts->inventory);
}

/* For the caller, unless memory ran out. */
static struct agent_facts *take(struct agent_facts **facts, struct error *err)
{
    struct agent_facts *taken = *facts;

    if (taken == NULL || taken->inventory.failed) {
        (void)error_memory(err);
        return NULL;
    }
    *facts = NULL;
    return taken;
}

struct agent_facts *collector_read(struct collector *collector, int64_t now_ms, struct error *err)
{
    AUTO(agent_facts_let) struct agent_facts *facts = agent_facts_new();

    if (facts != NULL) {
        read_devices(collector->setup, facts);
        use_libfabric(collector, facts);
        ask_imds(collector, now_ms, &facts->inventory);
    }
    return take(&facts, err);
}

bool collector_wants_libfabric(struct collector *collector, const struct agent_facts *facts, int64_t now_ms)
{
    int64_t again_ms = (int64_t)collector->setup->options->refresh_seconds * 1000;

    if (!facts->opens_devices || facts->inventory.libfabric.is_known)
        return false;
    if (!facts->is_libfabric_pending && now_ms - collector->libfabric_ms < again_ms)
        return false;
    collector->libfabric_ms = now_ms;
    collector->libfabric_count++;
    return true;
}

struct agent_facts *collector_ask_libfabric(const struct agent_setup *setup, struct error *err)
{
    const struct libfabric_options options = {.program = NULL};
    AUTO(agent_facts_let) struct agent_facts *facts = agent_facts_new();

    if (facts != NULL) {
        read_devices(setup, facts);
        libfabric_read(&options, &facts->inventory);
    }
    return take(&facts, err);
}

void collector_keep_libfabric(struct collector *collector, struct agent_facts *answered)
{
    struct agent_facts *held = agent_facts_hold(answered);

    agent_facts_drop(collector->answered);
    collector->answered = held;
}

void collector_keep(struct collector *collector, struct agent_facts *facts)
{
    struct agent_facts *held = agent_facts_hold(facts);

    agent_facts_drop(collector->last);
    collector->last = held;
}

void collector_release(struct collector *collector)
{
    agent_facts_drop(collector->last);
    agent_facts_drop(collector->answered);
    collector->last = NULL;
    collector->answered = NULL;
}
