/* SPDX-License-Identifier: Apache-2.0 */
#include "core/node_report.h"

#include "core/printable.h"

#include <stdio.h>

enum {
    MESSAGE_MAX = 1024,
    MORE_MAX = 24, /* " (and 4294967295 more)" */
};

struct text node_report_reason(const struct node_report *report)
{
    const struct findings *findings = report->findings;

    return findings->health == HEALTH_GOOD ? text_of("DevicesMatch") : findings->items[0].kind->reason;
}

static bool is_told(const struct finding *finding)
{
    return finding->kind->severity == SEVERITY_ERROR || finding->kind->severity == SEVERITY_UNKNOWN;
}

static void add_part(struct buffer *line, const char *before, struct text text)
{
    buffer_add_string(line, before);
    printable_add(line, text, MESSAGE_MAX);
}

/* "driver-missing: expected 32 RDMA devices (PCI), found 31 (sysfs): the driver ...; <fix>" */
static void add_finding(struct buffer *line, const struct finding *finding)
{
    add_part(line, "", finding->kind->id);
    if (finding->pod != NULL) {
        add_part(line, " (pod ", finding->pod->namespace);
        add_part(line, "/", finding->pod->name);
        buffer_add_string(line, ")");
    }
    add_part(line, ": expected ", finding->expected);
    add_part(line, ", found ", finding->found);
    add_part(line, ": ", finding->cause);
    add_part(line, "; ", finding->fix);
    buffer_add_char(line, '.');
}

/* As many findings as there is room for, the first in any case, and how many more there are. */
static void add_findings(const struct findings *findings, struct buffer *buffer)
{
    AUTO(buffer_release) struct buffer line = {0};
    size_t begin = buffer->length;
    size_t told = 0;
    size_t i;

    for (told = 0; told < findings->count && is_told(&findings->items[told]); told++)
        continue;
    for (i = 0; i < told; i++) {
        line.length = 0;
        add_finding(&line, &findings->items[i]);
        if (i == 0)
            printable_cut(&line, 0, MESSAGE_MAX - MORE_MAX);
        else if (buffer->length - begin + 1 + line.length > MESSAGE_MAX - MORE_MAX)
            break;
        buffer_add_string(buffer, i > 0 ? " " : "");
        buffer_add(buffer, buffer_text(&line));
    }
    if (i < told) {
        buffer_add_string(buffer, " (and ");
        buffer_add_unsigned(buffer, told - i);
        buffer_add_string(buffer, " more)");
    }
    buffer->failed = buffer->failed || line.failed;
}

static void add_count(struct buffer *buffer, const char *before, struct reading count)
{
    if (!count.is_known)
        return;
    buffer_add_string(buffer, before);
    buffer_add_unsigned(buffer, count.number);
}

/* "p5.48xlarge, EFA devices: sysfs 32, character 32, libibverbs 32, Node 32. Warnings: memlock-low" */
static void add_well(const struct node_report *report, struct buffer *buffer)
{
    const struct inventory *inventory = report->inventory;
    const char *before = ". Warnings: ";
    size_t begin = buffer->length;
    size_t i;

    printable_add(buffer, report->expectation->type_name, MESSAGE_MAX);
    buffer_add_string(buffer, report->expectation->type_name.length > 0 ? ", EFA devices" : "EFA devices");
    add_count(buffer, ": sysfs ", inventory->sysfs);
    add_count(buffer, ", character ", inventory->character);
    add_count(buffer, ", libibverbs ", inventory->verbs);
    add_count(buffer, ", libfabric ", inventory->libfabric);
    add_count(buffer, ", Node ", report->expectation->status.capacity_efa);
    for (i = 0; i < report->findings->count; i++) {
        const struct finding_kind *kind = report->findings->items[i].kind;

        if (kind->severity != SEVERITY_WARNING || (i > 0 && report->findings->items[i - 1].kind == kind))
            continue;
        add_part(buffer, before, kind->id);
        before = ", ";
    }
    printable_cut(buffer, begin, MESSAGE_MAX);
}

void node_report_format_message(const struct node_report *report, struct buffer *buffer)
{
    if (report->findings->health == HEALTH_GOOD)
        add_well(report, buffer);
    else
        add_findings(report->findings, buffer);
}
