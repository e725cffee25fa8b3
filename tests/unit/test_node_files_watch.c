/* SPDX-License-Identifier: Apache-2.0 */
/* Fingerprints, counters, and what looking again and again leaves behind. */
#include "support/check.h"
#include "support/found_node.h"

#include <malloc.h>
#include <stdio.h>
#include <unistd.h>

#define PAGES "sys/kernel/mm/hugepages/hugepages-2048kB/"

static uint64_t fingerprint(const struct found_node *found)
{
    return node_files_fingerprint(&found->roots);
}

static void is_the_same_while_nothing_changes(void **state)
{
    const struct fake_node_plan plan = fake_node_p5();
    AUTO(found_node_release) struct found_node found;
    uint64_t first;

    (void)state;
    found_node_init(&found, &plan);
    first = fingerprint(&found);
    found_node_set(
        &found, "sys/devices/pci0000:44/0000:44:01.0/0000:4f:00.0/infiniband/rdmap79s0/hw_counters/cmds_err",
        "12345");
    found_node_set(&found, "proc/uptime", "77.00 1.00");
    assert_int_equal(fingerprint(&found), first);
}

enum change {
    UNBIND,
    REMOVE,
    RENAME,
    SET,
    ERASE,
};

struct change_row {
    const char *name;
    enum change change;
    const char *what;
    const char *value;
};

static const struct change_row change_rows[] = {
    {"a driver lets go", UNBIND, "rdmap80s0", NULL},
    {"a device goes", REMOVE, "3", NULL},
    {"a foreign device goes", REMOVE, "rxe_0", NULL},
    {"a device is renamed", RENAME, "rdmap80s0", "efa_7"},
    {"pages are taken", SET, PAGES "free_hugepages", "5"},
    {"pages are added", SET, PAGES "nr_hugepages", "101"},
    {"pages of another size", SET, "sys/kernel/mm/hugepages/hugepages-1048576kB/free_hugepages", "1"},
    {"a character device goes", ERASE, "dev/infiniband/uverbs2", NULL},
    {"/dev/infiniband goes", ERASE, "dev/infiniband", NULL},
    {"the driver goes", ERASE, "sys/bus/pci/drivers/efa", NULL},
    {"all of sysfs goes", ERASE, "sys", NULL},
};

static void apply(struct found_node *found, const struct change_row *row)
{
    struct error err = {0};

    switch (row->change) {
    case UNBIND:
        check_done(fake_node_unbind(found->node.root, row->what, &err), &err);
        break;
    case REMOVE:
        check_done(fake_node_remove(found->node.root, row->what, &err), &err);
        break;
    case RENAME:
        check_done(fake_node_rename(found->node.root, row->what, row->value, &err), &err);
        break;
    case SET:
        found_node_set(found, row->what, row->value);
        break;
    case ERASE:
        found_node_erase(found, row->what);
        break;
    }
}

static void changes_with_the_node(void **state)
{
    const struct change_row *row = *state;
    const struct fake_node_plan plan = {.efa = 4, .rxe = 1, .pages = 100, .no_counters = true};
    AUTO(found_node_release) struct found_node found;
    uint64_t before;
    uint64_t after;

    found_node_init(&found, &plan);
    before = fingerprint(&found);
    apply(&found, row);
    after = fingerprint(&found);
    assert_int_not_equal(before, after);
    assert_int_equal(fingerprint(&found), after);
}

static void comes_back_with_the_device(void **state)
{
    const struct fake_node_plan plan = {.efa = 4};
    AUTO(found_node_release) struct found_node found;
    struct error err = {0};
    uint64_t before;

    (void)state;
    found_node_init(&found, &plan);
    before = fingerprint(&found);
    check_done(fake_node_unbind(found.node.root, "2", &err), &err);
    check_done(fake_node_bind(found.node.root, "2", &err), &err);
    assert_int_equal(fingerprint(&found), before);
}

struct sums {
    unsigned count;
    unsigned of_ports;
    uint64_t tx_bytes_of_second;
    uint64_t cmds_err_of_second;
    bool has_other;
    bool has_lifespan;
};

