/* SPDX-License-Identifier: Apache-2.0 */
#include "core/rules.h"

static const char mount_path[] = "/dev/shm";
static const struct text memory_medium = TEXT("Memory");
static const struct text memory_resource = TEXT("memory");
static const uint64_t size_min_bytes =
    64 * 1024 * 1024; /* the container runtime's default: less would be worse than none */

static const struct mount *find_mount(const struct container *container)
{
    size_t i;

    for (i = 0; i < container->mount_count; i++) {
        if (path_is(container->mounts[i].path, mount_path))
            return &container->mounts[i];
    }
    return NULL;
}

static const struct volume *find_volume(const struct pod *pod, struct text name)
{
    size_t i;

    for (i = 0; i < pod->volume_count; i++) {
        if (text_is(pod->volumes[i].name, name))
            return &pod->volumes[i];
    }
    return NULL;
}

static bool mounts(const struct container *container, struct text volume)
{
    size_t i;

    for (i = 0; i < container->mount_count; i++) {
        if (text_is(container->mounts[i].volume, volume))
            return true;
    }
    return false;
}

static bool is_mounted(const struct pod *pod, struct text volume)
{
    size_t i;

    for (i = 0; i < pod->container_count; i++) {
        if (mounts(&pod->containers[i], volume))
            return true;
    }
    for (i = 0; i < pod->init_container_count; i++) {
        if (mounts(&pod->init_containers[i], volume))
            return true;
    }
    return false;
}

/* The author's volume that was never mounted: an emptyDir in memory called shm or dshm. */
static const struct volume *find_spare(const struct pod *pod)
{
    size_t i;

    for (i = 0; i < pod->volume_count; i++) {
        const struct volume *volume = &pod->volumes[i];

        if (volume->is_empty_dir && text_is(volume->medium, memory_medium) &&
            (text_is_string(volume->name, "shm") || text_is_string(volume->name, "dshm")) &&
            !is_mounted(pod, volume->name))
            return volume;
    }
    return NULL;
}

static uint64_t amount_of(const struct resource *resource)
{
    struct quantity amount;
    struct error err = {0};

    if (resource == NULL || resource->is_null || !quantity_parse(resource->amount, &amount, &err))
        return 0;
    return amount.units;
}

/* The container's memory limit, else the pod's; UINT64_MAX where there is none. */
static uint64_t memory_limit(const struct pod *pod, const struct container *container)
{
    uint64_t limit = amount_of(resource_find(&container->limits, memory_resource));

    if (limit == 0)
        limit = amount_of(resource_find(&pod->limits, memory_resource));
    return limit > 0 ? limit : UINT64_MAX;
}

/* What the pod would get if no memory limit spoke against it. */
static uint64_t unlimited_bytes(const struct subject *subject)
{
    uint64_t bytes = subject->snapshot->policy->shm_bytes / subject->share_of * subject->share;
    uint64_t half_node = subject->target.type->memory_bytes / 2 / subject->share_of * subject->share;

    return bytes < half_node ? bytes : half_node;
}

/* tmpfs counts against the memory limit of whoever writes to it, so half of the smallest is left for the
 * rest. */
static uint64_t half_smallest_limit(const struct subject *subject)
{
    uint64_t smallest = UINT64_MAX;
    size_t i;

    for (i = 0; i < subject->recipient_count; i++) {
        uint64_t limit = memory_limit(subject->pod, subject->recipients[i].container);

        smallest = limit < smallest ? limit : smallest;
    }
    return smallest / 2;
}

static uint64_t whole_mebibytes(uint64_t bytes)
{
    return bytes >> 20 << 20;
}

static uint64_t automatic_bytes(const struct subject *subject)
{
    uint64_t bytes = unlimited_bytes(subject);
    uint64_t half = half_smallest_limit(subject);

    return whole_mebibytes(half < bytes ? half : bytes);
}

static bool is_lowered(const struct subject *subject)
{
    return subject->annotations->shm == AMOUNT_AUTO &&
           half_smallest_limit(subject) < unlimited_bytes(subject);
}

static void warn_lowered(struct decision *decision)
{
    decision_warn(decision, WARNING_SHM_LIMITED,
                  "/dev/shm is %lluMi, half the memory limit; raise limits.memory for more",
                  (unsigned long long)(automatic_bytes(&decision->subject) >> 20));
}

