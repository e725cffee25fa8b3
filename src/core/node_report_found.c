/* SPDX-License-Identifier: Apache-2.0 */
/* What was found, as JSON. */
#include "json_out.h"
#include "node_report_parts.h"

#include "core/quantity.h"

#include <stdio.h>

struct text report_page_size(uint64_t page_bytes, char room[24])
{
    return quantity_format_bytes(page_bytes, room);
}

struct text report_character(enum character_state state)
{
    static const struct text names[] = {
        [CHARACTER_UNKNOWN] = {.at = NULL},
        [CHARACTER_ABSENT] = TEXT("absent"),
        [CHARACTER_REFUSED] = TEXT("refused"),
        [CHARACTER_USABLE] = TEXT("usable"),
    };

    return state < COUNT_OF(names) ? names[state] : (struct text){0};
}

struct text report_imds(enum imds_state state)
{
    static const struct text names[] = {
        [IMDS_NOT_ASKED] = {.at = NULL},
        [IMDS_ANSWERED] = TEXT("answered"),
        [IMDS_OUT_OF_REACH] = TEXT("out of reach"),
        [IMDS_HOP_LIMIT] = TEXT("hop limit"),
        [IMDS_REFUSED] = TEXT("refused"),
    };

    return state < COUNT_OF(names) ? names[state] : (struct text){0};
}

static void add_numa_node(struct buffer *buffer, int numa_node)
{
    if (numa_node < 0)
        json_out_null(buffer, "numaNode");
    else
        json_out_number(buffer, "numaNode", (uint64_t)numa_node);
}

/* "0x1d0f"; null where sysfs does not say. */
static void add_pci_id(struct buffer *buffer, const char *key, unsigned id)
{
    char room[24];

    (void)snprintf(room, sizeof(room), "0x%04x", id);
    json_out_text(buffer, key, id != 0 ? text_of(room) : (struct text){0});
}

static void add_device(struct buffer *buffer, const struct inventory *inventory,
                       const struct rdma_device *device)
{
    json_out_open(buffer, NULL, '{');
    json_out_text(buffer, "name", device->name);
    json_out_bool(buffer, "isEfa", device->is_efa);
    json_out_text(buffer, "pciAddress", device->pci_address);
    json_out_text(buffer, "pciRoot", device->pci_root);
    add_pci_id(buffer, "vendorId", device->vendor_id);
    add_pci_id(buffer, "deviceId", device->device_id);
    add_numa_node(buffer, device->numa_node);
    json_out_text(buffer, "driver", device->driver);
    json_out_text(buffer, "guid", device->guid);
    json_out_text(buffer, "firmware", device->firmware);
    json_out_text(buffer, "p2p", device->p2p);
    json_out_text(buffer, "portState", device->port_state);
    json_out_text(buffer, "uverbs", device->uverbs);
    json_out_text(buffer, "character", report_character(device->character));
    if (device->character == CHARACTER_REFUSED)
        json_out_number(buffer, "characterErrno", (uint64_t)device->character_errno);
    json_out_fact(buffer, "inVerbs",
                  !inventory->verbs.is_known ? FACT_UNKNOWN : (device->is_in_verbs ? FACT_YES : FACT_NO));
    json_out_fact(buffer, "inLibfabric",
                  !inventory->libfabric.is_known ? FACT_UNKNOWN
                                                 : (device->is_in_libfabric ? FACT_YES : FACT_NO));
    json_out_close(buffer, '}');
}

void report_json_devices(const struct inventory *inventory, struct buffer *buffer)
{
    size_t i;

    json_out_open(buffer, "devices", '{');
    json_out_reading(buffer, "sysfs", inventory->sysfs);
    json_out_reading(buffer, "character", inventory->character);
    json_out_reading(buffer, "verbs", inventory->verbs);
    json_out_reading(buffer, "libfabric", inventory->libfabric);
    json_out_reading(buffer, "otherRdma", inventory->other_rdma);
    json_out_reading(buffer, "pciFunctions", inventory->pci);
    json_out_close(buffer, '}');
    json_out_open(buffer, "rdmaDevices", '[');
    for (i = 0; i < inventory->device_count; i++)
        add_device(buffer, inventory, &inventory->devices[i]);
    json_out_close(buffer, ']');
}

static void add_pages(struct buffer *buffer, const struct hugepages *pages)
{
    json_out_reading(buffer, "total", pages->total);
    json_out_reading(buffer, "free", pages->free);
    if (pages->numa_node < 0)
        json_out_reading(buffer, "reserved", pages->reserved);
    json_out_reading(buffer, "surplus", pages->surplus);
}

static void add_size(struct buffer *buffer, const struct inventory *inventory, const struct hugepages *whole)
{
    char room[24];
    char key[32];
    size_t i;

    (void)snprintf(key, sizeof(key), "%.*s", TEXT_ARGS_SHORT(report_page_size(whole->page_bytes, room)));
    json_out_open(buffer, key, '{');
    add_pages(buffer, whole);
    json_out_open(buffer, "nodes", '[');
    for (i = 0; i < inventory->hugepages_count; i++) {
        const struct hugepages *pages = &inventory->hugepages[i];

        if (pages->page_bytes != whole->page_bytes || pages->numa_node < 0)
            continue;
        json_out_open(buffer, NULL, '{');
        add_numa_node(buffer, pages->numa_node);
        add_pages(buffer, pages);
        json_out_close(buffer, '}');
    }
    json_out_close(buffer, ']');
    json_out_close(buffer, '}');
}

