/* SPDX-License-Identifier: Apache-2.0 */
/* libmicrohttpd 0.9.75 to 1.x; it does its TLS with GnuTLS. */
#include "io/http_server.h"

#include "http_exchange.h"
#include "tls_store.h"

#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#if defined(MHD_VERSION) && MHD_VERSION < 0x00097500
#error "libmicrohttpd 0.9.75 or newer is needed"
#endif

enum {
    /* Room for the parsed header, and so for one piece of a body. */
    CONNECTION_MEMORY_BYTES = 32 * 1024,
};

struct http_server {
    struct http_server_options options;
    struct MHD_Daemon *daemon;
    struct tls_store identity; /* unused without TLS */
    atomic_uint in_flight;     /* between their headers and the end of their answers */
    atomic_bool closes_gently;
    bool has_tls;
    bool has_stopped_accepting;
};

static struct http_request request_of(struct MHD_Connection *connection, const char *method, const char *path)
{
    return (struct http_request){
        .method = method,
        .path = path,
        .content_type =
            MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_TYPE),
        .content_encoding =
            MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_ENCODING),
        .body = TEXT(""),
    };
}

static bool add_header(struct MHD_Response *response, const char *name, const char *value)
{
    return value == NULL || MHD_add_response_header(response, name, value) == MHD_YES;
}

static bool add_headers(const struct http_server *server, const struct http_answer *answer,
                        struct MHD_Response *response)
{
    char seconds[16] = "";

    (void)snprintf(seconds, sizeof(seconds), "%u", answer->retry_after_seconds);
    return add_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, answer->content_type) &&
           add_header(response, MHD_HTTP_HEADER_ALLOW, answer->allow) &&
           add_header(response, MHD_HTTP_HEADER_RETRY_AFTER,
                      answer->retry_after_seconds > 0 ? seconds : NULL) &&
           add_header(response, MHD_HTTP_HEADER_CONNECTION,
                      atomic_load(&server->closes_gently) ? "close" : NULL);
}

/* The response takes the answer's body. */
static struct MHD_Response *response_new(struct buffer *body)
{
    static char nothing[] = "";
    struct MHD_Response *response;

    if (body->at == NULL)
        return MHD_create_response_from_buffer(0, nothing, MHD_RESPMEM_PERSISTENT);
    response = MHD_create_response_from_buffer_with_free_callback(body->length, body->at, free);
    if (response == NULL)
        buffer_release(body);
    *body = (struct buffer){0};
    return response;
}

/* MHD_NO closes the connection, which is all that can be done without memory. */
static enum MHD_Result answer_send(const struct http_server *server, struct MHD_Connection *connection,
                                   const struct http_request *request, struct http_answer *answer)
{
    struct MHD_Response *response;
    enum MHD_Result result = MHD_NO;

    if (answer->body.failed) {
        buffer_release(&answer->body);
        *answer = http_refuse(&server->options.handlers, request, HTTP_NO_MEMORY);
    }
    response = response_new(&answer->body);
    if (response == NULL)
        return MHD_NO;
    if (answer->is_client_proven)
        (void)MHD_set_connection_option(connection, MHD_CONNECTION_OPTION_TIMEOUT,
                                        server->options.proven_idle_seconds);
    if (add_headers(server, answer, response))
        result = MHD_queue_response(connection, answer->status, response);
    MHD_destroy_response(response);
    return result;
}

/* The length that the client announced; 0 when it announced none (chunks, or no body). */
static uint64_t announced_length(struct MHD_Connection *connection)
{
    const char *header =
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
    uint64_t length = 0;

    return header != NULL && text_parse_unsigned(text_of(header), UINT64_MAX, &length) ? length : 0;
}

/* The headers are there. */
static enum MHD_Result request_begin(struct http_server *server, struct MHD_Connection *connection,
                                     const struct http_request *request, struct http_exchange *exchange)
{
    const struct http_server_options *options = &server->options;

    if (atomic_fetch_add(&server->in_flight, 1) >= options->in_flight_limit)
        exchange->answer = http_refuse(&options->handlers, request, HTTP_TOO_MANY_REQUESTS);
    if (http_exchange_begin(exchange, options, request, announced_length(connection)))
        return MHD_YES;
    return answer_send(server, connection, request, &exchange->answer);
}

/* Called once with the headers, once for each piece of the body, and once at the end. */
/* NOLINTNEXTLINE(readability-function-size): the library chose the parameters */
static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *path,
                                  const char *method, const char *version, const char *data,
                                  size_t *data_bytes, void **state)
{
    struct http_server *server = context;
    struct http_exchange *exchange = *state;
    struct http_request request = request_of(connection, method, path);
    struct text piece = {.at = data, .length = *data_bytes};

    (void)version;
    if (exchange == NULL) {
        exchange = calloc(1, sizeof(*exchange));
        if (exchange == NULL)
            return MHD_NO;
        *state = exchange;
        return request_begin(server, connection, &request, exchange);
    }
    if (piece.length > 0) {
        *data_bytes = 0;
        return http_exchange_receive(exchange, &server->options, &request, piece) ? MHD_YES : MHD_NO;
    }
    http_exchange_finish(exchange, &server->options, &request);
    return answer_send(server, connection, &request, &exchange->answer);
}

static void on_completed(void *context, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode code)
{
    struct http_server *server = context;
    struct http_exchange *exchange = *state;

    (void)connection;
    (void)code;
    if (exchange == NULL)
        return;
    http_exchange_free(exchange);
    *state = NULL;
    (void)atomic_fetch_sub(&server->in_flight, 1);
}

