/* SPDX-License-Identifier: Apache-2.0 */
/* EFA devices, other RDMA devices and their character devices, on nodes of many makes. */
#include "support/check.h"
#include "support/found_node.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

struct count_row {
    const char *name;
    struct fake_node_plan plan;
    unsigned pci;
    unsigned sysfs;
    unsigned character;
    unsigned other;
    const char *first; /* name of the first device; NULL: it has none, or there is no device */
};

static const struct count_row count_rows[] = {
    {"none", {.efa = 0}, 0, 0, 0, 0, NULL},
    {"one", {.efa = 1}, 1, 1, 1, 0, "rdmap79s0"},
    {"four", {.efa = 4, .gpus = 8}, 4, 4, 4, 0, "rdmap79s0"},
    {"sixteen", {.efa = 16, .gpus = 8, .plain_names = true}, 16, 16, 16, 0, "efa_0"},
    {"thirty-two", {.efa = 32, .gpus = 8}, 32, 32, 32, 0, "rdmap79s0"},
    {"the oldest device id", {.efa = 4, .device_id = 0xefa0}, 4, 4, 4, 0, "rdmap79s0"},
    {"the second device id", {.efa = 4, .device_id = 0xefa1}, 4, 4, 4, 0, "rdmap79s0"},
    {"the fourth device id", {.efa = 4, .device_id = 0xefa3}, 4, 4, 4, 0, "rdmap79s0"},
    {"a device id to come", {.efa = 4, .device_id = 0xefaf}, 4, 4, 4, 0, "rdmap79s0"},
    {"driver efa on an unknown device id", {.efa = 4, .device_id = 0xf000}, 0, 4, 4, 0, "rdmap79s0"},
    {"zero GUIDs", {.efa = 4, .zero_guids = true}, 4, 4, 4, 0, "rdmap79s0"},
    {"a port that is down", {.efa = 4, .ports_down = 1}, 4, 4, 4, 0, "rdmap79s0"},
    {"two without a driver", {.efa = 4, .unbound = 2}, 4, 2, 2, 0, "rdmap79s0"},
    {"none has a driver", {.efa = 4, .unbound = 4}, 4, 0, 0, 0, NULL},
    {"no /dev/infiniband", {.efa = 4, .no_infiniband_folder = true}, 4, 4, 0, 0, "rdmap79s0"},
    {"beside rxe", {.efa = 4, .rxe = 1}, 4, 4, 4, 1, "rdmap79s0"},
    {"beside mlx5", {.efa = 8, .mlx5 = 2, .gpus = 8}, 8, 8, 8, 2, "rdmap79s0"},
    {"others alone", {.mlx5 = 2, .rxe = 3}, 0, 0, 0, 5, "rxe_0"},
    {"many PCI domains", {.efa = 100, .no_counters = true}, 100, 100, 100, 0, "rdmap79s0"},
};

static void check_order(const struct inventory *inventory)
{
    for (size_t i = 1; i < inventory->device_count; i++) {
        const struct rdma_device *one = &inventory->devices[i - 1];
        const struct rdma_device *two = &inventory->devices[i];

        assert_true(one->is_efa >= two->is_efa);
        if (one->is_efa == two->is_efa)
            assert_true(text_compare(one->pci_address, two->pci_address) <= 0);
    }
}

static void counts_row(void **state)
{
    const struct count_row *row = *state;
    AUTO(found_node_release) struct found_node found;

    found_node_init(&found, &row->plan);
    check_reading(found.inventory.pci, row->pci);
    check_reading(found.inventory.sysfs, row->sysfs);
    check_reading(found.inventory.character, row->character);
    check_reading(found.inventory.other_rdma, row->other);
    assert_false(found.inventory.verbs.is_known); /* others are asked for these */
    assert_null(found.inventory.verbs.why.at);
    assert_int_equal(found.inventory.device_count, row->plan.efa + row->plan.mlx5 + row->plan.rxe);
    assert_int_equal(found.inventory.has_infiniband_folder, !row->plan.no_infiniband_folder);
    check_order(&found.inventory);
    if (found.inventory.device_count > 0)
        check_text(found.inventory.devices[0].name, row->first);
}

static void tells_all_of_a_device(void **state)
{
    struct fake_node_plan plan = fake_node_p5();
    AUTO(found_node_release) struct found_node found;
    const struct rdma_device *device;

    (void)state;
    plan.ports_down = 1;
    plan.firmware = "0.0.0.0";
    found_node_init(&found, &plan);
    device = &found.inventory.devices[0];
    check_text(device->name, "rdmap79s0");
    check_text(device->pci_address, "0000:4f:00.0");
    check_text(device->pci_root, "pci0000:44");
    check_text(device->driver, "efa");
    check_text(device->uverbs, "uverbs0");
    check_text(device->guid, "0280:41ff:04f0:0001");
    check_text(device->firmware, "0.0.0.0");
    check_text(device->p2p, "NVIDIA");
    check_text(device->port_state, "DOWN");
    assert_int_equal(device->vendor_id, 0x1d0f);
    assert_int_equal(device->device_id, 0xefa2);
    assert_int_equal(device->numa_node, 0);
    assert_true(device->is_efa);
    assert_int_equal(device->character, CHARACTER_USABLE);
    assert_false(device->is_in_verbs);
    device = &found.inventory.devices[31];
    check_text(device->name, "rdmap201s0");
    check_text(device->port_state, "ACTIVE");
    check_text(device->pci_root, "pci0000:bb");
    check_text(device->uverbs, "uverbs31");
    assert_int_equal(device->numa_node, 1);
}

