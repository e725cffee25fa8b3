/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What libfabric's efa provider sees: fi_getinfo(), in a process of its own with a deadline.
 *
 * fi_getinfo() opens every RDMA device, keeps them open until its process ends (which blocks unbinding them)
 * and waits 5 s a device that cannot be opened where udev's /dev/char is there. Hence: only where no device,
 * EFA's or not, has a file that cannot be opened, only in a child, never longer than the deadline. The child
 * computes for 0.1 s, most of it over /proc/kallsyms: ask when devices have changed, not every minute.
 *
 *     character_open(NULL, &inventory);
 *     libfabric_read(&options, &inventory);     in the parent
 *     return libfabric_probe(STDOUT_FILENO);    in the child: the hidden mode --probe-libfabric
 */
#ifndef IO_LIBFABRIC_H
#define IO_LIBFABRIC_H

#include "core/inventory.h"

struct libfabric_options {
    const char *program;  /* what to run; NULL: /proc/self/exe */
    unsigned deadline_ms; /* 0: 10 s */
};

/* Fill in `libfabric`, `libfabric_version` and each device's `is_in_libfabric`. Not known where
 * character_open() was not called before, or found a file that cannot be opened, or where the child fails. */
void libfabric_read(const struct libfabric_options *options, struct inventory *inventory);

/* Try to open /dev/infiniband/uverbsN of every RDMA device (under `dev`, NULL: /dev) and close it again:
 * fills in `character` of each, and of the inventory, which counts EFA's. Never waits. */
void character_open(const char *dev, struct inventory *inventory);

/* Write one line a device to `out`; returns the exit status. */
int libfabric_probe(int out);

#endif
