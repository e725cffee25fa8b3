/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The metrics of a serving agent, as text for Prometheus.
 *
 * hw_counters are read from sysfs when the text is asked for. Labels are bounded: by the table of findings,
 * the table of warnings and what the node has.
 */
#ifndef AGENT_METRICS_H
#define AGENT_METRICS_H

#include "board.h"

/* `view` is NULL before the first look. */
void agent_metrics_format(const struct agent_setup *setup, const struct agent_view *view,
                          const struct board_facts *facts, struct buffer *buffer);

#endif
