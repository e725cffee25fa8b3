/* SPDX-License-Identifier: Apache-2.0 */
#include "io/verbs.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <infiniband/efadv.h>
#include <infiniband/mlx5dv.h>
#include <infiniband/verbs.h>

enum {
    AMAZON = 0x1d0f,
    EFA_DEVICE = 0xefa0, /* efa0, efa1, ...: the last digit is the generation */
    EFA_DEVICE_MASK = 0xfff0,
};

/*
 * Links the program with the drivers of the devices that instances have: EFA's, and on p6-b200 two of mlx5.
 * libibverbs loads all of its drivers, a megabyte of them, when it meets a device whose driver is not there
 * yet.
 */
static int (*const efa_driver)(struct ibv_context *, struct efadv_device_attr *, uint32_t)
    __attribute__((used)) = efadv_query_device;
static bool (*const mlx5_driver)(struct ibv_device *) __attribute__((used)) = mlx5dv_is_supported;

static void release_list(struct ibv_device ***list)
{
    if (*list != NULL)
        ibv_free_device_list(*list);
}

/* A file of a few bytes that holds a hexadecimal number; 0: none. */
static unsigned long read_number(const char *folder, const char *name)
{
    char path[PATH_MAX];
    char text[16] = "";
    int descriptor;
    ssize_t got;

    (void)snprintf(path, sizeof(path), "%s/device/%s", folder, name);
    descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return 0;
    got = read(descriptor, text, sizeof(text) - 1);
    (void)close(descriptor);
    return got > 0 ? strtoul(text, NULL, 16) : 0;
}

static bool has_efa_driver(const char *folder)
{
    char path[PATH_MAX];
    char target[PATH_MAX];
    ssize_t length;
    const char *base;

    (void)snprintf(path, sizeof(path), "%s/device/driver", folder);
    length = readlink(path, target, sizeof(target));
    if (length <= 0)
        return false;
    base = memrchr(target, '/', (size_t)length);
    base = base != NULL ? base + 1 : target;
    return text_is_string((struct text){.at = base, .length = (size_t)(target + length - base)}, "efa");
}

/* A device that sysfs did not show: by what sysfs says now, else by what EFA devices are called. */
static bool is_efa(const struct ibv_device *listed)
{
    struct text name = text_of(listed->name);
    static const struct text by_number = TEXT("efa_");
    static const struct text by_bus = TEXT("rdmap");

    if (has_efa_driver(listed->ibdev_path))
        return true;
    if (read_number(listed->ibdev_path, "vendor") != 0)
        return read_number(listed->ibdev_path, "vendor") == AMAZON &&
               (read_number(listed->ibdev_path, "device") & EFA_DEVICE_MASK) == EFA_DEVICE;
    return listed->node_type == IBV_NODE_UNSPECIFIED &&
           (text_has_prefix(name, by_number) || text_has_prefix(name, by_bus));
}

/*
 * rdma-core has no call that says its version, but its libraries' files end with it: libibverbs.so.1.14.44.0
 * is of rdma-core 44.0.
 */
static struct text find_version(struct inventory *inventory)
{
    char path[PATH_MAX];
    struct text rest = {0};
    struct text part;
    Dl_info found = {0};
    int (*inside)(struct ibv_context *) = ibv_close_device;
    void *address;
    const char *suffix;

    memcpy(&address, &inside, sizeof(address));
    if (dladdr(address, &found) == 0 || found.dli_fname == NULL || realpath(found.dli_fname, path) == NULL)
        return rest;
    suffix = strstr(path, "libibverbs.so.");
    if (suffix == NULL)
        return rest;
    rest = text_of(suffix + sizeof("libibverbs.so.") - 1);
    for (int i = 0; i < 2; i++)
        (void)text_split(&rest, '.', &part);
    if (rest.at == NULL)
        return rest;
    part = arena_copy(&inventory->arena, rest);
    inventory->failed = inventory->failed || part.at == NULL;
    return part;
}

static uint64_t count_list(struct ibv_device *const *list, struct inventory *inventory)
{
    uint64_t count = 0;

    for (size_t i = 0; list[i] != NULL; i++) {
        struct rdma_device *device = inventory_find_device(inventory, text_of(list[i]->name));

        if (device != NULL)
            device->is_in_verbs = true;
        if (device != NULL ? device->is_efa : is_efa(list[i]))
            count++;
    }
    return count;
}

void verbs_read(struct inventory *inventory)
{
    AUTO(release_list) struct ibv_device **list = NULL;
    struct text why;

    for (size_t i = 0; i < inventory->device_count; i++)
        inventory->devices[i].is_in_verbs = false;
    inventory->verbs_version = find_version(inventory);
    errno = 0;
    list = ibv_get_device_list(NULL);
    if (list != NULL) {
        inventory->verbs = reading_known(count_list(list, inventory));
        return;
    }
    if (errno == ENOSYS) { /* a kernel without RDMA */
        inventory->verbs = reading_known(0);
        return;
    }
    why = arena_format(&inventory->arena, "ibv_get_device_list() failed: %s", strerror(errno));
    inventory->verbs = reading_missed(why);
    inventory->failed = inventory->failed || why.at == NULL;
}
