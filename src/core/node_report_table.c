/* SPDX-License-Identifier: Apache-2.0 */
/* The report as a table for people. */
#include "columns.h"
#include "node_report_parts.h"

#include "core/printable.h"
#include "core/quantity.h"
#include "core/version.h"

enum {
    LINE_MAX = 1024
};

static void add_cell(struct columns *columns, const char *cell)
{
    columns_add(columns, text_of(cell));
}

/* "?" for what could not be had, "-" for what nobody asked for. */
static void add_reading(struct columns *columns, struct reading reading)
{
    if (!reading.is_known)
        add_cell(columns, reading.why.length > 0 ? "?" : "-");
    else
        columns_add(columns, arena_format(&columns->arena, "%llu", (unsigned long long)reading.number));
}

static void add_word(struct buffer *buffer, const char *before, struct text word, const char *after)
{
    if (word.length == 0)
        return;
    buffer_add_string(buffer, before);
    printable_add(buffer, word, LINE_MAX);
    buffer_add_string(buffer, after);
}

/* "efa-agent 0.1.0  node-1  p5.48xlarge (DMI)  us-west-2b" */
static void add_title(const struct node_report *report, struct buffer *buffer)
{
    const struct expectation *expectation = report->expectation;
    struct text zone = expectation->status.zone;

    buffer_add_string(buffer, "efa-agent ");
    buffer_add_string(buffer, version);
    add_word(buffer, "  ", expectation->status.name, "");
    if (expectation->type_name.length == 0)
        buffer_add_string(buffer, "  instance type unknown");
    add_word(buffer, "  ", expectation->type_name, "");
    add_word(buffer, " (", type_source_name(expectation->type_source), ")");
    add_word(buffer, "  ", zone.length > 0 ? zone : report->inventory->instance.zone, "");
    add_word(buffer, " (", report->inventory->instance.zone_id, ")");
    add_word(buffer, "  kernel ", report->inventory->kernel.release, "");
    buffer_add_string(buffer, "\n\n");
}

static void add_count_row(struct columns *columns, const char *name, struct reading found, const char *about)
{
    add_cell(columns, name);
    add_reading(columns, found);
    add_cell(columns, about);
}

static void add_library_row(struct columns *columns, const char *name, struct text library,
                            struct reading found)
{
    columns_add(columns, library.length > 0
                             ? arena_format(&columns->arena, "%s %.*s", name, TEXT_ARGS_SHORT(library))
                             : text_of(name));
    add_reading(columns, found);
    add_cell(columns, "");
}

/* Whose number is what the devices are compared with. */
static void add_expected_rows(const struct expectation *expectation, struct columns *columns)
{
    const struct node_status *status = &expectation->status;

    if (expectation->has_wanted) {
        add_count_row(columns, "wanted", expectation->wanted_efa, "--expect");
        return;
    }
    if (expectation->type != NULL)
        add_count_row(columns, "catalogue", reading_known(expectation->type->efa_interfaces), "expected");
    if (!expectation->node.is_known)
        return;
    add_count_row(columns, "Node capacity", status->capacity_efa, "vpc.amazonaws.com/efa");
    add_count_row(columns, "Node allocatable", status->allocatable_efa, "");
}

static void add_counts(const struct node_report *report, struct buffer *buffer)
{
    AUTO(columns_release) struct columns columns = {.count = 3, .right = 1 << 1};
    const struct inventory *inventory = report->inventory;

    add_cell(&columns, "EFA DEVICES BY");
    add_cell(&columns, "COUNT");
    add_cell(&columns, "");
    add_expected_rows(report->expectation, &columns);
    add_count_row(&columns, "PCI", inventory->pci, "functions 1d0f:efaN");
    add_count_row(&columns, "sysfs", inventory->sysfs, "RDMA devices");
    add_count_row(&columns, "/dev/infiniband", inventory->character, "that can be used");
    add_library_row(&columns, "libibverbs", inventory->verbs_version, inventory->verbs);
    add_library_row(&columns, "libfabric", inventory->libfabric_version, inventory->libfabric);
    add_count_row(&columns, "no EFA", inventory->other_rdma, "other RDMA devices");
    columns_format(&columns, buffer);
}

