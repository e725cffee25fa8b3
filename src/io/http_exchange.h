/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One request and its answer, from the headers to the end: what the handlers are asked, and which bodies are
 * kept, refused or passed over. Knows nothing of the library that carries the bytes.
 */
#ifndef IO_HTTP_EXCHANGE_H
#define IO_HTTP_EXCHANGE_H

#include "io/http_server.h"

struct http_exchange {
    struct http_answer answer; /* a status of 0: none yet */
    struct buffer body;
    size_t discarded_bytes;
};

/* What the handlers say to a refusal. */
struct http_answer http_refuse(const struct http_handlers *handlers, const struct http_request *request,
                               enum http_refusal refusal);

/* The headers are there, with a body of `length` (0: unknown or none). False when the answer is known and the
 * body is too long to be passed over: answer at once. */
MUST_CHECK bool http_exchange_begin(struct http_exchange *exchange, const struct http_server_options *options,
                                    const struct http_request *request, uint64_t length);

/* A piece of the body; false when the client has sent too much of what nobody wants. */
MUST_CHECK bool http_exchange_receive(struct http_exchange *exchange,
                                      const struct http_server_options *options,
                                      const struct http_request *request, struct text piece);

/* All of it is there: now there is an answer. Lends the body to the request. */
void http_exchange_finish(struct http_exchange *exchange, const struct http_server_options *options,
                          struct http_request *request);

void http_exchange_free(struct http_exchange *exchange);

#endif
