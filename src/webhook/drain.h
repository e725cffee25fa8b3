/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waiting for SIGTERM or SIGINT, and leaving without a failed call.
 *
 *     drain_block_signals();    before the first thread starts, so that all of them inherit it
 *     ...start the servers...
 *     drain_wait();
 *     drain(&service, server, delay_seconds);
 */
#ifndef WEBHOOK_DRAIN_H
#define WEBHOOK_DRAIN_H

#include "service.h"

/* Block the signals that end us, so that only drain_wait() sees them, and ignore SIGPIPE. */
void drain_block_signals(void);

/* Sleep until a signal comes; its name. */
const char *drain_wait(void);

/*
 * Unready and "Connection: close" on answers, wait, stop accepting, finish what is in flight (at most 30
 * seconds, the longest that an API server waits) and outlast idle connections (at most the delay once more).
 * A second signal cuts each of the waits short.
 */
void drain(struct service *service, struct http_server *server, unsigned delay_seconds);

#endif
