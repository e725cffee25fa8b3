/* SPDX-License-Identifier: Apache-2.0 */
/* When the condition is written, and with which moments. */
#include "core/hash.h"

#include "reporter_state.h"

static const struct text statuses[] = {
    [HEALTH_GOOD] = TEXT("True"),
    [HEALTH_MISMATCH] = TEXT("False"),
    [HEALTH_UNKNOWN] = TEXT("Unknown"),
};

static enum node_health health_of(struct text status)
{
    for (size_t i = 0; i < COUNT_OF(statuses); i++) {
        if (text_is(statuses[i], status))
            return (enum node_health)i;
    }
    return HEALTH_UNKNOWN;
}

/* Never 0. */
static uint64_t verdict_of(struct text status, struct text reason, struct text message)
{
    const uint64_t parts[] = {hash_text(status), hash_text(reason), hash_text(message)};
    uint64_t verdict = hash_text((struct text){.at = (const char *)parts, .length = sizeof(parts)});

    return verdict != 0 ? verdict : 1;
}

/* At the node's own moment, but not so soon after another write. */
static void plan_heartbeat(struct reporter *reporter, int64_t written_at, int64_t now)
{
    int64_t period = reporter->options.heartbeat_seconds;
    int64_t earliest = written_at + period / 2;

    if (earliest < now || earliest - now > period)
        earliest = now;
    reporter->condition.heartbeat_at = reporter_own_moment(reporter->spread, period, earliest);
}

void reporter_condition_view(struct reporter_view *view)
{
    view->reason = node_report_reason(view->report);
    node_report_format_message(view->report, &view->message);
    view->verdict =
        verdict_of(statuses[view->report->findings->health], view->reason, buffer_text(&view->message));
}

void reporter_condition_adopt(struct reporter *reporter, const struct reporter_view *view)
{
    const struct expectation *expectation = view->report->expectation;
    const struct node_condition *found = &expectation->status.condition;
    struct reporter_condition *condition = &reporter->condition;
    uint64_t uid;
    bool is_another;

    if (!expectation->node.is_known)
        return;
    uid = hash_text(expectation->status.uid);
    is_another = reporter->node_uid != 0 && reporter->node_uid != uid;
    reporter->node_uid = uid;
    if (condition->is_known && !is_another)
        return;
    condition->is_known = true;
    condition->verdict = 0;
    condition->status = HEALTH_UNKNOWN;
    if (found->status.at != NULL) {
        condition->verdict = verdict_of(found->status, found->reason, found->message);
        condition->status = health_of(found->status);
    }
    condition->transition_seconds = found->transition_seconds;
    plan_heartbeat(reporter, found->heartbeat_seconds, view->now);
    reporter->events.was_unwell = condition->verdict != 0 && condition->status != HEALTH_GOOD;
}

bool reporter_condition_is_due(struct reporter *reporter, const struct reporter_view *view)
{
    const struct reporter_condition *condition = &reporter->condition;
    int64_t heartbeat = reporter->options.heartbeat_seconds;

    if (reporter_retry_is_waiting(&condition->retry, view->now) ||
        !reporter_window_is_open(&condition->window, view->now))
        return false;
    if (condition->verdict != view->verdict)
        return reporter_is_spread(reporter, REPORTER_FIRST_SECONDS, view->now);
    return reporter_has_come(condition->heartbeat_at, heartbeat + heartbeat / 2, view->now);
}

static void note_written(struct reporter *reporter, const struct reporter_view *view,
                         const struct node_condition *written)
{
    struct reporter_condition *condition = &reporter->condition;

    reporter->counts.conditions++;
    if (condition->is_known && condition->verdict == view->verdict)
        reporter->counts.heartbeats++;
    condition->is_known = true;
    condition->verdict = view->verdict;
    condition->status = view->report->findings->health;
    condition->transition_seconds = written->transition_seconds;
    plan_heartbeat(reporter, view->now, view->now);
    reporter_window_note(&condition->window, view->now);
}

enum reporter_answer reporter_condition_write(struct reporter *reporter, struct kube_client *client,
                                              const struct reporter_view *view, struct error *err)
{
    AUTO(reporter_request_release)
    struct reporter_request request = {
        .method = KUBE_PATCH,
        .content_type = "application/apply-patch+yaml",
    };
    const struct reporter_condition *old = &reporter->condition;
    bool is_same_status = old->verdict != 0 && old->status == view->report->findings->health;
    struct node_condition condition = {
        .status = statuses[view->report->findings->health],
        .reason = view->reason,
        .message = buffer_text(&view->message),
        .transition_seconds =
            is_same_status && old->transition_seconds > 0 ? old->transition_seconds : view->now,
        .heartbeat_seconds = view->now,
    };
    enum reporter_answer answer;

    buffer_add_string(&request.path, "/api/v1/nodes/");
    buffer_add_url(&request.path, text_of(reporter->options.node_name));
    buffer_add_string(&request.path, "/status?fieldManager=" REPORTER_FIELD_MANAGER "&force=true");
    node_condition_format(&request.body, reporter->options.node_name, &condition);
    answer = reporter_send(client, &request, err);
    if (answer == REPORTER_DONE)
        note_written(reporter, view, &condition);
    reporter_note_answer(reporter, &reporter->condition.retry, answer, &request.response, view->now);
    return answer;
}
