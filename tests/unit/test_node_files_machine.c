/* SPDX-License-Identifier: Apache-2.0 */
/* Huge pages, accelerators, kernel, modules, DMI, limits and uptime. */
#include "support/check.h"
#include "support/found_node.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

enum {
    MIB = 1024 * 1024
};

#define PAGES "sys/kernel/mm/hugepages/hugepages-2048kB/"

static void counts_pages_by_size_and_numa_node(void **state)
{
    const struct fake_node_plan plan = {.numa_nodes = 2,
                                        .pages = 21121,
                                        .pages_used = 1000,
                                        .pages_reserved = 30,
                                        .pages_surplus = 4,
                                        .gigantic_pages = 5};
    static const int numa_nodes[] = {-1, 0, 1, -1, 0, 1};
    static const unsigned totals[] = {21121, 10561, 10560, 5, 5, 0};
    AUTO(found_node_release) struct found_node found;
    const struct hugepages *pages;

    (void)state;
    found_node_init(&found, &plan);
    check_reading(found.inventory.hugepage_sizes, 2);
    assert_int_equal(found.inventory.hugepages_count, COUNT_OF(totals));
    for (size_t i = 0; i < COUNT_OF(totals); i++) {
        pages = &found.inventory.hugepages[i];
        assert_int_equal(pages->page_bytes, i < 3 ? 2 * MIB : 1024 * MIB);
        assert_int_equal(pages->numa_node, numa_nodes[i]);
        check_reading(pages->total, totals[i]);
    }
    pages = inventory_find_hugepages(&found.inventory, (uint64_t)2 * MIB);
    check_reading(pages->free, 20121);
    check_reading(pages->reserved, 30);
    check_reading(pages->surplus, 4);
    assert_false(pages[1].reserved.is_known); /* the kernel does not say it of a NUMA node */
    assert_null(pages[1].reserved.why.at);
    check_reading(pages[1].free, 10061);
}

static void tells_no_pages_from_not_known(void **state)
{
    const struct fake_node_plan plan = {.pages = 10};
    AUTO(found_node_release) struct found_node found;
    const struct hugepages *pages;

    (void)state;
    found_node_init(&found, &plan);
    found_node_set(&found, PAGES "nr_hugepages", "many");
    found_node_loop(&found, PAGES "free_hugepages");
    found_node_set(&found, PAGES "surplus_hugepages", "");
    found_node_set(&found, PAGES "resv_hugepages", "99999999999999999999");
    found_node_set(&found, "sys/kernel/mm/hugepages/hugepages-kB/nr_hugepages", "1");
    found_node_set(&found, "sys/kernel/mm/hugepages/hugepages-99999999999999999999kB/nr_hugepages", "1");
    found_node_read(&found);
    pages = inventory_find_hugepages(&found.inventory, (uint64_t)2 * MIB);
    check_reading_missed(pages->total, PAGES "nr_hugepages", "holds no number but 'many'");
    check_reading_missed(pages->free, PAGES "free_hugepages", strerror(ELOOP));
    check_reading_missed(pages->surplus, PAGES "surplus_hugepages", "holds no number but ''");
    check_reading_missed(pages->reserved, PAGES "resv_hugepages", "holds no number but '9999");
    check_reading(found.inventory.hugepage_sizes, 2);
    found_node_erase(&found, "sys/kernel/mm/hugepages"); /* a kernel without them */
    found_node_read(&found);
    check_reading(found.inventory.hugepage_sizes, 0);
    found_node_erase(&found, "sys/kernel");
    found_node_read(&found);
    check_reading_missed(found.inventory.hugepage_sizes, "sys/kernel/mm/hugepages", strerror(ENOENT));
}

struct accelerator_row {
    const char *name;
    struct fake_node_plan plan;
    unsigned counts[VENDOR_COUNT];
    const char *first; /* its name */
    const char *root;  /* NULL: not known */
};