void report_json_hugepages(const struct inventory *inventory, struct buffer *buffer)
{
    size_t i;

    if (!inventory->hugepage_sizes.is_known) {
        json_out_null(buffer, "hugepages");
        return;
    }
    json_out_open(buffer, "hugepages", '{');
    for (i = 0; i < inventory->hugepages_count; i++)
        if (inventory->hugepages[i].numa_node < 0)
            add_size(buffer, inventory, &inventory->hugepages[i]);
    json_out_close(buffer, '}');
}

bool report_has_vendor(const struct node_report *report, enum vendor vendor)
{
    const struct reading found = report->inventory->accelerators_by_vendor[vendor];
    const struct instance_type *type = report->expectation->type;

    return (type != NULL && type->accelerators > 0 && type->vendor == vendor) ||
           (found.is_known ? found.number > 0 : found.why.length > 0);
}

static void add_accelerator(struct buffer *buffer, const struct accelerator *accelerator)
{
    json_out_open(buffer, NULL, '{');
    json_out_text(buffer, "resource", vendor_resource(accelerator->vendor));
    json_out_text(buffer, "name", accelerator->name);
    json_out_text(buffer, "pciAddress", accelerator->pci_address);
    json_out_text(buffer, "pciRoot", accelerator->pci_root);
    json_out_text(buffer, "uuid", accelerator->uuid);
    add_numa_node(buffer, accelerator->numa_node);
    json_out_close(buffer, '}');
}

void report_json_accelerators(const struct node_report *report, struct buffer *buffer)
{
    const struct inventory *inventory = report->inventory;
    size_t i;

    json_out_open(buffer, "accelerators", '{');
    for (i = VENDOR_NONE + 1; i < VENDOR_COUNT; i++) {
        if (report_has_vendor(report, (enum vendor)i))
            json_out_reading(buffer, vendor_resource((enum vendor)i).at,
                             inventory->accelerators_by_vendor[i]);
    }
    json_out_close(buffer, '}');
    json_out_open(buffer, "acceleratorDevices", '[');
    for (i = 0; i < inventory->accelerator_count; i++)
        add_accelerator(buffer, &inventory->accelerators[i]);
    json_out_close(buffer, ']');
}

static void add_module(struct buffer *buffer, const char *key, enum fact is_loaded,
                       struct text module_version)
{
    json_out_open(buffer, key, '{');
    json_out_fact(buffer, "loaded", is_loaded);
    json_out_text(buffer, "version", module_version);
    json_out_close(buffer, '}');
}

static void add_kernel(struct buffer *buffer, const struct kernel_facts *kernel)
{
    json_out_open(buffer, "kernel", '{');
    json_out_text(buffer, "release", kernel->release);
    json_out_fact(buffer, "dmabuf", kernel->has_dmabuf);
    json_out_fact(buffer, "forkSafe", kernel->is_fork_safe);
    json_out_fact(buffer, "rdmaNetnsExclusive", kernel->is_rdma_exclusive);
    json_out_open(buffer, "modules", '{');
    add_module(buffer, "efa", kernel->is_efa_loaded, kernel->efa_version);
    add_module(buffer, "gdrdrv", kernel->is_gdrdrv_loaded, kernel->gdrdrv_version);
    add_module(buffer, "ib_uverbs", kernel->has_uverbs, (struct text){0});
    json_out_close(buffer, '}');
    json_out_close(buffer, '}');
}

void report_json_host(const struct inventory *inventory, struct buffer *buffer)
{
    const struct reading memlock = inventory->memlock_bytes;
    bool is_unlimited = memlock.is_known && memlock.number == UINT64_MAX;
    const struct instance_identity *instance = &inventory->instance;

    json_out_open(buffer, "libraries", '{');
    json_out_text(buffer, "libibverbs", inventory->verbs_version);
    json_out_text(buffer, "libfabric", inventory->libfabric_version);
    json_out_close(buffer, '}');
    add_kernel(buffer, &inventory->kernel);
    json_out_open(buffer, "limits", '{');
    json_out_reading(buffer, "memlockBytes", is_unlimited ? ((struct reading){.is_known = false}) : memlock);
    json_out_fact(buffer, "memlockUnlimited",
                  !memlock.is_known ? FACT_UNKNOWN : (is_unlimited ? FACT_YES : FACT_NO));
    json_out_close(buffer, '}');
    json_out_reading(buffer, "uptimeSeconds", inventory->uptime_seconds);
    json_out_open(buffer, "instance", '{');
    json_out_text(buffer, "dmiType", instance->dmi_type);
    json_out_text(buffer, "imds", report_imds(instance->imds));
    json_out_text(buffer, "imdsWhy", instance->imds_why);
    json_out_text(buffer, "imdsType", instance->imds_type);
    json_out_text(buffer, "zone", instance->zone);
    json_out_text(buffer, "zoneId", instance->zone_id);
    json_out_text(buffer, "placementGroup", instance->placement_group);
    json_out_close(buffer, '}');
}
