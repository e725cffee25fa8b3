/* SPDX-License-Identifier: Apache-2.0 */
/* What no well-kept node shows: odd names, garbage, loops, too much of it, and no memory. */
#include "support/check.h"
#include "support/found_node.h"

#include "core/error.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define FUNCTION "sys/devices/pci0000:44/0000:44:01.0/0000:4f:00.0/"
#define DEVICE FUNCTION "infiniband/rdmap79s0/"

static void in_folder(char path[512], const struct found_node *found, const char *name)
{
    (void)snprintf(path, 512, "%s/%s", found->node.root, name);
}

struct garbage_row {
    const char *name;
    const char *file;
    const char *line;
};

static const struct garbage_row garbage_rows[] = {
    {"a vendor that is no number", FUNCTION "vendor", "amazon"},
    {"a vendor that is too large", FUNCTION "vendor", "0x1d0f1d0f1d0f"},
    {"an empty vendor", FUNCTION "vendor", ""},
    {"a NUMA node that is no number", FUNCTION "numa_node", "here"},
    {"a NUMA node below 0", FUNCTION "numa_node", "-1"},
    {"a state without a number", DEVICE "ports/1/state", "ACTIVE"},
    {"an empty state", DEVICE "ports/1/state", "4:"},
    {"a GUID of control characters", DEVICE "node_guid", "\x01\x7f\x80\xff"},
    {"a character device of another", FUNCTION "infiniband_verbs/uverbs0/ibdev", "mlx5_0"},
};

/* The other device is counted as ever, and this one by its driver. */
static void is_not_misled_by_garbage(void **state)
{
    const struct garbage_row *row = *state;
    const struct fake_node_plan plan = {.efa = 2, .numa_nodes = 1};
    AUTO(found_node_release) struct found_node found;
    const struct rdma_device *device;

    found_node_init(&found, &plan);
    found_node_set(&found, row->file, row->line);
    found_node_read(&found);
    check_reading(found.inventory.sysfs, 2);
    device = inventory_find_device(&found.inventory, text_of("rdmap79s0"));
    assert_non_null(device);
    assert_true(device->is_efa);
    if (strstr(row->file, "numa_node") != NULL)
        assert_int_equal(device->numa_node, -1);
    if (strstr(row->file, "state") != NULL)
        check_text(device->port_state, strlen(row->line) > 2 ? "ACTIVE" : NULL);
    if (strstr(row->file, "node_guid") != NULL)
        check_text(device->guid, "????");
    if (strstr(row->file, "ibdev") != NULL)
        check_text(device->uverbs, NULL);
}

static void counts_a_device_with_an_odd_name(void **state)
{
    const struct fake_node_plan plan = {.efa = 3};
    AUTO(found_node_release) struct found_node found;
    struct error err = {0};

    (void)state;
    found_node_init(&found, &plan);
    check_done(fake_node_rename(found.node.root, "0", "a\nb", &err), &err);
    check_done(fake_node_rename(found.node.root, "1", "\xff%s\"\\", &err), &err);
    found_node_read(&found);
    check_reading(found.inventory.sysfs, 3);
    check_text(found.inventory.devices[0].name, "a?b");
    check_text(found.inventory.devices[1].name, "?%s\"\\");
    check_text(found.inventory.devices[1].uverbs, "uverbs1");
    check_text(found.inventory.devices[0].driver, "efa");
}

/* Between the listing of a folder and the reading of a file in it, the device went. */
static void passes_over_what_went_meanwhile(void **state)
{
    const struct fake_node_plan plan = {.efa = 2};
    AUTO(found_node_release) struct found_node found;
    char path[512];

    (void)state;
    found_node_init(&found, &plan);
    in_folder(path, &found, "sys/class/infiniband/rdmap99s0");
    assert_int_equal(symlink("../../devices/gone/infiniband/rdmap99s0", path), 0);
    in_folder(path, &found, "sys/bus/pci/devices/0000:63:00.0");
    assert_int_equal(symlink("../../../devices/gone", path), 0);
    found_node_set(&found, "sys/class/infiniband/a_file", "1");
    found_node_set(&found, "sys/class/infiniband_verbs/uverbs7/ibdev", "rdmap99s0");
    found_node_set(&found, "sys/class/infiniband_verbs/uverbsX/ibdev", "rdmap79s0");
    found_node_set(&found, "sys/bus/pci/devices/no_address/vendor", "0x1d0f");
    found_node_read(&found);
    check_reading(found.inventory.pci, 2);
    check_reading(found.inventory.sysfs, 2);
    check_reading(found.inventory.other_rdma, 0);
    check_text(found.inventory.devices[0].uverbs, "uverbs0");
}

static void waits_for_no_fifo(void **state)
{
    const struct fake_node_plan plan = {.efa = 1};
    AUTO(found_node_release) struct found_node found;
    char path[512];

    (void)state;
    found_node_init(&found, &plan);
    found_node_erase(&found, DEVICE "node_guid");
    in_folder(path, &found, DEVICE "node_guid");
    assert_int_equal(mkfifo(path, 0600), 0);
    found_node_erase(&found, "dev/infiniband/uverbs0");
    in_folder(path, &found, "dev/infiniband/uverbs0");
    assert_int_equal(mkfifo(path, 0600), 0);
    found_node_read(&found);
    check_reading(found.inventory.sysfs, 1);
    check_text(found.inventory.devices[0].guid, NULL);
}

