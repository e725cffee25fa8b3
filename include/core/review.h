/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An AdmissionReview request, read off the bytes that the API server sent.
 *
 * Accepted: admission.k8s.io/v1 with a request.uid. Anything else is ERROR_INPUT with a sentence.
 * The object is read as a Pod only where the request is a CREATE of pods.
 *
 * Source: k8s.io/api/admission/v1.
 */
#ifndef CORE_REVIEW_H
#define CORE_REVIEW_H

#include "core/buffer.h"
#include "core/pod.h"

struct review {
    struct text uid;
    struct text operation;
    struct text namespace;
    struct text resource;     /* "pods" */
    struct text group;        /* its API group; empty for the core group */
    struct text sub_resource; /* absent or empty for the pod itself */
    bool is_dry_run;
    bool has_pod;       /* CREATE of pods, object read */
    struct text object; /* the object's bytes */
    struct pod pod;
    struct json_spans spans; /* of the object, for patch_check() */
};

MUST_CHECK bool review_read(struct text body, struct arena *arena, struct review *ret_review,
                            struct error *err);

/*
 * The review that the API server would send for the creation of this pod (JSON), for offline answers: the uid
 * is all zeros. `namespace` is the pod's own; absent or empty: "default".
 */
void review_wrap(struct text pod, struct text namespace, struct buffer *buffer);

#endif