static const struct accelerator_row accelerator_rows[] = {
    {"none", {.efa = 1}, {0}, NULL, NULL},
    {"GPUs, and switches that are none",
     {.efa = 32, .gpus = 8, .nvswitches = 4, .no_counters = true},
     {[VENDOR_NVIDIA] = 8},
     "0000:53:00.0",
     "pci0000:44"},
    {"GPUs with a display's class", {.vga_gpus = 4}, {[VENDOR_NVIDIA] = 4}, "0000:4f:00.0", "pci0000:44"},
    {"Gaudi", {.efa = 4, .gaudis = 8}, {[VENDOR_HABANA] = 8}, "0000:50:00.0", "pci0000:44"},
    {"Neuron", {.efa = 16, .neurons = 16, .no_counters = true}, {[VENDOR_NEURON] = 16}, "neuron0", NULL},
};

static void counts_accelerators(void **state)
{
    const struct accelerator_row *row = *state;
    AUTO(found_node_release) struct found_node found;
    unsigned all = 0;

    found_node_init(&found, &row->plan);
    for (int i = VENDOR_NONE + 1; i < VENDOR_COUNT; i++) {
        check_reading(found.inventory.accelerators_by_vendor[i], row->counts[i]);
        all += row->counts[i];
    }
    assert_int_equal(found.inventory.accelerator_count, all);
    if (all == 0)
        return;
    check_text(found.inventory.accelerators[0].name, row->first);
    check_text(found.inventory.accelerators[0].pci_root, row->root);
    check_text(found.inventory.accelerators[0].pci_address, row->root != NULL ? row->first : NULL);
}

static void places_gpus_beside_their_devices(void **state)
{
    struct fake_node_plan plan = fake_node_p5();
    AUTO(found_node_release) struct found_node found;

    (void)state;
    found_node_init(&found, &plan);
    for (size_t i = 0; i < 32; i++)
        assert_true(
            text_is(found.inventory.devices[i].pci_root, found.inventory.accelerators[i / 4].pci_root));
    assert_int_equal(found.inventory.accelerators[7].numa_node, 1);
    for (size_t i = 0; i < 8; i++) {
        const struct accelerator *gpu = &found.inventory.accelerators[i];
        char uuid[32];

        (void)snprintf(uuid, sizeof(uuid), "GPU-000000%.2s-0000", gpu->pci_address.at + strlen("0000:"));
        check_text(gpu->uuid, uuid);
    }
}

/* In a container without the host's /dev the driver's class in sysfs counts; elsewhere names are exact. */
static void finds_neurons_where_they_are(void **state)
{
    const struct fake_node_plan plan = {.efa = 1, .neurons = 11};
    AUTO(found_node_release) struct found_node found;

    (void)state;
    found_node_init(&found, &plan);
    found_node_set(&found, "dev/neuron", "");
    found_node_set(&found, "dev/neuronx", "");
    found_node_set(&found, "dev/neuron1a", "");
    found_node_set(&found, "dev/xneuron1", "");
    found_node_read(&found);
    check_reading(found.inventory.accelerators_by_vendor[VENDOR_NEURON], 11);
    check_text(found.inventory.accelerators[2].name, "neuron2");
    check_text(found.inventory.accelerators[10].name, "neuron10");
    found_node_erase(&found, "dev");
    found_node_read(&found);
    check_reading_missed(found.inventory.accelerators_by_vendor[VENDOR_NEURON], "/dev", strerror(ENOENT));
    found_node_set(&found, "sys/class/neuron_device/neuron0/core_count", "2");
    found_node_set(&found, "sys/class/neuron_device/neuron1/core_count", "2");
    found_node_read(&found);
    check_reading(found.inventory.accelerators_by_vendor[VENDOR_NEURON], 2);
}

struct kernel_row {
    const char *release;
    enum fact has_dmabuf;
    enum fact is_fork_safe;
};

