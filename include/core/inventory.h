/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a node has, as it was found: RDMA devices, huge pages, accelerators, kernel, instance.
 *
 * Filled in by io/node_files.h, io/verbs.h, io/libfabric.h and io/imds.h, one after the other; judged by
 * core/findings.h. Texts and arrays are in the inventory's arena. Zeroed is valid: nothing is known.
 *
 * Source: Linux, Documentation/ABI (sysfs-class-infiniband, sysfs-bus-pci, sysfs-kernel-mm-hugepages); AWS's
 * efa driver (amzn-drivers).
 */
#ifndef CORE_INVENTORY_H
#define CORE_INVENTORY_H

#include "core/catalogue.h"

/* A number that was asked for. What could not be had is not known, which is never 0. */
struct reading {
    bool is_known;
    uint64_t number;
    struct text why; /* why it could not be had: the end of a sentence; absent: nobody asked for it */
};

/* What a process of ours may do with /dev/infiniband/uverbsN. */
enum character_state {
    CHARACTER_UNKNOWN,
    CHARACTER_ABSENT,  /* there is no such file */
    CHARACTER_REFUSED, /* its mode does not let us read and write it, or opening it failed */
    CHARACTER_USABLE,
};

/* An RDMA device, or a PCI function that should be one. */
struct rdma_device {
    struct text name;        /* "rdmap79s0", "efa_0"; absent: no driver made an RDMA device of the function */
    struct text pci_address; /* "0000:4f:00.0": the key; absent: no PCI function stands behind it (rxe) */
    struct text pci_root;    /* "pci0000:4f": what it shares with neighbours; absent as the address */
    struct text driver;      /* "efa", "mlx5_core"; absent: none is bound */
    struct text uverbs;      /* "uverbs0"; absent: none */
    struct text guid;        /* node_guid as sysfs shows it; EFA's may be all zero */
    struct text firmware;    /* absent where sysfs shows nothing */
    struct text p2p;         /* vendor of GPUDirect peers ("NVIDIA", "Neuron"); absent: none or not said */
    struct text port_state;  /* of port 1: "ACTIVE", "DOWN"; absent: not said */
    unsigned vendor_id;      /* of PCI; 0: not said */
    unsigned device_id;
    int numa_node; /* -1: not said */
    bool is_efa;   /* driver efa, or PCI 1d0f:efaN */
    enum character_state character;
    int character_errno; /* of CHARACTER_REFUSED */
    bool is_in_verbs;    /* ibv_get_device_list() shows it */
    bool is_in_libfabric;
};

/* One size of huge pages, of the whole node or of one NUMA node. */
struct hugepages {
    uint64_t page_bytes;
    int numa_node; /* -1: the whole node */
    struct reading total;
    struct reading free;
    struct reading reserved; /* promised to mappings, not yet touched; whole node only */
    struct reading surplus;
};

struct accelerator {
    enum vendor vendor;
    struct text name; /* its PCI address, or "neuron0" */
    struct text pci_address;
    struct text pci_root;
    struct text uuid; /* "GPU-...", by /proc/driver/nvidia: device plugins name it so; absent: not said */
    int numa_node;
};

enum imds_state {
    IMDS_NOT_ASKED,
    IMDS_ANSWERED,
    IMDS_OUT_OF_REACH, /* no answer at all: off, or no route */
    IMDS_HOP_LIMIT,    /* something answers, but tokens do not come back: PUT response hop limit of 1 */
    IMDS_REFUSED,      /* it answers with an error */
};

/* Who the machine says that it is. */
struct instance_identity {
    struct text dmi_type; /* DMI product_name: "p5.48xlarge" on EC2; absent: not said */
    enum imds_state imds;
    struct text imds_why; /* of anything but an answer */
    struct text imds_type;
    struct text zone;    /* "us-west-2b" */
    struct text zone_id; /* "usw2-az2" */
    struct text placement_group;
};

struct kernel_facts {
    struct text release;        /* "6.1.0-56-amd64"; absent: not said */
    enum fact has_dmabuf;       /* Linux 5.12: GPUDirect without a peer module */
    enum fact is_fork_safe;     /* Linux 5.13: fork() with registered memory */
    enum fact has_uverbs;       /* module ib_uverbs, or built in */
    struct text efa_version;    /* of module efa; absent: not loaded, or not said */
    struct text gdrdrv_version; /* of module gdrdrv */
    enum fact is_efa_loaded;
    enum fact is_gdrdrv_loaded;
    enum fact is_rdma_exclusive; /* RDMA devices belong to one network namespace each */
};

struct inventory {
    struct arena arena;

    struct rdma_device *devices; /* EFA first, then the others; by PCI address, then name */
    size_t device_count;

    /* How many EFA devices there are, by who counts. */
    struct reading pci;        /* PCI functions 1d0f:efaN, with a driver or without */
    struct reading sysfs;      /* RDMA devices with driver efa or such a function behind them */
    struct reading character;  /* those whose /dev/infiniband/uverbsN can be used */
    struct reading verbs;      /* ibv_get_device_list() */
    struct reading libfabric;  /* fi_getinfo(efa), by distinct device */
    struct reading other_rdma; /* RDMA devices that are no EFA */

    bool has_infiniband_folder; /* /dev/infiniband is there */
    bool is_libfabric_late;     /* libfabric did not answer before the deadline */
    struct text verbs_version;  /* of the libraries in use; absent: not said */
    struct text libfabric_version;

    struct hugepages *hugepages; /* by size, then NUMA node; the whole node's first */
    size_t hugepages_count;
    struct reading hugepage_sizes; /* how many sizes there are; not known: /sys/kernel/mm could not be read */

    struct accelerator *accelerators;
    size_t accelerator_count;
    struct reading accelerators_by_vendor[VENDOR_COUNT];

    struct reading memlock_bytes; /* RLIMIT_MEMLOCK of ours; UINT64_MAX: no limit */
    struct reading uptime_seconds;
    struct kernel_facts kernel;
    struct instance_identity instance;

    bool failed; /* memory ran out while it was filled in */
};

/* A number that was had, and one that was not. */
struct reading reading_known(uint64_t number);
struct reading reading_missed(struct text why);

/* The devices' own size and the whole node; NULL where there are none. */
const struct hugepages *inventory_find_hugepages(const struct inventory *inventory, uint64_t page_bytes);

/* By name; NULL where there is none. */
struct rdma_device *inventory_find_device(const struct inventory *inventory, struct text name);

void inventory_release(struct inventory *inventory);

#endif
