/* SPDX-License-Identifier: Apache-2.0 */
#include "reporter.h"

#include "core/hash.h"

#include "reporter_state.h"

#include <stdlib.h>

enum {
    HEARTBEAT_SECONDS = 600,
    EVENT_SECONDS = 3600,
    EVENT_LIMIT = 30,
    EVENT_LIMIT_MAX = 1000,
    CONDITIONS_A_MINUTE = 5,
    MINUTE_SECONDS = 60,
    UNREAD_SECONDS = 120, /* nothing is written for so long while the Node cannot be read: it will be soon */
};

static void view_release(struct reporter_view *view)
{
    buffer_release(&view->message);
}

static unsigned choose(unsigned wanted, unsigned usual)
{
    return wanted > 0 ? wanted : usual;
}

static const char *copy(struct arena *arena, const char *string)
{
    struct text text[] = {text_of(string), TEXT("\0")};

    return arena_join(arena, text, COUNT_OF(text)).at;
}

static bool init(struct reporter *reporter, const struct reporter_options *options)
{
    struct reporter_options *own = &reporter->options;

    *own = *options;
    own->heartbeat_seconds = choose(options->heartbeat_seconds, HEARTBEAT_SECONDS);
    own->event_seconds = choose(options->event_seconds, EVENT_SECONDS);
    own->event_limit = choose(options->event_limit, EVENT_LIMIT);
    own->event_limit = own->event_limit < EVENT_LIMIT_MAX ? own->event_limit : EVENT_LIMIT_MAX;
    own->node_name = copy(&reporter->arena, options->node_name);
    own->prefix = copy(&reporter->arena, options->prefix);
    if (own->node_name == NULL || own->prefix == NULL)
        return false;
    reporter->spread = hash_text(text_of(own->node_name));
    return reporter_window_init(&reporter->condition.window, &reporter->arena, CONDITIONS_A_MINUTE,
                                MINUTE_SECONDS) &&
           reporter_taint_init(&reporter->taint, own->prefix, &reporter->arena) &&
           reporter_events_init(&reporter->events, &reporter->arena, own->event_limit);
}

struct reporter *reporter_new(const struct reporter_options *options)
{
    struct reporter *reporter = calloc(1, sizeof(*reporter));

    if (reporter != NULL && !init(reporter, options))
        reporter_free(&reporter);
    return reporter;
}

void reporter_free(struct reporter **reporter)
{
    if (*reporter == NULL)
        return;
    arena_release(&(*reporter)->arena);
    free(*reporter);
    *reporter = NULL;
}

void reporter_note_answer(struct reporter *reporter, struct reporter_retry *retry,
                          enum reporter_answer answer, const struct kube_response *response, int64_t now)
{
    if (answer == REPORTER_DONE) {
        *retry = (struct reporter_retry){0};
        return;
    }
    reporter->counts.failures++;
    if (answer == REPORTER_AWAY)
        reporter->unread_at = now;
    reporter_retry_fail(retry, response->retry_after_seconds, reporter->spread, now);
}

bool reporter_is_spread(const struct reporter *reporter, int64_t seconds, int64_t now)
{
    int64_t own = (int64_t)(reporter->spread % (uint64_t)seconds);

    return reporter_has_come(reporter->started_at + own, own, now);
}

/*
 * Whether to wait for the Node to be read: what is said without it would soon be taken back, by every node of
 * a cluster whose server was away for a while.
 */
static bool is_blind(const struct reporter *reporter, int64_t now)
{
    return reporter->is_unread &&
           !reporter_has_come(reporter->unread_at + UNREAD_SECONDS, UNREAD_SECONDS, now);
}

/* Look at a report: what it says, and what it says that the cluster has. */
static void look(struct reporter *reporter, struct reporter_view *view)
{
    bool is_read = view->report->expectation->node.is_known;

    if (!reporter->is_started)
        reporter->started_at = view->now;
    if (!is_read && !reporter->is_unread)
        reporter->unread_at = view->now;
    reporter->is_started = true;
    reporter->is_unread = !is_read;
    reporter_condition_view(view);
    reporter_condition_adopt(reporter, view);
}

struct writer {
    bool (*is_due)(struct reporter *reporter, const struct reporter_view *view);
    enum reporter_answer (*write)(struct reporter *reporter, struct kube_client *client,
                                  const struct reporter_view *view, struct error *err);
};

/* In this order: what is told first matters most. */
static const struct writer writers[] = {
    {reporter_condition_is_due, reporter_condition_write},
    {reporter_taint_is_due, reporter_taint_write},
    {reporter_events_are_due, reporter_events_write},
};

bool reporter_is_due(struct reporter *reporter, const struct node_report *report, int64_t now_seconds)
{
    AUTO(view_release) struct reporter_view view = {.report = report, .now = now_seconds};

    look(reporter, &view);
    for (size_t i = 0; i < COUNT_OF(writers) && !is_blind(reporter, now_seconds); i++) {
        if (writers[i].is_due(reporter, &view))
            return true;
    }
    return false;
}

bool reporter_report(struct reporter *reporter, struct kube_client *client, const struct node_report *report,
                     int64_t now_seconds, struct error *err)
{
    AUTO(view_release) struct reporter_view view = {.report = report, .now = now_seconds};
    enum reporter_answer answer = REPORTER_DONE;
    bool is_done = true;

    look(reporter, &view);
    if (view.message.failed)
        return error_memory(err);
    if (is_blind(reporter, now_seconds))
        return true;
    for (size_t i = 0; i < COUNT_OF(writers) && answer != REPORTER_AWAY; i++) {
        struct error why = {0};

        if (!writers[i].is_due(reporter, &view))
            continue;
        answer = writers[i].write(reporter, client, &view, &why);
        if (answer != REPORTER_DONE && is_done)
            *err = why;
        is_done = is_done && answer == REPORTER_DONE;
    }
    return is_done;
}

struct reporter_counts reporter_counts(const struct reporter *reporter)
{
    return reporter->counts;
}
