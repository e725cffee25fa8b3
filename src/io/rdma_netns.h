/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's answer to RDMA_NLDEV_CMD_SYS_GET, as rdma_netns_read() (io/verbs.h) asks for it.
 *
 * Source: Linux, include/uapi/rdma/rdma_netlink.h; rdma-system(8).
 */
#ifndef IO_RDMA_NETNS_H
#define IO_RDMA_NETNS_H

#include "core/inventory.h"

/* Whether RDMA devices belong to one network namespace each; unknown where the answer does not say. */
enum fact rdma_netns_parse(const void *bytes, size_t length);

#endif