static void says_nothing_of_what_is_empty(void **state)
{
    const struct fake_node_plan plan = {.efa = 1, .p2p = "", .zero_guids = true};
    AUTO(found_node_release) struct found_node found;
    const struct rdma_device *device;

    (void)state;
    found_node_init(&found, &plan);
    device = &found.inventory.devices[0];
    check_text(device->firmware, NULL);
    check_text(device->p2p, NULL);
    check_text(device->guid, "0000:0000:0000:0000");
}

static void keeps_a_function_without_a_driver(void **state)
{
    const struct fake_node_plan plan = {.efa = 2, .unbound = 1};
    AUTO(found_node_release) struct found_node found;
    const struct rdma_device *device;

    (void)state;
    found_node_init(&found, &plan);
    device = &found.inventory.devices[1];
    check_text(device->name, NULL);
    check_text(device->driver, NULL);
    check_text(device->uverbs, NULL);
    check_text(device->pci_address, "0000:50:00.0");
    check_text(device->pci_root, "pci0000:44");
    assert_int_equal(device->device_id, 0xefa2);
    assert_int_equal(device->character, CHARACTER_ABSENT);
    assert_true(device->is_efa);
}

static void tells_p6_b200s_two_mlx5_apart(void **state)
{
    struct fake_node_plan plan = fake_node_p6_b200();
    AUTO(found_node_release) struct found_node found;
    const struct rdma_device *device;

    (void)state;
    found_node_init(&found, &plan);
    check_reading(found.inventory.sysfs, 8);
    check_reading(found.inventory.other_rdma, 2);
    device = inventory_find_device(&found.inventory, text_of("mlx5_1"));
    assert_non_null(device);
    assert_false(device->is_efa);
    check_text(device->driver, "mlx5_core");
    check_text(device->uverbs, "uverbs9");
    assert_int_equal(device->vendor_id, 0x15b3);
    assert_int_equal(device->character, CHARACTER_USABLE);
}

static void knows_no_function_behind_rxe(void **state)
{
    const struct fake_node_plan plan = {.rxe = 1};
    AUTO(found_node_release) struct found_node found;
    const struct rdma_device *device;

    (void)state;
    found_node_init(&found, &plan);
    device = &found.inventory.devices[0];
    check_text(device->pci_address, NULL);
    check_text(device->pci_root, NULL);
    check_text(device->driver, NULL);
    check_text(device->uverbs, "uverbs0");
    assert_int_equal(device->numa_node, -1);
}

static void follows_a_device_that_changes(void **state)
{
    const struct fake_node_plan plan = {.efa = 4};
    AUTO(found_node_release) struct found_node found;
    struct error err = {0};

    (void)state;
    found_node_init(&found, &plan);
    check_done(fake_node_unbind(found.node.root, "rdmap80s0", &err), &err);
    found_node_read(&found);
    check_reading(found.inventory.pci, 4);
    check_reading(found.inventory.sysfs, 3);
    check_reading(found.inventory.character, 3);
    check_done(fake_node_bind(found.node.root, "0000:50:00.0", &err), &err);
    check_done(fake_node_rename(found.node.root, "3", "efa_7", &err), &err);
    found_node_read(&found);
    check_reading(found.inventory.character, 4);
    check_text(found.inventory.devices[3].name, "efa_7");
    check_text(found.inventory.devices[3].uverbs, "uverbs3");
    check_done(fake_node_remove(found.node.root, "efa_7", &err), &err);
    found_node_read(&found);
    check_reading(found.inventory.pci, 3);
    assert_int_equal(found.inventory.device_count, 3);
}

/* In a container runtime a missing source of a mount becomes a folder; a lost link may be a loop. */
static void refuses_what_is_no_usable_file(void **state)
{
    const struct fake_node_plan plan = {.efa = 4};
    AUTO(found_node_release) struct found_node found;

    (void)state;
    found_node_init(&found, &plan);
    found_node_erase(&found, "dev/infiniband/uverbs0");
    found_node_set(&found, "dev/infiniband/uverbs0/inner", "");
    found_node_loop(&found, "dev/infiniband/uverbs1");
    found_node_erase(&found, "dev/infiniband/uverbs2");
    found_node_read(&found);
    check_reading(found.inventory.character, 1);
    assert_int_equal(found.inventory.devices[0].character, CHARACTER_REFUSED);
    assert_int_equal(found.inventory.devices[0].character_errno, EISDIR);
    assert_int_equal(found.inventory.devices[1].character, CHARACTER_REFUSED);
    assert_int_equal(found.inventory.devices[1].character_errno, ELOOP);
    assert_int_equal(found.inventory.devices[2].character, CHARACTER_ABSENT);
    assert_int_equal(found.inventory.devices[3].character, CHARACTER_USABLE);
}

