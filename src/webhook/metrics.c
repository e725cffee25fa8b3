/* SPDX-License-Identifier: Apache-2.0 */
#include "metrics.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>

/* Upper bounds of the histogram. */
static const uint64_t bounds_nanoseconds[] = {
    10000,  20000,   30000,   50000,    75000,    100000,    200000,
    500000, 1000000, 2500000, 10000000, 25000000, 100000000, 1000000000,
};

static const unsigned statuses[] = {200, 400, 404, 405, 413, 415, 429, 500, 503};

static const char *const port_names[] = {[METRICS_HTTPS] = "https", [METRICS_PLAIN] = "plain"};

static const char *const failure_names[] = {
    [ERROR_NONE] = NULL,         [ERROR_INPUT] = "input",   [ERROR_REMOTE] = "remote",
    [ERROR_SYSTEM] = "internal", [ERROR_MEMORY] = "memory",
};

static const char *const reload_names[] = {
    [METRICS_CONFIGURATION] = "configuration",
    [METRICS_CERTIFICATE] = "certificate",
};

static struct {
    atomic_uint_fast64_t decisions[REASON_COUNT][2]; /* denied, allowed */
    atomic_uint_fast64_t warnings[WARNING_COUNT];
    atomic_uint_fast64_t failures[COUNT_OF(failure_names)];
    atomic_uint_fast64_t answers[METRICS_PORT_COUNT][COUNT_OF(statuses) + 1]; /* the last: any other */
    atomic_uint_fast64_t reviews[COUNT_OF(bounds_nanoseconds) + 1];           /* the last: above all bounds */
    atomic_uint_fast64_t review_nanoseconds;
    atomic_uint_fast64_t operations;
    atomic_uint_fast64_t complaints;
    atomic_uint_fast64_t reloads[METRICS_RELOAD_COUNT][2]; /* refused, loaded */
    atomic_uint_fast64_t nodes_lists;
    atomic_uint_fast64_t nodes_failures;
} registry;

static void count(atomic_uint_fast64_t *counter, uint64_t by)
{
    (void)atomic_fetch_add_explicit(counter, by, memory_order_relaxed);
}

