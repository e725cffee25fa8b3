/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading the annotation <prefix>/status of a pod.
 *
 * Anybody who may write a pod may write it. So what the webhook would not have written is no status at all:
 * other JSON, another version, counts that no node has, words of other letters. Warnings that this version
 * does not know become one "other".
 *
 * Source: core/rule_status.c.
 */
#ifndef CORE_PROMISED_STATUS_H
#define CORE_PROMISED_STATUS_H

#include "core/error.h"
#include "core/expectation.h"

enum {
    PROMISED_BYTES_MAX = 256 * 1024, /* the API server's limit on all annotations together */
    PROMISED_CONTAINERS_MAX = 1000,
    PROMISED_WARNINGS_MAX = 100,
    PROMISED_WORD_BYTES_MAX = 63,
    PROMISED_DEVICES_MAX = 10000 /* of one container */
};

#define PROMISED_HUGEPAGES_BYTES_MAX (UINT64_C(1) << 50) /* of one container */

/*
 * Fill in has_status, result, instance_type, promised and the warnings of `pod`, texts in `arena`; all of
 * them stay as they are where there is no status to be read. False, and nothing changed, without memory.
 *
 * The sums count as the scheduler does: what runs at the same time is added up, and an init container with
 * what runs beside it counts where that is more.
 */
MUST_CHECK bool promised_status_read(struct text json, struct arena *arena, struct pod_promise *pod,
                                     struct error *err);

#endif
