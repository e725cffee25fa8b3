/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/metrics.h"

#include "support/check.h"

#include <stdlib.h>
#include <string.h>

static const struct metrics_gauges gauges = {
    .in_flight = 7,
    .is_ready = true,
    .type_count = 305,
    .certificate_until_seconds = 1800000000,
    .node_count = 5000,
    .class_count = 50,
    .is_watching = true,
    .nodes_silence_seconds = 12,
    .version = "1.2.3",
    .http_library = "0.9.75",
};

/* The value of a series, out of the text that Prometheus gets. */
static double value_of(const char *series)
{
    struct buffer text = {0};
    size_t length = strlen(series);
    double value = -1;

    metrics_format(&gauges, &text);
    buffer_add_char(&text, '\0');
    assert_false(text.failed);
    for (const char *line = text.at; line != NULL; line = strchr(line, '\n')) {
        line += *line == '\n' ? 1 : 0;
        if (strncmp(line, series, length) == 0 && line[length] == ' ')
            value = strtod(line + length, NULL);
    }
    buffer_release(&text);
    if (value < 0)
        fail_msg("there is no series %s", series);
    return value;
}

static void counts_reviews(void **state)
{
    struct admission admission = {.operation_count = 9};

    (void)state;
    admission.decision.reason = REASON_INJECTED;
    admission.decision.is_allowed = true;
    admission.decision.warning_count = 2;
    admission.decision.warnings[0].id = WARNING_NO_GROUP;
    admission.decision.warnings[1].id = WARNING_PARTIAL_NODE;
    metrics_count_review(&admission, 1000);
    admission.decision.warning_count = 1;
    metrics_count_review(&admission, 1000);
    admission.decision.is_allowed = false;
    admission.decision.reason = REASON_IMPOSSIBLE;
    admission.operation_count = 0;
    metrics_count_review(&admission, 1000);
    assert_int_equal(value_of("efa_webhook_decisions_total{reason=\"injected\",allowed=\"true\"}"), 2);
    assert_int_equal(value_of("efa_webhook_decisions_total{reason=\"injected\",allowed=\"false\"}"), 0);
    assert_int_equal(value_of("efa_webhook_decisions_total{reason=\"impossible\",allowed=\"false\"}"), 1);
    assert_int_equal(value_of("efa_webhook_operations_total"), 18);
    assert_int_equal(value_of("efa_webhook_warnings_total{warning=\"no-group\"}"), 3);
    assert_int_equal(value_of("efa_webhook_warnings_total{warning=\"partial-node\"}"), 1);
}

struct bucket_row {
    const char *name;
    uint64_t nanoseconds;
    const char *below; /* the largest bound that it is above; NULL: none */
    const char *within;
};

static const struct bucket_row bucket_rows[] = {
    {"no time", 0, NULL, "1e-05"},
    {"ten microseconds", 10000, NULL, "1e-05"},
    {"a nanosecond more", 10001, "1e-05", "2e-05"},
    {"a millisecond", 1000000, "0.0005", "0.001"},
    {"a second", 1000000000, "0.1", "1"},
    {"a minute", 60000000000, "1", "+Inf"},
};

static double bucket(const char *bound)
{
    char series[80] = "efa_webhook_review_seconds_bucket{le=\"";

    memcpy(series + strlen(series), bound, strlen(bound) + 1);
    memcpy(series + strlen(series), "\"}", 3);
    return value_of(series);
}

static void sorts_times(void **state)
{
    const struct bucket_row *row = *state;
    const struct admission admission = {0};
    double below = row->below != NULL ? bucket(row->below) : 0;
    double within = bucket(row->within);
    double sum = value_of("efa_webhook_review_seconds_sum");
    double count = value_of("efa_webhook_review_seconds_count");
    double grown;

    metrics_count_review(&admission, row->nanoseconds);
    if (row->below != NULL)
        assert_int_equal(bucket(row->below), below);
    assert_int_equal(bucket(row->within), within + 1);
    assert_int_equal(value_of("efa_webhook_review_seconds_count"), count + 1);
    grown = (value_of("efa_webhook_review_seconds_sum") - sum) * 1e9 - (double)row->nanoseconds;
    assert_true(grown < 100 && grown > -100);
}