static void add_counter(void *context, const struct rdma_device *device, const char *port,
                        const char *counter, uint64_t value)
{
    struct sums *sums = context;

    sums->count++;
    sums->of_ports += strcmp(port, "1") == 0;
    sums->has_other = sums->has_other || !device->is_efa || device->pci_address.at == NULL;
    sums->has_lifespan = sums->has_lifespan || strcmp(counter, "lifespan") == 0;
    if (text_is_string(device->name, "rdmap80s0") && strcmp(counter, "tx_bytes") == 0)
        sums->tx_bytes_of_second = value;
    if (text_is_string(device->name, "rdmap80s0") && strcmp(counter, "cmds_err") == 0)
        sums->cmds_err_of_second = value;
}

#define SECOND "sys/devices/pci0000:44/0000:44:01.0/0000:50:00.0/infiniband/rdmap80s0/"

static void shows_every_counter_of_every_device(void **state)
{
    const struct fake_node_plan plan = {.efa = 3, .unbound = 1, .mlx5 = 1};
    AUTO(found_node_release) struct found_node found;
    struct sums sums = {0};

    (void)state;
    found_node_init(&found, &plan);
    found_node_set(&found, "sys/class/infiniband/mlx5_0/ports/1/hw_counters/out_of_buffer", "1");
    node_files_each_counter(&found.roots, add_counter, &sums);
    assert_int_equal(sums.count, 2 * 34);
    assert_int_equal(sums.of_ports, 2 * 22);
    assert_int_equal(sums.tx_bytes_of_second, 1100);
    assert_int_equal(sums.cmds_err_of_second, 1002);
    assert_false(sums.has_other);
    assert_false(sums.has_lifespan);
}

static void leaves_out_what_is_no_counter(void **state)
{
    const struct fake_node_plan plan = {.efa = 2};
    AUTO(found_node_release) struct found_node found;
    struct sums sums = {0};

    (void)state;
    found_node_init(&found, &plan);
    found_node_set(&found, SECOND "ports/1/hw_counters/tx_bytes", "18446744073709551615");
    found_node_set(&found, SECOND "ports/1/hw_counters/rx_bytes", "18446744073709551616");
    found_node_set(&found, SECOND "ports/1/hw_counters/rx_pkts", "-1");
    found_node_set(&found, SECOND "ports/1/hw_counters/odd\nname", "1");
    found_node_set(&found, SECOND "ports/one/hw_counters/rx_pkts", "1");
    found_node_loop(&found, SECOND "hw_counters/mmap_err");
    node_files_each_counter(&found.roots, add_counter, &sums);
    assert_int_equal(sums.count, 2 * 34 - 3);
    assert_true(sums.tx_bytes_of_second == UINT64_MAX);
    found_node_erase(&found, "sys/class");
    sums = (struct sums){0};
    node_files_each_counter(&found.roots, add_counter, &sums);
    assert_int_equal(sums.count, 0);
}

/* 10,000 looks are five and a half hours of an agent. */
static void leaves_nothing_behind(void **state)
{
    const struct fake_node_plan plan = fake_node_p5();
    AUTO(found_node_release) struct found_node found;
    struct sums sums = {0};
    int descriptors;
    size_t bytes;

    (void)state;
    found_node_init(&found, &plan);
    (void)fingerprint(&found);
    node_files_each_counter(&found.roots, add_counter, &sums);
    inventory_release(&found.inventory);
    descriptors = check_count_descriptors();
    bytes = mallinfo2().uordblks;
    for (int i = 0; i < 10 * 1000; i++)
        (void)fingerprint(&found);
    for (int i = 0; i < 1000; i++)
        found_node_read(&found);
    for (int i = 0; i < 20; i++)
        node_files_each_counter(&found.roots, add_counter, &sums);
    inventory_release(&found.inventory);
    assert_int_equal(check_count_descriptors(), descriptors);
    assert_true(mallinfo2().uordblks <= bytes);
}

static const struct check_test tests[] = {
    CHECK_TEST(is_the_same_while_nothing_changes),
    CHECK_TEST(comes_back_with_the_device),
    CHECK_TEST(shows_every_counter_of_every_device),
    CHECK_TEST(leaves_out_what_is_no_counter),
    CHECK_TEST(leaves_nothing_behind),
};

int main(void)
{
    return CHECK_ROWS("fingerprint", change_rows, changes_with_the_node) | CHECK_TESTS("watching", tests);
}
