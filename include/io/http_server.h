/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An HTTP/1.1 server, with TLS or without: one listening socket, some threads, three handlers.
 *
 *     struct http_server *server;
 *     if (!http_server_start(&options, &server, err))
 *         ...
 *     http_server_close_gently(server);      answers carry "Connection: close" from now on
 *     http_server_stop_accepting(server);
 *     http_server_stop(server);
 *
 * A request whose body is longer than the limit, or that comes when too many are in work, is refused by the
 * server with a status and text that the `refuse` handler chooses. Where an answer is known before the body
 * was read, a small body is passed over first, so that the connection lives on; a large one is not, and the
 * connection is closed behind the answer.
 *
 * Time-outs are of inactivity: a short one until a client has proved itself by an answer with
 * `is_client_proven`, a long one afterwards.
 *
 * Thread: handlers are called from several threads at once.
 */
#ifndef IO_HTTP_SERVER_H
#define IO_HTTP_SERVER_H

#include "core/buffer.h"
#include "core/error.h"

struct http_server;

struct http_request {
    const char *method;
    const char *path;             /* as sent, without the query; percent signs are not decoded */
    const char *content_type;     /* NULL when there is none */
    const char *content_encoding; /* NULL when there is none */
    struct text body;             /* empty until all of it is there */
};

struct http_answer {
    unsigned status;          /* 0: none yet */
    const char *content_type; /* a literal */
    const char *allow;        /* header Allow; NULL: none */
    unsigned retry_after_seconds;
    struct buffer body;
    bool is_client_proven; /* grant this connection the long idle time-out */
};

/* One sentence and a newline, as plain text. */
void http_answer_sentence(struct http_answer *answer, unsigned status, const char *sentence);

enum http_refusal {
    HTTP_BODY_TOO_LONG,
    HTTP_TOO_MANY_REQUESTS,
    HTTP_NO_MEMORY,
};

struct http_handlers {
    /* The headers are there: set a status to answer without looking at the body. */
    void (*begin)(void *context, const struct http_request *request, struct http_answer *answer);
    /* All of the request is there: answer it. */
    void (*answer)(void *context, const struct http_request *request, struct http_answer *answer);
    /* The server will not take it: say so. */
    void (*refuse)(void *context, const struct http_request *request, enum http_refusal refusal,
                   struct http_answer *answer);
    /* The library has something to say that no request is answered with (a failed handshake); one line. */
    void (*complain)(void *context, const char *sentence);
    void *context;
};

struct http_server_options {
    int listener;                /* a listening, non-blocking socket; taken, also on failure */
    const char *certificate_pem; /* with chain; NULL: plain HTTP. Both are copied */
    const char *key_pem;
    bool allows_tls_1_2; /* beside TLS 1.3 */
    unsigned threads;
    size_t body_limit_bytes;
    unsigned in_flight_limit;
    unsigned connection_limit;
    unsigned idle_seconds;        /* of a connection that has not proved itself */
    unsigned proven_idle_seconds; /* of one that has */
    struct http_handlers handlers;
};

MUST_CHECK bool http_server_start(const struct http_server_options *options, struct http_server **ret_server,
                                  struct error *err);

/* Show another certificate and key to connections that come from now on; the others live on with theirs.
 * ERROR_INPUT when the two cannot be used: then nothing changes. Only with TLS. */
MUST_CHECK bool http_server_replace_certificate(struct http_server *server, struct text certificate_pem,
                                                struct text key_pem, struct error *err);

/* From now on each answer closes its connection. */
void http_server_close_gently(struct http_server *server);

/* Take no new connections; those that are there go on. */
void http_server_stop_accepting(struct http_server *server);

/* Requests in work: from their headers to the last byte of the answer. */
unsigned http_server_in_flight(const struct http_server *server);

/* Connections that are open, idle ones included. */
unsigned http_server_connections(const struct http_server *server);

/* Close what is open, end the threads and free the server. NULL does nothing. */
void http_server_stop(struct http_server *server);

/* The library and its version, for the build information. */
const char *http_server_library(void);

#endif