static void PRINTF_LIKE(2, 0) on_complaint(void *context, const char *format, va_list values)
{
    const struct http_handlers *handlers = context;
    char sentence[256];
    size_t length;

    (void)vsnprintf(sentence, sizeof(sentence), format, values);
    for (length = strlen(sentence); length > 0 && sentence[length - 1] == '\n'; length--)
        sentence[length - 1] = '\0';
    handlers->complain(handlers->context, sentence);
}

/* Paths are compared as sent: one name for one thing. */
static size_t keep_escapes(void *context, struct MHD_Connection *connection, char *path)
{
    (void)context;
    (void)connection;
    return strlen(path);
}

/*
 * A connection begins with the credentials of that moment and holds them until its end. The library was given
 * the first ones for good; its session, which it hands out by a documented call, is given ours before the
 * handshake. (MHD_OPTION_HTTPS_CERT_CALLBACK2 has no context: it would need a global, and could not tell when
 * a session has ended with a key.)
 */
static void on_connection(void *context, struct MHD_Connection *connection, void **state,
                          enum MHD_ConnectionNotificationCode code)
{
    struct http_server *server = context;
    const union MHD_ConnectionInfo *info;

    if (!server->has_tls)
        return;
    if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
        tls_store_give_back(&server->identity, *state);
        *state = NULL;
        return;
    }
    info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    if (info == NULL)
        return;
    *state = tls_store_take(&server->identity);
    tls_credentials_show(((struct tls_held *)*state)->credentials, info->tls_session);
}

static void daemon_start(struct http_server *server)
{
    const struct http_server_options *options = &server->options;
    bool has_tls = server->has_tls;
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC | MHD_USE_ERROR_LOG;
    void *certificate = (void *)(uintptr_t)options->certificate_pem;
    void *key = (void *)(uintptr_t)options->key_pem;
    const char *priorities = options->allows_tls_1_2 ? "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"
                                                     : "NORMAL:-VERS-ALL:+VERS-TLS1.3";
    struct MHD_OptionItem tls[] = {
        {MHD_OPTION_HTTPS_MEM_CERT, 0, certificate},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, key},
        {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)priorities},
        {MHD_OPTION_END, 0, NULL},
    };
    /* A pool of one is no pool to the library. */
    struct MHD_OptionItem pool[] = {
        {options->threads > 1 ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END, options->threads, NULL},
        {MHD_OPTION_END, 0, NULL},
    };
    struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};

    /* clang-format off */
    server->daemon = MHD_start_daemon(
        flags | (has_tls ? MHD_USE_TLS : 0u), 0, NULL, NULL, on_request, server,
        MHD_OPTION_EXTERNAL_LOGGER, on_complaint, &server->options.handlers,
        MHD_OPTION_LISTEN_SOCKET, options->listener,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, server,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, server,
        MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL,
        MHD_OPTION_CONNECTION_TIMEOUT, options->idle_seconds,
        MHD_OPTION_CONNECTION_LIMIT, options->connection_limit,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY_BYTES,
        MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_ARRAY, has_tls ? tls : none,
        MHD_OPTION_ARRAY, pool,
        MHD_OPTION_END);
    /* clang-format on */
}

static void server_free(struct http_server *server)
{
    tls_store_release(&server->identity);
    free(server);
}

static bool server_start(struct http_server *server, struct error *err)
{
    struct http_server_options *options = &server->options;

    if (server->has_tls &&
        !tls_store_put(&server->identity, text_of(options->certificate_pem), text_of(options->key_pem), err))
        return false;
    daemon_start(server);
    if (server->daemon == NULL)
        return error_set(err, ERROR_SYSTEM,
                         "the HTTP library cannot start: is the limit of processes or open files reached?");
    options->certificate_pem = NULL; /* the caller's, and perhaps gone from now on */
    options->key_pem = NULL;
    return true;
}

bool http_server_start(const struct http_server_options *options, struct http_server **ret_server,
                       struct error *err)
{
    struct http_server *server = calloc(1, sizeof(*server));

    if (server == NULL) {
        (void)close(options->listener);
        return error_memory(err);
    }
    server->options = *options;
    server->has_tls = options->certificate_pem != NULL;
    (void)pthread_mutex_init(&server->identity.mutex, NULL);
    if (!server_start(server, err)) {
        (void)close(options->listener);
        server_free(server);
        return false;
    }
    *ret_server = server;
    return true;
}

bool http_server_replace_certificate(struct http_server *server, struct text certificate_pem,
                                     struct text key_pem, struct error *err)
{
    return tls_store_put(&server->identity, certificate_pem, key_pem, err);
}

void http_server_close_gently(struct http_server *server)
{
    atomic_store(&server->closes_gently, true);
}

/*
 * A socket that nobody can reach takes the listener's number: the kernel closes the port and forgets it in
 * every epoll set at once. MHD_quiesce_daemon() is for this, but in 0.9.75 it races the pool's workers over
 * the removal and then ends the process ("Failed to remove listen FD from epoll set").
 */
void http_server_stop_accepting(struct http_server *server)
{
    int unreachable;

    if (server->has_stopped_accepting)
        return;
    server->has_stopped_accepting = true;
    unreachable = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (unreachable < 0)
        return; /* out of descriptors: the port closes with the daemon */
    (void)dup3(unreachable, server->options.listener, O_CLOEXEC);
    (void)close(unreachable);
}

unsigned http_server_in_flight(const struct http_server *server)
{
    return atomic_load(&server->in_flight);
}

unsigned http_server_connections(const struct http_server *server)
{
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS);

    return info != NULL ? info->num_connections : 0;
}

void http_server_stop(struct http_server *server)
{
    if (server == NULL)
        return;
    http_server_stop_accepting(server);
    MHD_stop_daemon(server->daemon); /* closes what has the listener's number */
    server_free(server);
}

const char *http_server_library(void)
{
    return MHD_get_version();
}