/* The same words for the volume that we add and for the one that is mounted when we are asked again. */
static void warn_over_limit(struct decision *decision, uint64_t bytes, uint64_t limit)
{
    decision_warn(
        decision, WARNING_SHM_OVER_MEMORY,
        "/dev/shm may grow to %lluMi, the memory limit is %lluMi: it counts against it; lower its size",
        (unsigned long long)(bytes >> 20), (unsigned long long)(limit >> 20));
}

static struct text format_size(struct decision *decision, uint64_t bytes)
{
    char room[24];
    struct text size = arena_copy(decision->arena, quantity_format_bytes(bytes, room));

    decision->failed = decision->failed || size.at == NULL;
    return size;
}

/* A mounted /dev/shm, ours on a second call or the author's: the same facts give the same warnings. */
static void look_at_mounted(struct decision *decision, const struct container *container,
                            const struct volume *volume)
{
    const struct subject *subject = &decision->subject;
    uint64_t limit = memory_limit(subject->pod, container);
    struct quantity size;
    struct error err = {0};

    if (!volume->is_empty_dir || !text_is(volume->medium, memory_medium) || volume->size_limit.at == NULL ||
        !quantity_parse(volume->size_limit, &size, &err))
        return;
    if (is_lowered(subject) && size.units == automatic_bytes(subject))
        warn_lowered(decision);
    if (size.units >= limit)
        warn_over_limit(decision, size.units, limit);
}

/* The recipients that have nothing at /dev/shm. */
static size_t count_missing(struct decision *decision)
{
    const struct subject *subject = &decision->subject;
    size_t missing = 0;
    size_t i;

    for (i = 0; i < subject->recipient_count; i++) {
        const struct container *container = subject->recipients[i].container;
        const struct mount *mount = find_mount(container);
        const struct volume *volume = mount != NULL ? find_volume(subject->pod, mount->volume) : NULL;

        missing += mount == NULL ? 1 : 0;
        if (volume != NULL)
            look_at_mounted(decision, container, volume);
    }
    return missing;
}

static void mount_missing(struct decision *decision, struct text volume)
{
    static const struct text path = {.at = mount_path, .length = sizeof(mount_path) - 1};
    struct subject *subject = &decision->subject;
    size_t i;

    for (i = 0; i < subject->recipient_count; i++) {
        if (find_mount(subject->recipients[i].container) == NULL)
            decision_add_mount(decision, &subject->recipients[i], volume, path);
    }
}

static void warn_of_own_size(struct decision *decision, uint64_t bytes)
{
    const struct subject *subject = &decision->subject;
    size_t i;

    for (i = 0; i < subject->recipient_count; i++) {
        const struct container *container = subject->recipients[i].container;
        uint64_t limit = memory_limit(subject->pod, container);

        if (find_mount(container) == NULL && bytes >= limit)
            warn_over_limit(decision, bytes, limit);
    }
}

static void add_volume(struct decision *decision)
{
    static const struct text name = TEXT("efa-shm");
    const struct subject *subject = &decision->subject;
    bool is_own = subject->annotations->shm == AMOUNT_NUMBER;
    uint64_t bytes = is_own ? subject->annotations->shm_bytes : automatic_bytes(subject);
    struct text volume;

    if (!is_own && bytes < size_min_bytes) {
        decision_warn(decision, WARNING_SHM_NONE,
                      "no room for a useful /dev/shm under the memory limit; raise limits.memory");
        return;
    }
    if (is_lowered(subject))
        warn_lowered(decision);
    if (is_own)
        warn_of_own_size(decision, bytes);
    volume = decision_volume_name(decision, name);
    decision_add_volume(decision, (struct new_volume){.name = volume,
                                                      .medium = memory_medium,
                                                      .size_limit = format_size(decision, bytes)});
    mount_missing(decision, volume);
    decision_note(decision, "/dev/shm: an emptyDir in memory of %llu Mi.", (unsigned long long)(bytes >> 20));
}

void rule_shm(struct decision *decision)
{
    const struct subject *subject = &decision->subject;
    const struct volume *spare;

    if (subject->pod->host_ipc) {
        decision_note(decision, "/dev/shm: the host's, by hostIPC.");
        return;
    }
    if (count_missing(decision) == 0) {
        decision_note(decision, "/dev/shm: mounted already.");
        return;
    }
    if (subject->annotations->shm == AMOUNT_OFF)
        return;
    spare = find_spare(subject->pod);
    if (spare == NULL) {
        add_volume(decision);
        return;
    }
    mount_missing(decision, spare->name);
    decision_note(decision, "/dev/shm: the pod's own volume %.*s, which was not mounted.",
                  TEXT_ARGS(spare->name));
}
