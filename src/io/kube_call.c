/* SPDX-License-Identifier: Apache-2.0 */
/* One request of a client: what is sent, what became of it, and the sentence where it failed. */
#include "io/clock.h"
#include "kube_answer.h"
#include "kube_client_new.h"
#include "kube_secret.h"

#include <assert.h>

enum {
    DEADLINE_SECONDS = 30,
    LIMIT_BYTES = 16 * 1024 * 1024,
    SHOWN_PATH_MAX = 90,
    UNAUTHORIZED = 401,
};

static const char *const methods[] = {
    [KUBE_GET] = "GET",     [KUBE_POST] = "POST",     [KUBE_PUT] = "PUT",
    [KUBE_PATCH] = "PATCH", [KUBE_DELETE] = "DELETE",
};

struct exchange {
    struct kube_client *client;
    const struct kube_request *request;
    const struct kube_stream *stream; /* NULL: the body is kept */
    struct kube_until until;
    unsigned deadline_seconds; /* 0: none */
    struct arena arena;        /* url and headers, which hold no secret */
    struct text secrets[KUBE_SECRETS_MAX];
    struct kube_answer answer;
    bool is_ticked;
};

static void exchange_release(struct exchange *exchange)
{
    arena_release(&exchange->arena);
    kube_answer_release(&exchange->answer);
}

static bool take_line(void *context, struct text line)
{
    struct exchange *exchange = context;

    return kube_answer_take_line(&exchange->answer, line);
}

static bool take_body(void *context, struct text bytes)
{
    struct exchange *exchange = context;

    return kube_answer_take_body(&exchange->answer, bytes);
}

static bool tick(void *context)
{
    struct exchange *exchange = context;

    return exchange->stream->tick(exchange->stream->context);
}

static const char *name_authority(const struct kube_config *config)
{
    if (config->authority.path != NULL)
        return config->authority.path;
    return config->authority.name != NULL && config->authority.data.at != NULL ? config->authority.name
                                                                               : "the system's authorities";
}

/* What the server knows us by. */
static const char *name_credential(const struct kube_config *config)
{
    if (config->plugin != NULL)
        return config->plugin->name;
    if (config->token.path != NULL)
        return config->token.path;
    if (config->token.data.at != NULL)
        return config->token.name;
    if (config->username != NULL)
        return "username and password";
    return config->certificate.name != NULL &&
                   (config->certificate.path != NULL || config->certificate.data.at != NULL)
               ? config->certificate.name
               : "no credential at all";
}

/* "Name: value"; NULL without memory. */
static const char *join_header(struct exchange *exchange, const char *name, const char *value)
{
    struct text parts[] = {text_of(name), text_of(value != NULL ? value : "application/json")};

    return arena_join(&exchange->arena, parts, COUNT_OF(parts)).at;
}

static struct text body_of(const struct kube_request *request)
{
    bool has_body = request->method != KUBE_GET && request->method != KUBE_DELETE;

    return request->body.at == NULL && has_body ? text_of("") : request->body;
}

static void answer_init(struct exchange *exchange)
{
    const struct kube_request *request = exchange->request;
    const struct kube_stream *stream = exchange->stream;

    kube_answer_release(&exchange->answer);
    exchange->answer.accept = request->accept != NULL ? request->accept : "application/json";
    exchange->answer.limit_bytes = request->limit_bytes;
    exchange->answer.secrets = exchange->secrets;
    exchange->answer.secret_count = kube_credential_secrets(&exchange->client->credential, exchange->secrets);
    if (stream == NULL && request->limit_bytes == 0)
        exchange->answer.limit_bytes = LIMIT_BYTES;
    if (stream != NULL) {
        exchange->answer.take = stream->take;
        exchange->answer.context = stream->context;
    }
}

/* Why no answer came, or not all of one. */
static bool refuse_end(struct exchange *exchange, enum http_client_end end, struct error *err)
{
    if (end == HTTP_CLIENT_LATE)
        return error_set(err, ERROR_REMOTE, "no whole answer came within %u s, but %zu bytes",
                         exchange->deadline_seconds, exchange->answer.body_bytes);
    return kube_answer_check(&exchange->answer, err);
}

