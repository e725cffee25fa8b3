/* SPDX-License-Identifier: Apache-2.0 */
#include "probes.h"

#include "answer.h"
#include "core/catalogue.h"
#include "core/version.h"
#include "metrics.h"

#include <stdio.h>
#include <time.h>

enum {
    FIRST_LIST_SECONDS = 10, /* that readiness waits for the API server */
    DETAIL_BYTES = 640
};

/* What is looked at. */
struct view {
    const struct service *service;
    const struct snapshot *snapshot;
    struct health_facts facts;
};

/* One line of /readyz. */
struct check {
    const char *name;
    bool (*run)(const struct view *view, char *detail, size_t size);
};

/* Behind what the detail says already. */
static void add_refusal(const struct error *err, const char *what, char *detail, size_t size)
{
    size_t length = strlen(detail);

    if (err->kind != ERROR_NONE)
        (void)snprintf(detail + length, size - length, "; a new %s was refused: %s", what, err->text);
}

static bool check_configuration(const struct view *view, char *detail, size_t size)
{
    (void)snprintf(detail, size, "%zu instance types%s", view->snapshot->catalogue->count,
                   view->facts.is_configuration_waiting ? "; a new configuration waits for its nodes" : "");
    add_refusal(&view->facts.configuration, "configuration", detail, size);
    return true;
}

/* An expired certificate is worth a word, but taking the last replica out of service would help nobody. */
static bool check_certificate(const struct view *view, char *detail, size_t size)
{
    int64_t left = view->facts.certificate_until_seconds - time(NULL);

    (void)snprintf(detail, size, left > 0 ? "valid for %lld more days" : "expired %lld days ago",
                   (long long)(left > 0 ? left : -left) / 86400);
    add_refusal(&view->facts.certificate, "one", detail, size);
    return true;
}

/* Ready also while the API server is away; but a first answer is worth waiting for. */
static bool check_watched_nodes(const struct health_facts *facts, char *detail, size_t size)
{
    bool has_failed = facts->nodes.kind != ERROR_NONE;

    if (facts->has_listed) {
        (void)snprintf(detail, size, "%zu nodes in %zu classes; the API server spoke %lld s ago%s%s",
                       facts->node_count, facts->class_count, (long long)facts->silence_seconds,
                       has_failed ? "; " : "", has_failed ? facts->nodes.text : "");
        return true;
    }
    (void)snprintf(detail, size, "no list of nodes for %lld s, the catalogue decides%s%s",
                   (long long)facts->silence_seconds, has_failed ? "; " : "",
                   has_failed ? facts->nodes.text : "");
    return has_failed || facts->silence_seconds >= FIRST_LIST_SECONDS;
}

static size_t count_classes(const struct nodes *nodes)
{
    size_t count = 0;

    for (size_t i = 0; i < nodes->class_count; i++)
        count += nodes->classes[i].node_count > 0 ? 1 : 0;
    return count;
}

static bool check_nodes(const struct view *view, char *detail, size_t size)
{
    const struct nodes *nodes = view->snapshot->nodes;

    if (view->facts.is_watching)
        return check_watched_nodes(&view->facts, detail, size);
    if (nodes == NULL)
        (void)snprintf(detail, size, "no node source is configured; the catalogue decides");
    else
        (void)snprintf(detail, size, "%zu nodes in %zu classes, from a file", nodes->node_count,
                       count_classes(nodes));
    return true;
}

static bool check_drain(const struct view *view, char *detail, size_t size)
{
    bool is_draining = atomic_load(&view->service->is_draining);

    (void)snprintf(detail, size, "%s", is_draining ? "shutting down" : "serving");
    return !is_draining;
}

static const struct check checks[] = {
    {"configuration", check_configuration},
    {"certificate", check_certificate},
    {"nodes", check_nodes},
    {"serving", check_drain},
};