static const struct kernel_row kernel_rows[] = {
    {"6.1.0-56-amd64", FACT_YES, FACT_YES},
    {"6.12.107+deb13-amd64", FACT_YES, FACT_YES},
    {"5.13.0", FACT_YES, FACT_YES},
    {"5.12.19-051219-generic", FACT_YES, FACT_NO},
    {"5.11.22", FACT_NO, FACT_NO},
    {"5.10.226-214.880.amzn2.x86_64", FACT_NO, FACT_NO},
    {"6.1.109-118.189.amzn2023.x86_64", FACT_YES, FACT_YES},
    {"4.14.355-275.570.amzn2.x86_64", FACT_NO, FACT_NO},
    {"4.18.0-553.el8_10.x86_64", FACT_UNKNOWN, FACT_UNKNOWN},
    {"5.14.0-427.13.1.el9_4.x86_64", FACT_YES, FACT_YES},
    {"10.0.0", FACT_YES, FACT_YES},
    {"5.13", FACT_YES, FACT_YES},
    {"5", FACT_UNKNOWN, FACT_UNKNOWN},
    {"5.", FACT_UNKNOWN, FACT_UNKNOWN},
    {".13", FACT_UNKNOWN, FACT_UNKNOWN},
    {"linux", FACT_UNKNOWN, FACT_UNKNOWN},
    {"5.99999999999999999999", FACT_UNKNOWN, FACT_UNKNOWN},
};

static void knows_what_a_kernel_can(void **state)
{
    const struct kernel_row *row = *state;
    const struct fake_node_plan plan = {.kernel = row->release};
    AUTO(found_node_release) struct found_node found;

    found_node_init(&found, &plan);
    check_text(found.inventory.kernel.release, row->release);
    assert_int_equal(found.inventory.kernel.has_dmabuf, row->has_dmabuf);
    assert_int_equal(found.inventory.kernel.is_fork_safe, row->is_fork_safe);
}

static void knows_the_modules(void **state)
{
    const struct fake_node_plan plan = {.efa = 1, .gdrdrv_version = "2.4", .efa_version = "2.10.0g"};
    const struct fake_node_plan bare = {.no_efa_module = true, .no_uverbs_module = true};
    AUTO(found_node_release) struct found_node found;
    AUTO(found_node_release) struct found_node other;

    (void)state;
    found_node_init(&found, &plan);
    check_text(found.inventory.kernel.efa_version, "2.10.0g");
    check_text(found.inventory.kernel.gdrdrv_version, "2.4");
    assert_int_equal(found.inventory.kernel.has_uverbs, FACT_YES);
    assert_int_equal(found.inventory.kernel.is_efa_loaded, FACT_YES);
    assert_int_equal(found.inventory.kernel.is_gdrdrv_loaded, FACT_YES);
    assert_int_equal(found.inventory.kernel.is_rdma_exclusive, FACT_UNKNOWN);
    found_node_erase(&found, "sys/module/efa");
    found_node_erase(&found, "sys/module/ib_uverbs");
    found_node_read(&found);
    check_text(found.inventory.kernel.efa_version, NULL);
    assert_int_equal(found.inventory.kernel.is_efa_loaded, FACT_YES); /* built in */
    assert_int_equal(found.inventory.kernel.has_uverbs, FACT_YES);
    found_node_init(&other, &bare);
    assert_int_equal(other.inventory.kernel.has_uverbs, FACT_UNKNOWN); /* there is no /sys/module */
    found_node_set(&other, "sys/module/ena/refcnt", "1");
    found_node_read(&other);
    assert_int_equal(other.inventory.kernel.has_uverbs, FACT_NO);
    assert_int_equal(other.inventory.kernel.is_efa_loaded, FACT_NO);
    assert_int_equal(other.inventory.kernel.is_gdrdrv_loaded, FACT_NO);
    check_text(other.inventory.kernel.gdrdrv_version, NULL);
}

