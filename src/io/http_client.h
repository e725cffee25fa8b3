/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP exchanges, with TLS or without, over connections that are kept: libcurl, and nothing that knows
 * Kubernetes.
 *
 * HTTP/1.1, TLS 1.2 or later, no redirects, no compression. A proxy only where the call says so.
 *
 * Errors: ERROR_REMOTE with what went wrong on the way; statuses are none. Header values, bodies and proxies
 * are never part of them.
 *
 * Thread: one at a time.
 */
#ifndef IO_HTTP_CLIENT_H
#define IO_HTTP_CLIENT_H

#include "core/error.h"
#include "core/text.h"

struct http_client;

struct http_client_call {
    const char *method;
    const char *url;            /* https://... or http://... */
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
    int64_t until_ms;      /* by clock_ms(); 0: no end */
    unsigned idle_seconds; /* without a byte; 0: any time */

    /* A line of the head, the status line among them; false ends the call. */
    bool (*take_line)(void *context, struct text line);
    /* Bytes of the body; false ends the call. */
    bool (*take_body)(void *context, struct text bytes);
    /* At least once a second; false ends the call. NULL: never. */
    bool (*tick)(void *context);
    void *context;
};

enum http_client_end {
    HTTP_CLIENT_DONE,    /* all of it came */
    HTTP_CLIENT_REFUSED, /* take_line or take_body ended it */
    HTTP_CLIENT_TICKED,  /* tick did */
    HTTP_CLIENT_LATE,    /* `until_ms` came first */
};

/* NULL without memory. */
struct http_client *http_client_new(struct error *err);

MUST_CHECK bool http_client_run(struct http_client *http, const struct http_client_call *call,
                                enum http_client_end *ret_end, struct error *err);

/* Whether the last call got as far as a connection over which to ask. */
bool http_client_is_connected(const struct http_client *http);

/* Seconds since 1970 of a date as HTTP writes it; -1 for none. */
int64_t http_client_parse_date(const char *date);

/* The number in a status line, "HTTP/1.1 200 OK"; 0 for none. */
unsigned http_client_parse_status(struct text line);

void http_client_free(struct http_client **http);

#endif
