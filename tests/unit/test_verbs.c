/* SPDX-License-Identifier: Apache-2.0 */
/* What the machine's libibverbs and libfabric make of EFA devices, and what is read of that. */
#include "io/verbs.h"

#include "io/libfabric.h"
#include "support/check.h"
#include "support/rdma_case.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct count_row {
    const char *name;
    struct rdma_case asked;
    uint64_t sysfs;
    uint64_t character;
    uint64_t verbs;
    uint64_t libfabric;
};

static bool drop_rdma(const char *root, struct error *err)
{
    return fake_node_erase(root, "sys/class/infiniband_verbs", err) &&
           fake_node_erase(root, "sys/class/infiniband", err);
}

static bool zero_firmware(const char *root, struct error *err)
{
    return fake_node_set(root, "sys/class/infiniband/efa_0/fw_ver", "0.0.0.0", err);
}

static const struct count_row count_rows[] = {
    {"no device", {.node = {.efa = 0}}, 0, 0, 0, 0},
    {"a kernel without RDMA", {.node = {.efa = 0}, .change = drop_rdma}, 0, 0, 0, 0},
    {"1 device", {.node = {.efa = 1}}, 1, 1, 1, 1},
    {"4 devices", {.node = {.efa = 4}}, 4, 4, 4, 4},
    {"16 devices", {.node = {.efa = 16}}, 16, 16, 16, 16},
    {"32 devices", {.node = {.efa = 32}}, 32, 32, 32, 32},
    {"devices called efa_0", {.node = {.efa = 4, .plain_names = true}}, 4, 4, 4, 4},
    {"GUIDs of zero", {.node = {.efa = 4, .zero_guids = true}}, 4, 4, 4, 4},
    {"a firmware version of zeros",
     {.node = {.efa = 2, .plain_names = true}, .change = zero_firmware},
     2,
     2,
     2,
     2},
    {"the first generation", {.node = {.efa = 4, .device_id = 0xefa0}}, 4, 4, 4, 4},
    {"the second generation", {.node = {.efa = 4, .device_id = 0xefa1}}, 4, 4, 4, 4},
    {"the third generation", {.node = {.efa = 4, .device_id = 0xefa2}}, 4, 4, 4, 4},
    {"devices without a driver", {.node = {.efa = 4, .unbound = 1}}, 3, 3, 3, 3},
    {"no /dev/infiniband", {.node = {.efa = 4}, .hidden = true}, 4, 0, 0, 0},
    {"ports that are down", {.node = {.efa = 4, .ports_down = 2}, .down = "0 1"}, 4, 4, 4, 4},
};

/* Measured of what it took, which other load does not change; the sanitizers' own work is in it. */
static void check_quick(const struct rdma_seen *seen)
{
    if (seen->cpu_seconds > 1)
        fail_msg("the case took %.2f s of CPU", seen->cpu_seconds);
}

static void check_reading(const char *which, const struct seen_reading *seen, uint64_t number)
{
    if (!seen->is_known || seen->number != number)
        fail_msg("%s is %llu, known %d: %s", which, (unsigned long long)seen->number, seen->is_known,
                 seen->why);
}

static void counts_row(void **state)
{
    const struct count_row *row = *state;
    struct rdma_seen seen;

    rdma_case_run(&row->asked, &seen);
    check_reading("sysfs", &seen.sysfs, row->sysfs);
    check_reading("character", &seen.character, row->character);
    check_reading("verbs", &seen.verbs, row->verbs);
    check_reading("libfabric", &seen.libfabric, row->libfabric);
    check_reading("other RDMA", &seen.other_rdma, 0);
    for (size_t i = 0; i < seen.device_count && seen.devices[i].name[0] != '\0'; i++) {
        assert_int_equal(seen.devices[i].is_in_verbs, row->verbs > 0);
        assert_int_equal(seen.devices[i].is_in_libfabric, row->libfabric > 0);
        assert_int_equal(seen.devices[i].character, row->character > 0 ? CHARACTER_USABLE : CHARACTER_ABSENT);
    }
    check_quick(&seen);
}

