/* SPDX-License-Identifier: Apache-2.0 */
/* The lines that a serving agent logs: one at the start, one a change, never one a look. */
#ifndef AGENT_LOG_H
#define AGENT_LOG_H

#include "agent_view.h"

/* Event "findings": health, counts, ids of findings, the message of the condition. */
void agent_log_findings(const struct agent_view *view);

/* Event "cluster": what the API server refused; ERROR_NONE: it answers again. */
void agent_log_cluster(const struct error *err);

/* An event of that name with an error of ours. */
void agent_log_failure(const char *event, const struct error *err);

#endif
