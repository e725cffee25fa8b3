/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper_parts.h"

#include "io/clock.h"
#include "io/log.h"
#include "metrics.h"
#include "node_watch.h"

enum {
    TELL_AGAIN_MS = 60 * 1000 /* a failure that goes on */
};

static bool on_tick(void *context)
{
    struct keeper *keeper = context;

    return keeper_look(keeper) && keeper->incoming == NULL;
}

/* Labels that the store has begun to leave out, since each costs a pod that selects by it its evidence. */
static void tell_varied(struct keeper *keeper, const struct nodes *nodes)
{
    struct log_line line;

    for (; keeper->varied_told < nodes->varied_count; keeper->varied_told++) {
        log_begin(&line, LOG_LEVEL_WARN, "nodes");
        log_string(&line, "result", "label-left-out");
        log_text(&line, "label", nodes->varied[keeper->varied_told]);
        log_string(&line, "error",
                   "nearly every node has a value of its own: add the label to the policy's nodes.ownLabels");
        log_end(&line);
    }
}

/* On return nobody sees what was shown before, so it may go: nodes first, they point into the configuration.
 */
static void on_publish(void *context, const struct nodes *nodes)
{
    struct keeper *keeper = context;
    struct loaded *next = keeper->waiting;

    tell_varied(keeper, nodes);
    keeper_show(keeper, next != NULL ? next : keeper->loaded, nodes);
    node_view_free(keeper->view);
    keeper->view = NULL;
    if (next == NULL)
        return;
    keeper->waiting = NULL;
    keeper_adopt(keeper, next);
    health_note_waiting(&keeper->service->health, false);
}

/* A failure is logged when it is another than the last one, or goes on. */
static bool is_worth_telling(struct keeper *keeper, const struct error *err)
{
    int64_t now_ms = clock_ms();

    if (strcmp(err->text, keeper->told.text) == 0 && now_ms - keeper->told_ms < TELL_AGAIN_MS)
        return false;
    keeper->told = *err;
    keeper->told_ms = now_ms;
    return true;
}

static void on_fail(void *context, const struct error *err, unsigned again_seconds)
{
    struct keeper *keeper = context;
    struct log_line line;

    health_note_nodes_failure(&keeper->service->health, err);
    metrics_count_nodes_failure();
    if (!is_worth_telling(keeper, err))
        return;
    log_begin(&line, LOG_LEVEL_WARN, "nodes");
    log_string(&line, "result", "failed");
    log_string(&line, "error", err->text);
    log_number(&line, "againSeconds", again_seconds);
    log_end(&line);
}

static void on_listed(void *context, size_t node_count, size_t class_count)
{
    struct keeper *keeper = context;
    struct log_line line;

    health_note_nodes(&keeper->service->health, node_count, class_count);
    metrics_count_nodes_list();
    keeper->told = (struct error){0};
    log_begin(&line, LOG_LEVEL_INFO, "nodes");
    log_string(&line, "result", "listed");
    log_number(&line, "nodes", node_count);
    log_number(&line, "classes", class_count);
    log_end(&line);
}

static void on_freshen(void *context, size_t node_count, size_t class_count)
{
    struct keeper *keeper = context;

    health_note_nodes(&keeper->service->health, node_count, class_count);
}

/* By the newest configuration, until it is time to stop or there is a newer one. */
static void watch_once(struct keeper *keeper)
{
    const struct loaded *loaded = keeper->waiting != NULL ? keeper->waiting : keeper->loaded;
    const struct node_watch watch = {
        .client = keeper->client,
        .catalogue = &loaded->config.catalogue,
        .policy = &loaded->config.policy,
        .tick = on_tick,
        .publish = on_publish,
        .fail = on_fail,
        .listed = on_listed,
        .freshen = on_freshen,
        .context = keeper,
    };
    struct node_view *view;

    keeper->varied_told = 0;
    view = node_watch_run(&watch);
    if (view != NULL) /* the one before went when this one's nodes were published */
        keeper->view = view;
}

void keeper_watch_nodes(struct keeper *keeper)
{
    do {
        if (keeper->incoming != NULL) {
            keeper_free_loaded(keeper->waiting);
            keeper->waiting = keeper->incoming;
            keeper->incoming = NULL;
        }
        watch_once(keeper);
    } while (keeper->incoming != NULL);
}
