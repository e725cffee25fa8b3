/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper_parts.h"

#include "io/log.h"
#include "metrics.h"

#include <malloc.h>
#include <stdlib.h>
#include <time.h>

enum {
    PROBLEMS_LOGGED = 8 /* what fits into a line; --check-config tells all */
};

void keeper_free_loaded(struct loaded *loaded)
{
    if (loaded == NULL)
        return;
    loaded_release(loaded);
    free(loaded);
}

/* Two snapshots take turns: when one is published, nobody sees the other. */
void keeper_show(struct keeper *keeper, const struct loaded *loaded, const struct nodes *nodes)
{
    struct snapshot *snapshot = &keeper->snapshots[keeper->turn];

    keeper->turn = 1 - keeper->turn;
    *snapshot = (struct snapshot){
        .policy = &loaded->config.policy,
        .catalogue = &loaded->config.catalogue,
        .nodes = nodes,
    };
    current_publish(&keeper->service->current, snapshot);
}

void keeper_adopt(struct keeper *keeper, struct loaded *next)
{
    struct log_line line;

    keeper_free_loaded(keeper->loaded);
    keeper->loaded = next;
    (void)malloc_trim(0); /* the old one's memory, and what reading took */
    metrics_count_reload(METRICS_CONFIGURATION, true);
    log_begin(&line, LOG_LEVEL_INFO, "configuration");
    log_string(&line, "result", "reloaded");
    log_number(&line, "types", next->config.catalogue.count);
    log_end(&line);
}

/* The first lines, each without its newline; how many there are. */
static size_t first_lines(const struct problems *problems, struct text lines[PROBLEMS_LOGGED])
{
    struct text rest = buffer_text(&problems->lines);
    size_t count = 0;

    while (count < PROBLEMS_LOGGED && text_split(&rest, '\n', &lines[count])) {
        if (lines[count].length > 0)
            count++;
    }
    return count;
}

static void refuse_configuration(struct keeper *keeper, const struct problems *problems)
{
    struct text lines[PROBLEMS_LOGGED];
    size_t count = first_lines(problems, lines);
    struct error err = {0};
    struct log_line line;

    (void)error_set(&err, problems->kind, "%.*s", count > 0 ? (int)lines[0].length : 0,
                    count > 0 ? lines[0].at : "");
    health_note_configuration(&keeper->service->health, &err);
    metrics_count_reload(METRICS_CONFIGURATION, false);
    log_begin(&line, LOG_LEVEL_ERROR, "configuration");
    log_string(&line, "result", "refused");
    log_number(&line, "problems", problems->count);
    log_texts(&line, "errors", lines, count);
    log_end(&line);
}

/* What the files hold now; NULL where it was refused. */
static struct loaded *load_next(struct keeper *keeper)
{
    AUTO(problems_release) struct problems problems = {0};
    struct loaded *next = calloc(1, sizeof(*next));

    if (next == NULL)
        return NULL; /* tried again at the next look */
    if (loaded_load(keeper->options, next, &problems)) {
        files_settle(&keeper->configuration_files);
        health_note_configuration(&keeper->service->health, NULL);
        return next;
    }
    if (problems.kind != ERROR_MEMORY)
        files_settle(&keeper->configuration_files);
    refuse_configuration(keeper, &problems);
    free(next);
    return NULL;
}

void keeper_look_at_configuration(struct keeper *keeper)
{
    struct loaded *next;

    if (keeper->incoming != NULL || !files_have_news(&keeper->configuration_files))
        return;
    next = load_next(keeper);
    if (next == NULL)
        return;
    if (keeper->client != NULL) {
        keeper->incoming = next;
        health_note_waiting(&keeper->service->health, true);
        return;
    }
    keeper_show(keeper, next, next->snapshot.nodes);
    keeper_adopt(keeper, next);
}

static bool exchange_identity(struct keeper *keeper, struct identity *identity, struct error *err)
{
    return identity_load(keeper->options, identity, err) &&
           http_server_replace_certificate(keeper->https, buffer_text(&identity->certificate_pem),
                                           buffer_text(&identity->key_pem), err);
}

static void refuse_identity(struct keeper *keeper, const struct error *err)
{
    struct log_line line;

    health_note_certificate(&keeper->service->health, err, 0);
    metrics_count_reload(METRICS_CERTIFICATE, false);
    log_begin(&line, LOG_LEVEL_ERROR, "certificate");
    log_string(&line, "result", "refused");
    log_string(&line, "error", err->text);
    log_end(&line);
}

void keeper_look_at_identity(struct keeper *keeper)
{
    AUTO(identity_release) struct identity identity = {0};
    struct error err = {0};
    int64_t left_seconds;
    struct log_line line;

    if (!files_have_news(&keeper->identity_files))
        return;
    if (!exchange_identity(keeper, &identity, &err)) {
        if (err.kind != ERROR_MEMORY)
            files_settle(&keeper->identity_files);
        refuse_identity(keeper, &err);
        return;
    }
    files_settle(&keeper->identity_files);
    health_note_certificate(&keeper->service->health, NULL, identity.dates.until_seconds);
    metrics_count_reload(METRICS_CERTIFICATE, true);
    left_seconds = identity.dates.until_seconds - time(NULL);
    log_begin(&line, LOG_LEVEL_INFO, "certificate");
    log_string(&line, "result", "reloaded");
    log_number(&line, "secondsLeft", left_seconds > 0 ? (uint64_t)left_seconds : 0);
    log_end(&line);
    identity_warn(&identity, keeper->options->tls_cert);
}
