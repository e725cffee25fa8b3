/* SPDX-License-Identifier: Apache-2.0 */
#include "http_exchange.h"

#include <stdlib.h>

enum {
    /* A body of an answered request that is read and dropped, so that its connection can live on. */
    DISCARD_LIMIT_BYTES = 64 * 1024,
};

void http_answer_sentence(struct http_answer *answer, unsigned status, const char *sentence)
{
    answer->status = status;
    answer->content_type = "text/plain; charset=utf-8";
    buffer_add_string(&answer->body, sentence);
    buffer_add_char(&answer->body, '\n');
}

struct http_answer http_refuse(const struct http_handlers *handlers, const struct http_request *request,
                               enum http_refusal refusal)
{
    struct http_answer answer = {0};

    handlers->refuse(handlers->context, request, refusal, &answer);
    return answer;
}

static void exchange_refuse(struct http_exchange *exchange, const struct http_server_options *options,
                            const struct http_request *request, enum http_refusal refusal)
{
    buffer_release(&exchange->body);
    exchange->answer = http_refuse(&options->handlers, request, refusal);
}

bool http_exchange_begin(struct http_exchange *exchange, const struct http_server_options *options,
                         const struct http_request *request, uint64_t length)
{
    if (exchange->answer.status == 0)
        options->handlers.begin(options->handlers.context, request, &exchange->answer);
    if (exchange->answer.status == 0 && length > options->body_limit_bytes)
        exchange_refuse(exchange, options, request, HTTP_BODY_TOO_LONG);
    if (exchange->answer.status == 0 && length > 0 && buffer_reserve(&exchange->body, (size_t)length) == NULL)
        exchange_refuse(exchange, options, request, HTTP_NO_MEMORY);
    return exchange->answer.status == 0 || length <= DISCARD_LIMIT_BYTES;
}

/* The library takes no answer in its midst, so a refused body is dropped up to as much again as a good one
 * may have. */
bool http_exchange_receive(struct http_exchange *exchange, const struct http_server_options *options,
                           const struct http_request *request, struct text piece)
{
    size_t limit = options->body_limit_bytes;

    if (exchange->answer.status != 0) {
        exchange->discarded_bytes += piece.length;
        return exchange->discarded_bytes <= limit + DISCARD_LIMIT_BYTES;
    }
    if (exchange->body.length + piece.length > limit) {
        exchange_refuse(exchange, options, request, HTTP_BODY_TOO_LONG);
        return true;
    }
    buffer_add(&exchange->body, piece);
    if (exchange->body.failed)
        exchange_refuse(exchange, options, request, HTTP_NO_MEMORY);
    return true;
}

void http_exchange_finish(struct http_exchange *exchange, const struct http_server_options *options,
                          struct http_request *request)
{
    if (exchange->answer.status != 0)
        return;
    if (exchange->body.at != NULL)
        request->body = buffer_text(&exchange->body);
    options->handlers.answer(options->handlers.context, request, &exchange->answer);
    request->body = (struct text)TEXT("");
    buffer_release(&exchange->body);
}

void http_exchange_free(struct http_exchange *exchange)
{
    buffer_release(&exchange->body);
    buffer_release(&exchange->answer.body);
    free(exchange);
}
