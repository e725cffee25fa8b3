/* SPDX-License-Identifier: Apache-2.0 */
/* When our taint is added and removed. */
#include "core/node_taint.h"

#include "reporter_state.h"

enum {
    CHANGES_A_MINUTE = 5,
    MINUTE_SECONDS = 60,
    TRIES = 3, /* where the Node changes in between */
    CONFLICT = 409,
    UNPROCESSABLE = 422, /* the patch's test failed */
};

bool reporter_taint_init(struct reporter_taint *taint, const char *prefix, struct arena *arena)
{
    const struct text key[] = {text_of(prefix), TEXT("/efa-not-ready")};

    taint->key = arena_join(arena, key, COUNT_OF(key));
    return taint->key.at != NULL &&
           reporter_window_init(&taint->window, arena, CHANGES_A_MINUTE, MINUTE_SECONDS);
}

bool reporter_taint_is_due(struct reporter *reporter, const struct reporter_view *view)
{
    const struct reporter_taint *taint = &reporter->taint;
    enum node_health health = view->report->findings->health;
    enum fact wanted = health == HEALTH_MISMATCH ? FACT_YES : FACT_NO;
    int64_t longest = reporter->options.heartbeat_seconds;

    if (!reporter->options.taints || health == HEALTH_UNKNOWN ||
        reporter_retry_is_waiting(&taint->retry, view->now) ||
        !reporter_window_is_open(&taint->window, view->now) ||
        !reporter_is_spread(reporter, REPORTER_FIRST_SECONDS, view->now))
        return false;
    return taint->is_there != wanted || reporter_has_come(taint->look_at, longest + longest / 2, view->now);
}

/* A request about our Node. */
static struct reporter_request ask(const struct reporter *reporter, enum kube_method method)
{
    struct reporter_request request = {.method = method};

    buffer_add_string(&request.path, "/api/v1/nodes/");
    buffer_add_url(&request.path, text_of(reporter->options.node_name));
    return request;
}

static enum reporter_answer change(struct reporter *reporter, struct kube_client *client,
                                   const struct node_taint *taint, struct kube_response *ret_response,
                                   struct error *err)
{
    AUTO(reporter_request_release) struct reporter_request request = ask(reporter, KUBE_PATCH);
    enum reporter_answer answer;

    request.content_type = "application/json-patch+json";
    buffer_add_string(&request.path, "?fieldManager=" REPORTER_FIELD_MANAGER);
    node_taint_format_patch(&request.body, taint, reporter->taint.key);
    answer = reporter_send(client, &request, err);
    *ret_response = (struct kube_response){.status = request.response.status,
                                           .retry_after_seconds = request.response.retry_after_seconds};
    return answer;
}

/* Look at the Node, and change it if it is not as wanted. */
static enum reporter_answer write_once(struct reporter *reporter, struct kube_client *client, bool is_wanted,
                                       struct kube_response *ret_response, struct error *err)
{
    AUTO(arena_release) struct arena arena = {0};
    AUTO(reporter_request_release) struct reporter_request request = ask(reporter, KUBE_GET);
    struct node_taint found;
    enum reporter_answer answer = reporter_send(client, &request, err);

    *ret_response = (struct kube_response){.status = request.response.status,
                                           .retry_after_seconds = request.response.retry_after_seconds};
    if (answer != REPORTER_DONE)
        return answer;
    if (!node_taint_parse(buffer_text(&request.response.body), reporter->taint.key, &arena, &found, err))
        return REPORTER_AWAY;
    if (found.is_there == is_wanted)
        return REPORTER_DONE;
    answer = change(reporter, client, &found, ret_response, err);
    reporter->counts.taints += answer == REPORTER_DONE ? 1 : 0;
    return answer;
}

static bool is_late(const struct kube_response *response)
{
    return response->status == CONFLICT || response->status == UNPROCESSABLE;
}

enum reporter_answer reporter_taint_write(struct reporter *reporter, struct kube_client *client,
                                          const struct reporter_view *view, struct error *err)
{
    struct reporter_taint *taint = &reporter->taint;
    bool is_wanted = view->report->findings->health == HEALTH_MISMATCH;
    int64_t heartbeat = reporter->options.heartbeat_seconds;
    struct kube_response response = {0};
    uint64_t written = reporter->counts.taints;
    enum reporter_answer answer = REPORTER_REFUSED;

    for (unsigned i = 0; i < TRIES && (i == 0 || (answer == REPORTER_REFUSED && is_late(&response))); i++)
        answer = write_once(reporter, client, is_wanted, &response, err);
    reporter_note_answer(reporter, &taint->retry, answer, &response, view->now);
    if (answer != REPORTER_DONE)
        return answer;
    taint->is_there = is_wanted ? FACT_YES : FACT_NO;
    taint->look_at = reporter_own_moment(reporter->spread, heartbeat, view->now + heartbeat / 2);
    if (written != reporter->counts.taints)
        reporter_window_note(&taint->window, view->now);
    return answer;
}
