/* SPDX-License-Identifier: Apache-2.0 */
/* The files of one PCI function, and of one RDMA device, in a tree of support/fake_node.h. */
#ifndef SUPPORT_FAKE_DEVICE_H
#define SUPPORT_FAKE_DEVICE_H

#include "support/fake_node.h"
#include "support/fake_tree.h"

#include <limits.h>

#define FAKE_CLASS "sys/class/infiniband/"
#define FAKE_VERBS_CLASS "sys/class/infiniband_verbs/"
#define FAKE_PCI "sys/bus/pci/devices/"
#define FAKE_DRIVERS "sys/bus/pci/drivers/"

struct fake_function {
    char address[24]; /* "0000:4f:00.0" */
    char folder[96];  /* "sys/devices/pci0000:44/0000:44:01.0/0000:4f:00.0" */
    unsigned bus;
    unsigned slot;
    unsigned domain;
    unsigned vendor;
    unsigned device;
    unsigned class;
    const char *driver; /* NULL: none */
    unsigned numa_node;
};

enum {
    FAKE_ROOT_OTHER = INT_MAX /* the root of what is neither EFA device nor accelerator: pci0000:00 */
};

/* Give the function a place: the `number`th behind the bridge of PCI root `root`. */
void fake_function_place(struct fake_function *function, unsigned root, unsigned number);

void fake_function_write(struct fake_tree *tree, const struct fake_function *function);

struct fake_rdma {
    const char *name;
    const char *folder; /* of the PCI function; NULL: it has none */
    unsigned uverbs;    /* its number */
    unsigned key;       /* what makes its GUID and GID its own */
    bool is_efa;
    bool is_port_down;
    const struct fake_node_plan *plan;
};

void fake_rdma_write(struct fake_tree *tree, const struct fake_rdma *rdma);

/* "rdmap79s0", as udev names the device by its place; "rdmaP1p79s0" outside PCI domain 0. */
void fake_rdma_name(const struct fake_function *function, char *name, size_t size);

/* Link a PCI function to its driver. */
void fake_driver_write(struct fake_tree *tree, const struct fake_function *function, const char *driver);

#endif