static void cuts_a_long_line(void **state)
{
    const struct fake_node_plan plan = {.efa = 1};
    AUTO(found_node_release) struct found_node found;
    char path[512];
    FILE *file;

    (void)state;
    found_node_init(&found, &plan);
    in_folder(path, &found, DEVICE "fw_ver");
    file = fopen(path, "w");
    assert_non_null(file);
    for (int i = 0; i < 1000 * 1000; i++)
        assert_int_equal(fputc('1', file), '1');
    assert_int_equal(fclose(file), 0);
    found_node_read(&found);
    assert_int_equal(found.inventory.devices[0].firmware.length, 1024);
}

static void cannot_tell_whose_a_loop_is(void **state)
{
    const struct fake_node_plan plan = {.efa = 2};
    AUTO(found_node_release) struct found_node found;
    char path[512];

    (void)state;
    found_node_init(&found, &plan);
    in_folder(path, &found, "sys/class/infiniband/loop");
    assert_int_equal(symlink("loop", path), 0);
    found_node_read(&found);
    check_reading_missed(found.inventory.sysfs, "sys/class/infiniband/loop/device", strerror(ELOOP));
    check_reading_missed(found.inventory.other_rdma, "loop", strerror(ELOOP));
    assert_int_equal(found.inventory.device_count, 2);
}

static void does_not_count_without_end(void **state)
{
    const struct fake_node_plan plan = {.efa = 1};
    AUTO(found_node_release) struct found_node found;
    char path[512];

    (void)state;
    found_node_init(&found, &plan);
    for (int i = 0; i < 1100; i++) {
        (void)snprintf(path, sizeof(path), "%s/sys/class/infiniband/x%d", found.node.root, i);
        assert_int_equal(mkdir(path, 0755), 0);
    }
    found_node_read(&found);
    check_reading_missed(found.inventory.sysfs, "sys/class/infiniband", "more than 1024 names");
    check_reading(found.inventory.pci, 1);
    assert_true(found.inventory.device_count <= 1025);
}

static bool read_it(void *state, struct error *err)
{
    AUTO(inventory_release) struct inventory inventory = {.device_count = 0};
    struct found_node *found = state;

    node_files_read(&found->roots, &inventory);
    return inventory.failed ? error_memory(err) : true;
}

static void says_that_memory_ran_out(void **state)
{
    const struct fake_node_plan plan = {.efa = 200, .gpus = 8, .neurons = 16, .mlx5 = 2, .no_counters = true};
    AUTO(found_node_release) struct found_node found;

    (void)state;
    found_node_init(&found, &plan);
    assert_true(check_every_allocation(read_it, &found) >= 5);
}

struct toggle {
    struct found_node *found;
    atomic_bool is_over;
    unsigned changes;
    bool failed;
};

static void *toggle_device(void *argument)
{
    struct toggle *toggle = argument;
    struct error err = {0};

    while (!toggle->is_over && !toggle->failed) {
        toggle->failed = !fake_node_unbind(toggle->found->node.root, "0000:50:00.0", &err) ||
                         !fake_node_bind(toggle->found->node.root, "0000:50:00.0", &err);
        toggle->changes++;
    }
    return NULL;
}

static void reads_while_a_device_comes_and_goes(void **state)
{
    const struct fake_node_plan plan = {.efa = 4, .rxe = 1, .no_counters = true};
    AUTO(found_node_release) struct found_node found;
    struct toggle toggle = {.found = &found};
    pthread_t thread;

    (void)state;
    found_node_init(&found, &plan);
    assert_int_equal(pthread_create(&thread, NULL, toggle_device, &toggle), 0);
    for (int i = 0; i < 500; i++) {
        found_node_read(&found);
        check_reading(found.inventory.pci, 4);
        assert_in_range(found.inventory.sysfs.number, 3, 4);
        check_reading(found.inventory.other_rdma, 1);
        assert_in_range(found.inventory.device_count, 5, 6);
        (void)node_files_fingerprint(&found.roots);
    }
    toggle.is_over = true;
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_false(toggle.failed);
    assert_true(toggle.changes > 10);
}

static const struct check_test tests[] = {
    CHECK_TEST(counts_a_device_with_an_odd_name),
    CHECK_TEST(passes_over_what_went_meanwhile),
    CHECK_TEST(waits_for_no_fifo),
    CHECK_TEST(cuts_a_long_line),
    CHECK_TEST(cannot_tell_whose_a_loop_is),
    CHECK_TEST(does_not_count_without_end),
    CHECK_TEST(says_that_memory_ran_out),
    CHECK_TEST(reads_while_a_device_comes_and_goes),
};

int main(void)
{
    return CHECK_ROWS("garbage", garbage_rows, is_not_misled_by_garbage) | CHECK_TESTS("odd nodes", tests);
}
