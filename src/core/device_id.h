/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What device plugins call devices, resolved to devices.
 *
 * EFA: the RDMA device's name ("rdmap79s0", "efa_0"), its uverbs device or its PCI address; a name by place
 * says the PCI address also when the device was renamed or has gone. NVIDIA: the uuid; Neuron: "0" or
 * "neuron0".
 *
 * Source: rdma-core, rdma_rename (names by place); Linux PCI addresses; NVIDIA's and AWS's device plugins.
 */
#ifndef CORE_DEVICE_ID_H
#define CORE_DEVICE_ID_H

#include "core/inventory.h"

enum device_presence {
    DEVICE_UNCLEAR, /* the id is of no shape that says which device is meant */
    DEVICE_PRESENT,
    DEVICE_WITHOUT_DRIVER, /* its PCI function is there, its RDMA device is not */
    DEVICE_GONE,
};

/* Fills in `ret_device` (NULL: none) where the id says which one is meant. */
enum device_presence device_id_find(const struct inventory *inventory, struct text id,
                                    const struct rdma_device **ret_device);

/* NULL where none can be told. */
const struct accelerator *device_id_find_accelerator(const struct inventory *inventory, struct text id);

#endif
