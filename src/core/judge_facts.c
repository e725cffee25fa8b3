/* SPDX-License-Identifier: Apache-2.0 */
/* What more than one comparison asks for. */
#include "judge.h"

#include <stdarg.h>
#include <stdio.h>

enum {
    LIST_NAMES_MAX = 4
};

bool judge_has(const struct judge *judge, enum finding_id id)
{
    return judge->has[id];
}

struct text judge_say(struct judge *judge, const char *format, ...)
{
    char line[1024];
    struct text text;
    va_list values;

    va_start(values, format);
    (void)vsnprintf(line, sizeof(line), format, values);
    va_end(values);
    text = arena_copy(&judge->findings->arena, text_drop_part(text_of(line)));
    judge->findings->failed = judge->findings->failed || text.at == NULL;
    return text;
}

const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

void judge_list_add(struct judge *judge, struct device_list *list, struct text name)
{
    if (list->count == 0)
        list->names = name;
    else if (list->count < LIST_NAMES_MAX)
        list->names = judge_say(judge, "%.*s, %.*s", TEXT_ARGS(list->names), TEXT_ARGS_SHORT(name));
    list->count++;
}

struct text judge_list_say(struct judge *judge, const struct device_list *list)
{
    if (list->count <= LIST_NAMES_MAX)
        return list->names;
    return judge_say(judge, "%.*s and %zu more", TEXT_ARGS(list->names), list->count - LIST_NAMES_MAX);
}

struct device_list judge_list(struct judge *judge, bool (*holds)(const struct rdma_device *device))
{
    struct device_list list = {.count = 0};
    size_t i;

    for (i = 0; i < judge->inventory->device_count; i++) {
        const struct rdma_device *device = &judge->inventory->devices[i];

        if (device->is_efa && holds(device))
            judge_list_add(judge, &list, device->name.length > 0 ? device->name : device->pci_address);
    }
    list.names = judge_list_say(judge, &list);
    return list;
}

struct reading judge_attached(const struct judge *judge)
{
    const struct reading pci = judge->inventory->pci;
    const struct reading sysfs = judge->inventory->sysfs;

    if (!pci.is_known || (sysfs.is_known && sysfs.number > pci.number))
        return sysfs;
    return pci;
}

uint64_t judge_limit(const struct judge *judge, uint64_t count)
{
    const struct expectation *expectation = judge->expectation;
    uint64_t wanted = expectation->wanted_efa.is_known ? expectation->wanted_efa.number : 0;

    return expectation->has_wanted && wanted < count ? wanted : count;
}

bool judge_wants_more(const struct judge *judge)
{
    const struct reading character = judge->inventory->character;
    const struct expectation *expectation = judge->expectation;

    if (!expectation->has_wanted)
        return true;
    return expectation->wanted_efa.is_known &&
           (character.is_known ? character.number : 0) < expectation->wanted_efa.number;
}

struct text judge_authority(struct judge *judge)
{
    if (judge->expectation->has_wanted)
        return text_of("--expect");
    return judge_say(judge, "catalogue, %.*s", TEXT_ARGS_SHORT(judge->expectation->type_name));
}

struct reading judge_kept_hugepages(const struct judge *judge)
{
    const struct hugepages *pages = inventory_find_hugepages(judge->inventory, EFA_PAGE_BYTES);
    uint64_t surplus;

    if (!judge->inventory->hugepage_sizes.is_known)
        return judge->inventory->hugepage_sizes;
    if (pages == NULL)
        return reading_known(0); /* a kernel without this size */
    if (!pages->total.is_known)
        return pages->total;
    surplus =
        pages->surplus.is_known && pages->surplus.number < pages->total.number ? pages->surplus.number : 0;
    return reading_known((pages->total.number - surplus) * EFA_PAGE_BYTES);
}

bool judge_is_live(const struct judge *judge, const struct pod_promise *promise)
{
    const struct expectation *expectation = judge->expectation;

    if (promise->name.length == 0)
        return false; /* the checkpoint alone names it: pods that are over stay there */
    return !expectation->checkpoint.is_known || promise->is_in_checkpoint ||
           (promise->promised.efa == 0 && promise->promised.accelerators == 0);
}

uint64_t judge_promised_hugepages(const struct judge *judge)
{
    const struct expectation *expectation = judge->expectation;
    uint64_t bytes = 0;
    size_t i;

    for (i = 0; i < expectation->promise_count; i++) {
        const struct pod_promise *pod = &expectation->promises[i];

        if (pod->has_status && judge_is_live(judge, pod) &&
            __builtin_add_overflow(bytes, pod->promised.hugepages_bytes, &bytes))
            return UINT64_MAX;
    }
    return bytes;
}

struct reading judge_accelerators(const struct judge *judge)
{
    uint64_t count = 0;
    size_t i;

    for (i = VENDOR_NONE + 1; i < VENDOR_COUNT; i++) {
        if (!judge->inventory->accelerators_by_vendor[i].is_known)
            return judge->inventory->accelerators_by_vendor[i];
        count += judge->inventory->accelerators_by_vendor[i].number;
    }
    return reading_known(count);
}
