/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of node_files_read(), in the order in which they are called. */
#ifndef IO_NODE_FILES_PARTS_H
#define IO_NODE_FILES_PARTS_H

#include "io/node_files.h"
#include "io/node_root.h"

enum {
    NODE_DEVICES_LIMIT = 1024,
    NODE_UVERBS_LIMIT = 2048,
    NODE_FUNCTIONS_LIMIT = 16384,
};

struct node_reader {
    struct node_root sysfs;
    struct node_root dev;
    struct node_root proc;
    struct arena scratch; /* lists of names */
    struct inventory *inventory;
};

void node_reader_open(struct node_reader *reader, const struct node_roots *roots,
                      struct inventory *inventory);
void node_reader_close(struct node_reader *reader);

struct node_folder {
    const struct node_root *root;
    const char *base; /* where this is there and `path` is not, `path` counts as empty: "class" */
    const char *path;
    size_t limit;
};

/* The names in a folder; false with errno. */
bool node_list_names(struct node_reader *reader, const struct node_folder *folder,
                     struct node_names *ret_names);

/* The same, and how many they are. False: `ret_count` says why they cannot be had, and
 * `ret_names` is left alone; true with a count that is not known: there are more than the limit. */
bool node_list_known(struct node_reader *reader, const struct node_folder *folder,
                     struct node_names *ret_names, struct reading *ret_count);

/* One more, where it is known at all. */
void node_count_one(struct reading *reading);

/* Whether a name is `prefix` and a number: "uverbs12", "neuron0". */
bool node_numbered(struct text name, struct text prefix, uint64_t *ret_number);

/* PCI functions: EFA's become devices without a name, accelerators are counted. */
void node_read_pci(struct node_reader *reader);

/* "pci0000:4f" of a function's address, or absent. */
struct text node_pci_root(struct node_reader *reader, struct text address);

int node_numa_node(const struct node_root *sysfs, const char *function);

/* "0000:4f:00.0"; the domain may have more digits. */
bool node_is_pci_address(struct text text);

bool node_is_efa(unsigned vendor, unsigned device);

/* RDMA devices: they get a name, or are added; sorted. */
void node_read_rdma(struct node_reader *reader);

/* /dev/infiniband/uverbsN of each device. */
void node_read_characters(struct node_reader *reader);

/* /dev/neuronN. */
void node_read_neurons(struct node_reader *reader);

void node_add_accelerator(struct inventory *inventory, const struct accelerator *accelerator);

void node_read_hugepages(struct node_reader *reader);

/* Kernel, modules, DMI, limits, uptime. */
void node_read_machine(struct node_reader *reader);

#endif
