/* SPDX-License-Identifier: Apache-2.0 */
#include "core/prometheus.h"

#include "support/check.h"

struct label_row {
    const char *name;
    const char *value;
    const char *line;
};

static const struct label_row label_rows[] = {
    {"a word", "efa", "x_devices{a=\"efa\",b=\"\"} 3\n"},
    {"nothing", "", "x_devices{a=\"\",b=\"\"} 3\n"},
    {"a quote", "a\"b", "x_devices{a=\"a\\\"b\",b=\"\"} 3\n"},
    {"a backslash", "a\\b", "x_devices{a=\"a\\\\b\",b=\"\"} 3\n"},
    {"a newline", "a\nb", "x_devices{a=\"a\\nb\",b=\"\"} 3\n"},
    {"more than ASCII", "\xc3\xa4", "x_devices{a=\"\xc3\xa4\",b=\"\"} 3\n"},
};

static void writes_labels(void **state)
{
    const struct label_row *row = *state;
    AUTO(buffer_release) struct buffer buffer = {0};
    struct prometheus out = {.buffer = &buffer, .prefix = "x_"};

    prometheus_sample(&out, "devices");
    prometheus_label(&out, "a", text_of(row->value));
    prometheus_label(&out, "b", text_of(""));
    prometheus_unsigned(&out, 3);
    buffer_add_char(&buffer, '\0');
    assert_false(buffer.failed);
    assert_string_equal(buffer.at, row->line);
}

static void writes_every_kind_of_value(void **state)
{
    static const char wanted[] =
        "# HELP x_up Whether.\n# TYPE x_up gauge\nx_up 18446744073709551615\n"
        "# HELP x_seen_total How often.\n# TYPE x_seen_total counter\nx_seen_total 0\n"
        "x_left -7\nx_sum 0.000000015\n";
    AUTO(buffer_release) struct buffer buffer = {0};
    struct prometheus out = {.buffer = &buffer, .prefix = "x_"};

    (void)state;
    prometheus_gauge(&out, "up", "Whether.", UINT64_MAX);
    prometheus_counter(&out, "seen_total", "How often.", 0);
    prometheus_sample(&out, "left");
    prometheus_signed(&out, -7);
    prometheus_sample(&out, "sum");
    prometheus_seconds(&out, 15e-9);
    buffer_add_char(&buffer, '\0');
    assert_false(buffer.failed);
    assert_string_equal(buffer.at, wanted);
}

static const struct check_test tests[] = {
    CHECK_TEST(writes_every_kind_of_value),
};

int main(void)
{
    return CHECK_ROWS("prometheus_label", label_rows, writes_labels) | CHECK_TESTS("prometheus", tests);
}
