/* SPDX-License-Identifier: Apache-2.0 */
#include "promised_status.h"

#include "core/asks.h"
#include "core/decision.h"
#include "core/json.h"
#include "core/quantity.h"

/* What is passed through the reader's tables. */
struct status {
    struct text result;
    struct text instance_type;
    struct resource_amounts running; /* containers that run at the same time, so far */
    struct resource_amounts most;    /* of init containers with what ran beside them */
    size_t container_count;
    size_t warning_count;
    uint64_t known;  /* warnings, a bit each */
    bool has_others; /* warnings that this version does not know */
    bool has_version;
    bool has_containers;
    bool has_total;
};

/* What one container, or the pod, asks for. */
struct amounts {
    struct resource_amounts resources;
    bool is_init;
};

static bool is_word(struct text text)
{
    for (size_t i = 0; i < text.length; i++) {
        char byte = text.at[i];
        bool is_letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');

        if (!is_letter && !(byte >= '0' && byte <= '9') && byte != '-' && byte != '.' && byte != '_')
            return false;
    }
    return text.length > 0 && text.length <= PROMISED_WORD_BYTES_MAX;
}

static struct text read_word(struct json *json)
{
    struct text word = json_text(json);

    if (!is_word(word))
        json_fail(json, "must be a word");
    return word;
}

static void read_version(struct json *json, void *into)
{
    struct status *status = into;

    status->has_version = text_is_string(json_number(json), "1");
}

static void read_result(struct json *json, void *into)
{
    struct status *status = into;

    status->result = read_word(json);
}

static void read_type(struct json *json, void *into)
{
    struct status *status = into;

    status->instance_type = read_word(json);
}

static uint64_t read_count(struct json *json)
{
    uint64_t count = 0;

    if (!text_parse_unsigned(json_number(json), PROMISED_DEVICES_MAX, &count))
        json_fail(json, "must be a number of devices");
    return count;
}

static uint64_t read_bytes(struct json *json)
{
    struct quantity bytes = {.units = 0};
    struct error ignored;

    if (!quantity_parse(json_text(json), &bytes, &ignored) || !bytes.whole ||
        bytes.units > PROMISED_HUGEPAGES_BYTES_MAX)
        json_fail(json, "must be a quantity");
    return bytes.units;
}

static enum vendor find_vendor(struct text resource)
{
    for (int vendor = VENDOR_NONE + 1; vendor < VENDOR_COUNT; vendor++) {
        if (text_is(vendor_resource((enum vendor)vendor), resource))
            return (enum vendor)vendor;
    }
    return VENDOR_NONE;
}

/* One resource, or whatever else stands beside it; a pod has accelerators of one vendor. */
static void read_amount(struct json *json, struct text name, struct amounts *amounts)
{
    struct resource_amounts *resources = &amounts->resources;
    enum vendor vendor = find_vendor(name);

    if (text_is(name, efa_resource)) {
        resources->efa = read_count(json);
    } else if (text_is_string(name, "hugepages-2Mi")) {
        resources->hugepages_bytes = read_bytes(json);
    } else if (text_is_string(name, "init")) {
        amounts->is_init = json_bool(json);
    } else if (vendor != VENDOR_NONE) {
        if (resources->vendor != VENDOR_NONE)
            json_fail(json, "must be the accelerators of one vendor");
        resources->vendor = vendor;
        resources->accelerators = read_count(json);
    } else {
        (void)json_skip(json);
    }
}

static struct amounts read_amounts(struct json *json)
{
    struct amounts amounts = {.is_init = false};
    struct text name;

    json_object_start(json);
    while (json_next_member(json, &name))
        read_amount(json, name, &amounts);
    return amounts;
}

static struct resource_amounts add(const struct resource_amounts *left, const struct resource_amounts *right)
{
    return (struct resource_amounts){
        .efa = left->efa + right->efa,
        .accelerators = left->accelerators + right->accelerators,
        .vendor = left->vendor != VENDOR_NONE ? left->vendor : right->vendor,
        .hugepages_bytes = left->hugepages_bytes + right->hugepages_bytes,
    };
}

static uint64_t larger(uint64_t left, uint64_t right)
{
    return left > right ? left : right;
}

