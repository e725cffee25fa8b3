/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the handlers of a running webhook share.
 *
 * Built by serve.c before the servers start and unchanged while they run, but for the atomics.
 */
#ifndef WEBHOOK_SERVICE_H
#define WEBHOOK_SERVICE_H

#include "current.h"
#include "health.h"
#include "io/http_server.h"

struct service {
    struct current current; /* what decisions are made by */
    const char *path;       /* where reviews are posted to */
    struct health health;
    const struct http_server *https; /* NULL until it has started */
    atomic_bool is_draining;
};

#endif
