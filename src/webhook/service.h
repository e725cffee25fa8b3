/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the handlers of a running webhook share.
 *
 * Built by serve.c before the servers start and unchanged while they run, but for the atomics.
 */
#ifndef WEBHOOK_SERVICE_H
#define WEBHOOK_SERVICE_H

#include "core/target.h"
#include "io/http_server.h"

#include <stdatomic.h>

enum {
    ARENAS_LIMIT = 64
};

/* An arena that a review borrows while it is decided on; there are as many as threads. */
struct arena_slot {
    struct arena arena;
    atomic_bool is_taken;
};

struct service {
    const struct snapshot *snapshot;
    const char *path; /* where reviews are posted to */
    int64_t certificate_until_seconds;
    const struct http_server *https; /* NULL until it has started */
    atomic_bool is_draining;
    struct arena_slot arenas[ARENAS_LIMIT];
};

#endif
