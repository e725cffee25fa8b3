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

/* One line of JSON, ended by a newline. Counts of huge pages are in pages, also what is expected of them. */
void node_report_format_json(const struct node_report *report, struct buffer *buffer);
void node_report_format_table(const struct node_report *report, struct buffer *buffer);

/*
 * The reason ("DevicePluginMissing", "DevicesMatch") and message of condition EFAReady. The message has at
 * most 1024 bytes, the worst findings first, and changes only when they do: free huge pages, say, are not in
 * it.
 */
struct text node_report_reason(const struct node_report *report);
void node_report_format_message(const struct node_report *report, struct buffer *buffer);

#endif
