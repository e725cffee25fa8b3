/* SPDX-License-Identifier: Apache-2.0 */
#include "core/rules.h"

static const char mount_path[] = "/dev/shm";
static const struct text memory_medium = TEXT("Memory");
static const struct text memory_resource = TEXT("memory");
static const struct text own_name = TEXT("efa-shm");
static const uint64_t size_min_bytes =
    UINT64_C(64) * 1024 * 1024; /* the container runtime's default: less would be worse than none */

static const struct volume *find_volume(const struct pod *pod, struct text name)
{
    size_t i;

    for (i = 0; i < pod->volume_count; i++) {
        if (text_is(pod->volumes[i].name, name))
            return &pod->volumes[i];
    }
    return NULL;
}

static bool is_mounted_elsewhere(const struct container *containers, size_t count, struct text volume)
{
    size_t i;
    size_t j;

    for (i = 0; i < count; i++) {
        for (j = 0; j < containers[i].mount_count; j++) {
            if (text_is(containers[i].mounts[j].volume, volume) &&
                !path_is(containers[i].mounts[j].path, mount_path))
                return true;
        }
    }
    return false;
}

/* The author's volume that is there to be mounted: an emptyDir in memory called shm or dshm, which serves
 * nothing else. */
static const struct volume *find_spare(const struct pod *pod)
{
    static const struct text names[] = {TEXT("shm"), TEXT("dshm")};
    size_t i;

    for (i = 0; i < COUNT_OF(names); i++) {
        const struct volume *volume = find_volume(pod, names[i]);

        if (volume != NULL && volume->is_empty_dir && text_is(volume->medium, memory_medium) &&
            !is_mounted_elsewhere(pod->containers, pod->container_count, names[i]) &&
            !is_mounted_elsewhere(pod->init_containers, pod->init_container_count, names[i]))
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

/* The volume that the recipient has at /dev/shm once it is mounted where nothing is; absent for none. */
static struct text volume_of(const struct recipient *recipient, struct text planned)
{
    const struct mount *mount = container_find_mount(recipient->container, mount_path);

    return mount != NULL ? mount->volume : planned;
}

/* tmpfs counts against the memory limit of whoever writes to it, so half of the smallest is left for the
 * rest. */
static uint64_t half_smallest_limit(const struct subject *subject, struct text volume, struct text planned)
{
    uint64_t smallest = UINT64_MAX;
    size_t i;

    for (i = 0; i < subject->recipient_count; i++) {
        uint64_t limit = memory_limit(subject->pod, subject->recipients[i].container);

        if (text_is(volume_of(&subject->recipients[i], planned), volume))
            smallest = limit < smallest ? limit : smallest;
    }
    return smallest / 2;
}

static uint64_t whole_mebibytes(uint64_t bytes)
{
    return bytes >> 20 << 20;
}

static uint64_t automatic_bytes(const struct subject *subject, struct text volume, struct text planned)
{
    uint64_t bytes = unlimited_bytes(subject);
    uint64_t half = half_smallest_limit(subject, volume, planned);

    return whole_mebibytes(half < bytes ? half : bytes);
}

static struct text format_size(struct decision *decision, uint64_t bytes)
{
    char room[24];
    struct text size = arena_copy(decision->arena, quantity_format_bytes(bytes, room));

    decision->failed = decision->failed || size.at == NULL;
    return size;
}

/* Ours is smaller than it would be without a memory limit. */
static void warn_lowered(struct decision *decision, const struct volume *volume, struct text planned,
                         uint64_t bytes)
{
    const struct subject *subject = &decision->subject;

    if (subject->annotations->shm != AMOUNT_AUTO || !text_has_prefix(volume->name, own_name) ||
        bytes != automatic_bytes(subject, volume->name, planned) ||
        half_smallest_limit(subject, volume->name, planned) >= unlimited_bytes(subject))
        return;
    decision_warn(decision, WARNING_SHM_LIMITED,
                  "/dev/shm is %lluMi, half the memory limit; raise limits.memory for more",
                  (unsigned long long)(bytes >> 20));
}

/* The size of an emptyDir in memory that has one; false for every other volume. */
static bool memory_size(const struct volume *volume, uint64_t *ret_bytes)
{
    struct quantity size;
    struct error err = {0};

    if (volume == NULL || !volume->is_empty_dir || !text_is(volume->medium, memory_medium) ||
        volume->size_limit.at == NULL || !quantity_parse(volume->size_limit, &size, &err))
        return false;
    *ret_bytes = size.units;
    return true;
}

/* What a container has at /dev/shm: a first call warns as a second one does, when ours is there. */
static void look_at(struct decision *decision, const struct container *container, const struct volume *volume,
                    uint64_t bytes)
{
    const struct annotations *annotations = decision->subject.annotations;
    uint64_t limit = memory_limit(decision->subject.pod, container);

    if (annotations->shm == AMOUNT_NUMBER && annotations->shm_bytes != bytes) {
        decision_warn(decision, WARNING_SHM_KEPT,
                      "annotation shm says %lluMi, the pod's own /dev/shm of %.*s was kept; make them equal",
                      (unsigned long long)(annotations->shm_bytes >> 20),
                      TEXT_ARGS_MAX(volume->size_limit, 16));
    }
    if (bytes >= limit) {
        decision_warn(
            decision, WARNING_SHM_OVER_MEMORY,
            "/dev/shm may grow to %.*s and counts against the memory limit of %lluMi; make it smaller",
            TEXT_ARGS_MAX(volume->size_limit, 16), (unsigned long long)(limit >> 20));
    }
}

/* `planned` is what goes where nothing is; NULL for nothing. */
static void look_at_all(struct decision *decision, const struct volume *planned)
{
    const struct subject *subject = &decision->subject;
    struct text name = planned != NULL ? planned->name : (struct text){0};
    const struct volume *before = NULL;
    uint64_t bytes;
    size_t i;

    for (i = 0; i < subject->recipient_count; i++) {
        const struct container *container = subject->recipients[i].container;
        const struct mount *mount = container_find_mount(container, mount_path);
        const struct volume *volume = mount != NULL ? find_volume(subject->pod, mount->volume) : planned;

        if (!memory_size(volume, &bytes))
            continue;
        if (volume != before) /* most often all have the same, and this looks at all of them */
            warn_lowered(decision, volume, name, bytes);
        look_at(decision, container, volume, bytes);
        before = volume;
    }
}

static bool has_missing(const struct subject *subject)
{
    size_t i;

    for (i = 0; i < subject->recipient_count; i++) {
        if (container_find_mount(subject->recipients[i].container, mount_path) == NULL)
            return true;
    }
    return false;
}

static void mount_missing(struct decision *decision, struct text volume)
{
    static const struct text path = {.at = mount_path, .length = sizeof(mount_path) - 1};
    struct subject *subject = &decision->subject;
    size_t i;

    for (i = 0; i < subject->recipient_count; i++) {
        if (container_find_mount(subject->recipients[i].container, mount_path) == NULL)
            decision_add_mount(decision, &subject->recipients[i], volume, path);
    }
}

/* A volume of ours; false where there is no room for a useful one. */
static bool plan_volume(struct decision *decision, struct volume *ret_volume)
{
    const struct subject *subject = &decision->subject;
    struct text name = decision_volume_name(decision, own_name);
    bool is_own = subject->annotations->shm == AMOUNT_NUMBER;
    uint64_t bytes = is_own ? subject->annotations->shm_bytes : automatic_bytes(subject, name, name);

    if (!is_own && bytes < size_min_bytes) {
        decision_warn(decision, WARNING_SHM_NONE,
                      "no room for a useful /dev/shm under the memory limit; raise limits.memory");
        return false;
    }
    *ret_volume = (struct volume){.name = name,
                                  .is_empty_dir = true,
                                  .medium = memory_medium,
                                  .size_limit = format_size(decision, bytes)};
    return true;
}

static void add_volume(struct decision *decision)
{
    struct volume volume;

    if (!plan_volume(decision, &volume)) {
        look_at_all(decision, NULL);
        return;
    }
    look_at_all(decision, &volume);
    decision_add_volume(
        decision,
        (struct new_volume){.name = volume.name, .medium = volume.medium, .size_limit = volume.size_limit});
    mount_missing(decision, volume.name);
    decision_note(decision, "/dev/shm: an emptyDir in memory of %.*s.", TEXT_ARGS(volume.size_limit));
}

void rule_shm(struct decision *decision)
{
    const struct subject *subject = &decision->subject;
    const struct volume *spare;

    if (subject->pod->host_ipc) {
        decision_note(decision, "/dev/shm: the host's, by hostIPC.");
        return;
    }
    if (!has_missing(subject) || subject->annotations->shm == AMOUNT_OFF) {
        decision_note(decision,
                      has_missing(subject) ? "/dev/shm: off by annotation." : "/dev/shm: mounted already.");
        look_at_all(decision, NULL);
        return;
    }
    spare = find_spare(subject->pod);
    if (spare == NULL) {
        add_volume(decision);
        return;
    }
    look_at_all(decision, spare);
    mount_missing(decision, spare->name);
    decision_note(decision, "/dev/shm: the pod's own volume %.*s, which was not mounted.",
                  TEXT_ARGS(spare->name));
}