/* The checks as JSON; false when one of them fails. */
static bool run_checks(const struct view *view, struct buffer *buffer)
{
    bool is_ready = true;

    buffer_add_string(buffer, "{\"checks\":[");
    for (size_t i = 0; i < COUNT_OF(checks); i++) {
        char detail[DETAIL_BYTES];
        bool ok = checks[i].run(view, detail, sizeof(detail));

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

static void answer_health(const struct view *view, struct http_answer *answer)
{
    (void)view;
    answer_sentence(answer, 200, "ok");
}

static void answer_readiness(const struct view *view, struct http_answer *answer)
{
    answer->status = run_checks(view, &answer->body) ? 200 : 503;
    answer->content_type = "application/json";
}

static void answer_metrics(const struct view *view, struct http_answer *answer)
{
    AUTO(buffer_release) struct buffer details = {0};
    const struct service *service = view->service;
    const struct nodes *nodes = view->snapshot->nodes;
    struct metrics_gauges gauges = {
        .in_flight = service->https != NULL ? http_server_in_flight(service->https) : 0,
        .is_ready = run_checks(view, &details),
        .type_count = view->snapshot->catalogue->count,
        .certificate_until_seconds = view->facts.certificate_until_seconds,
        .node_count = nodes != NULL ? nodes->node_count : 0,
        .class_count = nodes != NULL ? count_classes(nodes) : 0,
        .is_watching = view->facts.is_watching,
        .nodes_silence_seconds = view->facts.silence_seconds,
        .version = version,
        .http_library = http_server_library(),
    };

    answer->status = 200;
    answer->content_type = "text/plain; version=0.0.4; charset=utf-8";
    metrics_format(&gauges, &answer->body);
}

struct route {
    const char *path;
    void (*answer)(const struct view *view, struct http_answer *answer);
};

static const struct route routes[] = {
    {"/healthz", answer_health},
    {"/readyz", answer_readiness},
    {"/metrics", answer_metrics},
};

static const struct route *route_find(const char *path)
{
    for (size_t i = 0; i < COUNT_OF(routes); i++) {
        if (strcmp(routes[i].path, path) == 0)
            return &routes[i];
    }
    return NULL;
}

static void refuse(struct http_answer *answer, unsigned status, const char *sentence)
{
    answer_sentence(answer, status, sentence);
    metrics_count_answer(METRICS_PLAIN, status);
}

static void refuse_path(struct http_answer *answer)
{
    refuse(answer, 404, "nothing is here: there are /healthz, /readyz and /metrics");
}

static void begin(void *context, const struct http_request *request, struct http_answer *answer)
{
    (void)context;
    if (route_find(request->path) == NULL) {
        refuse_path(answer);
    } else if (strcmp(request->method, "GET") != 0 && strcmp(request->method, "HEAD") != 0) {
        refuse(answer, 405, "use the method GET or HEAD");
        answer->allow = "GET, HEAD";
    }
}

static void answer_probe(void *context, const struct http_request *request, struct http_answer *answer)
{
    const struct route *route = route_find(request->path);
    struct service *service = context;
    struct current_slot *slot;
    struct view view;

    if (route == NULL) { /* begin() has answered that already */
        refuse_path(answer);
        return;
    }
    slot = current_take(&service->current);
    if (slot == NULL) { /* more threads than slots, which options.c rules out */
        refuse(answer, 500, "out of memory");
        return;
    }
    view =
        (struct view){.service = service, .snapshot = slot->snapshot, .facts = health_read(&service->health)};
    route->answer(&view, answer);
    current_give_back(slot);
    metrics_count_answer(METRICS_PLAIN, answer->status);
}

static void refuse_probe(void *context, const struct http_request *request, enum http_refusal refusal,
                         struct http_answer *answer)
{
    (void)context;
    (void)request;
    switch (refusal) {
    case HTTP_BODY_TOO_LONG:
        refuse(answer, 413, "nothing here takes a body");
        break;
    case HTTP_TOO_MANY_REQUESTS:
        refuse(answer, 429, "too many requests at once: try again in a second");
        answer->retry_after_seconds = 1;
        break;
    case HTTP_NO_MEMORY:
        refuse(answer, 500, "out of memory");
        break;
    }
}

static void complain(void *context, const char *sentence)
{
    (void)context;
    answer_complain(sentence);
}

struct http_handlers probes_handlers(struct service *service)
{
    return (struct http_handlers){
        .begin = begin,
        .answer = answer_probe,
        .refuse = refuse_probe,
        .complain = complain,
        .context = service,
    };
}
