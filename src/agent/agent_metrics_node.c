/* SPDX-License-Identifier: Apache-2.0 */
#include "agent_metrics_parts.h"

#include <stdio.h>

static void add_source(struct prometheus *out, const char *source, const struct reading *reading)
{
    if (!reading->is_known)
        return;
    prometheus_sample(out, "devices");
    prometheus_label(out, "source", text_of(source));
    prometheus_unsigned(out, reading->number);
}

static void label_number(struct prometheus *out, const char *key, int64_t number)
{
    char text[24] = "";

    if (number >= 0)
        (void)snprintf(text, sizeof(text), "%lld", (long long)number);
    prometheus_label(out, key, text_of(text));
}

static void add_device(struct prometheus *out, const struct rdma_device *device)
{
    prometheus_sample(out, "device_info");
    prometheus_label(out, "device", device->name);
    prometheus_label(out, "pci", device->pci_address);
    prometheus_label(out, "driver", device->driver);
    prometheus_label(out, "efa", text_of(device->is_efa ? "true" : "false"));
    prometheus_label(out, "port_state", device->port_state);
    prometheus_label(out, "p2p", device->p2p);
    label_number(out, "numa_node", device->numa_node);
    prometheus_unsigned(out, 1);
}

void agent_metrics_devices(struct prometheus *out, const struct inventory *inventory)
{
    prometheus_describe(out, "devices", "gauge",
                        "EFA devices, by who counts them (other: RDMA devices that are no EFA); a count that "
                        "could not be had is left out.");
    add_source(out, "pci", &inventory->pci);
    add_source(out, "sysfs", &inventory->sysfs);
    add_source(out, "character", &inventory->character);
    add_source(out, "verbs", &inventory->verbs);
    add_source(out, "libfabric", &inventory->libfabric);
    add_source(out, "other", &inventory->other_rdma);
    prometheus_describe(out, "device_info", "gauge", "1 for each RDMA device or EFA PCI function.");
    for (size_t i = 0; i < inventory->device_count; i++)
        add_device(out, &inventory->devices[i]);
}

static void add_counter(void *context, const struct rdma_device *device, const char *port,
                        const char *counter, uint64_t value)
{
    struct prometheus *out = context;

    prometheus_sample(out, "hw_counter_total");
    prometheus_label(out, "device", device->name);
    prometheus_label(out, "pci", device->pci_address);
    prometheus_label(out, "port", text_of(port));
    prometheus_label(out, "counter", text_of(counter));
    prometheus_unsigned(out, value);
}

void agent_metrics_counters(struct prometheus *out, const struct node_roots *roots)
{
    prometheus_describe(out, "hw_counter_total", "counter",
                        "hw_counters of EFA devices, read when this text was asked for (port \"\": the "
                        "device's own).");
    node_files_each_counter(roots, add_counter, out);
}

static void add_pages(struct prometheus *out, const struct hugepages *pages, const char *state,
                      const struct reading *reading)
{
    if (!reading->is_known)
        return;
    prometheus_sample(out, "hugepages");
    label_number(out, "size_bytes", (int64_t)pages->page_bytes);
    label_number(out, "numa_node", pages->numa_node);
    prometheus_label(out, "state", text_of(state));
    prometheus_unsigned(out, reading->number);
}

void agent_metrics_hugepages(struct prometheus *out, const struct inventory *inventory)
{
    prometheus_describe(out, "hugepages", "gauge",
                        "Huge pages by size, NUMA node (\"\": the whole node) and state.");
    for (size_t i = 0; i < inventory->hugepages_count; i++) {
        const struct hugepages *pages = &inventory->hugepages[i];

        add_pages(out, pages, "total", &pages->total);
        add_pages(out, pages, "free", &pages->free);
        add_pages(out, pages, "reserved", &pages->reserved);
        add_pages(out, pages, "surplus", &pages->surplus);
    }
}

void agent_metrics_accelerators(struct prometheus *out, const struct inventory *inventory)
{
    prometheus_describe(out, "accelerators", "gauge", "Accelerators that the node shows, by their resource.");
    for (size_t i = VENDOR_NONE + 1; i < VENDOR_COUNT; i++) {
        const struct reading *reading = &inventory->accelerators_by_vendor[i];

        if (!reading->is_known)
            continue;
        prometheus_sample(out, "accelerators");
        prometheus_label(out, "resource", vendor_resource((enum vendor)i));
        prometheus_unsigned(out, reading->number);
    }
}

void agent_metrics_instance(struct prometheus *out, const struct agent_view *view)
{
    const struct instance_identity *instance = &view->facts->inventory.instance;
    const struct kernel_facts *kernel = &view->facts->inventory.kernel;

    prometheus_describe(out, "instance_info", "gauge", "1; the labels say what machine this is.");
    prometheus_sample(out, "instance_info");
    prometheus_label(out, "instance_type", view->expectation.type_name);
    prometheus_label(out, "zone", instance->zone);
    prometheus_label(out, "zone_id", instance->zone_id);
    prometheus_label(out, "placement_group", instance->placement_group);
    prometheus_label(out, "kernel", kernel->release);
    prometheus_label(out, "efa_driver", kernel->efa_version);
    prometheus_unsigned(out, 1);
}
