/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a Node object: what the kubelet offers on it.
 *
 * Source: Kubernetes API v1 Node; well-known labels.
 */
#ifndef CORE_NODE_STATUS_H
#define CORE_NODE_STATUS_H

#include "core/error.h"
#include "core/expectation.h"

/*
 * Read a Node into expectation->status and ->node. A resource that is not there is not known, with the reason
 * ("the Node has no vpc.amazonaws.com/efa"); one of zero is known. Texts are copied.
 *
 * ERROR_REMOTE (ERROR_MEMORY), and nothing changed, where the bytes are no Node; the caller says so by
 * reading_missed().
 */
MUST_CHECK bool node_status_parse(struct text json, struct expectation *expectation, struct error *err);

#endif
