/* SPDX-License-Identifier: Apache-2.0 */
#include "support/judged_node.h"

#include "support/check.h"
#include "support/judged_edits.h"

static const struct instance_type judged_types[] = {
    {
        .name = TEXT("p5.48xlarge"),
        .efa_interfaces = 32,
        .accelerators = 8,
        .vendor = VENDOR_NVIDIA,
        .hugepages_pool_bytes = UINT64_C(42240) << 20,
        .gpudirect = FACT_YES,
        .device_plugin_chart = TEXT("v0.4.4"),
    },
    {
        .name = TEXT("p6-b200.48xlarge"),
        .efa_interfaces = 8,
        .accelerators = 8,
        .vendor = VENDOR_NVIDIA,
        .hugepages_pool_bytes = UINT64_C(42240) << 20,
        .gpudirect = FACT_YES,
        .device_plugin_chart = TEXT("v0.5.10"),
    },
    {
        .name = TEXT("p6e-gb200.36xlarge"),
        .efa_interfaces = 4,
        .accelerators = 8,
        .vendor = VENDOR_NVIDIA,
        .gpudirect = FACT_YES,
    },
    {
        .name = TEXT("trn1.32xlarge"),
        .efa_interfaces = 8,
        .accelerators = 16,
        .vendor = VENDOR_NEURON,
        .hugepages_pool_bytes = UINT64_C(28160) << 20,
        .gpudirect = FACT_YES,
        .device_plugin_chart = TEXT("v0.4.4"),
    },
    {
        .name = TEXT("c6in.32xlarge"),
        .efa_interfaces = 2,
        .hugepages_pool_bytes = UINT64_C(28160) << 20,
        .gpudirect = FACT_NO,
    },
};

const struct instance_type *judged_find_type(struct text name)
{
    size_t i;

    for (i = 0; i < COUNT_OF(judged_types); i++)
        if (text_is(judged_types[i].name, name))
            return &judged_types[i];
    return NULL;
}

/* The fourth device is beside the first accelerator, and so on: four and one share a PCI root. */
static struct rdma_device make_device(struct judged_node *node, unsigned i)
{
    unsigned bus = 0x10 + i;

    return (struct rdma_device){
        .name = arena_format(&node->arena, "rdmap%us0", bus),
        .pci_address = arena_format(&node->arena, "0000:%02x:00.0", bus),
        .pci_root = arena_format(&node->arena, "pci0000:%02x", 0x10 + i / 4 * 4),
        .driver = text_of("efa"),
        .uverbs = arena_format(&node->arena, "uverbs%u", i),
        .guid = text_of("0000:0000:0000:0000"),
        .p2p = text_of("NVIDIA"),
        .port_state = text_of("ACTIVE"),
        .vendor_id = 0x1d0f,
        .device_id = 0xefa2,
        .numa_node = i < 16 ? 0 : 1,
        .is_efa = true,
        .character = CHARACTER_USABLE,
        .is_in_verbs = true,
        .is_in_libfabric = true,
    };
}

void judged_set_devices(struct judged_node *node, unsigned count)
{
    struct inventory *inventory = &node->inventory;
    unsigned i;

    assert_true(count <= JUDGED_DEVICES_MAX);
    for (i = 0; i < count; i++)
        node->devices[i] = make_device(node, i);
    inventory->devices = node->devices;
    inventory->device_count = count;
    inventory->pci = inventory->sysfs = inventory->character = inventory->verbs = inventory->libfabric =
        reading_known(count);
}

void judged_set_accelerators(struct judged_node *node, enum vendor vendor, unsigned count)
{
    unsigned i;

    assert_true(count <= JUDGED_ACCELERATORS_MAX);
    for (i = 0; i < count; i++) {
        node->accelerators[i] = (struct accelerator){
            .vendor = vendor,
            .name = arena_format(&node->arena, vendor == VENDOR_NEURON ? "neuron%u" : "0000:%02x:01.0",
                                 vendor == VENDOR_NEURON ? i : 0x10 + i * 4),
            .pci_address = arena_format(&node->arena, "0000:%02x:01.0", 0x10 + i * 4),
            .pci_root = arena_format(&node->arena, "pci0000:%02x", 0x10 + i * 4),
            .uuid = vendor == VENDOR_NVIDIA ? arena_format(&node->arena, "GPU-%u", i) : (struct text){0},
            .numa_node = -1,
        };
    }
    node->inventory.accelerators = node->accelerators;
    node->inventory.accelerator_count = count;
    for (i = VENDOR_NONE + 1; i < VENDOR_COUNT; i++)
        node->inventory.accelerators_by_vendor[i] = reading_known(i == vendor ? count : 0);
}

