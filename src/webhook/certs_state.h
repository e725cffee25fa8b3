/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the cluster holds of the webhook's certificates, read in one pass: two Secrets and the
 * MutatingWebhookConfiguration.
 *
 * Owns: every text of it; keys are wiped when it is released.
 */
#ifndef WEBHOOK_CERTS_STATE_H
#define WEBHOOK_CERTS_STATE_H

#include "core/pem.h"
#include "core/rotation.h"
#include "core/secret.h"
#include "core/webhook_configuration.h"
#include "io/kube_client.h"
#include "options.h"

enum {
    CERTS_HOST_BYTES = 256
};

/* Keys of the Secrets, and the annotation of all three objects. Both keys of the leaf's are Kubernetes'. */
#define CERTS_CA_CERTIFICATE "ca.crt"
#define CERTS_CA_KEY "ca.key"
#define CERTS_PREVIOUS_CERTIFICATE "previous.crt"
#define CERTS_PREVIOUS_KEY "previous.key"
#define CERTS_TLS_CERTIFICATE "tls.crt"
#define CERTS_TLS_KEY "tls.key"
#define CERTS_CHANGED_AT "efa-injector.io/changed-at"

/* Where to look and whom the certificate is for. */
struct certs_target {
    struct kube_client *client;
    const struct options *options;
    const char *namespace;
    char host[CERTS_HOST_BYTES]; /* "efa-webhook.efa-injector.svc" */
};

struct certs_state {
    struct arena arena;
    struct kube_response bodies[3];
    bool has_leaf;
    bool has_authority;
    bool has_configuration;
    struct secret leaf;
    struct secret authority;
    struct webhook_configuration configuration;
    struct pem_block authorities[ROTATION_AUTHORITIES_LIMIT]; /* as the facts number them */
    size_t authority_count;
    struct text keys[ROTATION_AUTHORITIES_LIMIT]; /* of those that can sign */
    struct text leaf_certificate;
    struct text leaf_key;
    struct text leaf_authority; /* ca.crt beside it */
    struct rotation_facts facts;
};

/*
 * Read all of it. ERROR_INPUT where an object is another program's, or its webhook calls something else than
 * our Service; ERROR_REMOTE where the API server cannot be asked. What does not exist is no error.
 */
MUST_CHECK bool certs_state_load(const struct certs_target *target, int64_t now_seconds,
                                 struct certs_state *state, struct error *err);

void certs_state_release(struct certs_state *state);

#endif
