/* SPDX-License-Identifier: Apache-2.0 */
#include "io/node_files_parts.h"

#include <errno.h>
#include <stdlib.h>

#define RDMA_CLASS "class/infiniband"
#define VERBS_CLASS "class/infiniband_verbs"

static struct text keep_line(struct node_reader *reader, const char *name, const char *file)
{
    struct node_value value;

    if (!node_read(&reader->sysfs, &value, RDMA_CLASS "/%s/%s", name, file))
        return (struct text){.at = NULL};
    return node_keep(reader->inventory, value.text);
}

/* "4: ACTIVE" without its number. */
static struct text keep_state(struct node_reader *reader, const char *name)
{
    struct node_value value;
    const char *colon;

    if (!node_read(&reader->sysfs, &value, RDMA_CLASS "/%s/ports/1/state", name))
        return (struct text){.at = NULL};
    colon = memchr(value.text.at, ':', value.text.length);
    if (colon != NULL)
        value.text = text_trim(text_after(value.text, (size_t)(colon - value.text.at) + 1));
    return node_keep(reader->inventory, value.text);
}

static unsigned read_id(struct node_reader *reader, const char *name, const char *file)
{
    struct node_value value;

    if (!node_read(&reader->sysfs, &value, RDMA_CLASS "/%s/device/%s", name, file))
        return 0;
    return node_hexadecimal(value.text);
}

/* What node_read_pci() found of the function, or a new device. */
static struct rdma_device *find_or_add(struct inventory *inventory, struct text address)
{
    struct rdma_device *devices = inventory->devices;

    for (size_t i = 0; i < inventory->device_count; i++) {
        if (address.length > 0 && devices[i].name.at == NULL && text_is(devices[i].pci_address, address))
            return &devices[i];
    }
    devices = arena_grow(&inventory->arena, devices, inventory->device_count, sizeof(*devices));
    if (devices == NULL) {
        inventory->failed = true;
        return NULL;
    }
    inventory->devices = devices;
    devices[inventory->device_count] = (struct rdma_device){.numa_node = -1};
    return &devices[inventory->device_count++];
}

static void read_function(struct node_reader *reader, const char *name, struct rdma_device *device)
{
    struct node_value value;
    char path[NODE_PATH_BYTES];

    device->vendor_id = read_id(reader, name, "vendor");
    device->device_id = read_id(reader, name, "device");
    if (node_path(path, RDMA_CLASS "/%s/device", name))
        device->numa_node = node_numa_node(&reader->sysfs, path);
    device->driver = node_read_link(&reader->sysfs, &value, RDMA_CLASS "/%s/device/driver", name)
                         ? node_keep(reader->inventory, node_base_name(value.text))
                         : (struct text){.at = NULL};
    device->is_efa =
        text_is_string(device->driver, "efa") || node_is_efa(device->vendor_id, device->device_id);
    device->p2p = keep_line(reader, name, "device/p2p");
}

static void miss_all(struct inventory *inventory, struct reading why)
{
    inventory->sysfs = why;
    inventory->other_rdma = why;
}

static void read_device(struct node_reader *reader, const char *name)
{
    struct inventory *inventory = reader->inventory;
    struct rdma_device read = {.numa_node = -1};
    struct rdma_device *device;
    struct node_value link;
    struct node_value printable;
    char path[NODE_PATH_BYTES];

    if (node_read_link(&reader->sysfs, &link, RDMA_CLASS "/%s/device", name)) {
        struct text address = node_base_name(link.text);

        read.pci_address = node_is_pci_address(address) ? node_keep(inventory, address) : read.pci_address;
        read_function(reader, name, &read);
    } else if (errno != ENOENT && errno != ENOTDIR && node_path(path, RDMA_CLASS "/%s/device", name)) {
        miss_all(inventory, reading_missed(node_why(inventory, &reader->sysfs, path)));
    }
    if (read.pci_address.at != NULL)
        read.pci_root = node_pci_root(reader, read.pci_address);
    read.name = node_keep(inventory, node_printable(&printable, name));
    read.guid = keep_line(reader, name, "node_guid");
    read.firmware = keep_line(reader, name, "fw_ver");
    read.port_state = keep_state(reader, name);
    if (!node_has(&reader->sysfs, RDMA_CLASS "/%s/.", name))
        return; /* it went while it was read, or never was a device */
    device = find_or_add(inventory, read.pci_address);
    if (device != NULL)
        *device = read;
}

static void read_uverbs(struct node_reader *reader)
{
    struct text prefix = TEXT("uverbs");
    const struct node_folder folder = {&reader->sysfs, "class", VERBS_CLASS, NODE_UVERBS_LIMIT};
    struct node_names names;
    struct reading count;
    uint64_t number;

    if (!node_list_known(reader, &folder, &names, &count))
        return;
    for (size_t i = 0; i < names.count; i++) {
        struct text uverbs = text_of(names.items[i]);
        struct rdma_device *device = NULL;
        struct node_value value;

        if (node_numbered(uverbs, prefix, &number) &&
            node_read(&reader->sysfs, &value, VERBS_CLASS "/%s/ibdev", names.items[i]))
            device = inventory_find_device(reader->inventory, value.text);
        if (device != NULL)
            device->uverbs = node_keep(reader->inventory, uverbs);
    }
}

static int compare_devices(const void *left, const void *right)
{
    const struct rdma_device *one = left;
    const struct rdma_device *two = right;
    int order;

    if (one->is_efa != two->is_efa)
        return one->is_efa ? -1 : 1;
    order = text_compare(one->pci_address, two->pci_address);
    return order != 0 ? order : text_compare(one->name, two->name);
}

static bool is_same_function(const struct rdma_device *one, const struct rdma_device *two)
{
    return one->pci_address.at != NULL && two->pci_address.at != NULL &&
           text_is(one->pci_address, two->pci_address);
}

/* RDMA devices by whether they are EFA's; several of one EFA function count once. */
static void count_devices(struct inventory *inventory)
{
    const struct rdma_device *last = NULL;

    for (size_t i = 0; i < inventory->device_count; i++) {
        const struct rdma_device *device = &inventory->devices[i];

        if (device->name.at == NULL)
            continue;
        if (!device->is_efa)
            node_count_one(&inventory->other_rdma);
        else if (last == NULL || !is_same_function(last, device))
            node_count_one(&inventory->sysfs);
        last = device;
    }
}

void node_read_rdma(struct node_reader *reader)
{
    const struct node_folder folder = {&reader->sysfs, "class", RDMA_CLASS, NODE_DEVICES_LIMIT};
    struct inventory *inventory = reader->inventory;
    struct node_names names = {.count = 0};
    struct reading count;
    bool is_listed = node_list_known(reader, &folder, &names, &count);

    miss_all(inventory, count.is_known ? reading_known(0) : count);
    for (size_t i = 0; i < names.count; i++)
        read_device(reader, names.items[i]);
    if (is_listed)
        read_uverbs(reader);
    if (inventory->device_count > 1)
        qsort(inventory->devices, inventory->device_count, sizeof(*inventory->devices), compare_devices);
    count_devices(inventory);
}
