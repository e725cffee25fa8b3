/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A reporter that lives through what it is told, line by line.
 *
 *     reporter_driver --kubeconfig FILE --node NAME [--taint] [--event-limit N]
 *
 * Standard input: one stretch of time a line,
 *     {"from": 0, "until": 3600, "health": "mismatch", "settling": false, "restart": true,
 *      "findings": [{"id": "port-down", "found": "...", "pod": 0}],
 *      "pods": [{"namespace": "ml", "name": "a", "uid": "1", "warnings": ["no-group"]}]}
 * As the agent does, the Node is read every 60 seconds and the reporter asked every 2. Standard output: one
 * object a line, on what became of it.
 */
#include "agent/reporter.h"
#include "support/report_maker.h"

#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>

enum {
    LOOK_SECONDS = 2,
    READ_SECONDS = 60,
};

struct driver {
    struct kube_client *client;
    struct reporter_options options;
    struct reporter *reporter;
    int64_t read_at;
    struct expectation expectation; /* the Node, and the pods of the line */
    struct arena arena;             /* of the line */
    json_t *line;
    json_t *errors; /* each once */
    json_int_t reports;
};

static const struct inventory nothing;

static const char *string_of(const json_t *object, const char *key)
{
    const char *string = json_string_value(json_object_get(object, key));

    return string != NULL ? string : "";
}

static enum node_health health_of(const char *name)
{
    return strcmp(name, "mismatch") == 0  ? HEALTH_MISMATCH
           : strcmp(name, "unknown") == 0 ? HEALTH_UNKNOWN
                                          : HEALTH_GOOD;
}

static void read_warnings(struct driver *driver, const json_t *list, struct pod_promise *pod)
{
    size_t count = json_array_size(list);
    struct text *warnings = arena_alloc(&driver->arena, (count + 1) * sizeof(*warnings));

    for (size_t i = 0; i < count && warnings != NULL; i++)
        warnings[i] = text_of(json_string_value(json_array_get(list, i)));
    pod->warnings = warnings;
    pod->warning_count = count;
}

static void read_pods(struct driver *driver)
{
    const json_t *list = json_object_get(driver->line, "pods");
    size_t count = json_array_size(list);
    struct pod_promise *pods = arena_alloc(&driver->arena, (count + 1) * sizeof(*pods));

    for (size_t i = 0; i < count && pods != NULL; i++) {
        const json_t *pod = json_array_get(list, i);

        pods[i].namespace = text_of(string_of(pod, "namespace"));
        pods[i].name = text_of(string_of(pod, "name"));
        pods[i].uid = text_of(string_of(pod, "uid"));
        read_warnings(driver, json_object_get(pod, "warnings"), &pods[i]);
    }
    driver->expectation.promises = pods;
    driver->expectation.promise_count = count;
}

static void read_findings(struct driver *driver, struct findings *findings)
{
    const json_t *list = json_object_get(driver->line, "findings");

    findings->count = json_array_size(list);
    findings->items = arena_alloc(&driver->arena, (findings->count + 1) * sizeof(*findings->items));
    findings->health = health_of(string_of(driver->line, "health"));
    findings->is_settling = json_is_true(json_object_get(driver->line, "settling"));
    for (size_t i = 0; i < findings->count && findings->items != NULL; i++) {
        const json_t *item = json_array_get(list, i);
        const json_t *pod = json_object_get(item, "pod");

        findings->items[i] = (struct finding){
            .kind = report_kind(string_of(item, "id")),
            .expected = text_of(string_of(item, "expected")),
            .found = text_of(string_of(item, "found")),
            .cause = text_of(string_of(item, "cause")),
            .fix = text_of(string_of(item, "fix")),
            .pod = pod != NULL ? &driver->expectation.promises[json_integer_value(pod)] : NULL,
        };
    }
}

/* Read the Node anew; the pods of the line stay. */
static void read_node(struct driver *driver, int64_t now)
{
    struct expectation fresh = {
        .promises = driver->expectation.promises,
        .promise_count = driver->expectation.promise_count,
    };
    struct error err = {0};

    (void)report_read_node(driver->client, driver->options.node_name, &fresh, &err);
    arena_release(&driver->expectation.arena);
    driver->expectation = fresh;
    driver->read_at = now + READ_SECONDS;
}

