/* SPDX-License-Identifier: Apache-2.0 */
/* The plain port of a serving agent: /healthz, /readyz and /metrics, for kubelet and Prometheus. */
#ifndef AGENT_PROBES_H
#define AGENT_PROBES_H

#include "board.h"
#include "io/plain_port.h"

struct agent_probes {
    const struct agent_setup *setup;
    struct board *board;
};

/* The port borrows the probes. */
struct plain_port_options agent_probes_options(struct agent_probes *probes);

#endif
