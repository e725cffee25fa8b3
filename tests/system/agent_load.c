/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What many agents write to an API server, counted: their reporters in one process, with a clock that runs
 * ahead.
 *
 *     agent_load --kubeconfig FILE [--nodes 500] [--prefix load-] [--minutes 30] [--taint]
 *
 * The Nodes load-0 to load-499 have to be there. The agents start together, then nothing happens for so many
 * minutes; then every tenth node has a fault; then all agents are started again; then the fault is gone. Each
 * of the last three lasts for ten minutes. Standard output: one object, with what was written in each phase
 * in all, in the minute and in the second with the most. Exit status 1: a request failed.
 */
#include "agent/reporter.h"
#include "io/clock.h"
#include "support/report_maker.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <jansson.h>

enum {
    MINUTE_SECONDS = 60,
    LOOK_SECONDS = 2,
    FAULTY_ONE_IN = 10,
    PHASE_MINUTES = 10,
    NAME_BYTES = 64,
};

struct node {
    char name[NAME_BYTES];
    struct reporter *reporter;
    struct expectation expectation;
};

/* Kinds of writes. */
enum kind {
    KIND_CHANGE,
    KIND_HEARTBEAT,
    KIND_EVENT,
    KIND_TAINT,
    KIND_COUNT,
};

static const char *const kind_names[] = {"changes", "heartbeats", "events", "taints"};

/* How many were written in all, and at most in a minute. */
struct tally {
    uint64_t all;
    uint64_t minute;
    uint64_t most;
};

struct load {
    struct kube_client_options client_options;
    struct kube_client *client;
    struct reporter_options reporter_options;
    const char *prefix;
    uint64_t count;
    uint64_t minutes;
    struct node *nodes;
    int64_t now;
    bool is_faulty;
    /* of the phase */
    struct tally tallies[KIND_COUNT];
    uint64_t second;
    uint64_t burst; /* the most in a second */
    uint64_t failures;
    struct error err; /* the first failure of all */
};

static const struct inventory nothing;

static void note_failure(struct load *load, const struct error *err)
{
    load->failures++;
    if (load->err.kind == ERROR_NONE)
        load->err = *err;
}

static void tally(struct load *load, const struct reporter_counts *before,
                  const struct reporter_counts *after)
{
    const uint64_t written[] = {
        [KIND_HEARTBEAT] = after->heartbeats - before->heartbeats,
        [KIND_CHANGE] = after->conditions - before->conditions - (after->heartbeats - before->heartbeats),
        [KIND_EVENT] = after->events - before->events,
        [KIND_TAINT] = after->taints - before->taints,
    };

    for (unsigned i = 0; i < KIND_COUNT; i++) {
        load->tallies[i].all += written[i];
        load->tallies[i].minute += written[i];
        load->second += written[i];
    }
}

/* One agent looks at its node. */
static void look(struct load *load, size_t number)
{
    struct finding fault = {
        .kind = report_kind("efa-fewer-attached"),
        .expected = TEXT("32 EFA devices (catalogue, p5.48xlarge)"),
        .found = TEXT("31"),
        .cause = TEXT("the load driver says so"),
    };
    bool is_faulty = load->is_faulty && number % FAULTY_ONE_IN == 0;
    struct findings findings = {
        .items = &fault,
        .count = is_faulty ? 1 : 0,
        .health = is_faulty ? HEALTH_MISMATCH : HEALTH_GOOD,
    };
    struct node *node = &load->nodes[number];
    const struct node_report report = {
        .inventory = &nothing, .expectation = &node->expectation, .findings = &findings};
    struct reporter_counts before = reporter_counts(node->reporter);
    struct reporter_counts after;
    struct error err = {0};

    if (!reporter_is_due(node->reporter, &report, load->now))
        return;
    if (!reporter_report(node->reporter, load->client, &report, load->now, &err))
        note_failure(load, &err);
    after = reporter_counts(node->reporter);
    tally(load, &before, &after);
}

static void end_second(struct load *load)
{
    load->burst = load->second > load->burst ? load->second : load->burst;
    load->second = 0;
}

static void end_minute(struct load *load)
{
    for (unsigned i = 0; i < KIND_COUNT; i++) {
        struct tally *tally = &load->tallies[i];

        tally->most = tally->minute > tally->most ? tally->minute : tally->most;
        tally->minute = 0;
    }
}

static json_t *show_phase(struct load *load, uint64_t minutes, const char *name)
{
    json_t *object = json_pack("{s:s, s:I, s:I, s:I}", "phase", name, "minutes", (json_int_t)minutes, "burst",
                               (json_int_t)load->burst, "failures", (json_int_t)load->failures);

    for (unsigned i = 0; i < KIND_COUNT; i++) {
        json_t *written = json_pack("{s:I, s:I}", "all", (json_int_t)load->tallies[i].all, "mostInAMinute",
                                    (json_int_t)load->tallies[i].most);

        (void)json_object_set_new(object, kind_names[i], written);
    }
    memset(load->tallies, 0, sizeof(load->tallies));
    load->burst = 0;
    load->failures = 0;
    return object;
}

