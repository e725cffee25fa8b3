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
 * Read a Node into expectation->status and ->node. False with ERROR_REMOTE, nothing changed, where the bytes
 * are no Node; the caller says so by reading_missed(). Texts are copied.
 */
MUST_CHECK bool node_status_parse(struct text json, struct expectation *expectation, struct error *err);

#endif
