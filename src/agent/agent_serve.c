/* SPDX-License-Identifier: Apache-2.0 */
#include "agent_serve.h"

#include "agent_log.h"
#include "agent_probes.h"
#include "core/version.h"
#include "io/clock.h"
#include "io/exits.h"
#include "io/loaded_code.h"
#include "io/log.h"
#include "looker.h"
#include "teller.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum {
    END_SECONDS = 2, /* for threads that wait for a server or for libfabric */
    THREADS = 3,
};

struct thread {
    pthread_t id;
    bool is_there;
};

/* All that a serving agent holds. */
struct agent {
    struct agent_setup setup;
    struct board board;
    struct looker looker;
    struct teller teller;
    struct plain_port plain;
    struct agent_probes probes;
    struct thread threads[THREADS];
};

static void *keep_looking(void *context)
{
    struct agent *agent = context;
    int64_t interval_ms = (int64_t)agent->setup.options->interval_seconds * 1000;

    do {
        looker_look(&agent->looker, clock_ms());
    } while (board_wait_news(&agent->board, interval_ms));
    return NULL;
}

static void *keep_telling(void *context)
{
    struct agent *agent = context;
    int64_t wait_ms;

    do {
        wait_ms = teller_turn(&agent->teller, clock_ms());
    } while (board_wait_view(&agent->board, agent->teller.view_number, wait_ms));
    return NULL;
}

/* Asking libfabric takes up to ten seconds, in which the looker goes on. */
static void *keep_probing(void *context)
{
    struct agent *agent = context;

    while (board_wait_want(&agent->board)) {
        struct error err = {0};
        AUTO(agent_facts_let) struct agent_facts *answered = collector_ask_libfabric(&agent->setup, &err);

        if (answered == NULL)
            agent_log_failure("libfabric", &err);
        board_give_answer(&agent->board, answered);
    }
    return NULL;
}

/* Block what ends us, so that only the main thread sees it; a peer that hangs up is an error like others. */
static sigset_t block_signals(void)
{
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigset_t signals;

    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGINT);
    (void)pthread_sigmask(SIG_BLOCK, &signals, NULL);
    (void)sigaction(SIGPIPE, &ignore, NULL);
    return signals;
}

static const char *wait_for_signal(const sigset_t *signals)
{
    int number;

    do {
        number = sigwaitinfo(signals, NULL);
    } while (number < 0);
    return number == SIGTERM ? "SIGTERM" : "SIGINT";
}

static void log_started(const struct agent *agent)
{
    const struct agent_options *options = agent->setup.options;
    struct log_line line;

    log_begin(&line, LOG_LEVEL_INFO, "started");
    log_string(&line, "version", version);
    log_string(&line, "plain", agent->plain.listener.address);
    log_number(&line, "plainPort", agent->plain.listener.port);
    log_string(&line, "devices", options->devices != NULL ? options->devices : "count");
    log_bool(&line, "cluster", agent->setup.has_cluster);
    if (agent->setup.has_cluster)
        log_string(&line, "node", options->node_name);
    log_number(&line, "types", agent->setup.config.catalogue.count);
    log_end(&line);
}

static void log_ending(const char *event, const char *signal)
{
    struct log_line line;

    log_begin(&line, LOG_LEVEL_INFO, event);
    if (signal != NULL)
        log_string(&line, "signal", signal);
    log_end(&line);
}

/* A job that one of the threads does. */
struct job {
    void *(*run)(void *context);
    bool is_wanted;
};

static bool start_threads(struct agent *agent, struct error *err)
{
    const char *devices = agent->setup.options->devices;
    const struct job jobs[THREADS] = {
        {keep_looking, true},
        {keep_telling, agent->setup.has_cluster},
        {keep_probing, devices != NULL && strcmp(devices, "open") == 0},
    };

    for (size_t i = 0; i < THREADS; i++) {
        int failed = jobs[i].is_wanted ? pthread_create(&agent->threads[i].id, NULL, jobs[i].run, agent) : 0;

        if (failed != 0)
            return error_set(err, ERROR_SYSTEM, "cannot start a thread: %s", strerror(failed));
        agent->threads[i].is_there = jobs[i].is_wanted;
    }
    return true;
}

static bool start(struct agent *agent, struct error *err)
{
    const struct plain_port_options plain = agent_probes_options(&agent->probes);

    if (!plain_port_start(&plain, &agent->plain, err))
        return false;
    log_started(agent);
    loaded_code_drop();
    return start_threads(agent, err);
}

/* False where a thread still waits for a server or for libfabric: nothing of theirs may be released then. */
static bool end(struct agent *agent)
{
    const struct timespec until = {.tv_sec = time(NULL) + END_SECONDS};
    bool have_ended = true;

    board_stop(&agent->board);
    plain_port_stop(&agent->plain);
    for (size_t i = 0; i < THREADS; i++) {
        const struct thread *thread = &agent->threads[i];

        have_ended = (!thread->is_there || pthread_timedjoin_np(thread->id, NULL, &until) == 0) && have_ended;
    }
    return have_ended;
}

static void agent_release(struct agent *agent)
{
    teller_release(&agent->teller);
    looker_release(&agent->looker);
    board_release(&agent->board);
    agent_setup_release(&agent->setup);
}

static int run(struct agent *agent, const sigset_t *signals)
{
    struct error err = {0};
    bool has_started = start(agent, &err);

    if (has_started)
        log_ending("stopping", wait_for_signal(signals));
    if (!end(agent)) {
        log_ending("stopped", NULL);
        _exit(has_started ? 0 : exit_with(agent_name, &err));
    }
    if (!has_started)
        return exit_with(agent_name, &err);
    log_ending("stopped", NULL);
    return 0;
}

int agent_serve(const struct agent_options *options)
{
    struct agent agent = {.setup = {.options = options}};
    struct error err = {0};
    const sigset_t signals = block_signals();
    int status = agent_setup_load(options, &agent.setup);

    log_set_level(options->log_level);
    if (status == 0 && !board_init(&agent.board, &err))
        status = exit_with(agent_name, &err);
    if (status != 0) {
        agent_setup_release(&agent.setup);
        return status;
    }
    agent.looker = (struct looker){.setup = &agent.setup, .board = &agent.board};
    agent.teller = (struct teller){.setup = &agent.setup, .board = &agent.board};
    agent.probes = (struct agent_probes){.setup = &agent.setup, .board = &agent.board};
    status = run(&agent, &signals);
    agent_release(&agent);
    return status;
}