static void counts_answers_by_port_and_status(void **state)
{
    (void)state;
    metrics_count_answer(METRICS_HTTPS, 429);
    metrics_count_answer(METRICS_PLAIN, 503);
    metrics_count_answer(METRICS_PLAIN, 599);
    assert_int_equal(value_of("efa_webhook_http_answers_total{port=\"https\",code=\"429\"}"), 1);
    assert_int_equal(value_of("efa_webhook_http_answers_total{port=\"plain\",code=\"429\"}"), 0);
    assert_int_equal(value_of("efa_webhook_http_answers_total{port=\"plain\",code=\"503\"}"), 1);
    assert_int_equal(value_of("efa_webhook_http_answers_total{port=\"plain\",code=\"other\"}"), 1);
}

static void counts_failures_by_kind(void **state)
{
    (void)state;
    metrics_count_failure(ERROR_SYSTEM);
    metrics_count_failure(ERROR_INPUT);
    metrics_count_failure(ERROR_INPUT);
    metrics_count_complaint();
    assert_int_equal(value_of("efa_webhook_failures_total{kind=\"internal\"}"), 1);
    assert_int_equal(value_of("efa_webhook_failures_total{kind=\"input\"}"), 2);
    assert_int_equal(value_of("efa_webhook_failures_total{kind=\"memory\"}"), 0);
    assert_int_equal(value_of("efa_webhook_complaints_total"), 1);
}

static void counts_reloads_and_lists(void **state)
{
    (void)state;
    metrics_count_reload(METRICS_CONFIGURATION, true);
    metrics_count_reload(METRICS_CONFIGURATION, false);
    metrics_count_reload(METRICS_CONFIGURATION, false);
    metrics_count_reload(METRICS_CERTIFICATE, true);
    metrics_count_nodes_list();
    metrics_count_nodes_failure();
    metrics_count_nodes_failure();
    assert_int_equal(value_of("efa_webhook_reloads_total{what=\"configuration\",result=\"loaded\"}"), 1);
    assert_int_equal(value_of("efa_webhook_reloads_total{what=\"configuration\",result=\"refused\"}"), 2);
    assert_int_equal(value_of("efa_webhook_reloads_total{what=\"certificate\",result=\"loaded\"}"), 1);
    assert_int_equal(value_of("efa_webhook_reloads_total{what=\"certificate\",result=\"refused\"}"), 0);
    assert_int_equal(value_of("efa_webhook_node_lists_total"), 1);
    assert_int_equal(value_of("efa_webhook_node_watch_failures_total"), 2);
}

static void shows_the_gauges(void **state)
{
    (void)state;
    assert_int_equal(value_of("efa_webhook_in_flight_requests"), 7);
    assert_int_equal(value_of("efa_webhook_ready"), 1);
    assert_int_equal(value_of("efa_webhook_instance_types"), 305);
    assert_int_equal(value_of("efa_webhook_nodes"), 5000);
    assert_int_equal(value_of("efa_webhook_node_classes"), 50);
    assert_int_equal(value_of("efa_webhook_nodes_silence_seconds"), 12);
    assert_int_equal(value_of("efa_webhook_certificate_expiry_timestamp_seconds"), 1800000000);
    assert_int_equal(
        value_of("efa_webhook_build_info{version=\"1.2.3\",http_library=\"libmicrohttpd 0.9.75\"}"), 1);
}

static const struct check_test tests[] = {
    CHECK_TEST(counts_reviews),          CHECK_TEST(counts_answers_by_port_and_status),
    CHECK_TEST(counts_failures_by_kind), CHECK_TEST(counts_reloads_and_lists),
    CHECK_TEST(shows_the_gauges),
};

int main(void)
{
    return CHECK_TESTS("metrics", tests) | CHECK_ROWS("metrics_count_review", bucket_rows, sorts_times);
}
