/* SPDX-License-Identifier: Apache-2.0 */
#include "io/node_files_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Whether its mode lets us read and write it. EPERM is another matter: the device cgroup of this container,
 * which says nothing of the containers that are given devices. Linux asks it after the mode (fs/namei.c).
 */
static bool is_permitted(const struct node_root *dev, const char *path)
{
    return faccessat(dev->folder, path, R_OK | W_OK, AT_EACCESS) == 0 || errno == EPERM;
}

/* Nothing is opened: that alone may wait, or wake a driver. */
static void judge_character(const struct node_root *dev, struct rdma_device *device)
{
    char path[NODE_PATH_BYTES];
    struct stat status;

    device->character = CHARACTER_ABSENT;
    if (device->uverbs.at == NULL || !node_path(path, "infiniband/%.*s", TEXT_ARGS(device->uverbs)))
        return;
    if (fstatat(dev->folder, path, &status, 0) != 0) {
        if (errno == ENOENT)
            return;
    } else if (S_ISDIR(status.st_mode)) {
        errno = EISDIR; /* what a container runtime makes of a mount whose source was missing */
    } else if (is_permitted(dev, path)) {
        device->character = CHARACTER_USABLE;
        return;
    }
    device->character = CHARACTER_REFUSED;
    device->character_errno = errno;
}

/* Whether /dev/infiniband is there; false with errno where that cannot be told. */
static bool find_folder(const struct node_root *dev, bool *ret_is_there)
{
    *ret_is_there = node_has(dev, "infiniband/.");
    return *ret_is_there || errno == ENOENT || errno == ENOTDIR;
}

void node_read_characters(struct node_reader *reader)
{
    struct inventory *inventory = reader->inventory;

    if (!find_folder(&reader->dev, &inventory->has_infiniband_folder)) {
        inventory->character = reading_missed(node_why(inventory, &reader->dev, "infiniband"));
        return;
    }
    inventory->character = reading_known(0);
    for (size_t i = 0; i < inventory->device_count; i++) {
        struct rdma_device *device = &inventory->devices[i];

        device->character = CHARACTER_ABSENT;
        if (inventory->has_infiniband_folder)
            judge_character(&reader->dev, device);
        if (device->is_efa && device->character == CHARACTER_USABLE)
            node_count_one(&inventory->character);
    }
}

static int compare_neurons(const void *left, const void *right)
{
    const struct accelerator *one = left;
    const struct accelerator *two = right;

    if (one->name.length != two->name.length)
        return one->name.length < two->name.length ? -1 : 1;
    return text_compare(one->name, two->name);
}

static bool add_neurons(struct node_reader *reader, const struct node_folder *folder)
{
    struct reading *reading = &reader->inventory->accelerators_by_vendor[VENDOR_NEURON];
    struct text prefix = TEXT("neuron");
    size_t first = reader->inventory->accelerator_count;
    struct node_names names;
    struct reading count;
    uint64_t number;

    if (!node_list_known(reader, folder, &names, &count)) {
        *reading = count;
        return false;
    }
    *reading = count.is_known ? reading_known(0) : count;
    for (size_t i = 0; i < names.count; i++) {
        if (!node_numbered(text_of(names.items[i]), prefix, &number))
            continue;
        node_add_accelerator(
            reader->inventory,
            &(struct accelerator){.vendor = VENDOR_NEURON,
                                  .name = node_keep(reader->inventory, text_of(names.items[i])),
                                  .numa_node = -1});
        node_count_one(reading);
    }
    if (reader->inventory->accelerator_count > first)
        qsort(&reader->inventory->accelerators[first], reader->inventory->accelerator_count - first,
              sizeof(*reader->inventory->accelerators), compare_neurons);
    return true;
}

/* /dev counts; the driver's class in sysfs where none of /dev is to be seen, as in a container without it. */
void node_read_neurons(struct node_reader *reader)
{
    const struct node_folder dev = {&reader->dev, ".", ".", NODE_FUNCTIONS_LIMIT};
    const struct node_folder class = {&reader->sysfs, "class", "class/neuron_device", NODE_DEVICES_LIMIT};
    struct reading *reading = &reader->inventory->accelerators_by_vendor[VENDOR_NEURON];
    struct reading by_dev;

    (void)add_neurons(reader, &dev);
    by_dev = *reading;
    if (by_dev.is_known && by_dev.number > 0)
        return;
    if (!add_neurons(reader, &class) || reading->number == 0)
        *reading = by_dev;
}