static uint64_t value_of(const atomic_uint_fast64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

void metrics_count_review(const struct admission *admission, uint64_t nanoseconds)
{
    const struct decision *decision = &admission->decision;
    size_t bucket = 0;

    while (bucket < COUNT_OF(bounds_nanoseconds) && nanoseconds > bounds_nanoseconds[bucket])
        bucket++;
    count(&registry.reviews[bucket], 1);
    count(&registry.review_nanoseconds, nanoseconds);
    count(&registry.decisions[decision->reason][decision->is_allowed ? 1 : 0], 1);
    count(&registry.operations, admission->operation_count);
    for (size_t i = 0; i < decision->warning_count; i++)
        count(&registry.warnings[decision->warnings[i].id], 1);
}

void metrics_count_failure(enum error_kind kind)
{
    count(&registry.failures[kind], 1);
}

void metrics_count_answer(enum metrics_port port, unsigned status)
{
    size_t i = 0;

    while (i < COUNT_OF(statuses) && statuses[i] != status)
        i++;
    count(&registry.answers[port][i], 1);
}

void metrics_count_complaint(void)
{
    count(&registry.complaints, 1);
}

void metrics_count_reload(enum metrics_reload what, bool is_good)
{
    count(&registry.reloads[what][is_good ? 1 : 0], 1);
}

void metrics_count_nodes_list(void)
{
    count(&registry.nodes_lists, 1);
}

void metrics_count_nodes_failure(void)
{
    count(&registry.nodes_failures, 1);
}

static void PRINTF_LIKE(2, 3) print(struct buffer *buffer, const char *format, ...)
{
    char line[512];
    va_list values;

    va_start(values, format);
    (void)vsnprintf(line, sizeof(line), format, values);
    va_end(values);
    buffer_add_string(buffer, line);
}

static void describe(struct buffer *buffer, const char *name, const char *type, const char *help)
{
    print(buffer, "# HELP efa_webhook_%s %s\n# TYPE efa_webhook_%s %s\n", name, help, name, type);
}

static void print_decisions(struct buffer *buffer)
{
    describe(buffer, "decisions_total", "counter", "Reviews answered, by why the decision came out so.");
    for (size_t i = 0; i < REASON_COUNT; i++) {
        struct text reason = reason_label((enum reason)i);

        for (size_t allowed = 0; allowed < 2; allowed++) {
            print(buffer, "efa_webhook_decisions_total{reason=\"%.*s\",allowed=\"%s\"} %" PRIu64 "\n",
                  TEXT_ARGS(reason), allowed == 1 ? "true" : "false",
                  value_of(&registry.decisions[i][allowed]));
        }
    }
    describe(buffer, "operations_total", "counter", "Patch operations sent.");
    print(buffer, "efa_webhook_operations_total %" PRIu64 "\n", value_of(&registry.operations));
    describe(buffer, "warnings_total", "counter", "Warnings sent, by id.");
    for (size_t i = 0; i < WARNING_COUNT; i++) {
        struct text id = warning_id((enum warning)i);

        print(buffer, "efa_webhook_warnings_total{warning=\"%.*s\"} %" PRIu64 "\n", TEXT_ARGS(id),
              value_of(&registry.warnings[i]));
    }
}

static void print_failures(struct buffer *buffer)
{
    describe(buffer, "failures_total", "counter",
             "Reviews that could not be answered, by whose fault it was.");
    for (size_t i = ERROR_INPUT; i < COUNT_OF(failure_names); i++)
        print(buffer, "efa_webhook_failures_total{kind=\"%s\"} %" PRIu64 "\n", failure_names[i],
              value_of(&registry.failures[i]));
    describe(buffer, "complaints_total", "counter",
             "Complaints of the HTTP library: failed handshakes, malformed requests.");
    print(buffer, "efa_webhook_complaints_total %" PRIu64 "\n", value_of(&registry.complaints));
}

static void print_answers(struct buffer *buffer)
{
    describe(buffer, "http_answers_total", "counter", "HTTP answers, by port and status.");
    for (size_t port = 0; port < METRICS_PORT_COUNT; port++) {
        for (size_t i = 0; i < COUNT_OF(statuses); i++)
            print(buffer, "efa_webhook_http_answers_total{port=\"%s\",code=\"%u\"} %" PRIu64 "\n",
                  port_names[port], statuses[i], value_of(&registry.answers[port][i]));
        print(buffer, "efa_webhook_http_answers_total{port=\"%s\",code=\"other\"} %" PRIu64 "\n",
              port_names[port], value_of(&registry.answers[port][COUNT_OF(statuses)]));
    }
}

static void print_seconds(struct buffer *buffer)
{
    uint64_t below = 0;

    describe(buffer, "review_seconds", "histogram", "From a review's body to its answer.");
    for (size_t i = 0; i < COUNT_OF(bounds_nanoseconds); i++) {
        below += value_of(&registry.reviews[i]);
        print(buffer, "efa_webhook_review_seconds_bucket{le=\"%g\"} %" PRIu64 "\n",
              (double)bounds_nanoseconds[i] / 1e9, below);
    }
    below += value_of(&registry.reviews[COUNT_OF(bounds_nanoseconds)]);
    print(buffer, "efa_webhook_review_seconds_bucket{le=\"+Inf\"} %" PRIu64 "\n", below);
    print(buffer, "efa_webhook_review_seconds_sum %.9f\n",
          (double)value_of(&registry.review_nanoseconds) / 1e9);
    print(buffer, "efa_webhook_review_seconds_count %" PRIu64 "\n", below);
}

static void print_reloads(struct buffer *buffer)
{
    describe(buffer, "reloads_total", "counter", "Files that changed while serving, by what became of them.");
    for (size_t what = 0; what < METRICS_RELOAD_COUNT; what++) {
        for (size_t is_good = 0; is_good < 2; is_good++) {
            print(buffer, "efa_webhook_reloads_total{what=\"%s\",result=\"%s\"} %" PRIu64 "\n",
                  reload_names[what], is_good == 1 ? "loaded" : "refused",
                  value_of(&registry.reloads[what][is_good]));
        }
    }
}

static void print_nodes(struct buffer *buffer, const struct metrics_gauges *gauges)
{
    describe(buffer, "nodes", "gauge", "Nodes of catalogue types that are known.");
    print(buffer, "efa_webhook_nodes %zu\n", gauges->node_count);
    describe(buffer, "node_classes", "gauge", "Classes of nodes that are alike.");
    print(buffer, "efa_webhook_node_classes %zu\n", gauges->class_count);
    describe(buffer, "node_lists_total", "counter", "Lists of nodes that came whole from the API server.");
    print(buffer, "efa_webhook_node_lists_total %" PRIu64 "\n", value_of(&registry.nodes_lists));
    describe(buffer, "node_watch_failures_total", "counter", "Lists and watches of nodes that failed.");
    print(buffer, "efa_webhook_node_watch_failures_total %" PRIu64 "\n", value_of(&registry.nodes_failures));
    if (!gauges->is_watching)
        return;
    describe(buffer, "nodes_silence_seconds", "gauge",
             "Seconds since the API server last said something of its nodes (until then, since the start).");
    print(buffer, "efa_webhook_nodes_silence_seconds %" PRId64 "\n", gauges->nodes_silence_seconds);
}

static void print_gauges(struct buffer *buffer, const struct metrics_gauges *gauges)
{
    describe(buffer, "in_flight_requests", "gauge", "Requests in work on the HTTPS port.");
    print(buffer, "efa_webhook_in_flight_requests %u\n", gauges->in_flight);
    describe(buffer, "ready", "gauge", "1 while /readyz says so.");
    print(buffer, "efa_webhook_ready %d\n", gauges->is_ready ? 1 : 0);
    describe(buffer, "instance_types", "gauge", "Instance types in the catalogue.");
    print(buffer, "efa_webhook_instance_types %zu\n", gauges->type_count);
    describe(buffer, "certificate_expiry_timestamp_seconds", "gauge",
             "When the serving certificate ends, in seconds since 1970.");
    print(buffer, "efa_webhook_certificate_expiry_timestamp_seconds %" PRId64 "\n",
          gauges->certificate_until_seconds);
    describe(buffer, "build_info", "gauge", "1; the labels say what is running.");
    print(buffer, "efa_webhook_build_info{version=\"%s\",http_library=\"libmicrohttpd %s\"} 1\n",
          gauges->version, gauges->http_library);
}

void metrics_format(const struct metrics_gauges *gauges, struct buffer *buffer)
{
    print_decisions(buffer);
    print_failures(buffer);
    print_answers(buffer);
    print_seconds(buffer);
    print_gauges(buffer, gauges);
    print_nodes(buffer, gauges);
    print_reloads(buffer);
}
