/* SPDX-License-Identifier: Apache-2.0 */
#include "core/node_condition.h"

#include "support/check.h"

#include <string.h>

enum {
    BEFORE = 7 /* seconds that stand where nothing was read */
};

struct read_row {
    const char *name;
    const char *list;
    const char *status; /* NULL: there is none */
    const char *reason;
    const char *message;
    int64_t transition;
    int64_t heartbeat;
};

#define READY "{\"type\":\"Ready\",\"status\":\"True\",\"reason\":\"KubeletReady\"}"

static const struct read_row read_rows[] = {
    {"none", "[]", NULL, NULL, NULL, BEFORE, BEFORE},
    {"null in place of the list", "null", NULL, NULL, NULL, BEFORE, BEFORE},
    {"others", "[" READY "]", NULL, NULL, NULL, BEFORE, BEFORE},
    {"ours among others",
     "[" READY
     ",{\"type\":\"EFAReady\",\"status\":\"False\",\"reason\":\"DeviceMissing\",\"message\":\"a \\\"b\\\"\","
     "\"lastTransitionTime\":\"1970-01-01T00:01:00Z\",\"lastHeartbeatTime\":\"1970-01-01T01:02:00+01:00\"}"
     "," READY "]",
     "False", "DeviceMissing", "a \"b\"", 60, 120},
    {"ours with its members in another order, and more of them",
     "[{\"message\":\"m\",\"x\":[1],\"reason\":\"r\",\"status\":\"True\",\"type\":\"EFAReady\"}]", "True",
     "r", "m", 0, 0},
    {"moments that are null or none",
     "[{\"type\":\"EFAReady\",\"status\":\"Unknown\",\"lastTransitionTime\":null,\"lastHeartbeatTime\":"
     "\"now\"}]",
     "Unknown", NULL, NULL, 0, 0},
};

static void reads(void **state)
{
    const struct read_row *row = *state;
    AUTO(arena_release) struct arena arena = {0};
    struct node_condition condition = {.transition_seconds = BEFORE, .heartbeat_seconds = BEFORE};
    struct error err = {0};
    struct json json;

    json_init(&json, text_of(row->list), &arena);
    node_condition_read(&json, &condition);
    assert_true(json_finish(&json, &err));
    check_text(condition.status, row->status);
    check_text(condition.reason, row->reason);
    check_text(condition.message, row->message);
    assert_int_equal(condition.transition_seconds, row->transition);
    assert_int_equal(condition.heartbeat_seconds, row->heartbeat);
}

static const char *const odd_rows[] = {
    "{}",
    "[1]",
    "[{\"type\":1}]",
    "[{\"type\":\"EFAReady\",\"status\":true}]",
    "[{\"type\":\"EFAReady\",\"lastHeartbeatTime\":12}]",
    "[{\"type\":\"EFAReady\"",
};

static void refuses(void **state)
{
    const char *const *list = *state;
    AUTO(arena_release) struct arena arena = {0};
    struct node_condition condition = {.transition_seconds = BEFORE};
    struct error err = {0};
    struct json json;

    json_init(&json, text_of(*list), &arena);
    node_condition_read(&json, &condition);
    assert_false(json_finish(&json, &err));
    assert_int_equal(err.kind, ERROR_INPUT);
}

static const struct node_condition sample = {
    .status = TEXT("False"),
    .reason = TEXT("DeviceMissing"),
    .message = TEXT("31 of \"32\"\n"),
    .transition_seconds = 60,
    .heartbeat_seconds = 3600,
};

static void formats_what_is_applied(void **state)
{
    AUTO(buffer_release) struct buffer buffer = {0};

    (void)state;
    node_condition_format(&buffer, "ip-10-0-0-1.ec2.internal", &sample);
    check_text(
        buffer_text(&buffer),
        "{\"apiVersion\":\"v1\",\"kind\":\"Node\",\"metadata\":{\"name\":\"ip-10-0-0-1.ec2.internal\"},"
        "\"status\":{\"conditions\":[{\"type\":\"EFAReady\",\"status\":\"False\","
        "\"reason\":\"DeviceMissing\",\"message\":\"31 of \\\"32\\\"\\u000a\","
        "\"lastTransitionTime\":\"1970-01-01T00:01:00Z\","
        "\"lastHeartbeatTime\":\"1970-01-01T01:00:00Z\"}]}}");
}

static bool keep(void *state, struct error *err)
{
    AUTO(arena_release) struct arena arena = {0};
    struct node_condition condition = sample;
    static char long_message[5000];

    (void)state;
    memset(long_message, 'x', sizeof(long_message));
    condition.message = (struct text){.at = long_message, .length = sizeof(long_message)};
    if (!node_condition_keep(&condition, &arena))
        return error_memory(err);
    return condition.message.at != long_message && condition.message.length == sizeof(long_message) &&
           text_is(condition.status, sample.status) && condition.status.at != sample.status.at;
}

static bool keep_little(void *state, struct error *err)
{
    AUTO(arena_release) struct arena arena = {0};
    struct node_condition condition = {.status = TEXT("True")};

    (void)state;
    if (!node_condition_keep(&condition, &arena))
        return error_memory(err);
    return condition.reason.at == NULL && condition.message.at == NULL;
}

static bool format(void *state, struct error *err)
{
    AUTO(buffer_release) struct buffer buffer = {0};

    (void)state;
    node_condition_format(&buffer, "a", &sample);
    return !buffer.failed || error_memory(err);
}

static void survives_without_memory(void **state)
{
    (void)state;
    assert_in_range(check_every_allocation(keep, NULL), 1, 10);
    assert_in_range(check_every_allocation(keep_little, NULL), 1, 10);
    assert_in_range(check_every_allocation(format, NULL), 1, 10);
}

static const struct check_test tests[] = {
    CHECK_TEST(formats_what_is_applied),
    CHECK_TEST(survives_without_memory),
};

int main(void)
{
    return CHECK_ROWS("node_condition_read", read_rows, reads) |
           CHECK_ROWS("node_condition_read", odd_rows, refuses) | CHECK_TESTS("node_condition", tests);
}
