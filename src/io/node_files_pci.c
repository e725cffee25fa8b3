/* SPDX-License-Identifier: Apache-2.0 */
#include "io/node_files_parts.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>

#define PCI_DEVICES "bus/pci/devices"

/* Source: the PCI ID repository; amzn-drivers, kernel/linux/efa/src/efa_main.c. */
enum {
    VENDOR_ID_AMAZON = 0x1d0f,
    VENDOR_ID_NVIDIA = 0x10de,
    VENDOR_ID_HABANA = 0x1da3,
    EFA_DEVICES = 0xefa0,
    EFA_DEVICES_MASK = 0xfff0,
    CLASS_VGA = 0x0300, /* display controllers; an NVSwitch is a bridge (0680), a GPU's sound 0403 */
    CLASS_3D = 0x0302,
};

struct function {
    const char *address;
    unsigned vendor;
    unsigned device;
    unsigned class; /* base class and subclass */
};

/* "0000:4f:00.0": the domain may have more digits. */
bool node_is_pci_address(struct text text)
{
    static const char tail[] = ":xx:xx.x";
    const size_t length = sizeof(tail) - 1;

    if (text.length < length + 4 || text.length > length + 8)
        return false;
    for (size_t i = 0; i < text.length; i++) {
        size_t left = text.length - i;
        char wanted = left <= length ? tail[length - left] : 'x';

        if (wanted == 'x' ? !isxdigit((unsigned char)text.at[i]) : text.at[i] != wanted)
            return false;
    }
    return true;
}

bool node_is_efa(unsigned vendor, unsigned device)
{
    return vendor == VENDOR_ID_AMAZON && (device & EFA_DEVICES_MASK) == EFA_DEVICES;
}

int node_numa_node(const struct node_root *sysfs, const char *function)
{
    struct node_value value;
    uint64_t number;

    if (node_read(sysfs, &value, "%s/numa_node", function) && text_parse_unsigned(value.text, 4095, &number))
        return (int)number;
    return -1;
}

struct text node_pci_root(struct node_reader *reader, struct text address)
{
    struct node_value target;
    struct text prefix = TEXT("pci");
    struct text rest;
    struct text part;

    if (!node_read_link(&reader->sysfs, &target, PCI_DEVICES "/%.*s", TEXT_ARGS(address)))
        return (struct text){.at = NULL};
    rest = target.text;
    while (text_split(&rest, '/', &part)) {
        if (text_has_prefix(part, prefix) && memchr(part.at, ':', part.length) != NULL)
            return node_keep(reader->inventory, part);
    }
    return (struct text){.at = NULL};
}

static void add_efa(struct node_reader *reader, const struct function *function)
{
    struct inventory *inventory = reader->inventory;
    struct rdma_device *devices =
        arena_grow(&inventory->arena, inventory->devices, inventory->device_count, sizeof(*devices));
    char path[NODE_PATH_BYTES];
    struct node_value driver;

    if (devices == NULL) {
        inventory->failed = true;
        return;
    }
    (void)snprintf(path, sizeof(path), PCI_DEVICES "/%s", function->address);
    inventory->devices = devices;
    devices[inventory->device_count++] = (struct rdma_device){
        .pci_address = node_keep(inventory, text_of(function->address)),
        .pci_root = node_pci_root(reader, text_of(function->address)),
        .driver = node_read_link(&reader->sysfs, &driver, "%s/driver", path)
                      ? node_keep(inventory, node_base_name(driver.text))
                      : (struct text){.at = NULL},
        .vendor_id = function->vendor,
        .device_id = function->device,
        .numa_node = node_numa_node(&reader->sysfs, path),
        .is_efa = true,
    };
}

void node_add_accelerator(struct inventory *inventory, const struct accelerator *accelerator)
{
    struct accelerator *accelerators = arena_grow(&inventory->arena, inventory->accelerators,
                                                  inventory->accelerator_count, sizeof(*accelerators));

    if (accelerators == NULL) {
        inventory->failed = true;
        return;
    }
    inventory->accelerators = accelerators;
    accelerators[inventory->accelerator_count++] = *accelerator;
}

