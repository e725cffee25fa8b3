/* SPDX-License-Identifier: Apache-2.0 */
#include "core/plugin_checkpoint.h"

#include "core/asks.h"
#include "core/json.h"

enum {
    ENTRIES_MAX = 20000,
    DEVICES_MAX = 65536,    /* of all pods */
    POD_DEVICES_MAX = 1024, /* of one kind */
    WORD_BYTES_MAX = 256
};

/* Devices of one resource that one container of a pod got. */
struct grant {
    struct text uid;
    struct text resource;
    size_t first; /* of its devices in the list of all */
    size_t count;
};

/* What is passed through the reader's tables. */
struct checkpoint {
    struct arena *scratch;
    struct grant *grants; /* of resources that we look at */
    size_t grant_count;
    struct text *devices;
    size_t device_count;
    size_t entry_count;
    struct grant grant; /* the one that is read */
    bool has_entries;
};

static bool is_plain(struct text text)
{
    for (size_t i = 0; i < text.length; i++) {
        if (text.at[i] <= ' ' || text.at[i] > '~')
            return false;
    }
    return text.length > 0 && text.length <= WORD_BYTES_MAX;
}

static void read_device(struct json *json, void *into)
{
    struct checkpoint *checkpoint = into;
    struct text device = json_text(json);
    struct text *devices;

    if (json->failure != ERROR_NONE)
        return;
    if (checkpoint->device_count == DEVICES_MAX) {
        json_fail(json, "is one device too many");
        return;
    }
    devices =
        arena_grow(checkpoint->scratch, checkpoint->devices, checkpoint->device_count, sizeof(*devices));
    if (devices == NULL) {
        json_fail_memory(json);
        return;
    }
    devices[checkpoint->device_count++] = device;
    checkpoint->devices = devices;
    checkpoint->grant.count++;
}

/* Lists by NUMA node, or one list. */
static void read_devices(struct json *json, void *into)
{
    struct text numa_node;

    if (json_skip_null(json))
        return;
    if (json_peek(json) == JSON_NEXT_ARRAY) {
        (void)json_read_array(json, read_device, into);
        return;
    }
    json_object_start(json);
    while (json_next_member(json, &numa_node))
        (void)json_read_array(json, read_device, into);
}

static enum vendor find_vendor(struct text resource)
{
    enum vendor vendor = vendor_of_resource(resource);

    return text_is(vendor_resource(vendor), resource) ? vendor : VENDOR_NONE;
}

static bool is_ours(struct text resource)
{
    return text_is(resource, efa_resource) || find_vendor(resource) != VENDOR_NONE;
}

/* Device ids of others may be anything. */
static bool has_plain_devices(const struct checkpoint *checkpoint)
{
    for (size_t i = checkpoint->grant.first; i < checkpoint->device_count; i++) {
        if (!is_plain(checkpoint->devices[i]))
            return false;
    }
    return true;
}

static void add_grant(struct json *json, struct checkpoint *checkpoint)
{
    struct grant *grants;

    if (!has_plain_devices(checkpoint)) {
        json_fail(json, "must have DeviceIDs of 1 to 256 printable characters");
        return;
    }
    grants = arena_grow(checkpoint->scratch, checkpoint->grants, checkpoint->grant_count, sizeof(*grants));
    if (grants == NULL) {
        json_fail_memory(json);
        return;
    }
    grants[checkpoint->grant_count++] = checkpoint->grant;
    checkpoint->grants = grants;
}

static void read_entry(struct json *json, void *into)
{
    static const struct json_field fields[] = {
        JSON_FIELD_TEXT("PodUID", struct checkpoint, grant.uid),
        JSON_FIELD_TEXT("ResourceName", struct checkpoint, grant.resource),
        JSON_FIELD("DeviceIDs", read_devices),
    };
    struct checkpoint *checkpoint = into;

    checkpoint->grant = (struct grant){.first = checkpoint->device_count};
    (void)json_read_object(json, fields, COUNT_OF(fields), checkpoint);
    if (json->failure != ERROR_NONE)
        return;
    if (++checkpoint->entry_count > ENTRIES_MAX)
        json_fail(json, "is one entry too many");
    else if (!is_plain(checkpoint->grant.uid) || checkpoint->grant.resource.at == NULL)
        json_fail(json, "must have a PodUID of 1 to 256 printable characters, and a ResourceName");
    else if (is_ours(checkpoint->grant.resource))
        add_grant(json, checkpoint);
    else
        checkpoint->device_count = checkpoint->grant.first;
}

static void read_entries(struct json *json, void *into)
{
    struct checkpoint *checkpoint = into;

    checkpoint->has_entries = true;
    (void)json_read_array(json, read_entry, checkpoint);
}

static void read_data(struct json *json, void *into)
{
    static const struct json_field fields[] = {JSON_FIELD("PodDeviceEntries", read_entries)};

    (void)json_read_object(json, fields, COUNT_OF(fields), into);
}

