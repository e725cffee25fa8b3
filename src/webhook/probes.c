/* SPDX-License-Identifier: Apache-2.0 */
#include "probes.h"

#include "answer.h"
#include "core/catalogue.h"
#include "core/prometheus.h"
#include "core/version.h"
#include "metrics.h"

#include <stdio.h>
#include <time.h>

enum {
    FIRST_LIST_SECONDS = 10, /* that readiness waits for the API server */
};

/* What is looked at. */
struct view {
    const struct service *service;
    const struct snapshot *snapshot;
    struct health_facts facts;
};

/* Behind what the detail says already. */
static void add_refusal(const struct error *err, const char *what, char *detail, size_t size)
{
    size_t length = strlen(detail);

    if (err->kind != ERROR_NONE)
        (void)snprintf(detail + length, size - length, "; a new %s was refused: %s", what, err->text);
}

static bool check_configuration(const void *context, char *detail, size_t size)
{
    const struct view *view = context;
    (void)snprintf(detail, size, "%zu instance types%s", view->snapshot->catalogue->count,
                   view->facts.is_configuration_waiting ? "; a new configuration waits for its nodes" : "");
    add_refusal(&view->facts.configuration, "configuration", detail, size);
    return true;
}

/* An expired certificate is worth a word, but taking the last replica out of service would help nobody. */
static bool check_certificate(const void *context, char *detail, size_t size)
{
    const struct view *view = context;
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

static bool check_nodes(const void *context, char *detail, size_t size)
{
    const struct view *view = context;
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

static bool check_drain(const void *context, char *detail, size_t size)
{
    const struct view *view = context;
    bool is_draining = atomic_load(&view->service->is_draining);

    (void)snprintf(detail, size, "%s", is_draining ? "shutting down" : "serving");
    return !is_draining;
}

static const struct plain_check checks[] = {
    {"configuration", check_configuration},
    {"certificate", check_certificate},
    {"nodes", check_nodes},
    {"serving", check_drain},
};

static bool run_checks(const struct view *view, struct buffer *buffer)
{
    return plain_checks_format(checks, COUNT_OF(checks), view, buffer);
}

static void answer_health(const struct view *view, struct http_answer *answer)
{
    (void)view;
    http_answer_sentence(answer, 200, "ok");
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
    answer->content_type = prometheus_content_type;
    metrics_format(&gauges, &answer->body);
}

/* Answer by what is known now. */
static void answer_by(struct service *service,
                      void (*run)(const struct view *view, struct http_answer *answer),
                      struct http_answer *answer)
{
    struct current_slot *slot = current_take(&service->current);
    struct view view;

    if (slot == NULL) { /* more threads than slots, which options.c rules out */
        http_answer_sentence(answer, 500, "out of memory");
        return;
    }
    view =
        (struct view){.service = service, .snapshot = slot->snapshot, .facts = health_read(&service->health)};
    run(&view, answer);
    current_give_back(slot);
}

static void healthz(void *context, struct http_answer *answer)
{
    answer_by(context, answer_health, answer);
}

static void readyz(void *context, struct http_answer *answer)
{
    answer_by(context, answer_readiness, answer);
}

static void metrics(void *context, struct http_answer *answer)
{
    answer_by(context, answer_metrics, answer);
}

static const struct plain_route routes[] = {
    {"/healthz", healthz},
    {"/readyz", readyz},
    {"/metrics", metrics},
};

static void count(void *context, unsigned status)
{
    (void)context;
    metrics_count_answer(METRICS_PLAIN, status);
}

static void complain(void *context, const char *sentence)
{
    (void)context;
    answer_complain(sentence);
}

struct plain_port_options probes_options(struct service *service, const char *listen)
{
    return (struct plain_port_options){
        .listen = listen,
        .routes = routes,
        .route_count = COUNT_OF(routes),
        .count = count,
        .complain = complain,
        .context = service,
    };
}
