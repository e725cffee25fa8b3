/* SPDX-License-Identifier: Apache-2.0 */
#include "agent_metrics.h"

#include "agent_metrics_parts.h"
#include "core/version.h"
#include "io/http_server.h"

#include <stdio.h>

static void add_count(struct prometheus *out, const char *name, const char *kind, uint64_t count)
{
    prometheus_sample(out, name);
    prometheus_label(out, "kind", text_of(kind));
    prometheus_unsigned(out, count);
}

static void add_reports(struct prometheus *out, const struct board_facts *facts)
{
    const struct reporter_counts *reports = &facts->reports;

    prometheus_describe(out, "reports_total", "counter",
                        "What was written to the API server; conditions include heartbeats.");
    add_count(out, "reports_total", "condition", reports->conditions);
    add_count(out, "reports_total", "event", reports->events);
    add_count(out, "reports_total", "taint", reports->taints);
    prometheus_counter(out, "heartbeats_total", "Conditions that were written though nothing had changed.",
                       reports->heartbeats);
    prometheus_counter(out, "report_failures_total", "Requests of reports that failed.", reports->failures);
    prometheus_counter(out, "events_held_back_total", "Events that were over the hour's limit.",
                       reports->events_held_back);
    prometheus_gauge(out, "cluster_ok", "1 while Node and pods can be read and reports written.",
                     facts->has_asked && facts->cluster.kind == ERROR_NONE ? 1 : 0);
}

static void add_looks(struct prometheus *out, const struct board_facts *facts)
{
    prometheus_counter(out, "looks_total", "Looks whether something changed on the node.", facts->looks);
    prometheus_counter(out, "readings_total", "Looks that read everything anew.", facts->readings);
    prometheus_counter(out, "libfabric_readings_total",
                       "How often libfabric was asked, which opens every device for a moment.",
                       facts->libfabric_count);
    prometheus_describe(out, "last_look_timestamp_seconds", "gauge",
                        "When the last look was, in seconds since 1970.");
    prometheus_sample(out, "last_look_timestamp_seconds");
    prometheus_signed(out, facts->looked_seconds);
}

static void add_build(struct prometheus *out, const struct agent_view *view)
{
    const struct inventory *inventory = view != NULL ? &view->facts->inventory : NULL;
    char library[80];

    (void)snprintf(library, sizeof(library), "libmicrohttpd %s", http_server_library());
    prometheus_describe(out, "build_info", "gauge", "1; the labels say what is running.");
    prometheus_sample(out, "build_info");
    prometheus_label(out, "version", text_of(version));
    prometheus_label(out, "http_library", text_of(library));
    prometheus_label(out, "libibverbs", inventory != NULL ? inventory->verbs_version : text_of(""));
    prometheus_label(out, "libfabric", inventory != NULL ? inventory->libfabric_version : text_of(""));
    prometheus_unsigned(out, 1);
}

void agent_metrics_format(const struct agent_setup *setup, const struct agent_view *view,
                          const struct board_facts *facts, struct buffer *buffer)
{
    struct prometheus out = {.buffer = buffer, .prefix = "efa_agent_"};

    add_build(&out, view);
    add_looks(&out, facts);
    if (setup->has_cluster)
        add_reports(&out, facts);
    if (view != NULL) {
        agent_metrics_findings(&out, &view->findings);
        agent_metrics_devices(&out, &view->facts->inventory);
        agent_metrics_hugepages(&out, &view->facts->inventory);
        agent_metrics_accelerators(&out, &view->facts->inventory);
        agent_metrics_instance(&out, view);
        agent_metrics_expected(&out, &view->expectation);
        agent_metrics_pods(&out, &view->expectation);
    }
    agent_metrics_counters(&out, &setup->roots);
}
