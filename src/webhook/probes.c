/* SPDX-License-Identifier: Apache-2.0 */
#include "probes.h"

#include "answer.h"
#include "core/catalogue.h"
#include "metrics.h"
#include "version.h"

#include <stdio.h>
#include <time.h>

/* What is looked at. */
struct view {
    const struct service *service;
    const struct snapshot *snapshot;
};

/* One line of /readyz. */
struct check {
    const char *name;
    bool (*run)(const struct view *view, char *detail, size_t size);
};

static bool check_configuration(const struct view *view, char *detail, size_t size)
{
    (void)snprintf(detail, size, "%zu instance types", view->snapshot->catalogue->count);
    return true;
}

/* An expired certificate is worth a word, but taking the last replica out of service would help nobody. */
static bool check_certificate(const struct view *view, char *detail, size_t size)
{
    int64_t left = view->service->certificate_until_seconds - time(NULL);

    (void)snprintf(detail, size, left > 0 ? "valid for %lld more days" : "expired %lld days ago",
                   (long long)(left > 0 ? left : -left) / 86400);
    return true;
}

static bool check_nodes(const struct view *view, char *detail, size_t size)
{
    const struct nodes *nodes = view->snapshot->nodes;

    if (nodes == NULL)
        (void)snprintf(detail, size, "no node source is configured; the catalogue decides");
    else
        (void)snprintf(detail, size, "%zu classes of nodes, from a file", nodes->class_count);
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
        char detail[128];
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
    const struct service *service = view->service;
    struct metrics_gauges gauges = {
        .in_flight = service->https != NULL ? http_server_in_flight(service->https) : 0,
        .is_ready = !atomic_load(&service->is_draining),
        .type_count = view->snapshot->catalogue->count,
        .certificate_until_seconds = service->certificate_until_seconds,
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

    if (route == NULL) { /* begin() has answered that already */
        refuse_path(answer);
        return;
    }
    slot = current_take(&service->current);
    if (slot == NULL) { /* more threads than slots, which options.c rules out */
        refuse(answer, 500, "out of memory");
        return;
    }
    route->answer(&(struct view){.service = service, .snapshot = slot->snapshot}, answer);
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
