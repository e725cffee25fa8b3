/* SPDX-License-Identifier: Apache-2.0 */
#include "board.h"

#include "io/clock.h"

#include <errno.h>
#include <time.h>

bool board_init(struct board *board, struct error *err)
{
    pthread_condattr_t attributes;

    if (pthread_condattr_init(&attributes) != 0)
        return error_memory(err);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&board->news, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    (void)pthread_mutex_init(&board->mutex, NULL);
    board->facts.begun_ms = clock_ms();
    return true;
}

void board_release(struct board *board)
{
    agent_view_drop(board->view);
    agent_promises_drop(board->promises);
    agent_facts_drop(board->answered);
    (void)pthread_cond_destroy(&board->news);
    (void)pthread_mutex_destroy(&board->mutex);
}

static void lock(struct board *board)
{
    (void)pthread_mutex_lock(&board->mutex);
}

static void unlock(struct board *board)
{
    (void)pthread_mutex_unlock(&board->mutex);
}

void board_publish(struct board *board, struct agent_view *view)
{
    struct agent_view *before;

    lock(board);
    before = board->view;
    board->view = agent_view_hold(view);
    board->view_number++;
    (void)pthread_cond_broadcast(&board->news);
    unlock(board);
    agent_view_drop(before);
}

struct agent_view *board_take_view(struct board *board, uint64_t *ret_number)
{
    struct agent_view *view;

    lock(board);
    view = board->view != NULL ? agent_view_hold(board->view) : NULL;
    *ret_number = board->view_number;
    unlock(board);
    return view;
}

void board_give_promises(struct board *board, struct agent_promises *promises)
{
    struct agent_promises *before;

    lock(board);
    before = board->promises;
    board->promises = agent_promises_hold(promises);
    board->has_new_promises = true;
    (void)pthread_cond_broadcast(&board->news);
    unlock(board);
    agent_promises_drop(before);
}

struct agent_promises *board_take_promises(struct board *board)
{
    struct agent_promises *promises;

    lock(board);
    promises = board->promises != NULL ? agent_promises_hold(board->promises) : NULL;
    board->has_new_promises = false;
    unlock(board);
    return promises;
}

void board_want_promises(struct board *board)
{
    lock(board);
    board->wants_promises = true;
    (void)pthread_cond_broadcast(&board->news);
    unlock(board);
}

bool board_take_want(struct board *board)
{
    bool wants;

    lock(board);
    wants = board->wants_promises;
    board->wants_promises = false;
    unlock(board);
    return wants;
}

void board_want_libfabric(struct board *board)
{
    lock(board);
    board->wants_libfabric = !board->is_probing;
    board->is_probing = true;
    (void)pthread_cond_broadcast(&board->news);
    unlock(board);
}

bool board_is_probing(struct board *board)
{
    bool is_probing;

    lock(board);
    is_probing = board->is_probing;
    unlock(board);
    return is_probing;
}

void board_give_answer(struct board *board, struct agent_facts *answered)
{
    struct agent_facts *before;

    lock(board);
    before = board->answered;
    board->answered = answered != NULL ? agent_facts_hold(answered) : NULL;
    board->is_probing = false;
    (void)pthread_cond_broadcast(&board->news);
    unlock(board);
    agent_facts_drop(before);
}

struct agent_facts *board_take_answer(struct board *board)
{
    struct agent_facts *answered;

    lock(board);
    answered = board->answered;
    board->answered = NULL;
    unlock(board);
    return answered;
}

void board_note_look(struct board *board, int64_t now_ms, bool has_read, uint64_t libfabric_count)
{
    lock(board);
    board->facts.looked_ms = now_ms;
    board->facts.looked_seconds = time(NULL);
    board->facts.looks++;
    board->facts.readings += has_read ? 1 : 0;
    board->facts.libfabric_count = libfabric_count;
    unlock(board);
}

void board_note_cluster(struct board *board, const struct error *err)
{
    lock(board);
    board->facts.has_asked = true;
    board->facts.cluster = *err;
    unlock(board);
}

void board_note_reports(struct board *board, struct reporter_counts counts)
{
    lock(board);
    board->facts.reports = counts;
    unlock(board);
}

struct board_facts board_read(struct board *board)
{
    struct board_facts facts;

    lock(board);
    facts = board->facts;
    unlock(board);
    return facts;
}

static bool is_news(const struct board *board, uint64_t number)
{
    (void)number;
    return board->has_new_promises || board->answered != NULL;
}

static bool is_viewed(const struct board *board, uint64_t number)
{
    return board->view_number != number || board->wants_promises;
}

/* Until there is such news. */
static bool wait_for(struct board *board, bool (*is_there)(const struct board *board, uint64_t number),
                     uint64_t number, int64_t wait_ms)
{
    uint64_t until = clock_nanoseconds() + (uint64_t)(wait_ms > 0 ? wait_ms : 0) * 1000000;
    const struct timespec deadline = {.tv_sec = (time_t)(until / 1000000000),
                                      .tv_nsec = (long)(until % 1000000000)};
    bool is_going_on;
    int waited = 0;

    lock(board);
    while (!board->is_stopping && waited != ETIMEDOUT && !is_there(board, number))
        waited = pthread_cond_timedwait(&board->news, &board->mutex, &deadline);
    is_going_on = !board->is_stopping;
    unlock(board);
    return is_going_on;
}

bool board_wait_news(struct board *board, int64_t wait_ms)
{
    return wait_for(board, is_news, 0, wait_ms);
}

bool board_wait_view(struct board *board, uint64_t number, int64_t wait_ms)
{
    return wait_for(board, is_viewed, number, wait_ms);
}

bool board_wait_want(struct board *board)
{
    bool is_going_on;

    lock(board);
    while (!board->is_stopping && !board->wants_libfabric)
        (void)pthread_cond_wait(&board->news, &board->mutex);
    board->wants_libfabric = false;
    is_going_on = !board->is_stopping;
    unlock(board);
    return is_going_on;
}

void board_stop(struct board *board)
{
    lock(board);
    board->is_stopping = true;
    (void)pthread_cond_broadcast(&board->news);
    unlock(board);
}
