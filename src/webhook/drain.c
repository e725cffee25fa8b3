/* SPDX-License-Identifier: Apache-2.0 */
#include "drain.h"

#include <errno.h>
#include <signal.h>
#include <time.h>

enum {
    FINISH_LIMIT_MS = 30000,
    FINISH_STEP_MS = 10,
};

static sigset_t ending_signals(void)
{
    sigset_t signals;

    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGINT);
    return signals;
}

void drain_block_signals(void)
{
    const sigset_t signals = ending_signals();
    const struct sigaction ignore = {.sa_handler = SIG_IGN};

    (void)pthread_sigmask(SIG_BLOCK, &signals, NULL);
    (void)sigaction(SIGPIPE, &ignore, NULL);
}

const char *drain_wait(void)
{
    const sigset_t signals = ending_signals();
    int number;

    do {
        number = sigwaitinfo(&signals, NULL);
    } while (number < 0);
    return number == SIGTERM ? "SIGTERM" : "SIGINT";
}

/* True if a signal came in the meantime. */
static bool is_interrupted(uint64_t wait_ms)
{
    const sigset_t signals = ending_signals();
    const struct timespec wait = {.tv_sec = (time_t)(wait_ms / 1000),
                                  .tv_nsec = (long)(wait_ms % 1000) * 1000000};

    return sigtimedwait(&signals, NULL, &wait) > 0;
}

/*
 * Finish what is in flight, and give idle connections `idle_ms` to be used once more or let go of: one that
 * is closed from this side while a request is on its way loses that request, since API servers do not send a
 * POST twice.
 */
static void finish(const struct http_server *server, uint64_t idle_ms)
{
    for (uint64_t waited_ms = 0; waited_ms < FINISH_LIMIT_MS; waited_ms += FINISH_STEP_MS) {
        bool is_idle = http_server_in_flight(server) == 0;

        if (is_idle && (waited_ms >= idle_ms || http_server_connections(server) == 0))
            return;
        if (is_interrupted(FINISH_STEP_MS))
            return;
    }
}

void drain(struct service *service, struct http_server *server, unsigned delay_seconds)
{
    atomic_store(&service->is_draining, true);
    http_server_close_gently(server);
    (void)is_interrupted((uint64_t)delay_seconds * 1000);
    http_server_stop_accepting(server);
    finish(server, (uint64_t)delay_seconds * 1000);
}
