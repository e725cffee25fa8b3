/* SPDX-License-Identifier: Apache-2.0 */
#include "io/libfabric.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

static void try_device(const char *dev, struct rdma_device *device)
{
    char path[PATH_MAX];
    int descriptor;

    device->character = CHARACTER_ABSENT;
    device->character_errno = 0;
    if (device->uverbs.length == 0)
        return;
    (void)snprintf(path, sizeof(path), "%s/infiniband/%.*s", dev, TEXT_ARGS(device->uverbs));
    descriptor = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
    if (descriptor >= 0) {
        (void)close(descriptor);
        device->character = CHARACTER_USABLE;
        return;
    }
    if (errno == ENOENT)
        return;
    device->character = CHARACTER_REFUSED;
    device->character_errno = errno;
}

void character_open(const char *dev, struct inventory *inventory)
{
    uint64_t usable = 0;

    for (size_t i = 0; i < inventory->device_count; i++) {
        struct rdma_device *device = &inventory->devices[i];

        try_device(dev != NULL ? dev : "/dev", device);
        if (device->is_efa && device->character == CHARACTER_USABLE)
            usable++;
    }
    inventory->character = reading_known(usable);
}
