/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was found, for people and programs: `efa-agent --once -o table|json`, and a node condition's message.
 *
 * The JSON is documented in README and stable: members are added, never renamed or removed. A count that
 * could not be had is null.
 */
#ifndef CORE_NODE_REPORT_H
#define CORE_NODE_REPORT_H

#include "core/buffer.h"
#include "core/findings.h"

struct node_report {
    const struct inventory *inventory;
    const struct expectation *expectation;
    const struct findings *findings;
};

void node_report_format_json(const struct node_report *report, struct buffer *buffer);
void node_report_format_table(const struct node_report *report, struct buffer *buffer);

/* The reason ("DevicePluginMissing", "DevicesMatch") and message (at most 1024 bytes) of condition EFAReady.
 */
struct text node_report_reason(const struct node_report *report);
void node_report_format_message(const struct node_report *report, struct buffer *buffer);

#endif
