/* SPDX-License-Identifier: Apache-2.0 */
#include "json_out.h"
#include "node_report_parts.h"

#include "core/version.h"

static void add_finding(struct buffer *buffer, const struct finding *finding)
{
    json_out_open(buffer, NULL, '{');
    json_out_text(buffer, "id", finding->kind->id);
    json_out_text(buffer, "severity", severity_name(finding->kind->severity));
    json_out_text(buffer, "reason", finding->kind->reason);
    json_out_text(buffer, "expected", finding->expected);
    json_out_text(buffer, "found", finding->found);
    json_out_text(buffer, "cause", finding->cause);
    json_out_text(buffer, "fix", finding->fix);
    if (finding->pod != NULL) {
        json_out_open(buffer, "pod", '{');
        json_out_text(buffer, "namespace", finding->pod->namespace);
        json_out_text(buffer, "name", finding->pod->name);
        json_out_text(buffer, "uid", finding->pod->uid);
        json_out_close(buffer, '}');
    }
    json_out_close(buffer, '}');
}

static void add_findings(struct buffer *buffer, const struct findings *findings)
{
    size_t i;

    json_out_open(buffer, "findings", '[');
    for (i = 0; i < findings->count; i++)
        add_finding(buffer, &findings->items[i]);
    json_out_close(buffer, ']');
}

void node_report_format_json(const struct node_report *report, struct buffer *buffer)
{
    const struct expectation *expectation = report->expectation;

    json_out_open(buffer, NULL, '{');
    json_out_text(buffer, "version", text_of(version));
    json_out_text(buffer, "verdict", health_name(report->findings->health));
    json_out_bool(buffer, "settling", report->findings->is_settling);
    json_out_text(buffer, "node", expectation->status.name);
    json_out_text(buffer, "instanceType", expectation->type_name);
    json_out_text(buffer, "instanceTypeSource", type_source_name(expectation->type_source));
    report_json_devices(report->inventory, buffer);
    report_json_hugepages(report->inventory, buffer);
    report_json_accelerators(report, buffer);
    report_json_expected(report, buffer);
    add_findings(buffer, report->findings);
    report_json_host(report->inventory, buffer);
    json_out_close(buffer, '}');
    buffer_add_char(buffer, '\n');
}
