/* SPDX-License-Identifier: Apache-2.0 */
#include "agent_log.h"

#include "io/log.h"

enum {
    IDS_LIMIT = 64,
};

static void log_reading(struct log_line *line, const char *key, const struct reading *reading)
{
    if (reading->is_known)
        log_number(line, key, reading->number);
}

static void log_ids(struct log_line *line, const struct findings *findings)
{
    struct text ids[IDS_LIMIT];
    size_t count = findings->count < IDS_LIMIT ? findings->count : IDS_LIMIT;

    for (size_t i = 0; i < count; i++)
        ids[i] = findings->items[i].kind->id;
    log_texts(line, "findings", ids, count);
}

void agent_log_findings(const struct agent_view *view)
{
    AUTO(buffer_release) struct buffer message = {0};
    const struct node_report report = agent_view_report(view);
    const struct findings *findings = &view->findings;
    const struct inventory *inventory = &view->facts->inventory;
    struct log_line line;

    node_report_format_message(&report, &message);
    log_begin(&line, findings->health == HEALTH_GOOD ? LOG_LEVEL_INFO : LOG_LEVEL_WARN, "findings");
    log_text(&line, "health", health_name(findings->health));
    log_text(&line, "reason", node_report_reason(&report));
    log_text(&line, "message", buffer_text(&message));
    log_ids(&line, findings);
    log_text(&line, "instanceType", view->expectation.type_name);
    log_reading(&line, "sysfs", &inventory->sysfs);
    log_reading(&line, "character", &inventory->character);
    log_reading(&line, "verbs", &inventory->verbs);
    log_reading(&line, "libfabric", &inventory->libfabric);
    log_bool(&line, "settling", findings->is_settling);
    log_end(&line);
}

void agent_log_cluster(const struct error *err)
{
    bool is_well = err->kind == ERROR_NONE;
    struct log_line line;

    log_begin(&line, is_well ? LOG_LEVEL_INFO : LOG_LEVEL_WARN, "cluster");
    log_bool(&line, "ok", is_well);
    if (!is_well)
        log_string(&line, "error", err->text);
    log_end(&line);
}

void agent_log_failure(const char *event, const struct error *err)
{
    struct log_line line;

    log_begin(&line, LOG_LEVEL_ERROR, event);
    log_string(&line, "error", err->text);
    log_end(&line);
}
