/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A port of plain HTTP for probes and metrics: GET and HEAD of a few paths, and a sentence for all else.
 *
 *     static const struct plain_route routes[] = {{"/healthz", answer_health}, {"/metrics", answer_metrics}};
 *     struct plain_port port = {0};
 *     if (!plain_port_start(&options, &port, err))
 *         ...
 *     plain_port_stop(&port);
 *
 * Thread: routes are called from one thread of the port's, one after the other.
 */
#ifndef IO_PLAIN_PORT_H
#define IO_PLAIN_PORT_H

#include "io/http_server.h"
#include "io/listener.h"

struct plain_route {
    const char *path;
    void (*answer)(void *context, struct http_answer *answer);
};

struct plain_port_options {
    const char *listen;               /* "ADDR:PORT" */
    const struct plain_route *routes; /* kept */
    size_t route_count;
    /* Every answer's status, refusals too; NULL: nobody counts. */
    void (*count)(void *context, unsigned status);
    /* As struct http_handlers has it. */
    void (*complain)(void *context, const char *sentence);
    void *context; /* of all of them */
};

/* Do not move it while it runs. */
struct plain_port {
    struct plain_port_options options;
    struct listener listener;
    struct http_server *server;
};

/* One check of /readyz: write what there is to say, and whether it is well. */
struct plain_check {
    const char *name;
    bool (*run)(const void *context, char *detail, size_t size);
};

enum {
    PLAIN_DETAIL_BYTES = 640,
    PLAIN_PORT_CONNECTIONS = 64, /* at once */
};

/* On failure nothing runs. */
MUST_CHECK bool plain_port_start(const struct plain_port_options *options, struct plain_port *port,
                                 struct error *err);

/* One that never started is fine. */
void plain_port_stop(struct plain_port *port);

/* The checks as JSON; false when one of them fails. */
bool plain_checks_format(const struct plain_check *checks, size_t count, const void *context,
                         struct buffer *buffer);

#endif
