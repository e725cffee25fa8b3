/* SPDX-License-Identifier: Apache-2.0 */
/* One request of a reporter, and what its failure means for the others. */
#ifndef AGENT_REPORTER_SEND_H
#define AGENT_REPORTER_SEND_H

#include "io/kube_client.h"

enum reporter_answer {
    REPORTER_DONE,
    REPORTER_REFUSED, /* this request, for what it asks: others may do better */
    REPORTER_AWAY,    /* no answer, or none for anybody: what else there is can wait */
};

struct reporter_request {
    enum kube_method method;
    const char *content_type;
    struct buffer path;
    struct buffer body;
    struct kube_response response;
};

#define REPORTER_FIELD_MANAGER "efa-agent"

/* The whole answer is wanted for KUBE_GET alone; of what was written little comes back. */
MUST_CHECK enum reporter_answer reporter_send(struct kube_client *client, struct reporter_request *request,
                                              struct error *err);

void reporter_request_release(struct reporter_request *request);

#endif
