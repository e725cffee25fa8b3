/* SPDX-License-Identifier: Apache-2.0 */
/* What libibverbs and libfabric make of devices whose files are there. */
#include "judge.h"

enum {
    OLDEST_UNKNOWN_DEVICE = 0xefa3 /* libibverbs 44 (Debian 12) knows efa0 to efa2 */
};

static bool has_file(const struct rdma_device *device)
{
    return device->uverbs.length > 0 && device->character != CHARACTER_ABSENT;
}

static bool is_missed_by_verbs(const struct rdma_device *device)
{
    return has_file(device) && !device->is_in_verbs;
}

static bool is_missed_by_libfabric(const struct rdma_device *device)
{
    return has_file(device) && device->is_in_verbs && !device->is_in_libfabric;
}

/* A PCI id of which libibverbs shows no device at all, newer than what an old one knows; 0: none. */
static unsigned find_unknown_id(const struct judge *judge)
{
    const struct inventory *inventory = judge->inventory;
    unsigned id = 0;
    size_t i;

    for (i = 0; i < inventory->device_count; i++) {
        const struct rdma_device *device = &inventory->devices[i];

        if (device->is_efa && is_missed_by_verbs(device) && device->device_id >= OLDEST_UNKNOWN_DEVICE)
            id = device->device_id;
    }
    for (i = 0; i < inventory->device_count; i++)
        if (inventory->devices[i].is_in_verbs && inventory->devices[i].device_id == id)
            return 0;
    return id;
}

/* "libibverbs 44.0", "libibverbs" */
static struct text name_library(struct judge *judge, const char *name, struct text version)
{
    return version.length > 0 ? judge_say(judge, "%s %.*s", name, TEXT_ARGS_SHORT(version)) : text_of(name);
}

/* "31 (fi_getinfo); not rdmap19s0" */
static struct text say_found(struct judge *judge, uint64_t count, const char *call,
                             const struct device_list *missed)
{
    if (missed->count == 0)
        return judge_say(judge, "%" PRIu64 " (%s)", count, call);
    return judge_say(judge, "%" PRIu64 " (%s); not %.*s", count, call, TEXT_ARGS(missed->names));
}

static void raise_verbs(struct judge *judge, uint64_t goal)
{
    struct device_list missed = judge_list(judge, is_missed_by_verbs);
    struct text library = name_library(judge, "libibverbs", judge->inventory->verbs_version);
    unsigned id = find_unknown_id(judge);
    struct finding finding = {
        .expected = judge_say(judge, "%" PRIu64 " EFA device%s (/dev/infiniband)", goal, plural(goal)),
        .found = say_found(judge, judge->inventory->verbs.number, "ibv_get_device_list", &missed),
    };

    if (id != 0) {
        finding.cause = judge_say(judge, "%.*s does not know PCI device 1d0f:%04x", TEXT_ARGS(library), id);
        finding.fix = text_of("use an image with a newer rdma-core (56 knows efa3, 64 efa4), or the one that "
                              "the EFA installer brings");
        judge_raise(judge, FINDING_VERBS_UNKNOWN_DEVICE, &finding);
        return;
    }
    finding.cause = judge_say(judge,
                              "%.*s finds no driver for them, or their files are not those of the "
                              "kernel's devices",
                              TEXT_ARGS(library));
    finding.fix =
        text_of("`IBV_SHOW_WARNINGS=1 ibv_devices` says why; the package ibverbs-providers (libefa) "
                "must be there");
    judge_raise(judge, FINDING_VERBS_FEWER, &finding);
}

void judge_verbs(struct judge *judge)
{
    uint64_t goal = judge_limit(judge, judge_list(judge, has_file).count);
    const struct reading verbs = judge->inventory->verbs;

    if (!verbs.is_known || verbs.number >= goal || judge_has(judge, FINDING_RDMA_NETNS_EXCLUSIVE))
        return;
    raise_verbs(judge, goal);
}

/* libfabric from 2.2.0 on passes over RDMA devices that are no EFA; one that does not say is taken as older.
 */
static bool is_blinded_by_others(struct text version)
{
    struct text rest = version;
    struct text part;
    uint64_t major = 0;
    uint64_t minor = 0;

    if (!text_split(&rest, '.', &part) || !text_parse_unsigned(part, UINT32_MAX, &major))
        return true;
    if (text_split(&rest, '.', &part) && !text_parse_unsigned(part, UINT32_MAX, &minor))
        return true;
    return major < 2 || (major == 2 && minor < 2);
}

