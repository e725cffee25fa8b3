/* SPDX-License-Identifier: Apache-2.0 */
/* Which Events are made, and how often. */
#include "core/hash.h"

#include "reporter_state.h"
#include "reporter_topics.h"

enum {
    EVENTS_A_TURN = 5,     /* one after the other; the next turn comes soon */
    PROMISE_SECONDS = 300, /* warnings of pods are spread over, after a start */
    CONFLICT = 409,
};

bool reporter_events_init(struct reporter_events *events, struct arena *arena, unsigned limit)
{
    enum {
        HOUR_SECONDS = 3600
    };

    events->memory = arena_alloc(arena, sizeof(*events->memory));
    return events->memory != NULL && reporter_window_init(&events->all, arena, limit, HOUR_SECONDS) &&
           reporter_window_init(&events->pods, arena, limit > 1 ? limit / 2 : 1, HOUR_SECONDS);
}

static struct reporter_walk walk_of(const struct reporter *reporter, const struct reporter_view *view)
{
    return (struct reporter_walk){
        .report = view->report,
        .wants_well = reporter->events.was_unwell && view->report->findings->health == HEALTH_GOOD,
    };
}

/* What is told once stays told while it is there: the time until it may be told again begins when it is gone.
 */
static bool is_quiet(const struct reporter *reporter, const struct reporter_topic *topic,
                     struct reporter_memo *memo, int64_t now)
{
    int64_t period = reporter->options.event_seconds;
    int64_t longest = period > REPORTER_RETRY_SECONDS_MAX ? period : REPORTER_RETRY_SECONDS_MAX;

    if (memo == NULL || reporter_has_come(memo->at, longest, now))
        return false;
    if (!topic->is_lasting && memo->is_told)
        memo->at = now + period;
    return true;
}

/* Whether the hour has room; where not, it is counted, once. */
static bool has_room(struct reporter *reporter, const struct reporter_topic *topic, int64_t now)
{
    struct reporter_events *events = &reporter->events;
    struct reporter_memo *memo;

    if (reporter_window_is_open(&events->all, now) &&
        (topic->pod == NULL || reporter_window_is_open(&events->pods, now)))
        return true;
    memo = reporter_memory_put(events->memory, reporter_topic_key(topic));
    reporter->counts.events_held_back += memo->is_held ? 0 : 1;
    memo->is_held = true;
    return false;
}

static bool is_topic_due(struct reporter *reporter, const struct reporter_topic *topic, int64_t now)
{
    struct reporter_memo *memo = reporter_memory_find(reporter->events.memory, reporter_topic_key(topic));

    if (topic->is_promise && !reporter_is_spread(reporter, PROMISE_SECONDS, now))
        return false;
    return !is_quiet(reporter, topic, memo, now) && has_room(reporter, topic, now);
}

bool reporter_events_are_due(struct reporter *reporter, const struct reporter_view *view)
{
    struct reporter_walk walk = walk_of(reporter, view);
    struct reporter_topic topic;
    bool is_due = false;

    if (reporter_retry_is_waiting(&reporter->events.retry, view->now) ||
        !reporter_is_spread(reporter, REPORTER_FIRST_SECONDS, view->now))
        return false;
    /* To the end: each is asked, so that none seems to have gone. */
    while (reporter_walk_next(&walk, &topic))
        is_due = is_topic_due(reporter, &topic, view->now) || is_due;
    return is_due;
}

/*
 * The number in the Event's name. It is the same for all tries within a period, also by an agent that was
 * started again: what the server has already is refused as a conflict.
 */
static uint64_t number_of(const struct reporter *reporter, const struct reporter_topic *topic, int64_t now)
{
    int64_t period = reporter->options.event_seconds;
    uint64_t shifted = (uint64_t)now + reporter->spread % (uint64_t)period;
    const uint64_t parts[] = {reporter_topic_key(topic), reporter->spread, shifted / (uint64_t)period};

    return hash_text((struct text){.at = (const char *)parts, .length = sizeof(parts)});
}

/* Some Events, one after the other. */
struct turn {
    struct reporter *reporter;
    struct kube_client *client;
    const struct reporter_view *view;
    unsigned tried;
    unsigned refused;
    unsigned retry_after_seconds; /* of the last answer */
};

