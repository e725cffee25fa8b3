/* SPDX-License-Identifier: Apache-2.0 */
#include "device_id.h"

#include <stdio.h>

enum {
    ADDRESS_BYTES = 16, /* "ffff:ff:1f.7" */
    BUS_MAX = 0xff,
    SLOT_MAX = 0x1f,
    FUNCTION_MAX = 7
};

/* The number in decimal digits that `rest` begins with, behind `letter`; false where there is none. */
static bool take_number(struct text *rest, char letter, uint64_t limit, uint64_t *ret_number)
{
    size_t length = 1;

    if (rest->length == 0 || rest->at[0] != letter)
        return false;
    while (length < rest->length && rest->at[length] >= '0' && rest->at[length] <= '9')
        length++;
    if (!text_parse_unsigned((struct text){rest->at + 1, length - 1}, limit, ret_number))
        return false;
    *rest = text_after(*rest, length);
    return true;
}

/* A name by place, "rdma" [P<domain>] p<bus> s<slot> [f<function>], in decimal, as a PCI address. */
static bool parse_place(struct text name, char address[ADDRESS_BYTES])
{
    static const struct text rdma = TEXT("rdma");
    uint64_t domain = 0;
    uint64_t bus;
    uint64_t slot;
    uint64_t function = 0;
    struct text rest;

    if (!text_has_prefix(name, rdma))
        return false;
    rest = text_after(name, rdma.length);
    (void)take_number(&rest, 'P', UINT16_MAX, &domain);
    if (!take_number(&rest, 'p', BUS_MAX, &bus) || !take_number(&rest, 's', SLOT_MAX, &slot))
        return false;
    (void)take_number(&rest, 'f', FUNCTION_MAX, &function);
    (void)snprintf(address, ADDRESS_BYTES, "%04x:%02x:%02x.%x", (unsigned)domain, (unsigned)bus,
                   (unsigned)slot, (unsigned)function);
    return rest.length == 0;
}

static bool is_hexadecimal(char letter)
{
    return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'f');
}

/* "0000:4f:00.0", as the kernel writes it. */
static bool is_address(struct text text)
{
    static const struct text shape = TEXT("xxxx:xx:xx.x");
    size_t i;

    if (text.length != shape.length)
        return false;
    for (i = 0; i < shape.length; i++)
        if (shape.at[i] == 'x' ? !is_hexadecimal(text.at[i]) : text.at[i] != shape.at[i])
            return false;
    return true;
}

static const struct rdma_device *find_by_address(const struct inventory *inventory, struct text address)
{
    size_t i;

    for (i = 0; i < inventory->device_count; i++)
        if (text_is(inventory->devices[i].pci_address, address))
            return &inventory->devices[i];
    return NULL;
}

static const struct rdma_device *find_by_name(const struct inventory *inventory, struct text id)
{
    size_t i;

    for (i = 0; id.length > 0 && i < inventory->device_count; i++)
        if (text_is(inventory->devices[i].name, id) || text_is(inventory->devices[i].uverbs, id))
            return &inventory->devices[i];
    return NULL;
}

enum device_presence device_id_find(const struct inventory *inventory, struct text id,
                                    const struct rdma_device **ret_device)
{
    const struct rdma_device *device = find_by_name(inventory, id);
    char address[ADDRESS_BYTES];
    struct text place = id;

    *ret_device = device;
    if (device != NULL)
        return DEVICE_PRESENT;
    if (parse_place(id, address))
        place = text_of(address);
    else if (!is_address(id))
        return DEVICE_UNCLEAR;
    *ret_device = find_by_address(inventory, place);
    if (*ret_device == NULL)
        return DEVICE_GONE;
    return (*ret_device)->name.length > 0 ? DEVICE_PRESENT : DEVICE_WITHOUT_DRIVER;
}

/* Neuron's device plugin says "0" of /dev/neuron0. */
static bool is_number_of(struct text id, const struct accelerator *accelerator)
{
    static const struct text neuron = TEXT("neuron");

    return accelerator->vendor == VENDOR_NEURON && text_has_prefix(accelerator->name, neuron) &&
           text_is(text_after(accelerator->name, neuron.length), id);
}

const struct accelerator *device_id_find_accelerator(const struct inventory *inventory, struct text id)
{
    size_t i;

    for (i = 0; id.length > 0 && i < inventory->accelerator_count; i++) {
        const struct accelerator *accelerator = &inventory->accelerators[i];

        if (text_is(accelerator->uuid, id) || text_is(accelerator->name, id) ||
            text_is(accelerator->pci_address, id) || is_number_of(id, accelerator))
            return accelerator;
    }
    return NULL;
}