static void note_error(struct driver *driver, const char *text)
{
    size_t i;
    const json_t *said;

    json_array_foreach(driver->errors, i, said) {
        if (strcmp(json_string_value(said), text) == 0)
            return;
    }
    (void)json_array_append_new(driver->errors, json_string(text));
}

static void look(struct driver *driver, const struct node_report *report, int64_t now)
{
    struct error err = {0};

    if (now >= driver->read_at)
        read_node(driver, now);
    if (!reporter_is_due(driver->reporter, report, now))
        return;
    driver->reports++;
    if (!reporter_report(driver->reporter, driver->client, report, now, &err))
        note_error(driver, err.text);
}

static void print_counts(const struct driver *driver)
{
    struct reporter_counts counts = reporter_counts(driver->reporter);
    json_t *object = json_pack("{s:O, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "errors", driver->errors,
                               "reports", driver->reports, "conditions", (json_int_t)counts.conditions,
                               "heartbeats", (json_int_t)counts.heartbeats, "events",
                               (json_int_t)counts.events, "heldBack", (json_int_t)counts.events_held_back,
                               "taints", (json_int_t)counts.taints, "failures", (json_int_t)counts.failures);
    char *text = json_dumps(object, JSON_COMPACT);

    printf("%s\n", text);
    (void)fflush(stdout);
    free(text);
    json_decref(object);
}

static void live(struct driver *driver)
{
    struct findings findings = {.count = 0};
    const struct node_report report = {
        .inventory = &nothing, .expectation = &driver->expectation, .findings = &findings};
    int64_t from = json_integer_value(json_object_get(driver->line, "from"));
    int64_t until = json_integer_value(json_object_get(driver->line, "until"));

    if (driver->reporter == NULL || json_is_true(json_object_get(driver->line, "restart"))) {
        reporter_free(&driver->reporter);
        driver->reporter = reporter_new(&driver->options);
        driver->read_at = from;
    }
    if (from < driver->read_at - READ_SECONDS)
        driver->read_at = from; /* the clock was put back */
    driver->errors = json_array();
    driver->reports = 0;
    read_pods(driver);
    read_findings(driver, &findings);
    for (int64_t now = from; now < until && driver->reporter != NULL; now += LOOK_SECONDS)
        look(driver, &report, now);
    print_counts(driver);
    json_decref(driver->errors);
    arena_reset(&driver->arena);
    driver->expectation.promises = NULL;
    driver->expectation.promise_count = 0;
}

static void parse(struct driver *driver, struct kube_client_options *client, int count, char **arguments)
{
    uint64_t number = 0;

    for (int i = 1; i < count; i++) {
        const char *value = i + 1 < count ? arguments[i + 1] : "";

        if (strcmp(arguments[i], "--kubeconfig") == 0)
            client->kubeconfig = value;
        if (strcmp(arguments[i], "--node") == 0)
            driver->options.node_name = value;
        if (strcmp(arguments[i], "--taint") == 0)
            driver->options.taints = true;
        if (strcmp(arguments[i], "--event-limit") == 0 &&
            text_parse_unsigned(text_of(value), UINT32_MAX, &number))
            driver->options.event_limit = (unsigned)number;
    }
}

int main(int count, char **arguments)
{
    struct driver driver = {.options = {.node_name = "a", .prefix = "efa-injector.io"}};
    struct kube_client_options options = {.user_agent = "efa-agent"};
    struct error err = {0};
    char *line = NULL;
    size_t size = 0;

    parse(&driver, &options, count, arguments);
    if (!kube_client_open(&options, &driver.client, &err)) {
        (void)fprintf(stderr, "reporter_driver: %s\n", err.text);
        return 1;
    }
    while (getline(&line, &size, stdin) > 0) {
        driver.line = json_loads(line, 0, NULL);
        live(&driver);
        json_decref(driver.line);
    }
    free(line);
    reporter_free(&driver.reporter);
    arena_release(&driver.arena);
    arena_release(&driver.expectation.arena);
    kube_client_close(&driver.client);
    return 0;
}
