/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the pods of a node were promised: the annotation <prefix>/status, which the webhook wrote.
 *
 * Source: core/rule_status.c; Kubernetes API v1 PodList, meta.k8s.io/v1 PartialObjectMetadataList.
 */
#ifndef CORE_POD_PROMISE_H
#define CORE_POD_PROMISE_H

#include "core/error.h"
#include "core/expectation.h"

/*
 * Read a PodList or a PartialObjectMetadataList into expectation->promises and ->pods; `prefix` is the
 * annotations' ("efa-injector.io"). ERROR_REMOTE, nothing changed, where the bytes are neither. A status that
 * cannot be read is none. Texts are copied.
 */
MUST_CHECK bool pod_promises_parse(struct text json, struct text prefix, struct expectation *expectation,
                                   struct error *err);

#endif