static struct resource_amounts raise(const struct resource_amounts *left,
                                     const struct resource_amounts *right)
{
    return (struct resource_amounts){
        .efa = larger(left->efa, right->efa),
        .accelerators = larger(left->accelerators, right->accelerators),
        .vendor = left->vendor != VENDOR_NONE ? left->vendor : right->vendor,
        .hugepages_bytes = larger(left->hugepages_bytes, right->hugepages_bytes),
    };
}

/* Init containers come first, so that whatever came before one of them is a sidecar that runs beside it. */
static void read_container(struct json *json, void *into)
{
    struct status *status = into;
    struct amounts amounts = read_amounts(json);
    struct resource_amounts beside = add(&status->running, &amounts.resources);
    enum vendor before = raise(&status->running, &status->most).vendor;

    if (before != VENDOR_NONE && amounts.resources.vendor != VENDOR_NONE &&
        before != amounts.resources.vendor)
        json_fail(json, "must be the accelerators of one vendor");
    if (++status->container_count > PROMISED_CONTAINERS_MAX)
        json_fail(json, "must have fewer containers");
    if (amounts.is_init)
        status->most = raise(&status->most, &beside);
    else
        status->running = beside;
}

static void read_containers(struct json *json, void *into)
{
    struct status *status = into;

    status->has_containers = true;
    (void)json_read_array(json, read_container, status);
}

static void read_total(struct json *json, void *into)
{
    struct status *status = into;

    status->has_total = true;
    status->running = read_amounts(json).resources;
}

static void read_warning(struct json *json, void *into)
{
    struct status *status = into;
    struct text word = read_word(json);
    int id;

    if (++status->warning_count > PROMISED_WARNINGS_MAX)
        json_fail(json, "must have fewer warnings");
    for (id = 0; id < WARNING_COUNT; id++) {
        if (text_is(warning_id((enum warning)id), word))
            break;
    }
    if (id < WARNING_COUNT)
        status->known |= UINT64_C(1) << id;
    else
        status->has_others = true;
}

static void read_warnings(struct json *json, void *into)
{
    (void)json_read_array(json, read_warning, into);
}

static bool read_status(struct json *json, struct status *status, struct error *err)
{
    static const struct json_field fields[] = {
        JSON_FIELD("version", read_version),       JSON_FIELD("result", read_result),
        JSON_FIELD("instanceType", read_type),     JSON_FIELD("total", read_total),
        JSON_FIELD("containers", read_containers), JSON_FIELD("warnings", read_warnings),
    };

    (void)json_read_object(json, fields, COUNT_OF(fields), status);
    return json_finish(json, err);
}

/* In the table's order, each once. */
static bool keep_warnings(const struct status *status, struct arena *arena, struct pod_promise *pod)
{
    static const struct text other = TEXT("other");
    struct text *warnings = arena_alloc(arena, (WARNING_COUNT + 1) * sizeof(*warnings));

    _Static_assert(WARNING_COUNT <= 64, "a bit for each warning");
    if (warnings == NULL)
        return false;
    pod->warnings = warnings;
    for (int id = 0; id < WARNING_COUNT; id++) {
        if ((status->known >> id & 1) != 0)
            warnings[pod->warning_count++] = warning_id((enum warning)id);
    }
    if (status->has_others)
        warnings[pod->warning_count++] = other;
    return true;
}

bool promised_status_read(struct text json, struct arena *arena, struct pod_promise *pod, struct error *err)
{
    AUTO(arena_release) struct arena scratch = {0};
    struct status status = {.known = 0};
    struct pod_promise filled = *pod;
    struct json reader;

    if (json.at == NULL || json.length > PROMISED_BYTES_MAX)
        return true;
    json_init(&reader, json, &scratch);
    if (!read_status(&reader, &status, err))
        return err->kind != ERROR_MEMORY;
    if (!status.has_version || status.result.at == NULL || (status.has_containers && status.has_total))
        return true;
    filled.has_status = true;
    filled.result = status.result;
    filled.instance_type = status.instance_type;
    filled.promised = raise(&status.running, &status.most);
    filled.warning_count = 0;
    if (!arena_keep(arena, &filled.result) || !arena_keep(arena, &filled.instance_type) ||
        !keep_warnings(&status, arena, &filled))
        return error_memory(err);
    *pod = filled;
    return true;
}