/* "1.17.0" is 117. */
static unsigned libfabric_release(const struct rdma_seen *seen)
{
    char *rest;
    unsigned long major = strtoul(seen->libfabric_version, &rest, 10);

    assert_int_equal(*rest, '.');
    return (unsigned)(major * 100 + strtoul(rest + 1, NULL, 10));
}

/* Before 2.2.0 libfabric gives up at the first device that is not EFA's. */
static void counts_foreign_devices_apart(const struct rdma_case *asked, const char *name)
{
    struct rdma_seen seen;
    bool is_skipped;

    rdma_case_run(asked, &seen);
    is_skipped = libfabric_release(&seen) >= 202;
    check_reading("sysfs", &seen.sysfs, 4);
    check_reading("other RDMA", &seen.other_rdma, 1);
    check_reading("character", &seen.character, 4);
    check_reading("verbs", &seen.verbs, 4);
    check_reading("libfabric", &seen.libfabric, is_skipped ? 4 : 0);
    assert_true(rdma_seen_device(&seen, name)->is_in_verbs);
    assert_false(rdma_seen_device(&seen, name)->is_in_libfabric);
    assert_false(rdma_seen_device(&seen, name)->is_efa);
    check_quick(&seen);
}

static void counts_mlx5_apart(void **state)
{
    static const struct rdma_case asked = {.node = {.efa = 4, .mlx5 = 1}};

    (void)state;
    counts_foreign_devices_apart(&asked, "mlx5_0");
}

static void counts_rxe_apart(void **state)
{
    static const struct rdma_case asked = {.node = {.efa = 4, .rxe = 1}};

    (void)state;
    counts_foreign_devices_apart(&asked, "rxe_0");
}

static const char *const generations[] = {"efa0", "efa1", "efa2", "efa3"};

static bool mix_generations(const char *root, struct error *err)
{
    for (size_t i = 0; i < COUNT_OF(generations); i++) {
        char path[80];
        char value[80];

        (void)snprintf(path, sizeof(path), "sys/class/infiniband/efa_%zu/device/device", i);
        (void)snprintf(value, sizeof(value), "0x%s", generations[i]);
        if (!fake_node_set(root, path, value, err))
            return false;
        (void)snprintf(path, sizeof(path), "sys/class/infiniband/efa_%zu/device/modalias", i);
        (void)snprintf(value, sizeof(value), "pci:v00001D0Fd0000EFA%zusv00001D0Fsd0000EFA%zubc02sc00i00", i,
                       i);
        if (!fake_node_set(root, path, value, err))
            return false;
    }
    return true;
}

/*
 * Where it reads sysfs, libibverbs knows devices by their PCI ids: efa3 since rdma-core 56 at the latest.
 * What it does not know is missing in the count and in the device, never in sysfs.
 */
static void says_which_generation_libibverbs_does_not_know(void **state)
{
    static const struct rdma_case asked = {.node = {.efa = 4, .plain_names = true},
                                           .change = mix_generations};
    struct rdma_seen seen;
    bool knows_efa3;

    (void)state;
    rdma_case_run(&asked, &seen);
    knows_efa3 = rdma_seen_device(&seen, "efa_3")->is_in_verbs;
    if (strtoul(seen.verbs_version, NULL, 10) >= 56)
        assert_true(knows_efa3);
    if (strcmp(seen.verbs_version, "44.0") == 0)
        assert_false(knows_efa3);
    check_reading("sysfs", &seen.sysfs, 4);
    check_reading("character", &seen.character, 4);
    check_reading("verbs", &seen.verbs, knows_efa3 ? 4 : 3);
    check_reading("libfabric", &seen.libfabric, knows_efa3 ? 4 : 3);
    for (unsigned i = 0; i < 3; i++)
        assert_true(rdma_seen_device(&seen, (const char *[]){"efa_0", "efa_1", "efa_2"}[i])->is_in_verbs);
    assert_int_equal(rdma_seen_device(&seen, "efa_3")->device_id, 0xefa3);
    assert_int_equal(rdma_seen_device(&seen, "efa_3")->is_in_libfabric, knows_efa3);
}

