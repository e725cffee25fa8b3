/* SPDX-License-Identifier: Apache-2.0 */
/* Without `--once`: look again and again, report, serve probes and metrics, until SIGTERM or SIGINT. */
#ifndef AGENT_SERVE_H
#define AGENT_SERVE_H

#include "agent_options.h"

/* Returns the exit status. */
int agent_serve(const struct agent_options *options);

#endif
