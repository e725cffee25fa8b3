/* SPDX-License-Identifier: Apache-2.0 */
/* Serving: load, start, wait for a signal, drain. */
#ifndef WEBHOOK_SERVE_H
#define WEBHOOK_SERVE_H

#include "options.h"

/* Runs until SIGTERM or SIGINT; returns the exit status. `began_nanoseconds` (CLOCK_MONOTONIC) is when the
 * program began, for the log. */
int serve(const struct options *options, uint64_t began_nanoseconds);

#endif
