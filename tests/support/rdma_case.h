/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the libraries see of a node of fake_node.h with a kernel of fake_uverbs.h, each in a process of its
 * own: libibverbs reads $SYSFS_PATH once.
 *
 *     static const struct rdma_case asked = {.node = {.efa = 4}, .fail = "2,13"};
 *     rdma_case_run(&asked, &seen);
 *     assert_int_equal(seen.verbs.number, 4);
 *
 * A program that uses it has to be linked with fake_uverbs.c (the Makefile's uverbs_tests), and begins with
 * `if (rdma_case_is_probe(argc, argv)) return libfabric_probe(STDOUT_FILENO);`.
 */
#ifndef SUPPORT_RDMA_CASE_H
#define SUPPORT_RDMA_CASE_H

#include "core/inventory.h"
#include "support/fake_node.h"

enum {
    RDMA_CASE_DEVICES = 64,
};

struct rdma_case {
    struct fake_node_plan node;
    bool (*change)(const char *root, struct error *err); /* the node's files; NULL: they stay */
    const char *fail;                                    /* FAKE_UVERBS_FAIL */
    const char *down;                                    /* FAKE_UVERBS_DOWN */
    const char *delay_ms;                                /* FAKE_UVERBS_DELAY_MS */
    bool hidden;         /* FAKE_UVERBS_HIDDEN, besides no_infiniband_folder of the plan */
    bool not_in_sysfs;   /* sysfs is not read before the libraries are asked */
    bool not_opened;     /* character_open() is not called; the files in /dev are ours all the same */
    unsigned soft_limit; /* RLIMIT_NOFILE; 0: as it is */
    unsigned hard_limit;
    const char *program; /* the probe; NULL: this one */
    unsigned deadline_ms;
};

struct seen_reading {
    bool is_known;
    uint64_t number;
    char why[256];
};

struct seen_device {
    char name[64];
    unsigned device_id;
    bool is_efa;
    bool is_in_verbs;
    bool is_in_libfabric;
    enum character_state character;
    int character_errno;
};

struct rdma_seen {
    struct seen_reading sysfs;
    struct seen_reading character;
    struct seen_reading verbs;
    struct seen_reading libfabric;
    struct seen_reading other_rdma;
    char verbs_version[32];
    char libfabric_version[32];
    size_t device_count;
    struct seen_device devices[RDMA_CASE_DEVICES];
    bool failed;
    int descriptors; /* opened and not closed */
    bool has_child;  /* something that was started was not waited for */
    int64_t libfabric_ms;
    double cpu_seconds; /* of all processes of the case */
};

/* Fails the test where the case cannot be tried. */
void rdma_case_run(const struct rdma_case *asked, struct rdma_seen *ret_seen);

bool rdma_case_is_probe(int argc, char **argv);

/* Set the environment as a case's process has it, for a program that needs no more than one. The node's files
   are to be there. */
void rdma_case_enter(const struct rdma_case *asked, const struct fake_node *node);

/* The device of this name; fails the test where there is none. */
const struct seen_device *rdma_seen_device(const struct rdma_seen *seen, const char *name);

#endif
