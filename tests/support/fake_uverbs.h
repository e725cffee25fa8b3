/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's side of /dev/infiniband/uverbs0, 1, ... of EFA devices, for libraries as they are.
 *
 * Defines the C library's calls by which libibverbs and libfabric reach those files (open, stat, access,
 * write, ioctl, ...), so it is either linked into a test (with -rdynamic) or preloaded as a shared object.
 * sysfs is a tree of the test's own, named by SYSFS_PATH. The environment says what there is:
 *
 *     FAKE_UVERBS=32               uverbs0 to uverbs31, and nothing else; unset: all calls pass by
 *     FAKE_UVERBS_FAIL="5,13 7,1"  opening uverbs5 fails with errno 13, uverbs7 with 1
 *     FAKE_UVERBS_DOWN="3 4"       port 1 of these is down
 *     FAKE_UVERBS_DELAY_MS=500     an open without O_NONBLOCK takes so long
 *     FAKE_UVERBS_HIDDEN=1         there is no /dev/infiniband
 *     FAKE_UVERBS_DEV=DIR/dev      the same below DIR/dev, for a program that is told to look there
 *
 * NETLINK_RDMA is refused, so that libibverbs reads sysfs whatever the machine has; ioctl() is answered with
 * ENOTTY, so that it speaks the write() interface, which no longer changes.
 *
 * Not for Go, whose system calls pass the C library by.
 *
 * Source: Linux, include/uapi/rdma/ib_user_verbs.h and efa-abi.h.
 */
#ifndef SUPPORT_FAKE_UVERBS_H
#define SUPPORT_FAKE_UVERBS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* What write() of a command to `device` returns, with errno: its answer is where the command says. */
ssize_t fake_uverbs_answer(unsigned device, bool is_down, const void *command, size_t length);

#endif