static void init_pages(struct judged_node *node)
{
    const uint64_t pages = UINT64_C(21120);

    node->pages[0] = (struct hugepages){.page_bytes = 2 << 20, .numa_node = -1};
    node->pages[0].total = node->pages[0].free = reading_known(pages);
    node->pages[0].reserved = node->pages[0].surplus = reading_known(0);
    node->pages[1] = (struct hugepages){.page_bytes = 2 << 20, .numa_node = 0};
    node->pages[1].total = node->pages[1].free = reading_known(pages);
    node->pages[1].surplus = reading_known(0);
    node->pages[2] = (struct hugepages){.page_bytes = 1 << 30, .numa_node = -1};
    node->pages[2].total = node->pages[2].free = node->pages[2].reserved = node->pages[2].surplus =
        reading_known(0);
    node->inventory.hugepages = node->pages;
    node->inventory.hugepages_count = COUNT_OF(node->pages);
    node->inventory.hugepage_sizes = reading_known(2);
}

static void init_host(struct inventory *inventory)
{
    inventory->other_rdma = reading_known(0);
    inventory->has_infiniband_folder = true;
    inventory->verbs_version = text_of("44.0");
    inventory->libfabric_version = text_of("1.17.0");
    inventory->memlock_bytes = reading_known(UINT64_MAX);
    inventory->uptime_seconds = reading_known(3600);
    inventory->kernel = (struct kernel_facts){
        .release = TEXT("6.1.0-56-amd64"),
        .has_dmabuf = FACT_YES,
        .is_fork_safe = FACT_YES,
        .has_uverbs = FACT_YES,
        .efa_version = TEXT("2.13.0"),
        .gdrdrv_version = TEXT("2.4"),
        .is_efa_loaded = FACT_YES,
        .is_gdrdrv_loaded = FACT_YES,
        .is_rdma_exclusive = FACT_NO,
    };
    inventory->instance.dmi_type = text_of("p5.48xlarge");
}

static void init_node_status(struct node_status *status)
{
    *status = (struct node_status){.name = TEXT("node-1"), .uid = TEXT("6f3a"), .zone = TEXT("us-west-2b")};
    status->capacity_efa = status->allocatable_efa = reading_known(32);
    status->capacity_hugepages_bytes = status->allocatable_hugepages_bytes =
        reading_known(UINT64_C(42240) << 20);
    status->capacity_accelerators[VENDOR_NVIDIA] = status->allocatable_accelerators[VENDOR_NVIDIA] =
        reading_known(8);
}

struct pod_promise *judged_get_pod(struct judged_node *node, size_t i)
{
    struct expectation *expectation = &node->expectation;

    assert_true(i < JUDGED_PODS_MAX);
    while (expectation->promise_count <= i) {
        size_t at = expectation->promise_count++;

        node->promises[at] = (struct pod_promise){
            .namespace = TEXT("train"),
            .name = arena_format(&node->arena, "worker-%zu", at),
            .uid = arena_format(&node->arena, "uid-%zu", at),
            .has_status = true,
            .result = TEXT("injected"),
            .instance_type = TEXT("p5.48xlarge"),
            .promised = {.vendor = VENDOR_NVIDIA},
            .is_in_checkpoint = true,
            .efa_ids = node->pods[at].efa_ids,
            .accelerator_ids = node->pods[at].accelerator_ids,
        };
        expectation->promises = node->promises;
        expectation->pods = reading_known(expectation->promise_count);
    }
    return &node->promises[i];
}

void judged_node_init(struct judged_node *node)
{
    memset(node, 0, sizeof(*node));
    judged_set_devices(node, 32);
    judged_set_accelerators(node, VENDOR_NVIDIA, 8);
    init_pages(node);
    init_host(&node->inventory);
    node->expectation.type_name = judged_types[0].name;
    node->expectation.type_source = TYPE_DMI;
    node->expectation.type = &judged_types[0];
    node->expectation.node = reading_known(1);
    node->expectation.checkpoint = reading_known(3);
    init_node_status(&node->expectation.status);
    node->settings =
        (struct judge_settings){.settle_seconds = 120, .opens_devices = true, .has_cluster = true};
    judged_node_edit(node, "pod.efa=32 pod.held=32 pod.gpus=8 pod.gpus.held=8 pod.pages=5120");
}

void judged_node_judge(const struct judged_node *node, struct findings *ret_findings)
{
    struct error err = {.kind = ERROR_NONE};

    if (!findings_judge(&node->inventory, &node->expectation, &node->settings, ret_findings, &err))
        fail_msg("%s", err.text);
}

void judged_node_release(struct judged_node *node)
{
    arena_release(&node->arena);
}
