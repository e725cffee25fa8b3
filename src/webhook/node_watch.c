/* SPDX-License-Identifier: Apache-2.0 */
#include "node_watch.h"

#include "core/node_stream.h"
#include "core/node_sync.h"
#include "io/clock.h"

#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

enum {
    TICK_MS = 1000
};

struct node_view {
    struct node_store *store;
};

struct run {
    const struct node_watch *watch;
    struct node_sync sync;
    struct node_view *view;   /* what was published last; NULL: nothing was */
    struct node_store *built; /* by a list that is not whole yet */
    struct node_page *page;   /* of the request that runs, or NULL */
    struct node_events *events;
    bool is_over;
};

void node_view_free(struct node_view *view)
{
    if (view == NULL)
        return;
    node_store_free(&view->store);
    free(view);
}

static void run_release(struct run *run)
{
    node_page_free(&run->page);
    node_events_free(&run->events);
    node_store_free(&run->built);
    node_sync_release(&run->sync);
}

static uint64_t choose_random(void)
{
    uint64_t number = 0;

    (void)!getrandom(&number, sizeof(number), 0);
    return number;
}

static bool tick(void *context)
{
    struct run *run = context;

    run->is_over = run->is_over || !run->watch->tick(run->watch->context);
    return !run->is_over;
}

/* Pieces of at most a second, so that the caller is asked as often. */
static void wait_ms(struct run *run, unsigned ms)
{
    int64_t until = clock_ms() + ms;
    int64_t left = ms;

    while (left > 0 && tick(run)) {
        int64_t piece = left < TICK_MS ? left : TICK_MS;
        struct timespec pause = {.tv_sec = piece / 1000, .tv_nsec = piece % 1000 * 1000000};

        (void)nanosleep(&pause, NULL);
        left = until - clock_ms();
    }
}

/* Show what the store holds now; false without memory. */
static bool publish(struct run *run, struct node_store *store, struct error *err)
{
    const struct nodes *nodes = node_store_view(store);

    if (nodes == NULL)
        return error_memory(err);
    run->watch->publish(run->watch->context, nodes);
    node_store_reclaim(store);
    return true;
}

/* The list is whole: it takes the place of what was shown. */
static bool show_list(struct run *run, struct error *err)
{
    struct node_view *old = run->view;
    struct node_view *view = malloc(sizeof(*view));

    if (view == NULL)
        return error_memory(err);
    if (!publish(run, run->built, err)) {
        free(view);
        return false;
    }
    view->store = run->built;
    run->built = NULL;
    run->view = view;
    node_view_free(old);
    run->watch->listed(run->watch->context, node_store_node_count(view->store),
                       node_store_class_count(view->store));
    return true;
}

/* All events of the piece are shown at once, also those before one that cannot be read. */
static bool take_events(struct run *run, struct text bytes, struct error *err)
{
    struct node_store *store = run->view->store;
    size_t before = node_events_count(run->events);
    bool is_well = node_events_take(run->events, bytes, err);

    if (!is_well && err->kind == ERROR_MEMORY)
        return false;
    if (node_store_has_changed(store) && !publish(run, store, err))
        return false;
    if (node_events_count(run->events) > before)
        run->watch->freshen(run->watch->context, node_store_node_count(store), node_store_class_count(store));
    return is_well;
}

static bool take(void *context, struct text bytes, struct error *err)
{
    struct run *run = context;

    return run->page != NULL ? node_page_take(run->page, bytes, err) : take_events(run, bytes, err);
}

static bool begin_page(struct run *run, struct error *err)
{
    if (run->built == NULL)
        run->built = node_store_new(run->watch->catalogue, run->watch->policy);
    if (run->built != NULL)
        run->page = node_page_new(run->built);
    return run->page != NULL || error_memory(err);
}

static bool begin_watch(struct run *run, struct error *err)
{
    run->events = node_events_new(run->view->store);
    return run->events != NULL || error_memory(err);
}

