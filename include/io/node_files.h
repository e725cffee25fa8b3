/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the node's own files say: sysfs, /dev, /proc.
 *
 * Nothing here opens a device or waits. What cannot be read becomes a reading that is not known, with the
 * path and the reason; only memory can fail (inventory->failed). A folder that is missing is empty where the
 * one above it is there (no class/infiniband: a kernel without RDMA), and not known elsewhere. A device that
 * goes while it is read is passed over. Names and lines get '?' for what is no printable ASCII.
 *
 * Source: Linux, Documentation/ABI; rdma-core's use of $SYSFS_PATH.
 */
#ifndef IO_NODE_FILES_H
#define IO_NODE_FILES_H

#include "core/inventory.h"

/* Where to look; each NULL: the usual place. */
struct node_roots {
    const char *sysfs; /* else $SYSFS_PATH, as libibverbs reads it, else /sys */
    const char *dev;   /* else /dev */
    const char *proc;  /* else /proc */
};

/*
 * Devices, huge pages, accelerators, limits, kernel and DMI, into an inventory that is empty.
 *
 * At most 1024 RDMA devices are looked at; with more their counts are not known. Neuron devices are those of
 * /dev, or where it has none, of the driver's class in sysfs. DMI is believed on EC2 alone.
 */
void node_files_read(const struct node_roots *roots, struct inventory *inventory);

/*
 * A number that changes when RDMA devices come, go or change their driver or name, when their files in
 * /dev/infiniband come or go, and when huge pages are taken or given back: cheap enough to be asked for every
 * second or two. Another version of the program may count otherwise.
 */
uint64_t node_files_fingerprint(const struct node_roots *roots);

/* Every hw_counter of every EFA device. `take` is called with device, PCI address, port ("" for the
 * device's own), counter and value; one that cannot be read is left out. */
void node_files_each_counter(const struct node_roots *roots,
                             void (*take)(void *context, const struct rdma_device *device, const char *port,
                                          const char *counter, uint64_t value),
                             void *context);

#endif