static void says_the_versions_of_the_libraries(void **state)
{
    static const struct rdma_case asked = {.node = {.efa = 1}};
    struct rdma_seen seen;

    (void)state;
    rdma_case_run(&asked, &seen);
    if (seen.verbs_version[0] != '\0')
        assert_true(strtoul(seen.verbs_version, NULL, 10) >= 20);
    assert_true(libfabric_release(&seen) >= 114);
}

/* Where sysfs and libibverbs look at different places. */
static void counts_what_sysfs_did_not_show(void **state)
{
    static const struct rdma_case asked = {.node = {.efa = 4, .mlx5 = 1, .rxe = 1}, .not_in_sysfs = true};
    struct rdma_seen seen;

    (void)state;
    rdma_case_run(&asked, &seen);
    assert_int_equal(seen.device_count, 0);
    check_reading("verbs", &seen.verbs, 4);
}

static void asks_nobody_to_open_what_cannot_be_opened(void **state)
{
    static const struct rdma_case asked = {.node = {.efa = 4, .plain_names = true}, .fail = "2,13"};
    struct rdma_seen seen;

    (void)state;
    rdma_case_run(&asked, &seen);
    check_reading("sysfs", &seen.sysfs, 4);
    check_reading("character", &seen.character, 3);
    check_reading("verbs", &seen.verbs, 4);
    assert_int_equal(rdma_seen_device(&seen, "efa_2")->character, CHARACTER_REFUSED);
    assert_int_equal(rdma_seen_device(&seen, "efa_2")->character_errno, EACCES);
    assert_false(seen.libfabric.is_known);
    check_text(text_of(seen.libfabric.why), "/dev/infiniband/uverbs2 (efa_2) cannot be opened: Permission "
                                            "denied; fi_getinfo() would wait for it");
    check_quick(&seen);
}

static void asks_nobody_to_open_a_foreign_device_that_cannot_be_opened(void **state)
{
    static const struct rdma_case asked = {.node = {.efa = 4, .mlx5 = 1}, .fail = "4,1"};
    struct rdma_seen seen;

    (void)state;
    rdma_case_run(&asked, &seen);
    check_reading("character", &seen.character, 4);
    check_reading("verbs", &seen.verbs, 4);
    assert_false(seen.libfabric.is_known);
    check_text(text_of(seen.libfabric.why), "/dev/infiniband/uverbs4 (mlx5_0) cannot be opened: Operation "
                                            "not permitted; fi_getinfo() would wait for it");
}

/* The profile that counts: what the device cgroup forbids it is there for others. A mode that forbids is not.
 */
static void counts_files_that_a_device_cgroup_forbids(void **state)
{
    static const struct rdma_case asked = {
        .node = {.efa = 4, .plain_names = true}, .fail = "0,1 1,1 2,13 3,1", .not_opened = true};
    struct rdma_seen seen;

    (void)state;
    rdma_case_run(&asked, &seen);
    check_reading("character", &seen.character, 3);
    assert_int_equal(rdma_seen_device(&seen, "efa_0")->character, CHARACTER_USABLE);
    assert_int_equal(rdma_seen_device(&seen, "efa_2")->character_errno, EACCES);
}

static const struct check_test tests[] = {
    CHECK_TEST(counts_mlx5_apart),
    CHECK_TEST(counts_rxe_apart),
    CHECK_TEST(says_which_generation_libibverbs_does_not_know),
    CHECK_TEST(says_the_versions_of_the_libraries),
    CHECK_TEST(counts_what_sysfs_did_not_show),
    CHECK_TEST(asks_nobody_to_open_what_cannot_be_opened),
    CHECK_TEST(asks_nobody_to_open_a_foreign_device_that_cannot_be_opened),
    CHECK_TEST(counts_files_that_a_device_cgroup_forbids),
};

int main(int argc, char **argv)
{
    if (rdma_case_is_probe(argc, argv))
        return libfabric_probe(STDOUT_FILENO);
    return CHECK_ROWS("devices counted", count_rows, counts_row) | CHECK_TESTS("verbs", tests);
}