static bool finish_page(struct run *run, struct error *err)
{
    if (!node_page_finish(run->page, err) ||
        !node_sync_listed(&run->sync, node_page_continue(run->page), node_page_version(run->page), err))
        return false;
    return run->sync.phase == NODE_SYNC_LIST || show_list(run, err);
}

/* One request to its end. */
static bool exchange(struct run *run, struct node_sync_outcome *outcome, struct error *err)
{
    AUTO(kube_response_release) struct kube_response response = {0};
    struct kube_stream stream = {.take = take, .tick = tick, .context = run};
    struct node_sync_request asked;
    struct kube_request request = {.method = KUBE_GET};
    bool is_well;

    if (!node_sync_next(&run->sync, choose_random(), &asked, err) ||
        !(run->sync.asked == NODE_SYNC_LIST ? begin_page(run, err) : begin_watch(run, err)))
        return false;
    request.path = asked.path;
    request.deadline_seconds = asked.deadline_seconds;
    request.idle_seconds = asked.idle_seconds;
    request.limit_bytes = asked.limit_bytes;
    is_well = kube_call_stream(run->watch->client, &request, &stream, &response, err);
    outcome->status = response.status;
    outcome->retry_after_seconds = response.retry_after_seconds;
    if (!is_well || run->is_over)
        return is_well;
    return run->page != NULL ? finish_page(run, err) : node_events_finish(run->events, err);
}

/* What the events of a watch said of itself. */
static bool note_events(struct run *run, struct node_sync_outcome *outcome, struct error *err)
{
    if (run->events == NULL)
        return true;
    outcome->event_count = node_events_count(run->events);
    if (node_events_status(run->events) != 0)
        outcome->status = node_events_status(run->events);
    return node_sync_watched(&run->sync, node_events_version(run->events), err);
}

static struct node_sync_outcome ask(struct run *run, struct error *err)
{
    struct node_sync_outcome outcome = {0};
    int64_t begin = clock_ms();
    bool is_well = exchange(run, &outcome, err);

    if (!note_events(run, &outcome, err))
        is_well = false;
    outcome.is_well = is_well;
    outcome.lasted_ms = (unsigned)(clock_ms() - begin);
    node_page_free(&run->page);
    node_events_free(&run->events);
    return outcome;
}

static void go_on(struct run *run, const struct node_sync_outcome *outcome, struct error *err)
{
    struct node_sync_step step = node_sync_after(&run->sync, outcome, choose_random());

    /* A store that ran out of memory is of no more use. */
    if (err->kind == ERROR_MEMORY)
        node_sync_restart(&run->sync);
    if (step.begins_again || err->kind == ERROR_MEMORY)
        node_store_free(&run->built);
    if (!step.is_failure)
        return;
    if (err->kind == ERROR_NONE)
        (void)error_set(err, ERROR_REMOTE, "the watch of nodes ended at once, without an event");
    run->watch->fail(run->watch->context, err, (step.wait_ms + 999) / 1000);
    wait_ms(run, step.wait_ms);
}

/* The addresses to ask for; there is nothing to do without memory for them but to try again. */
static bool prepare(struct run *run)
{
    struct error err = {0};

    while (tick(run)) {
        if (node_sync_init(&run->sync, run->watch->catalogue, &err))
            return true;
        node_sync_release(&run->sync);
        run->watch->fail(run->watch->context, &err, TICK_MS / 1000);
        wait_ms(run, TICK_MS);
    }
    return false;
}

struct node_view *node_watch_run(const struct node_watch *watch)
{
    AUTO(run_release) struct run run = {.watch = watch};

    if (!prepare(&run))
        return NULL;
    while (tick(&run)) {
        struct error err = {0};
        struct node_sync_outcome outcome = ask(&run, &err);

        if (!run.is_over)
            go_on(&run, &outcome, &err);
    }
    return run.view;
}