static bool send_once(struct exchange *exchange, struct error *err)
{
    const struct kube_client *client = exchange->client;
    const struct kube_request *request = exchange->request;
    bool has_body = body_of(request).at != NULL;
    const char *headers[] = {
        join_header(exchange, "Accept: ", request->accept),
        has_body ? join_header(exchange, "Content-Type: ", request->content_type) : NULL,
        buffer_text(&client->credential.authorization).at,
        client->agent_line,
        client->host_line,
        "Expect:", /* libcurl would wait before it sends a large body */
    };
    struct http_client_call call = {
        .method = methods[request->method],
        .url = join_header(exchange, client->url, request->path),
        .connect_to = client->connect_to,
        .headers = headers,
        .header_count = COUNT_OF(headers),
        .body = body_of(request),
        .proxy = client->config.proxy,
        .uses_environment_proxy = client->uses_proxy,
        .skips_verification = client->config.skips_verification,
        .authority = kube_credential_authority(&client->credential),
        .authority_name = name_authority(&client->config),
        .certificate = kube_credential_certificate(&client->credential),
        .key = kube_credential_key(&client->credential),
        .until_ms = exchange->until.until_ms,
        .idle_seconds = request->idle_seconds,
        .take_line = take_line,
        .take_body = take_body,
        .tick = exchange->until.tick,
        .context = exchange,
    };
    enum http_client_end end;

    answer_init(exchange);
    if (headers[0] == NULL || call.url == NULL || (has_body && headers[1] == NULL))
        return error_memory(err);
    if (!http_client_run(exchange->client->http, &call, &end, err))
        return error_wrap(err, "%s", client->config.server);
    exchange->is_ticked = end == HTTP_CLIENT_TICKED;
    return exchange->is_ticked || refuse_end(exchange, end, err);
}

/* Once more where the server does not know us, and there is something else to show by now. */
static bool send_twice(struct exchange *exchange, struct error *err)
{
    struct kube_credential *credential = &exchange->client->credential;
    struct error refusal;
    bool is_other = false;

    if (!kube_credential_refresh(credential, &exchange->until, err))
        return exchange->is_ticked;
    if (send_once(exchange, err))
        return true;
    if (exchange->answer.status != UNAUTHORIZED)
        return false;
    if (!kube_credential_renew(credential, &exchange->until, &is_other, err))
        return exchange->is_ticked;
    if (is_other && send_once(exchange, err))
        return true;
    if (exchange->answer.status != UNAUTHORIZED)
        return false;
    refusal = *err;
    return error_set(err, ERROR_REMOTE, "%.90s; we showed %.90s", refusal.text,
                     name_credential(&exchange->client->config));
}

/* "GET /api/v1/nodes: ...", and no secret in it whatever the sentence quotes. */
static bool complete(struct exchange *exchange, struct error *err)
{
    struct text path = text_of(exchange->request->path);
    struct text secrets[KUBE_SECRETS_MAX];
    size_t count = kube_credential_secrets(&exchange->client->credential, secrets);

    path.length = strcspn(path.at, "?");
    for (size_t i = 0; i < count; i++)
        secret_hide(err->text, strlen(err->text), secrets[i]);
    return error_wrap(err, "%s %.*s", methods[exchange->request->method],
                      TEXT_ARGS_MAX(path, SHOWN_PATH_MAX));
}

static void until_init(struct exchange *exchange)
{
    const struct kube_stream *stream = exchange->stream;

    exchange->deadline_seconds = exchange->request->deadline_seconds;
    if (exchange->deadline_seconds == 0 && stream == NULL)
        exchange->deadline_seconds = DEADLINE_SECONDS;
    exchange->until = (struct kube_until){
        .until_ms =
            exchange->deadline_seconds > 0 ? clock_ms() + (int64_t)exchange->deadline_seconds * 1000 : 0,
        .tick = stream != NULL && stream->tick != NULL ? tick : NULL,
        .context = exchange,
        .ret_is_ticked = &exchange->is_ticked,
    };
}

static bool call(struct exchange *exchange, struct kube_response *ret_response, struct error *err)
{
    struct kube_answer *answer = &exchange->answer;
    struct error why = {0};
    bool is_ok;

    assert(exchange->request->path[0] == '/');
    until_init(exchange);
    is_ok = send_twice(exchange, &why) || complete(exchange, &why);
    if (!is_ok)
        *err = why;
    *ret_response = (struct kube_response){
        .status = answer->status,
        .retry_after_seconds = answer->retry_after_seconds,
    };
    if (is_ok && exchange->stream == NULL) {
        ret_response->body = answer->body;
        answer->body = (struct buffer){0};
    }
    return is_ok;
}

bool kube_call(struct kube_client *client, const struct kube_request *request,
               struct kube_response *ret_response, struct error *err)
{
    AUTO(exchange_release) struct exchange exchange = {.client = client, .request = request};

    return call(&exchange, ret_response, err);
}

bool kube_call_stream(struct kube_client *client, const struct kube_request *request,
                      const struct kube_stream *stream, struct kube_response *ret_response, struct error *err)
{
    AUTO(exchange_release)
    struct exchange exchange = {.client = client, .request = request, .stream = stream};

    return call(&exchange, ret_response, err);
}

void kube_response_release(struct kube_response *response)
{
    buffer_wipe(&response->body);
    *response = (struct kube_response){0};
}