/* A folder by a descriptor that is open already: another user may not walk down $TMPDIR. */
static int open_root(const char *path, char by_descriptor[32])
{
    int folder = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

    assert_true(folder >= 0);
    (void)snprintf(by_descriptor, 32, "/proc/self/fd/%d", folder);
    return folder;
}

static void sees_that_it_may_not_open_a_device(void **state)
{
    const struct fake_node_plan plan = {.efa = 2, .mode = 0400}; /* its owner may read, root may do all */
    AUTO(found_node_release) struct found_node found;
    uid_t user = geteuid();
    char sysfs[32];
    char dev[32];
    struct node_roots roots = {sysfs, dev, NULL};
    int folders[2];

    (void)state;
    found_node_init(&found, &plan);
    check_reading(found.inventory.character, user == 0 ? 2 : 0);
    inventory_release(&found.inventory);
    folders[0] = open_root(found.node.sysfs, sysfs);
    folders[1] = open_root(found.node.dev, dev);
    assert_int_equal(seteuid(user == 0 ? 65534 : user), 0);
    node_files_read(&roots, &found.inventory);
    assert_int_equal(seteuid(user), 0);
    (void)close(folders[0]);
    (void)close(folders[1]);
    check_reading(found.inventory.sysfs, 2);
    check_reading(found.inventory.character, 0);
    assert_int_equal(found.inventory.devices[1].character, CHARACTER_REFUSED);
    assert_int_equal(found.inventory.devices[1].character_errno, EACCES);
}

struct missed_row {
    const char *name;
    const char *erase; /* this, and a link to itself takes its place where `is_loop` */
    bool is_loop;
    bool is_pci_known;
    bool is_sysfs_known;
    bool is_character_known;
};

static const struct missed_row missed_rows[] = {
    {"no /sys", "sys", false, false, false, true},
    {"no class", "sys/class", false, true, false, true},
    {"no class/infiniband", "sys/class/infiniband", false, true, true, true},
    {"class/infiniband is a loop", "sys/class/infiniband", true, true, false, true},
    {"no bus", "sys/bus", false, false, true, true},
    {"no bus/pci", "sys/bus/pci", false, true, true, true},
    {"bus/pci/devices is a loop", "sys/bus/pci/devices", true, false, true, true},
    {"a function's vendor is a loop", "sys/devices/pci0000:44/0000:44:01.0/0000:4f:00.0/vendor", true, false,
     true, true},
    {"no /dev", "dev", false, true, true, true},
    {"/dev/infiniband is a loop", "dev/infiniband", true, true, true, false},
};

static void tells_none_from_not_known(void **state)
{
    const struct missed_row *row = *state;
    const struct fake_node_plan plan = {.efa = 2};
    AUTO(found_node_release) struct found_node found;
    const char *why = row->is_loop ? strerror(ELOOP) : strerror(ENOENT);

    found_node_init(&found, &plan);
    if (row->is_loop)
        found_node_loop(&found, row->erase);
    else
        found_node_erase(&found, row->erase);
    found_node_read(&found);
    assert_int_equal(found.inventory.pci.is_known, row->is_pci_known);
    assert_int_equal(found.inventory.sysfs.is_known, row->is_sysfs_known);
    assert_int_equal(found.inventory.other_rdma.is_known, row->is_sysfs_known);
    assert_int_equal(found.inventory.character.is_known, row->is_character_known);
    if (!row->is_pci_known)
        check_reading_missed(found.inventory.pci, "sys/bus/pci/devices", why);
    if (!row->is_sysfs_known)
        check_reading_missed(found.inventory.sysfs, "sys/class/infiniband", why);
    if (!row->is_character_known)
        check_reading_missed(found.inventory.character, "dev/infiniband", why);
}

static const struct check_test tests[] = {
    CHECK_TEST(tells_all_of_a_device),
    CHECK_TEST(says_nothing_of_what_is_empty),
    CHECK_TEST(keeps_a_function_without_a_driver),
    CHECK_TEST(tells_p6_b200s_two_mlx5_apart),
    CHECK_TEST(knows_no_function_behind_rxe),
    CHECK_TEST(follows_a_device_that_changes),
    CHECK_TEST(refuses_what_is_no_usable_file),
    CHECK_TEST(sees_that_it_may_not_open_a_device),
};

int main(void)
{
    return CHECK_ROWS("counts", count_rows, counts_row) |
           CHECK_ROWS("none or not known", missed_rows, tells_none_from_not_known) |
           CHECK_TESTS("devices", tests);
}