static void takes_the_type_from_ec2s_dmi_alone(void **state)
{
    const struct fake_node_plan plan = {.instance_type = "p5.48xlarge"};
    AUTO(found_node_release) struct found_node found;

    (void)state;
    found_node_init(&found, &plan);
    check_text(found.inventory.instance.dmi_type, "p5.48xlarge");
    assert_int_equal(found.inventory.instance.imds, IMDS_NOT_ASKED);
    found_node_set(&found, "sys/devices/virtual/dmi/id/product_name", "");
    found_node_read(&found);
    check_text(found.inventory.instance.dmi_type, NULL);
    found_node_set(&found, "sys/devices/virtual/dmi/id/product_name", "Standard PC (Q35 + ICH9, 2009)");
    found_node_set(&found, "sys/devices/virtual/dmi/id/sys_vendor", "QEMU");
    found_node_read(&found);
    check_text(found.inventory.instance.dmi_type, NULL);
    found_node_erase(&found, "sys/devices/virtual/dmi");
    found_node_read(&found);
    check_text(found.inventory.instance.dmi_type, NULL);
}

static void reads_uptime_in_whole_seconds(void **state)
{
    const struct fake_node_plan plan = {.uptime_seconds = 42};
    AUTO(found_node_release) struct found_node found;

    (void)state;
    found_node_init(&found, &plan);
    check_reading(found.inventory.uptime_seconds, 42);
    found_node_set(&found, "proc/uptime", "soon");
    found_node_read(&found);
    check_reading_missed(found.inventory.uptime_seconds, "proc/uptime", "holds no seconds");
    found_node_erase(&found, "proc");
    found_node_read(&found);
    check_reading_missed(found.inventory.uptime_seconds, "proc/uptime", strerror(ENOENT));
    check_text(found.inventory.kernel.release, NULL);
    assert_int_equal(found.inventory.kernel.has_dmabuf, FACT_UNKNOWN);
}

static void asks_for_its_own_locked_memory(void **state)
{
    const struct fake_node_plan plan = {.efa = 0};
    AUTO(found_node_release) struct found_node found;
    struct rlimit before;
    struct rlimit limit;

    (void)state;
    found_node_init(&found, &plan);
    assert_int_equal(getrlimit(RLIMIT_MEMLOCK, &before), 0);
    check_reading(found.inventory.memlock_bytes,
                  before.rlim_cur == RLIM_INFINITY ? UINT64_MAX : before.rlim_cur);
    limit = (struct rlimit){.rlim_cur = 4096, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_MEMLOCK, &limit), 0);
    found_node_read(&found);
    assert_int_equal(setrlimit(RLIMIT_MEMLOCK, &before), 0);
    check_reading(found.inventory.memlock_bytes, 4096);
}

static void looks_where_the_environment_says(void **state)
{
    const struct fake_node_plan plan = {.efa = 2};
    AUTO(found_node_release) struct found_node found;

    (void)state;
    found_node_init(&found, &plan);
    found.roots.sysfs = NULL;
    assert_int_equal(setenv("SYSFS_PATH", found.node.sysfs, 1), 0);
    found_node_read(&found);
    check_reading(found.inventory.sysfs, 2);
    assert_int_equal(setenv("SYSFS_PATH", "", 1), 0); /* as if it were not set */
    found_node_read(&found);
    assert_int_equal(unsetenv("SYSFS_PATH"), 0);
    found.roots = (struct node_roots){.sysfs = NULL};
    found_node_read(&found); /* this machine's own */
    assert_true(found.inventory.uptime_seconds.is_known);
    assert_non_null(found.inventory.kernel.release.at);
}

static const struct check_test tests[] = {
    CHECK_TEST(counts_pages_by_size_and_numa_node),
    CHECK_TEST(tells_no_pages_from_not_known),
    CHECK_TEST(places_gpus_beside_their_devices),
    CHECK_TEST(finds_neurons_where_they_are),
    CHECK_TEST(knows_the_modules),
    CHECK_TEST(takes_the_type_from_ec2s_dmi_alone),
    CHECK_TEST(reads_uptime_in_whole_seconds),
    CHECK_TEST(asks_for_its_own_locked_memory),
    CHECK_TEST(looks_where_the_environment_says),
};

int main(void)
{
    return CHECK_ROWS("accelerators", accelerator_rows, counts_accelerators) |
           CHECK_ROWS("kernel", kernel_rows, knows_what_a_kernel_can) | CHECK_TESTS("machine", tests);
}
