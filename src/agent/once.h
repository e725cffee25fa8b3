/* SPDX-License-Identifier: Apache-2.0 */
/* `--once`: look, print what was found, exit. */
#ifndef AGENT_ONCE_H
#define AGENT_ONCE_H

#include "agent_options.h"

/* The report on standard output, messages on standard error. While devices may still be coming after boot it
 * looks again, at most until --settle is over. Returns the exit status: 0 good, 1 mismatch, 2 cannot tell. */
int agent_once(const struct agent_options *options);

#endif
