/* SPDX-License-Identifier: Apache-2.0 */
#include "core/inventory.h"

struct reading reading_known(uint64_t number)
{
    return (struct reading){.is_known = true, .number = number};
}

struct reading reading_missed(struct text why)
{
    return (struct reading){.is_known = false, .why = why};
}

const struct hugepages *inventory_find_hugepages(const struct inventory *inventory, uint64_t page_bytes)
{
    size_t i;

    for (i = 0; i < inventory->hugepages_count; i++)
        if (inventory->hugepages[i].page_bytes == page_bytes && inventory->hugepages[i].numa_node < 0)
            return &inventory->hugepages[i];
    return NULL;
}

struct rdma_device *inventory_find_device(const struct inventory *inventory, struct text name)
{
    size_t i;

    for (i = 0; i < inventory->device_count; i++)
        if (name.length > 0 && text_is(inventory->devices[i].name, name))
            return &inventory->devices[i];
    return NULL;
}

void inventory_release(struct inventory *inventory)
{
    if (inventory == NULL)
        return;
    arena_release(&inventory->arena);
    *inventory = (struct inventory){.failed = false};
}