static enum vendor vendor_of(const struct function *function)
{
    if (function->vendor == VENDOR_ID_NVIDIA && (function->class == CLASS_VGA || function->class == CLASS_3D))
        return VENDOR_NVIDIA;
    return function->vendor == VENDOR_ID_HABANA ? VENDOR_HABANA : VENDOR_NONE;
}

/* As the device plugin calls a GPU; absent where the driver is away, or its files are not mounted. */
static struct text nvidia_uuid(struct node_reader *reader, const char *address)
{
    struct node_value value;

    if (!node_read_after(&reader->proc, "GPU UUID:", &value, "driver/nvidia/gpus/%s/information", address))
        return (struct text){0};
    return node_keep(reader->inventory, value.text);
}

static void take_function(struct node_reader *reader, const struct function *function)
{
    struct inventory *inventory = reader->inventory;
    enum vendor vendor = vendor_of(function);
    struct accelerator accelerator = {.vendor = vendor};
    char path[NODE_PATH_BYTES];

    if (node_is_efa(function->vendor, function->device)) {
        add_efa(reader, function);
        node_count_one(&inventory->pci);
    }
    if (vendor == VENDOR_NONE)
        return;
    (void)snprintf(path, sizeof(path), PCI_DEVICES "/%s", function->address);
    accelerator.pci_address = node_keep(inventory, text_of(function->address));
    accelerator.name = accelerator.pci_address;
    accelerator.pci_root = node_pci_root(reader, text_of(function->address));
    accelerator.numa_node = node_numa_node(&reader->sysfs, path);
    if (vendor == VENDOR_NVIDIA)
        accelerator.uuid = nvidia_uuid(reader, function->address);
    node_add_accelerator(inventory, &accelerator);
    node_count_one(&inventory->accelerators_by_vendor[vendor]);
}

/* The numbers by which a function is known; false with errno where one cannot be read. */
static bool read_function(const struct node_root *sysfs, struct function *function)
{
    const char *address = function->address;
    struct node_value value;

    if (!node_read(sysfs, &value, PCI_DEVICES "/%s/vendor", address))
        return false;
    function->vendor = node_hexadecimal(value.text);
    if (function->vendor != VENDOR_ID_AMAZON && function->vendor != VENDOR_ID_NVIDIA &&
        function->vendor != VENDOR_ID_HABANA)
        return true;
    if (!node_read(sysfs, &value, PCI_DEVICES "/%s/device", address))
        return false;
    function->device = node_hexadecimal(value.text);
    if (!node_read(sysfs, &value, PCI_DEVICES "/%s/class", address))
        return false;
    function->class = node_hexadecimal(value.text) >> 8;
    return true;
}

/* What is behind the bus is not known whole. */
static void miss_all(struct inventory *inventory, struct reading why)
{
    inventory->pci = why;
    inventory->accelerators_by_vendor[VENDOR_NVIDIA] = why;
    inventory->accelerators_by_vendor[VENDOR_HABANA] = why;
}

void node_read_pci(struct node_reader *reader)
{
    const struct node_folder folder = {&reader->sysfs, "bus", PCI_DEVICES, NODE_FUNCTIONS_LIMIT};
    struct inventory *inventory = reader->inventory;
    struct node_names names;
    struct reading count;

    if (!node_list_known(reader, &folder, &names, &count)) {
        miss_all(inventory, count);
        return;
    }
    miss_all(inventory, reading_known(0));
    if (!count.is_known)
        miss_all(inventory, count);
    for (size_t i = 0; i < names.count; i++) {
        struct function function = {.address = names.items[i]};

        if (!node_is_pci_address(text_of(function.address)))
            continue;
        if (read_function(&reader->sysfs, &function)) {
            take_function(reader, &function);
        } else if (errno != ENOENT && errno != ENODEV && inventory->pci.is_known) {
            char path[NODE_PATH_BYTES];

            (void)snprintf(path, sizeof(path), PCI_DEVICES "/%.255s", function.address);
            miss_all(inventory, reading_missed(node_why(inventory, &reader->sysfs, path)));
        }
    }
}