static bool read_checkpoint(struct json *json, struct checkpoint *checkpoint, struct error *err)
{
    static const struct json_field fields[] = {JSON_FIELD("Data", read_data)};

    (void)json_read_object(json, fields, COUNT_OF(fields), checkpoint);
    if (!json_finish(json, err))
        return error_wrap(err, "the device plugin checkpoint");
    return checkpoint->has_entries ||
           error_set(err, ERROR_INPUT, "the device plugin checkpoint has no Data.PodDeviceEntries");
}

/* Devices of one kind that a pod holds, each once. */
struct devices {
    struct text *items;
    size_t count;
};

struct holding {
    struct devices efa;
    struct devices accelerators;
};

/* The promises as they will be; those that were there are not touched. */
struct holders {
    struct arena *arena;
    struct pod_promise *pods;
    struct holding *holdings; /* one a pod */
    size_t count;
    struct index by_uid;
};

static bool holders_init(struct holders *holders, const struct expectation *expectation,
                         const struct checkpoint *checkpoint)
{
    size_t most = expectation->promise_count + checkpoint->grant_count;

    holders->pods = arena_alloc(holders->arena, most * sizeof(*holders->pods));
    holders->holdings = arena_alloc(checkpoint->scratch, most * sizeof(*holders->holdings));
    if (holders->pods == NULL || holders->holdings == NULL ||
        !index_init(&holders->by_uid, checkpoint->scratch, most))
        return false;
    holders->count = expectation->promise_count;
    for (size_t i = 0; i < holders->count; i++) {
        holders->pods[i] = expectation->promises[i];
        if (holders->pods[i].uid.at != NULL)
            (void)index_add(&holders->by_uid, holders->pods[i].uid, i);
    }
    return true;
}

/* The place of that pod, made where there is none; false without memory. */
static bool find_holder(struct holders *holders, struct text uid, size_t *ret_position)
{
    struct pod_promise pod = {.uid = uid};

    if (index_find(&holders->by_uid, uid, ret_position))
        return true;
    if (!arena_keep(holders->arena, &pod.uid))
        return false;
    *ret_position = holders->count++;
    (void)index_add(&holders->by_uid, pod.uid, *ret_position);
    holders->pods[*ret_position] = pod;
    return true;
}

static bool has_device(const struct devices *devices, struct text device)
{
    for (size_t i = 0; i < devices->count; i++) {
        if (text_is(devices->items[i], device))
            return true;
    }
    return false;
}

static bool add_device(struct devices *devices, struct arena *arena, struct text device, struct error *err)
{
    struct text *items;

    if (has_device(devices, device))
        return true;
    if (devices->count == POD_DEVICES_MAX)
        return error_set(err, ERROR_INPUT, "the device plugin checkpoint has a pod with more than %d devices",
                         POD_DEVICES_MAX);
    items = arena_grow(arena, devices->items, devices->count, sizeof(*items));
    if (items == NULL || !arena_keep(arena, &device))
        return error_memory(err);
    items[devices->count++] = device;
    devices->items = items;
    return true;
}

static bool hand_out(struct holders *holders, const struct checkpoint *checkpoint, const struct grant *grant,
                     struct error *err)
{
    struct devices *devices;
    size_t position;

    if (!find_holder(holders, grant->uid, &position))
        return error_memory(err);
    devices = text_is(grant->resource, efa_resource) ? &holders->holdings[position].efa
                                                     : &holders->holdings[position].accelerators;
    holders->pods[position].is_in_checkpoint = true;
    for (size_t i = 0; i < grant->count; i++) {
        if (!add_device(devices, holders->arena, checkpoint->devices[grant->first + i], err))
            return false;
    }
    return true;
}

static void conclude(struct holders *holders, struct expectation *expectation)
{
    for (size_t i = 0; i < holders->count; i++) {
        struct pod_promise *pod = &holders->pods[i];

        pod->efa_ids = holders->holdings[i].efa.items;
        pod->efa_id_count = holders->holdings[i].efa.count;
        pod->accelerator_ids = holders->holdings[i].accelerators.items;
        pod->accelerator_id_count = holders->holdings[i].accelerators.count;
    }
    expectation->promises = holders->pods;
    expectation->promise_count = holders->count;
}

bool plugin_checkpoint_parse(struct text json, struct expectation *expectation, struct error *err)
{
    AUTO(arena_release) struct arena scratch = {0};
    struct checkpoint checkpoint = {.scratch = &scratch};
    struct holders holders = {.arena = &expectation->arena};
    struct json reader;

    json_init(&reader, json, &scratch);
    if (!read_checkpoint(&reader, &checkpoint, err))
        return false;
    if (!holders_init(&holders, expectation, &checkpoint))
        return error_memory(err);
    for (size_t i = 0; i < checkpoint.grant_count; i++) {
        if (!hand_out(&holders, &checkpoint, &checkpoint.grants[i], err))
            return false;
    }
    conclude(&holders, expectation);
    expectation->checkpoint = reading_known(checkpoint.entry_count);
    return true;
}