static struct reading get_expected(const struct node_report *report, enum vendor vendor)
{
    const struct expectation *expectation = report->expectation;
    const struct instance_type *type = expectation->type;

    if (expectation->has_wanted)
        return expectation->wanted_accelerators;
    if (type != NULL && type->vendor == vendor)
        return reading_known(type->accelerators);
    return (struct reading){.is_known = false};
}

static void add_accelerators(const struct node_report *report, struct buffer *buffer)
{
    AUTO(columns_release) struct columns columns = {.count = 4, .right = 1 << 1 | 1 << 2 | 1 << 3};
    size_t i;

    add_cell(&columns, "ACCELERATORS");
    add_cell(&columns, "FOUND");
    add_cell(&columns, "EXPECTED");
    add_cell(&columns, "NODE");
    for (i = VENDOR_NONE + 1; i < VENDOR_COUNT; i++) {
        if (!report_has_vendor(report, (enum vendor)i))
            continue;
        columns_add(&columns, vendor_resource((enum vendor)i));
        add_reading(&columns, report->inventory->accelerators_by_vendor[i]);
        add_reading(&columns, get_expected(report, (enum vendor)i));
        add_reading(&columns, report->expectation->status.capacity_accelerators[i]);
    }
    if (columns.cell_count == columns.count)
        return;
    buffer_add_char(buffer, '\n');
    columns_format(&columns, buffer);
}

static void add_page_row(struct columns *columns, const struct hugepages *pages)
{
    char room[24];
    struct text size = report_page_size(pages->page_bytes, room);

    if (pages->numa_node < 0)
        columns_add(columns, size);
    else
        columns_add(columns, arena_format(&columns->arena, "%.*s, NUMA node %d", TEXT_ARGS_SHORT(size),
                                          pages->numa_node));
    add_reading(columns, pages->total);
    add_reading(columns, pages->free);
    add_reading(columns, pages->reserved);
    add_reading(columns, pages->surplus);
}

static void add_hugepages(const struct node_report *report, struct buffer *buffer)
{
    AUTO(columns_release) struct columns columns = {.count = 5, .right = 0x1e};
    const struct inventory *inventory = report->inventory;
    size_t i;

    add_cell(&columns, "HUGE PAGES");
    add_cell(&columns, "TOTAL");
    add_cell(&columns, "FREE");
    add_cell(&columns, "RESERVED");
    add_cell(&columns, "SURPLUS");
    for (i = 0; i < inventory->hugepages_count; i++)
        add_page_row(&columns, &inventory->hugepages[i]);
    if (columns.cell_count == columns.count)
        return;
    buffer_add_char(buffer, '\n');
    columns_format(&columns, buffer);
}

static struct text show_flag(bool is_known, bool flag)
{
    if (!is_known)
        return text_of("-");
    return text_of(flag ? "yes" : "no");
}

static struct text show(struct text text)
{
    return text.length > 0 ? text : text_of("-");
}

static void add_device_row(struct columns *columns, const struct inventory *inventory,
                           const struct rdma_device *device)
{
    columns_add(columns, show(device->name));
    columns_add(columns, show(device->pci_address));
    columns_add(columns, show(device->driver));
    columns_add(columns, show(device->uverbs));
    columns_add(columns, show(report_character(device->character)));
    columns_add(columns, show_flag(inventory->verbs.is_known, device->is_in_verbs));
    columns_add(columns, show_flag(inventory->libfabric.is_known, device->is_in_libfabric));
    columns_add(columns, show(device->port_state));
    columns_add(columns, device->numa_node < 0 ? text_of("-")
                                               : arena_format(&columns->arena, "%d", device->numa_node));
    columns_add(columns, show(device->p2p));
}

static void add_devices(const struct node_report *report, struct buffer *buffer)
{
    static const char *const heads[] = {"DEVICE", "PCI",       "DRIVER", "UVERBS", "FILE",
                                        "VERBS",  "LIBFABRIC", "PORT",   "NUMA",   "P2P"};
    AUTO(columns_release) struct columns columns = {.count = COUNT_OF(heads)};
    size_t i;

    for (i = 0; i < COUNT_OF(heads); i++)
        add_cell(&columns, heads[i]);
    for (i = 0; i < report->inventory->device_count; i++)
        add_device_row(&columns, report->inventory, &report->inventory->devices[i]);
    if (report->inventory->device_count == 0)
        return;
    buffer_add_char(buffer, '\n');
    columns_format(&columns, buffer);
}

