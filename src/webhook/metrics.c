/* SPDX-License-Identifier: Apache-2.0 */
#include "metrics.h"

#include "core/prometheus.h"

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

static void sample(struct prometheus *out, const char *name, const char *key, const char *value)
{
    prometheus_sample(out, name);
    prometheus_label(out, key, text_of(value));
}

static void print_decisions(struct prometheus *out)
{
    prometheus_describe(out, "decisions_total", "counter",
                        "Reviews answered, by why the decision came out so.");
    for (size_t i = 0; i < REASON_COUNT; i++) {
        for (size_t allowed = 0; allowed < 2; allowed++) {
            prometheus_sample(out, "decisions_total");
            prometheus_label(out, "reason", reason_label((enum reason)i));
            prometheus_label(out, "allowed", text_of(allowed == 1 ? "true" : "false"));
            prometheus_unsigned(out, value_of(&registry.decisions[i][allowed]));
        }
    }
    prometheus_counter(out, "operations_total", "Patch operations sent.", value_of(&registry.operations));
    prometheus_describe(out, "warnings_total", "counter", "Warnings sent, by id.");
    for (size_t i = 0; i < WARNING_COUNT; i++) {
        prometheus_sample(out, "warnings_total");
        prometheus_label(out, "warning", warning_id((enum warning)i));
        prometheus_unsigned(out, value_of(&registry.warnings[i]));
    }
}

static void print_failures(struct prometheus *out)
{
    prometheus_describe(out, "failures_total", "counter",
                        "Reviews that could not be answered, by whose fault it was.");
    for (size_t i = ERROR_INPUT; i < COUNT_OF(failure_names); i++) {
        sample(out, "failures_total", "kind", failure_names[i]);
        prometheus_unsigned(out, value_of(&registry.failures[i]));
    }
    prometheus_counter(out, "complaints_total",
                       "Complaints of the HTTP library: failed handshakes, malformed requests.",
                       value_of(&registry.complaints));
}

static void print_answers(struct prometheus *out)
{
    prometheus_describe(out, "http_answers_total", "counter", "HTTP answers, by port and status.");
    for (size_t port = 0; port < METRICS_PORT_COUNT; port++) {
        for (size_t i = 0; i <= COUNT_OF(statuses); i++) {
            char code[16] = "other";

            if (i < COUNT_OF(statuses))
                (void)snprintf(code, sizeof(code), "%u", statuses[i]);
            sample(out, "http_answers_total", "port", port_names[port]);
            prometheus_label(out, "code", text_of(code));
            prometheus_unsigned(out, value_of(&registry.answers[port][i]));
        }
    }
}

static void print_bucket(struct prometheus *out, const char *bound, uint64_t count)
{
    sample(out, "review_seconds_bucket", "le", bound);
    prometheus_unsigned(out, count);
}

static void print_seconds(struct prometheus *out)
{
    uint64_t below = 0;

    prometheus_describe(out, "review_seconds", "histogram", "From a review's body to its answer.");
    for (size_t i = 0; i < COUNT_OF(bounds_nanoseconds); i++) {
        char bound[32];

        below += value_of(&registry.reviews[i]);
        (void)snprintf(bound, sizeof(bound), "%g", (double)bounds_nanoseconds[i] / 1e9);
        print_bucket(out, bound, below);
    }
    below += value_of(&registry.reviews[COUNT_OF(bounds_nanoseconds)]);
    print_bucket(out, "+Inf", below);
    prometheus_sample(out, "review_seconds_sum");
    prometheus_seconds(out, (double)value_of(&registry.review_nanoseconds) / 1e9);
    prometheus_sample(out, "review_seconds_count");
    prometheus_unsigned(out, below);
}

static void print_reloads(struct prometheus *out)
{
    prometheus_describe(out, "reloads_total", "counter",
                        "Files that changed while serving, by what became of them.");
    for (size_t what = 0; what < METRICS_RELOAD_COUNT; what++) {
        for (size_t is_good = 0; is_good < 2; is_good++) {
            sample(out, "reloads_total", "what", reload_names[what]);
            prometheus_label(out, "result", text_of(is_good == 1 ? "loaded" : "refused"));
            prometheus_unsigned(out, value_of(&registry.reloads[what][is_good]));
        }
    }
}

static void print_nodes(struct prometheus *out, const struct metrics_gauges *gauges)
{
    prometheus_gauge(out, "nodes", "Nodes of catalogue types that are known.", gauges->node_count);
    prometheus_gauge(out, "node_classes", "Classes of nodes that are alike.", gauges->class_count);
    prometheus_counter(out, "node_lists_total", "Lists of nodes that came whole from the API server.",
                       value_of(&registry.nodes_lists));
    prometheus_counter(out, "node_watch_failures_total", "Lists and watches of nodes that failed.",
                       value_of(&registry.nodes_failures));
    if (!gauges->is_watching)
        return;
    prometheus_describe(
        out, "nodes_silence_seconds", "gauge",
        "Seconds since the API server last said something of its nodes (until then, since the start).");
    prometheus_sample(out, "nodes_silence_seconds");
    prometheus_signed(out, gauges->nodes_silence_seconds);
}

static void print_build(struct prometheus *out, const struct metrics_gauges *gauges)
{
    char library[80];

    (void)snprintf(library, sizeof(library), "libmicrohttpd %s", gauges->http_library);
    prometheus_describe(out, "build_info", "gauge", "1; the labels say what is running.");
    sample(out, "build_info", "version", gauges->version);
    prometheus_label(out, "http_library", text_of(library));
    prometheus_unsigned(out, 1);
}

static void print_gauges(struct prometheus *out, const struct metrics_gauges *gauges)
{
    prometheus_gauge(out, "in_flight_requests", "Requests in work on the HTTPS port.", gauges->in_flight);
    prometheus_gauge(out, "ready", "1 while /readyz says so.", gauges->is_ready ? 1 : 0);
    prometheus_gauge(out, "instance_types", "Instance types in the catalogue.", gauges->type_count);
    prometheus_describe(out, "certificate_expiry_timestamp_seconds", "gauge",
                        "When the serving certificate ends, in seconds since 1970.");
    prometheus_sample(out, "certificate_expiry_timestamp_seconds");
    prometheus_signed(out, gauges->certificate_until_seconds);
    print_build(out, gauges);
}

void metrics_format(const struct metrics_gauges *gauges, struct buffer *buffer)
{
    struct prometheus out = {.buffer = buffer, .prefix = "efa_webhook_"};

    print_decisions(&out);
    print_failures(&out);
    print_answers(&out);
    print_seconds(&out);
    print_gauges(&out, gauges);
    print_nodes(&out, gauges);
    print_reloads(&out);
}