/* Half of the agents look in even seconds, half in odd ones. */
static json_t *run_phase(struct load *load, uint64_t minutes, const char *name)
{
    int64_t begin = load->now;

    for (; load->now < begin + (int64_t)minutes * MINUTE_SECONDS; load->now++) {
        for (size_t i = (size_t)load->now % LOOK_SECONDS; i < load->count; i += LOOK_SECONDS)
            look(load, i);
        end_second(load);
        if ((load->now - begin) % MINUTE_SECONDS == MINUTE_SECONDS - 1)
            end_minute(load);
    }
    return show_phase(load, minutes, name);
}

/* Start all agents, each of which reads its Node. */
static bool start(struct load *load, struct error *err)
{
    for (size_t i = 0; i < load->count; i++) {
        struct node *node = &load->nodes[i];

        reporter_free(&node->reporter);
        expectation_release(&node->expectation);
        (void)snprintf(node->name, sizeof(node->name), "%s%zu", load->prefix, i);
        load->reporter_options.node_name = node->name;
        node->reporter = reporter_new(&load->reporter_options);
        if (node->reporter == NULL)
            return error_memory(err);
        if (!report_read_node(load->client, node->name, &node->expectation, err))
            return false;
    }
    return true;
}

static bool run(struct load *load, json_t *phases, struct error *err)
{
    load->nodes = calloc(load->count, sizeof(*load->nodes));
    if (load->nodes == NULL)
        return error_memory(err);
    if (!start(load, err))
        return false;
    (void)json_array_append_new(phases, run_phase(load, 1, "start"));
    (void)json_array_append_new(phases, run_phase(load, load->minutes, "steady"));
    load->is_faulty = true;
    (void)json_array_append_new(phases, run_phase(load, PHASE_MINUTES, "fault"));
    if (!start(load, err))
        return false;
    (void)json_array_append_new(phases, run_phase(load, PHASE_MINUTES, "restart"));
    load->is_faulty = false;
    (void)json_array_append_new(phases, run_phase(load, PHASE_MINUTES, "well"));
    if (load->err.kind == ERROR_NONE)
        return true;
    *err = load->err;
    return false;
}

static bool parse_number(const char *option, const char *value, uint64_t *ret_number, struct error *err)
{
    enum {
        MOST = 100000
    };

    return (text_parse_unsigned(text_of(value), MOST, ret_number) && *ret_number > 0) ||
           error_set(err, ERROR_INPUT, "%s: '%s' is no number from 1 to %d", option, value, MOST);
}

static bool parse(struct load *load, int count, char **arguments, struct error *err)
{
    for (int i = 1; i < count; i++) {
        const char *option = arguments[i];
        const char *value = i + 1 < count ? arguments[i + 1] : "";
        bool is_ok = true;

        if (strcmp(option, "--taint") == 0) {
            load->reporter_options.taints = true;
            continue;
        }
        if (strcmp(option, "--kubeconfig") == 0)
            load->client_options.kubeconfig = value;
        else if (strcmp(option, "--prefix") == 0)
            load->prefix = value;
        else if (strcmp(option, "--nodes") == 0)
            is_ok = parse_number(option, value, &load->count, err);
        else if (strcmp(option, "--minutes") == 0)
            is_ok = parse_number(option, value, &load->minutes, err);
        else
            is_ok = error_set(err, ERROR_INPUT, "there is no option %s", option);
        if (!is_ok)
            return false;
        i++;
    }
    return true;
}

static void load_release(struct load *load)
{
    for (size_t i = 0; i < load->count && load->nodes != NULL; i++) {
        reporter_free(&load->nodes[i].reporter);
        expectation_release(&load->nodes[i].expectation);
    }
    free(load->nodes);
    kube_client_close(&load->client);
}

int main(int count, char **arguments)
{
    AUTO(load_release)
    struct load load = {
        .client_options = {.user_agent = "efa-agent"},
        .reporter_options = {.prefix = "efa-injector.io"},
        .prefix = "load-",
        .count = 500,
        .minutes = 30,
        .now = (int64_t)time(NULL),
    };
    json_t *phases = json_array();
    json_t *object;
    int64_t began = clock_ms();
    struct error err = {0};
    bool is_ok = parse(&load, count, arguments, &err) &&
                 kube_client_open(&load.client_options, &load.client, &err) && run(&load, phases, &err);

    if (!is_ok)
        (void)fprintf(stderr, "agent_load: %s\n", err.text);
    object = json_pack("{s:I, s:o, s:I}", "nodes", (json_int_t)load.count, "phases", phases, "tookMs",
                       (json_int_t)(clock_ms() - began));
    (void)json_dumpf(object, stdout, JSON_COMPACT);
    printf("\n");
    json_decref(object);
    return is_ok ? 0 : 1;
}