static void add_pod_row(struct columns *columns, const struct pod_promise *pod)
{
    char room[24];

    columns_add(columns, pod->name.length > 0
                             ? arena_format(&columns->arena, "%.*s/%.*s", TEXT_ARGS(pod->namespace),
                                            TEXT_ARGS(pod->name))
                             : arena_format(&columns->arena, "uid %.*s", TEXT_ARGS(pod->uid)));
    if (!pod->has_status) {
        add_cell(columns, "-");
        add_cell(columns, "-");
        add_cell(columns, "-");
    } else {
        add_reading(columns, reading_known(pod->promised.efa));
        add_reading(columns, reading_known(pod->promised.accelerators));
        columns_add(columns, quantity_format_mebibytes(pod->promised.hugepages_bytes, room));
    }
    add_reading(columns, pod->is_in_checkpoint ? reading_known(pod->efa_id_count) : (struct reading){0});
    add_reading(columns,
                pod->is_in_checkpoint ? reading_known(pod->accelerator_id_count) : (struct reading){0});
}

static void add_pods(const struct node_report *report, struct buffer *buffer)
{
    static const char *const heads[] = {"POD",        "PROMISED EFA", "ACCELERATORS",
                                        "HUGE PAGES", "HELD EFA",     "ACCELERATORS"};
    AUTO(columns_release) struct columns columns = {.count = COUNT_OF(heads), .right = 0x3e};
    const struct expectation *expectation = report->expectation;
    size_t i;

    for (i = 0; i < COUNT_OF(heads); i++)
        add_cell(&columns, heads[i]);
    for (i = 0; i < expectation->promise_count; i++)
        if (report_has_promise(&expectation->promises[i]))
            add_pod_row(&columns, &expectation->promises[i]);
    if (columns.cell_count == columns.count)
        return;
    buffer_add_char(buffer, '\n');
    columns_format(&columns, buffer);
}

static void add_finding(const struct finding *finding, struct buffer *buffer)
{
    add_word(buffer, "\n", severity_name(finding->kind->severity), " ");
    add_word(buffer, "", finding->kind->id, "");
    if (finding->pod != NULL) {
        add_word(buffer, "  pod ", finding->pod->namespace, "/");
        add_word(buffer, "", finding->pod->name, "");
    }
    add_word(buffer, "\n    expected  ", finding->expected, "");
    add_word(buffer, "\n    found     ", finding->found, "");
    add_word(buffer, "\n    cause     ", finding->cause, "");
    add_word(buffer, "\n    fix       ", finding->fix, "\n");
}

/* "verdict: mismatch (1 error, 2 info)" */
static void add_verdict(const struct findings *findings, struct buffer *buffer)
{
    size_t counts[SEVERITY_INFO + 1] = {0};
    const char *before = " (";
    size_t i;

    for (i = 0; i < findings->count; i++)
        counts[findings->items[i].kind->severity]++;
    add_word(buffer, "\nverdict: ", health_name(findings->health), "");
    for (i = 0; i < COUNT_OF(counts); i++) {
        if (counts[i] == 0)
            continue;
        buffer_add_string(buffer, before);
        buffer_add_unsigned(buffer, counts[i]);
        add_word(buffer, " ", severity_name((enum severity)i), "");
        before = ", ";
    }
    buffer_add_string(buffer, findings->count > 0 ? ")\n" : "\n");
}

void node_report_format_table(const struct node_report *report, struct buffer *buffer)
{
    size_t i;

    add_title(report, buffer);
    add_counts(report, buffer);
    add_accelerators(report, buffer);
    add_hugepages(report, buffer);
    add_devices(report, buffer);
    add_pods(report, buffer);
    for (i = 0; i < report->findings->count; i++)
        add_finding(&report->findings->items[i], buffer);
    add_verdict(report->findings, buffer);
}
