/* SPDX-License-Identifier: Apache-2.0 */
/* Reports on a node that never was, for tests of what is told of it. */
#ifndef SUPPORT_REPORT_MAKER_H
#define SUPPORT_REPORT_MAKER_H

#include "core/node_report.h"
#include "io/kube_client.h"

/* Of the finding table; NULL where there is no such id. */
const struct finding_kind *report_kind(const char *id);

/*
 * Read a Node from an API server into an expectation, whose texts go to its arena. Where that fails it is not
 * known, and why is in `err`.
 */
bool report_read_node(struct kube_client *client, const char *name, struct expectation *expectation,
                      struct error *err);

#endif
