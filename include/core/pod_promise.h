/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the pods of a node were promised: the annotation <prefix>/status, which the webhook wrote.
 *
 *     do {
 *         ...GET a page, from `next` on...
 *         if (!pod_promises_parse(page, prefix, &expectation, &next, err))
 *             return false;
 *     } while (next.length > 0);
 *
 * Source: core/rule_status.c; Kubernetes API v1 PodList, meta.k8s.io/v1 PartialObjectMetadataList.
 */
#ifndef CORE_POD_PROMISE_H
#define CORE_POD_PROMISE_H

#include "core/error.h"
#include "core/expectation.h"

enum {
    POD_PROMISES_MAX = 10000 /* pods of a node; a kubelet takes 110, and 737 at most on EKS */
};

/*
 * Add the pods of a PodList or a PartialObjectMetadataList to expectation->promises and ->pods; `prefix` is
 * the annotations' ("efa-injector.io"). `ret_next` is metadata.continue, in the expectation's arena: where
 * the next page begins; absent when this is the last. Texts are copied.
 *
 * Anybody who may write a pod may write a status: what the webhook would not have written is none
 * (has_status), whatever it looks like. Warnings that this version does not know become one "other".
 *
 * ERROR_REMOTE (ERROR_MEMORY), and nothing changed, where the bytes are no such list, or hold more than
 * POD_PROMISES_MAX with those that are there.
 */
MUST_CHECK bool pod_promises_parse(struct text json, struct text prefix, struct expectation *expectation,
                                   struct text *ret_next, struct error *err);

#endif
