/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What libibverbs sees. Lists devices; never opens one, so it neither waits nor holds anything.
 *
 * It reads $SYSFS_PATH once a process. Where it reads sysfs, for want of RDMA's netlink, it knows devices by
 * their PCI ids, and leaves out those of a generation that is newer than itself. A list that is empty and a
 * kernel without RDMA (ENOSYS) are both 0.
 *
 * Source: rdma-core, ibv_get_device_list(3).
 */
#ifndef IO_VERBS_H
#define IO_VERBS_H

#include "core/inventory.h"

/* Fill in `verbs`, `verbs_version` and each device's `is_in_verbs`; devices that sysfs did not show are
 * counted where they are EFA's by name or PCI id. */
void verbs_read(struct inventory *inventory);

/* Fill in kernel.is_rdma_exclusive, by netlink; unknown where the kernel does not say. */
void rdma_netns_read(struct inventory *inventory);

#endif
