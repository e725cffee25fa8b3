/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole of a webhook call: AdmissionReview bytes in, AdmissionReview bytes out.
 *
 *     struct admission admission = {0};
 *     if (!admission_answer(body, &snapshot, &arena, &admission, err))
 *         ...an HTTP error by err->kind; never an answer with `allowed` left false
 *     send(admission.response)
 *
 * ERROR_INPUT: not JSON, no review, no uid. ERROR_SYSTEM: the patch does not fit the pod (our mistake).
 * ERROR_MEMORY.
 *
 * Source: k8s.io/api/admission/v1.
 */
#ifndef CORE_ADMISSION_H
#define CORE_ADMISSION_H

#include "core/decide.h"
#include "core/patch.h"
#include "core/review.h"

struct admission {
    struct buffer response; /* the caller releases or takes it */
    struct review review;   /* borrowed from the body and the arena, for the log line */
    struct decision decision;
    size_t operation_count;
};

MUST_CHECK bool admission_answer(struct text body, const struct snapshot *snapshot, struct arena *arena,
                                 struct admission *ret_admission, struct error *err);

/* The response object for a decision and its patch (JSON Patch text; absent for none), into `buffer`. */
void admission_format(const struct review *review, const struct decision *decision, const struct patch *patch,
                      struct buffer *buffer);

#endif
