/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A node's files in a folder: DIR/sys, DIR/dev and DIR/proc, as a kernel with the EFA driver shows them.
 *
 * The real libibverbs and libfabric take DIR/sys for a sysfs ($SYSFS_PATH); files in DIR/dev are plain ones.
 *
 *     AUTO(fake_node_release) struct fake_node node = {.root = ""};
 *     struct fake_node_plan plan = fake_node_p5();
 *
 *     plan.ports_down = 1;
 *     assert_true(fake_node_init(&node, &plan, &err));
 *     ...node.sysfs, node.dev, node.proc...
 *     assert_true(fake_node_unbind(node.root, "rdmap79s0", &err));
 *
 * Nothing here includes support/check.h, so programs and benchmarks can use it too.
 */
#ifndef SUPPORT_FAKE_NODE_H
#define SUPPORT_FAKE_NODE_H

#include "core/error.h"

#include <stdint.h>

/* Zeroed: a node without any device, whose kernel has ib_uverbs and the efa driver loaded. */
struct fake_node_plan {
    unsigned efa;         /* PCI functions 1d0f:efaN */
    unsigned unbound;     /* the last so many of them have no driver, hence no RDMA device */
    unsigned ports_down;  /* the first so many of them have port 1 down */
    unsigned device_id;   /* 0: 0xefa2 */
    bool plain_names;     /* efa_0, efa_1, ...; else by bus and slot: rdmap79s0, ... */
    bool zero_guids;      /* as AWS's older drivers have them */
    bool no_counters;     /* no hw_counters folders: saves nearly half of the files */
    const char *p2p;      /* "NVIDIA", "NEURON", ""; NULL: no such file, as with the kernel's own driver */
    const char *firmware; /* NULL: an empty fw_ver, as EFA has it */

    unsigned mlx5; /* RDMA devices of another make, mlx5_0, ...: p6-b200 has two */
    unsigned rxe;  /* RDMA devices without a PCI function, rxe_0, ... */

    unsigned gpus;       /* NVIDIA's, PCI class 0302, on the PCI roots of the EFA devices */
    unsigned vga_gpus;   /* NVIDIA's, PCI class 0300 */
    unsigned nvswitches; /* NVIDIA's, PCI class 0680: no accelerators */
    unsigned gaudis;     /* Habana's */
    unsigned neurons;    /* PCI functions and /dev/neuronN */

    unsigned numa_nodes; /* 0: 1 */
    uint64_t pages;      /* of 2 MiB, divided among the NUMA nodes */
    uint64_t pages_used; /* of these, not free any more */
    uint64_t pages_reserved;
    uint64_t pages_surplus;
    uint64_t gigantic_pages; /* of 1 GiB, all of them free */

    const char *instance_type;  /* DMI's product name; NULL: there is no DMI */
    const char *kernel;         /* NULL: "6.1.0-56-amd64" */
    const char *efa_version;    /* of module efa; NULL: "2.17.2g" where there are EFA devices with a driver */
    const char *gdrdrv_version; /* NULL: module gdrdrv is not loaded */
    bool no_efa_module;
    bool no_uverbs_module;
    uint64_t uptime_seconds; /* 0: an hour */

    unsigned mode;             /* of /dev/infiniband/uverbsN; 0: 0666 */
    bool no_infiniband_folder; /* /dev/infiniband is not there */
};

/* p5.48xlarge: 32 EFA devices on 8 PCI roots with a GPU each, 42242 huge pages of 2 MiB, and so on. */
struct fake_node_plan fake_node_p5(void);

/* p6-b200.48xlarge: 8 EFA devices, 8 GPUs, two mlx5 devices. */
struct fake_node_plan fake_node_p6_b200(void);

enum {
    FAKE_ROOT_BYTES = 160
};

struct fake_node {
    char root[FAKE_ROOT_BYTES];
    char sysfs[168];
    char dev[168];
    char proc[168];
};

/* Write the node into a new folder in /dev/shm, or where that has no room below $TMPDIR. What a test leaves
 * there that failed is removed by the next one. */
MUST_CHECK bool fake_node_init(struct fake_node *node, const struct fake_node_plan *plan, struct error *err);

/* Remove the folder and all that is in it. */
void fake_node_release(struct fake_node *node);

/* Write the node into `root`, which is made, and may hold other files. Its path has at most 159 bytes, since
 * libibverbs cuts longer ones (at 256, with what follows). */
MUST_CHECK bool fake_node_write(const char *root, const struct fake_node_plan *plan, struct error *err);

/*
 * Change a node that is there, in the order in which a kernel does it. A device is named by its PCI address,
 * its RDMA device's name, or its place ("0") among the EFA functions by PCI address.
 */
MUST_CHECK bool fake_node_unbind(const char *root, const char *device, struct error *err);
MUST_CHECK bool fake_node_bind(const char *root, const char *device, struct error *err);
MUST_CHECK bool fake_node_rename(const char *root, const char *device, const char *name, struct error *err);

/* Unbind, and the PCI function (or what else it is) goes too; bind does not bring it back. */
MUST_CHECK bool fake_node_remove(const char *root, const char *device, struct error *err);

/* Replace a file's contents at once ("sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages"), making it
 * and its folders where they are missing; a newline is added. */
MUST_CHECK bool fake_node_set(const char *root, const char *path, const char *value, struct error *err);

/* Remove a file, or a folder with all that is in it. */
MUST_CHECK bool fake_node_erase(const char *root, const char *path, struct error *err);

#endif
