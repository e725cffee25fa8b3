/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTPS exchanges over connections that are kept: libcurl, and nothing that knows Kubernetes.
 *
 * HTTP/1.1, TLS 1.2 or later, no redirects, no compression. A proxy only where the call says so.
 *
 * Errors: ERROR_REMOTE with what went wrong on the way; statuses are none. Header values, bodies and proxies
 * are never part of them.
 *
 * Thread: one at a time.
 */
#ifndef IO_KUBE_HTTP_H
#define IO_KUBE_HTTP_H

#include "core/error.h"
#include "core/text.h"

struct kube_http;

struct kube_http_call {
    const char *method;
    const char *url;            /* https://... */
    const char *connect_to;     /* "::host:port" where the connection goes; NULL: where the url says */
    const char *const *headers; /* "Name: value"; absent ones are NULL */
    size_t header_count;
    struct text body;            /* absent: none is sent */
    const char *proxy;           /* NULL: none, unless: */
    bool uses_environment_proxy; /* as HTTPS_PROXY and NO_PROXY say */
    bool skips_verification;
    struct text authority;      /* PEM; absent: what the system trusts */
    const char *authority_name; /* for messages */
    struct text certificate;    /* PEM; absent: none is shown */
    struct text key;
    int64_t until_ms;      /* by kube_http_now(); 0: no end */
    unsigned idle_seconds; /* without a byte; 0: any time */

    /* A line of the head, the status line among them; false ends the call. */
    bool (*take_line)(void *context, struct text line);
    /* Bytes of the body; false ends the call. */
    bool (*take_body)(void *context, struct text bytes);
    /* At least once a second; false ends the call. NULL: never. */
    bool (*tick)(void *context);
    void *context;
};

enum kube_http_end {
    KUBE_HTTP_DONE,    /* all of it came */
    KUBE_HTTP_REFUSED, /* take_line or take_body ended it */
    KUBE_HTTP_TICKED,  /* tick did */
    KUBE_HTTP_LATE,    /* `until_ms` came first */
};

/* NULL without memory. */
struct kube_http *kube_http_new(struct error *err);

MUST_CHECK bool kube_http_run(struct kube_http *http, const struct kube_http_call *call,
                              enum kube_http_end *ret_end, struct error *err);

/* Milliseconds of a clock that only goes forward. */
int64_t kube_http_now(void);

/* Seconds since 1970 of a date as HTTP writes it; -1 for none. */
int64_t kube_http_parse_date(const char *date);

void kube_http_free(struct kube_http **http);

#endif
