/* SPDX-License-Identifier: Apache-2.0 */
/* What a client is made of, and one of a configuration that was read already. */
#ifndef IO_KUBE_CLIENT_NEW_H
#define IO_KUBE_CLIENT_NEW_H

#include "http_client.h"
#include "kube_config.h"
#include "kube_credential.h"

struct kube_client {
    struct kube_config config;
    struct kube_credential credential;
    struct http_client *http;
    struct arena texts;     /* the four below */
    const char *url;        /* what comes before a path */
    const char *connect_to; /* NULL where the url says it */
    const char *host_line;  /* NULL where the url says it */
    const char *agent_line;
    bool uses_proxy;
};

/* Takes the configuration, also when it fails; of the options user_agent and uses_proxy count. */
MUST_CHECK bool kube_client_new(struct kube_config *config, const struct kube_client_options *options,
                                struct kube_client **ret_client, struct error *err);

#endif