/* Another RDMA device that libfabric can open here; NULL: none. */
static const struct rdma_device *find_foreign(const struct inventory *inventory)
{
    size_t i;

    for (i = 0; i < inventory->device_count; i++)
        if (!inventory->devices[i].is_efa && has_file(&inventory->devices[i]))
            return &inventory->devices[i];
    return NULL;
}

static void raise_libfabric(struct judge *judge, uint64_t goal)
{
    const struct inventory *inventory = judge->inventory;
    const struct rdma_device *foreign = find_foreign(inventory);
    struct text library = name_library(judge, "libfabric", inventory->libfabric_version);
    struct device_list missed = judge_list(judge, is_missed_by_libfabric);
    struct finding finding = {
        .expected = judge_say(judge, "%" PRIu64 " EFA device%s (libibverbs)", goal, plural(goal)),
        .found = say_found(judge, inventory->libfabric.number, "fi_getinfo", &missed),
    };

    if (inventory->libfabric.number == 0 && foreign != NULL &&
        is_blinded_by_others(inventory->libfabric_version)) {
        finding.cause =
            judge_say(judge,
                      "the RDMA device %.*s (driver %.*s) is no EFA: beside it the efa "
                      "provider of %.*s finds no EFA device at all",
                      TEXT_ARGS_SHORT(foreign->name),
                      TEXT_ARGS_SHORT(foreign->driver.length > 0 ? foreign->driver : text_of("unknown")),
                      TEXT_ARGS(library));
        finding.fix = text_of("use libfabric 2.2.0 or later, or keep the file of that device out of the "
                              "container: no hostPath /dev/infiniband, not privileged, "
                              "mofed-enabled=false in NVIDIA's device plugin");
        judge_raise(judge, FINDING_FOREIGN_RDMA_DEVICE, &finding);
        return;
    }
    finding.cause = judge_say(judge,
                              "the efa provider of %.*s leaves devices out; one that cannot be opened "
                              "costs all of them",
                              TEXT_ARGS(library));
    finding.fix = text_of("`FI_LOG_LEVEL=warn fi_info -p efa` says why");
    judge_raise(judge, FINDING_LIBFABRIC_FEWER, &finding);
}

void judge_libfabric(struct judge *judge)
{
    const struct inventory *inventory = judge->inventory;
    const struct reading libfabric = inventory->libfabric;
    uint64_t files = judge_list(judge, has_file).count;
    uint64_t goal = judge_limit(judge, inventory->verbs.is_known ? inventory->verbs.number : files);

    if (!judge->settings->opens_devices || goal == 0)
        return;
    if (inventory->is_libfabric_late) {
        judge_raise(
            judge, FINDING_LIBFABRIC_DEADLINE,
            &(struct finding){
                .expected = judge_say(judge, "%" PRIu64 " EFA device%s (libibverbs)", goal, plural(goal)),
                .found = text_of("no answer of fi_getinfo before its deadline"),
                .cause = text_of("a device hangs when it is opened, or cannot be, which makes libibverbs "
                                 "wait 5 seconds for each"),
                .fix = text_of("`strace -f -e trace=openat fi_info -p efa` shows at which device it waits; "
                               "reset that one, or reboot"),
            });
        return;
    }
    if (!libfabric.is_known || libfabric.number >= goal || judge_has(judge, FINDING_CHARACTER_REFUSED))
        return;
    raise_libfabric(judge, goal);
}

void judge_other_rdma(struct judge *judge)
{
    const struct reading other = judge->inventory->other_rdma;
    const struct reading sysfs = judge->inventory->sysfs;

    if (!other.is_known || other.number == 0 || judge_has(judge, FINDING_FOREIGN_RDMA_DEVICE) ||
        (sysfs.is_known && sysfs.number == 0))
        return;
    judge_raise(
        judge, FINDING_OTHER_RDMA_DEVICES,
        &(struct finding){
            .expected = text_of("EFA devices alone, or containers that see EFA devices alone"),
            .found = judge_say(judge, "%" PRIu64 " other RDMA device%s (sysfs)", other.number,
                               plural(other.number)),
            .cause = text_of("the node has RDMA devices beside EFA, as p6-b200 has two; a libfabric before "
                             "2.2.0 that can open them finds no EFA"),
            .fix = text_of("nothing, as long as pods get devices from the EFA device plugin; never mount "
                           "hostPath /dev/infiniband into them"),
        });
}
