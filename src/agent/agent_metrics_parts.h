/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of agent_metrics.c. */
#ifndef AGENT_METRICS_PARTS_H
#define AGENT_METRICS_PARTS_H

#include "agent_view.h"
#include "core/prometheus.h"

/* What the node has. */
void agent_metrics_devices(struct prometheus *out, const struct inventory *inventory);
void agent_metrics_counters(struct prometheus *out, const struct node_roots *roots);
void agent_metrics_hugepages(struct prometheus *out, const struct inventory *inventory);
void agent_metrics_accelerators(struct prometheus *out, const struct inventory *inventory);
void agent_metrics_instance(struct prometheus *out, const struct agent_view *view);

/* What it should have, and what is made of it. */
void agent_metrics_expected(struct prometheus *out, const struct expectation *expectation);
void agent_metrics_findings(struct prometheus *out, const struct findings *findings);
void agent_metrics_pods(struct prometheus *out, const struct expectation *expectation);

#endif
