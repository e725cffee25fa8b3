/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client of the Kubernetes API: one request at a time, from one thread.
 *
 *     AUTO(kube_client_close) struct kube_client *client = NULL;
 *     AUTO(kube_response_release) struct kube_response response = {0};
 *     struct kube_request request = {.method = KUBE_GET, .path = "/api/v1/nodes/a"};
 *     if (!kube_client_open(&options, &client, err) || !kube_call(client, &request, &response, err))
 *         ...
 *
 * Where the server is and who we are comes from a kubeconfig, or from the service account of the pod that we
 * run in. Token and CA files are read again when they change; an exec plugin is asked again when its
 * credential expires or the server answers 401. Redirects are not followed, proxies are used only where
 * `uses_proxy` asks for it or the kubeconfig names one, TLS is 1.2 or later.
 *
 * Errors: ERROR_INPUT, a configuration that cannot be used (with file and field); ERROR_REMOTE, a server that
 * cannot be reached or that refuses, in its own words ("GET /api/v1/nodes: 403: nodes is forbidden: ...").
 * No token, key or credential is ever part of an error.
 *
 * Source: Kubernetes API conventions; client.authentication.k8s.io/v1; kubeconfig v1.
 */
#ifndef IO_KUBE_CLIENT_H
#define IO_KUBE_CLIENT_H

#include "core/buffer.h"
#include "core/error.h"

struct kube_client;

struct kube_client_options {
    const char *kubeconfig; /* NULL: the pod's service account, else $KUBECONFIG, else ~/.kube/config */
    const char *context;    /* NULL: the kubeconfig's current-context */
    const char *user_agent;
    bool uses_proxy; /* honour HTTPS_PROXY and NO_PROXY */
};

enum kube_method {
    KUBE_GET,
    KUBE_POST,  /* create */
    KUBE_PUT,   /* update */
    KUBE_PATCH, /* with one of the patch content types */
    KUBE_DELETE,
};

struct kube_request {
    enum kube_method method;
    const char *path;         /* with its query, from the root: "/api/v1/nodes?limit=500" */
    const char *content_type; /* of the body; NULL: application/json. For server-side apply:
                                 application/apply-patch+yaml */
    const char *accept;       /* NULL: application/json */
    struct text body;
    unsigned deadline_seconds; /* for all of it; 0: 30, and none for a stream */
    unsigned idle_seconds;     /* a stream that says nothing for this long has failed; 0: never */
    size_t limit_bytes;        /* of the response's body; 0: 16 MiB, and none for a stream */
};

struct kube_response {
    unsigned status;              /* 0: none came */
    unsigned retry_after_seconds; /* 0: not given */
    struct buffer body;           /* empty for a stream */
};

/* What a stream calls while it runs. */
struct kube_stream {
    /* Bytes of a 2xx body, in order; false with `err` set ends the stream. */
    bool (*take)(void *context, struct text bytes, struct error *err);
    /* At least once a second, also while connecting; false ends the stream. NULL: never ended so. */
    bool (*tick)(void *context);
    void *context;
};

/* Read the configuration; nothing is sent yet. */
MUST_CHECK bool kube_client_open(const struct kube_client_options *options, struct kube_client **ret_client,
                                 struct error *err);

/* "https://host:port", for messages. */
const char *kube_client_server(const struct kube_client *client);

/* The namespace of the service account or context; NULL where none is named. */
const char *kube_client_namespace(const struct kube_client *client);

/*
 * Do one request. True for a status of 2xx. Otherwise false and ERROR_REMOTE; `ret_response` holds the status
 * where one came (0 otherwise), so that 404, 409, 410 and 429 can be told apart. Release it in either case.
 */
MUST_CHECK bool kube_call(struct kube_client *client, const struct kube_request *request,
                          struct kube_response *ret_response, struct error *err);

/*
 * Do one request whose body is handed on as it comes (a list's pages, a watch). True when the server ended
 * the body or `tick` ended the stream.
 */
MUST_CHECK bool kube_call_stream(struct kube_client *client, const struct kube_request *request,
                                 const struct kube_stream *stream, struct kube_response *ret_response,
                                 struct error *err);

void kube_response_release(struct kube_response *response);

void kube_client_close(struct kube_client **client);

#endif
