/* SPDX-License-Identifier: Apache-2.0 */
#include "once.h"

#include "collect.h"
#include "io/clock.h"

#include <stdio.h>
#include <time.h>

enum {
    EXIT_GOOD = 0,
    EXIT_MISMATCH = 1,
    EXIT_UNKNOWN = 2,
};

static int status_of(enum node_health health)
{
    switch (health) {
    case HEALTH_GOOD:
        return EXIT_GOOD;
    case HEALTH_MISMATCH:
        return EXIT_MISMATCH;
    case HEALTH_UNKNOWN:
        break;
    }
    return EXIT_UNKNOWN;
}

static int fail(const struct error *err)
{
    fprintf(stderr, "%s: %s\n", agent_name, err->text);
    return EXIT_UNKNOWN;
}

/* Node and pods, unless --expect stands in for them; the checkpoint. */
static struct agent_promises *read_promises(const struct agent_setup *setup, struct error *err)
{
    AUTO(kube_client_close) struct kube_client *client = NULL;
    AUTO(agent_promises_let) struct agent_promises *promises = agent_promises_new();
    struct agent_promises *read;

    if (promises == NULL) {
        (void)error_memory(err);
        return NULL;
    }
    if (setup->has_cluster)
        client = agent_setup_open_client(setup, err);
    promises_read(&setup->promises, client, &promises->expectation);
    if (setup->has_cluster && client == NULL)
        agent_promises_refuse(promises, err);
    if (promises->expectation.failed) {
        (void)error_memory(err);
        return NULL;
    }
    read = promises;
    promises = NULL;
    return read;
}

/* With libfabric's answer, however long it takes. */
static struct agent_facts *read_all(struct collector *collector, int64_t now_ms, struct error *err)
{
    AUTO(agent_facts_let) struct agent_facts *answered = NULL;
    struct agent_facts *facts = collector_read(collector, now_ms, err);

    if (facts == NULL || !collector_wants_libfabric(collector, facts, now_ms))
        return facts;
    agent_facts_drop(facts);
    answered = collector_ask_libfabric(collector->setup, err);
    if (answered == NULL)
        return NULL;
    collector_keep_libfabric(collector, answered);
    return collector_read(collector, now_ms, err);
}

static struct agent_view *look(struct collector *collector, struct agent_promises *promises,
                               struct error *err)
{
    AUTO(agent_facts_let) struct agent_facts *facts = read_all(collector, clock_ms(), err);

    if (facts == NULL)
        return NULL;
    collector_keep(collector, facts);
    return agent_view_judge(collector->setup, facts, promises, err);
}

/* Seconds that devices may still be coming, by the uptime that was read. */
static unsigned seconds_left(const struct agent_setup *setup, const struct agent_view *view)
{
    uint64_t up = view->facts->inventory.uptime_seconds.number;
    unsigned settle = setup->options->settle_seconds;

    return settle > up ? settle - (unsigned)up : 0;
}

static void say_waiting(const struct agent_setup *setup, const struct agent_view *view)
{
    fprintf(stderr,
            "%s: devices may still be coming, %llu s after boot: looking again for up to %u s "
            "(--settle 0 does not wait)\n",
            agent_name, (unsigned long long)view->facts->inventory.uptime_seconds.number,
            seconds_left(setup, view));
}

/* Look until nothing more is to be waited for: at most what was left of --settle at first, by our own clock.
 */
static struct agent_view *settle(struct collector *collector, struct agent_promises *promises,
                                 struct error *err)
{
    const struct agent_setup *setup = collector->setup;
    const struct timespec pause = {.tv_sec = setup->options->interval_seconds};
    struct agent_options impatient = *setup->options;
    struct agent_setup at_last = *setup;
    struct agent_view *view = look(collector, promises, err);
    int64_t until_ms;

    if (view == NULL || !view->findings.is_settling)
        return view;
    say_waiting(setup, view);
    until_ms = clock_ms() + (int64_t)seconds_left(setup, view) * 1000;
    impatient.settle_seconds = 0;
    at_last.options = &impatient;
    while (view != NULL && view->findings.is_settling) {
        agent_view_drop(view);
        (void)nanosleep(&pause, NULL);
        collector->setup = clock_ms() < until_ms ? setup : &at_last;
        view = look(collector, promises, err);
    }
    collector->setup = setup;
    return view;
}

static bool print(const struct agent_view *view, const char *output)
{
    AUTO(buffer_release) struct buffer text = {0};
    const struct node_report report = agent_view_report(view);

    if (strcmp(output, "json") == 0)
        node_report_format_json(&report, &text);
    else
        node_report_format_table(&report, &text);
    if (text.failed)
        return false;
    (void)fwrite(text.at, 1, text.length, stdout);
    return true;
}

static int look_and_print(const struct agent_setup *setup)
{
    AUTO(collector_release) struct collector collector = {.setup = setup};
    AUTO(agent_promises_let) struct agent_promises *promises = NULL;
    AUTO(agent_view_let) struct agent_view *view = NULL;
    struct error err = {0};

    promises = read_promises(setup, &err);
    if (promises == NULL)
        return fail(&err);
    view = settle(&collector, promises, &err);
    if (view == NULL)
        return fail(&err);
    if (!print(view, setup->options->output)) {
        (void)error_memory(&err);
        return fail(&err);
    }
    return status_of(view->findings.health);
}

int agent_once(const struct agent_options *options)
{
    AUTO(agent_setup_release) struct agent_setup setup = {.options = options};

    if (agent_setup_load(options, &setup) != 0)
        return EXIT_UNKNOWN;
    return look_and_print(&setup);
}