static void format(const struct turn *turn, const struct reporter_topic *topic,
                   struct reporter_request *request)
{
    AUTO(buffer_release) struct buffer message = {0};
    const struct reporter *reporter = turn->reporter;
    struct kube_event event = {
        .pod = topic->pod,
        .node_name = text_of(reporter->options.node_name),
        .node_uid = turn->view->report->expectation->status.uid,
        .number = number_of(reporter, topic, turn->view->now),
        .is_warning = topic->finding != NULL || topic->is_promise,
        .reason = reporter_topic_reason(topic),
        .seconds = turn->view->now,
    };

    reporter_topic_format(&message, topic, buffer_text(&turn->view->message));
    event.message = buffer_text(&message);
    buffer_add_string(&request->path, "/api/v1/namespaces/");
    buffer_add_url(&request->path, kube_event_namespace(topic->pod));
    buffer_add_string(&request->path, "/events?fieldManager=" REPORTER_FIELD_MANAGER);
    kube_event_format(&request->body, &event);
    request->body.failed = request->body.failed || message.failed;
}

static void note_told(const struct turn *turn, const struct reporter_topic *topic)
{
    struct reporter_events *events = &turn->reporter->events;

    reporter_window_note(&events->all, turn->view->now);
    if (topic->pod != NULL)
        reporter_window_note(&events->pods, turn->view->now);
    else
        events->was_unwell = topic->finding != NULL &&
                             (events->was_unwell || turn->view->report->findings->health != HEALTH_GOOD);
}

static enum reporter_answer tell(struct turn *turn, const struct reporter_topic *topic, struct error *err)
{
    AUTO(reporter_request_release) struct reporter_request request = {.method = KUBE_POST};
    struct reporter *reporter = turn->reporter;
    int64_t now = turn->view->now;
    struct reporter_memo *memo;
    enum reporter_answer answer;
    bool is_there;

    format(turn, topic, &request);
    answer = reporter_send(turn->client, &request, err);
    is_there = request.response.status == CONFLICT;
    turn->tried++;
    turn->retry_after_seconds = request.response.retry_after_seconds;
    if (answer == REPORTER_AWAY)
        return answer;
    memo = reporter_memory_put(reporter->events.memory, reporter_topic_key(topic));
    memo->is_held = false;
    memo->is_told = answer == REPORTER_DONE || is_there;
    memo->at = now + (memo->is_told ? reporter->options.event_seconds : REPORTER_RETRY_SECONDS_MAX);
    if (!memo->is_told) {
        turn->refused++;
        return REPORTER_REFUSED;
    }
    reporter->counts.events += is_there ? 0 : 1;
    note_told(turn, topic);
    return REPORTER_DONE;
}

/* Where all that was tried was refused, what is left would most likely be too. */
static void note_turn(const struct turn *turn, enum reporter_answer last)
{
    struct reporter *reporter = turn->reporter;
    struct reporter_retry *retry = &reporter->events.retry;
    const struct kube_response response = {.retry_after_seconds = turn->retry_after_seconds};

    reporter->counts.failures += turn->refused;
    if (last == REPORTER_AWAY)
        reporter_note_answer(reporter, retry, last, &response, turn->view->now);
    else if (turn->tried > turn->refused)
        *retry = (struct reporter_retry){0};
    else if (turn->refused > 0)
        reporter_retry_fail(retry, turn->retry_after_seconds, reporter->spread, turn->view->now);
}

enum reporter_answer reporter_events_write(struct reporter *reporter, struct kube_client *client,
                                           const struct reporter_view *view, struct error *err)
{
    struct turn turn = {.reporter = reporter, .client = client, .view = view};
    struct reporter_walk walk = walk_of(reporter, view);
    enum reporter_answer answer = REPORTER_DONE;
    enum reporter_answer worst = REPORTER_DONE;
    struct reporter_topic topic;

    while (turn.tried < EVENTS_A_TURN && answer != REPORTER_AWAY && reporter_walk_next(&walk, &topic)) {
        struct error why = {0};

        if (!is_topic_due(reporter, &topic, view->now))
            continue;
        answer = tell(&turn, &topic, &why);
        if (answer > worst) {
            worst = answer;
            *err = why;
        }
    }
    note_turn(&turn, answer);
    return worst;
}
