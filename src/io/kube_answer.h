/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An answer of the API server as it comes in: its head, then its body or the reason why it refuses.
 *
 * Of a 2xx the body is handed on, or kept up to a limit; of anything else the beginning is kept, for the
 * message of the metav1.Status in it.
 */
#ifndef IO_KUBE_ANSWER_H
#define IO_KUBE_ANSWER_H

#include "core/buffer.h"
#include "core/error.h"

struct kube_answer {
    /* What was asked for. */
    const char *accept;
    size_t limit_bytes;                                                /* of the body; 0: any */
    bool (*take)(void *context, struct text bytes, struct error *err); /* NULL: keep it */
    void *context;
    const struct text *secrets; /* that no sentence may hold */
    size_t secret_count;

    /* What came. */
    unsigned status; /* 0: nothing yet */
    unsigned retry_after_seconds;
    char media_type[80]; /* as sent, without parameters */
    char location[512];  /* of a redirect */
    size_t body_bytes;
    struct buffer body; /* kept; holds secrets */
    bool is_ended;      /* by us: `err` says why, unless all that was wanted has come */
    struct error err;
};

/* For http_client_call: false when the rest is not wanted. */
bool kube_answer_take_line(struct kube_answer *answer, struct text line);
bool kube_answer_take_body(struct kube_answer *answer, struct text bytes);

/* True for a 2xx of a type that was asked for, with nothing wrong; else one sentence. */
MUST_CHECK bool kube_answer_check(struct kube_answer *answer, struct error *err);

void kube_answer_release(struct kube_answer *answer);

#endif
