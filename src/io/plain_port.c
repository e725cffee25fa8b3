/* SPDX-License-Identifier: Apache-2.0 */
#include "io/plain_port.h"

#include <unistd.h>

enum {
    BODY_LIMIT_BYTES = 4096,
    IDLE_SECONDS = 10,
};

static void tell(const struct plain_port *port, const struct http_answer *answer)
{
    if (port->options.count != NULL)
        port->options.count(port->options.context, answer->status);
}

static void refuse(const struct plain_port *port, struct http_answer *answer, unsigned status,
                   const char *sentence)
{
    http_answer_sentence(answer, status, sentence);
    tell(port, answer);
}

static const struct plain_route *route_find(const struct plain_port *port, const char *path)
{
    for (size_t i = 0; i < port->options.route_count; i++) {
        if (strcmp(port->options.routes[i].path, path) == 0)
            return &port->options.routes[i];
    }
    return NULL;
}

/* "nothing is here: there are /healthz, /readyz and /metrics" */
static void refuse_path(const struct plain_port *port, struct http_answer *answer)
{
    size_t count = port->options.route_count;

    answer->status = 404;
    answer->content_type = "text/plain; charset=utf-8";
    buffer_add_string(&answer->body, "nothing is here: there are ");
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buffer_add_string(&answer->body, i + 1 == count ? " and " : ", ");
        buffer_add_string(&answer->body, port->options.routes[i].path);
    }
    buffer_add_char(&answer->body, '\n');
    tell(port, answer);
}

static void begin(void *context, const struct http_request *request, struct http_answer *answer)
{
    const struct plain_port *port = context;

    if (route_find(port, request->path) == NULL) {
        refuse_path(port, answer);
    } else if (strcmp(request->method, "GET") != 0 && strcmp(request->method, "HEAD") != 0) {
        refuse(port, answer, 405, "use the method GET or HEAD");
        answer->allow = "GET, HEAD";
    }
}

static void answer_route(void *context, const struct http_request *request, struct http_answer *answer)
{
    const struct plain_port *port = context;
    const struct plain_route *route = route_find(port, request->path);

    if (route == NULL) { /* begin() has answered that already */
        refuse_path(port, answer);
        return;
    }
    route->answer(port->options.context, answer);
    tell(port, answer);
}

static void refuse_request(void *context, const struct http_request *request, enum http_refusal refusal,
                           struct http_answer *answer)
{
    const struct plain_port *port = context;

    (void)request;
    switch (refusal) {
    case HTTP_BODY_TOO_LONG:
        refuse(port, answer, 413, "nothing here takes a body");
        break;
    case HTTP_TOO_MANY_REQUESTS:
        refuse(port, answer, 429, "too many requests at once: try again in a second");
        answer->retry_after_seconds = 1;
        break;
    case HTTP_NO_MEMORY:
        refuse(port, answer, 500, "out of memory");
        break;
    }
}

static void complain(void *context, const char *sentence)
{
    const struct plain_port *port = context;

    port->options.complain(port->options.context, sentence);
}

bool plain_port_start(const struct plain_port_options *options, struct plain_port *port, struct error *err)
{
    struct http_server_options server = {
        .threads = 1,
        .body_limit_bytes = BODY_LIMIT_BYTES,
        .in_flight_limit = PLAIN_PORT_CONNECTIONS,
        .connection_limit = PLAIN_PORT_CONNECTIONS,
        .idle_seconds = IDLE_SECONDS,
        .proven_idle_seconds = IDLE_SECONDS,
        .handlers =
            {
                .begin = begin,
                .answer = answer_route,
                .refuse = refuse_request,
                .complain = complain,
                .context = port,
            },
    };

    port->options = *options;
    if (!listener_open(options->listen, &port->listener, err))
        return error_wrap(err, "--plain-listen");
    server.listener = port->listener.descriptor;
    if (!http_server_start(&server, &port->server, err))
        return error_wrap(err, "--plain-listen %.80s", options->listen);
    return true;
}

void plain_port_stop(struct plain_port *port)
{
    http_server_stop(port->server);
    port->server = NULL;
}

bool plain_checks_format(const struct plain_check *checks, size_t count, const void *context,
                         struct buffer *buffer)
{
    bool is_ready = true;

    buffer_add_string(buffer, "{\"checks\":[");
    for (size_t i = 0; i < count; i++) {
        char detail[PLAIN_DETAIL_BYTES] = "";
        bool ok = checks[i].run(context, detail, sizeof(detail));

        buffer_add_string(buffer, i > 0 ? ",{\"name\":" : "{\"name\":");
        buffer_add_json(buffer, text_of(checks[i].name));
        buffer_add_string(buffer, ok ? ",\"ok\":true,\"detail\":" : ",\"ok\":false,\"detail\":");
        buffer_add_json(buffer, text_of(detail));
        buffer_add_char(buffer, '}');
        is_ready = is_ready && ok;
    }
    buffer_add_string(buffer, is_ready ? "],\"ready\":true}\n" : "],\"ready\":false}\n");
    return is_ready;
}
