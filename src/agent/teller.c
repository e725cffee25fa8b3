/* SPDX-License-Identifier: Apache-2.0 */
#include "teller.h"

#include "agent_log.h"
#include "io/loaded_code.h"

#include <time.h>

enum {
    READ_AGAIN_MS = 15000, /* the least between two readings */
    TURN_MS = 1000,        /* reports that were put off are looked after this often */
};

static void note_reading(struct teller *teller, const struct expectation *expectation)
{
    const struct reading *missed = !expectation->node.is_known   ? &expectation->node
                                   : !expectation->pods.is_known ? &expectation->pods
                                                                 : NULL;

    teller->read_error = (struct error){.kind = ERROR_NONE};
    if (missed != NULL)
        (void)error_set(&teller->read_error, ERROR_REMOTE, "%.*s", TEXT_ARGS(missed->why));
}

static void read_promises(struct teller *teller)
{
    AUTO(agent_promises_let) struct agent_promises *promises = agent_promises_new();
    struct error err = {0};

    if (promises == NULL) {
        (void)error_memory(&teller->read_error);
        return;
    }
    if (teller->client == NULL)
        teller->client = agent_setup_open_client(teller->setup, &err);
    promises_read(&teller->setup->promises, teller->client, &promises->expectation);
    if (teller->client == NULL)
        agent_promises_refuse(promises, &err);
    if (promises->expectation.failed) {
        (void)error_memory(&teller->read_error);
        return;
    }
    note_reading(teller, &promises->expectation);
    board_give_promises(teller->board, promises);
}

static int64_t reading_due_ms(const struct teller *teller)
{
    bool is_early = teller->wants || teller->read_error.kind != ERROR_NONE;
    int64_t refresh_ms = (int64_t)teller->setup->options->refresh_seconds * 1000;

    if (!teller->has_read)
        return 0;
    return teller->read_ms + (is_early && refresh_ms > READ_AGAIN_MS ? READ_AGAIN_MS : refresh_ms);
}

static struct reporter *open_reporter(const struct agent_setup *setup)
{
    const struct reporter_options options = {
        .node_name = setup->options->node_name,
        .taints = setup->options->taints,
        .prefix = setup->prefix,
        .heartbeat_seconds = setup->options->heartbeat_seconds,
    };

    return reporter_new(&options);
}

/* A view that was judged before the API server was asked is not the last word. */
static void report(struct teller *teller)
{
    AUTO(agent_view_let) struct agent_view *view = board_take_view(teller->board, &teller->view_number);
    struct node_report facts;
    int64_t now_seconds = time(NULL);

    if (view == NULL || view->promises == NULL || teller->client == NULL)
        return;
    if (teller->reporter == NULL)
        teller->reporter = open_reporter(teller->setup);
    if (teller->reporter == NULL) {
        (void)error_memory(&teller->report_error);
        return;
    }
    facts = agent_view_report(view);
    if (!reporter_is_due(teller->reporter, &facts, now_seconds))
        return;
    if (reporter_report(teller->reporter, teller->client, &facts, now_seconds, &teller->report_error))
        teller->report_error = (struct error){.kind = ERROR_NONE};
    board_note_reports(teller->board, reporter_counts(teller->reporter));
}

static void tell_trouble(struct teller *teller)
{
    const struct error *now =
        teller->read_error.kind != ERROR_NONE ? &teller->read_error : &teller->report_error;

    board_note_cluster(teller->board, now);
    if (strcmp(now->text, teller->told.text) == 0)
        return;
    teller->told = *now;
    agent_log_cluster(now);
}

int64_t teller_turn(struct teller *teller, int64_t now_ms)
{
    int64_t left_ms;

    teller->wants = board_take_want(teller->board) || teller->wants;
    if (now_ms >= reading_due_ms(teller)) {
        read_promises(teller);
        teller->has_read = true;
        teller->wants = false;
        teller->read_ms = now_ms;
    }
    report(teller);
    tell_trouble(teller);
    if (teller->read_ms == now_ms)
        loaded_code_drop(); /* what TLS ran is not run again for a minute */
    left_ms = reading_due_ms(teller) - now_ms;
    return left_ms < TURN_MS ? left_ms : TURN_MS;
}

void teller_release(struct teller *teller)
{
    reporter_free(&teller->reporter);
    kube_client_close(&teller->client);
}
