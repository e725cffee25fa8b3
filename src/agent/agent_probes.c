/* SPDX-License-Identifier: Apache-2.0 */
#include "agent_probes.h"

#include "agent_metrics.h"
#include "core/prometheus.h"
#include "io/clock.h"
#include "io/log.h"

#include <stdio.h>

enum {
    PATIENCE_MS = 30000, /* libfabric has ten seconds, the metadata service two */
    PATIENT_INTERVALS = 3,
};

/* What is looked at. */
struct seen {
    const struct agent_setup *setup;
    const struct agent_view *view; /* NULL: none yet */
    struct board_facts facts;
};

/* Milliseconds without a look; until the first one, since the start. */
static int64_t silence_ms(const struct board_facts *facts)
{
    return clock_ms() - (facts->looked_ms > 0 ? facts->looked_ms : facts->begun_ms);
}

static bool is_alive(const struct agent_setup *setup, const struct board_facts *facts)
{
    int64_t interval_ms = (int64_t)setup->options->interval_seconds * 1000;

    return silence_ms(facts) <= interval_ms * PATIENT_INTERVALS + PATIENCE_MS;
}

static bool check_looking(const void *context, char *detail, size_t size)
{
    const struct seen *seen = context;

    if (seen->facts.looked_ms == 0) {
        (void)snprintf(detail, size, "the first look is under way");
        return false;
    }
    (void)snprintf(detail, size, "looked %lld s ago, %llu times in all",
                   (long long)silence_ms(&seen->facts) / 1000, (unsigned long long)seen->facts.looks);
    return is_alive(seen->setup, &seen->facts);
}

/* A node that is not as it should be still has a ready agent: it is there to say so. */
static bool check_devices(const void *context, char *detail, size_t size)
{
    AUTO(buffer_release) struct buffer message = {0};
    const struct seen *seen = context;
    struct node_report report;

    if (seen->view == NULL) {
        (void)snprintf(detail, size, "nothing was judged yet");
        return false;
    }
    report = agent_view_report(seen->view);
    node_report_format_message(&report, &message);
    (void)snprintf(detail, size, "%.*s: %.*s", TEXT_ARGS(health_name(seen->view->findings.health)),
                   TEXT_ARGS_MAX(buffer_text(&message), size));
    return true;
}

/* Ready also while the API server is away. */
static bool check_cluster(const void *context, char *detail, size_t size)
{
    const struct seen *seen = context;
    const char *said = "the API server answers";

    if (!seen->setup->has_cluster)
        said = "the API server is not asked";
    else if (!seen->facts.has_asked)
        said = "the API server has not answered yet";
    else if (seen->facts.cluster.kind != ERROR_NONE)
        said = seen->facts.cluster.text;
    (void)snprintf(detail, size, "%s", said);
    return true;
}

static const struct plain_check checks[] = {
    {"looking", check_looking},
    {"devices", check_devices},
    {"cluster", check_cluster},
};

/* The view is held for the caller. */
static struct seen look(const struct agent_probes *probes, struct agent_view **ret_view)
{
    struct seen seen = {.setup = probes->setup};
    uint64_t number;

    *ret_view = board_take_view(probes->board, &number);
    seen.view = *ret_view;
    seen.facts = board_read(probes->board);
    return seen;
}

static void healthz(void *context, struct http_answer *answer)
{
    const struct agent_probes *probes = context;
    const struct board_facts facts = board_read(probes->board);
    char sentence[80];

    if (is_alive(probes->setup, &facts)) {
        http_answer_sentence(answer, 200, "ok");
        return;
    }
    (void)snprintf(sentence, sizeof(sentence), "nothing was looked at for %lld s",
                   (long long)silence_ms(&facts) / 1000);
    http_answer_sentence(answer, 503, sentence);
}

static void readyz(void *context, struct http_answer *answer)
{
    AUTO(agent_view_let) struct agent_view *view = NULL;
    const struct seen seen = look(context, &view);

    answer->status = plain_checks_format(checks, COUNT_OF(checks), &seen, &answer->body) ? 200 : 503;
    answer->content_type = "application/json";
}

static void metrics(void *context, struct http_answer *answer)
{
    const struct agent_probes *probes = context;
    AUTO(agent_view_let) struct agent_view *view = NULL;
    const struct seen seen = look(probes, &view);

    answer->status = 200;
    answer->content_type = prometheus_content_type;
    agent_metrics_format(probes->setup, seen.view, &seen.facts, &answer->body);
}

static const struct plain_route routes[] = {
    {"/healthz", healthz},
    {"/readyz", readyz},
    {"/metrics", metrics},
};

static void complain(void *context, const char *sentence)
{
    struct log_line line;

    (void)context;
    log_begin(&line, LOG_LEVEL_DEBUG, "http");
    log_string(&line, "error", sentence);
    log_end(&line);
}

struct plain_port_options agent_probes_options(struct agent_probes *probes)
{
    return (struct plain_port_options){
        .listen = probes->setup->options->plain_listen,
        .routes = routes,
        .route_count = COUNT_OF(routes),
        .complain = complain,
        .context = probes,
    };
}
