/* SPDX-License-Identifier: Apache-2.0 */
/* A process that asks libibverbs again and again. Its own program, since $SYSFS_PATH is read once. */
#include "io/verbs.h"

#include "io/libfabric.h"
#include "io/node_files.h"
#include "support/check.h"
#include "support/rdma_case.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    POLLS = 10000,
    POLLS_OF_SANITIZERS = 500, /* whose own memory grows */
    WARMING = 50,
    GROWTH_KIB_MAX = 512,
    DEVICES = 32,
};

static struct fake_node node;

static const struct rdma_case asked = {.node = {.efa = DEVICES, .plain_names = true, .no_counters = true}};

static bool is_release(void)
{
    const char *variant = getenv("EFA_VARIANT");

    return variant == NULL || strcmp(variant, "release") == 0;
}

static long resident_kib(void)
{
    FILE *file = fopen("/proc/self/statm", "re");
    char text[128] = "";
    char *rest = text;

    assert_non_null(file);
    assert_non_null(fgets(text, sizeof(text), file));
    (void)fclose(file);
    (void)strtoul(text, &rest, 10);
    return (long)strtoul(rest, NULL, 10) * (sysconf(_SC_PAGESIZE) / 1024);
}

/* With devices as sysfs showed them; they are the caller's. */
static void poll_once(const struct inventory *found)
{
    AUTO(inventory_release)
    struct inventory inventory = {.devices = found->devices, .device_count = found->device_count};

    verbs_read(&inventory);
    character_open(NULL, &inventory);
    if (!inventory.verbs.is_known || inventory.verbs.number != DEVICES ||
        inventory.character.number != DEVICES)
        fail_msg("libibverbs shows %llu, usable are %llu", (unsigned long long)inventory.verbs.number,
                 (unsigned long long)inventory.character.number);
}

static void polls_without_growing(void **state)
{
    AUTO(inventory_release) struct inventory found = {0};
    struct node_roots roots = {.sysfs = node.sysfs, .dev = node.dev, .proc = node.proc};
    int polls = is_release() ? POLLS : POLLS_OF_SANITIZERS;
    int descriptors;
    long kib;

    (void)state;
    node_files_read(&roots, &found);
    for (int i = 0; i < WARMING; i++)
        poll_once(&found);
    descriptors = check_count_descriptors();
    kib = resident_kib();
    for (int i = 0; i < polls; i++)
        poll_once(&found);
    assert_int_equal(check_count_descriptors(), descriptors);
    kib = resident_kib() - kib;
    print_message("%d polls: %ld KiB more\n", polls, kib);
    if (is_release() && kib >= GROWTH_KIB_MAX)
        fail_msg("memory grew by %ld KiB", kib);
}

static void shows_what_came_and_went(void **state)
{
    AUTO(inventory_release) struct inventory less = {0};
    AUTO(inventory_release) struct inventory more = {0};
    struct node_roots roots = {.sysfs = node.sysfs, .dev = node.dev, .proc = node.proc};
    struct error err = {0};

    (void)state;
    assert_true(fake_node_unbind(node.root, "efa_1", &err));
    node_files_read(&roots, &less);
    verbs_read(&less);
    assert_int_equal(less.verbs.number, DEVICES - 1);
    assert_true(fake_node_bind(node.root, "1", &err));
    node_files_read(&roots, &more);
    verbs_read(&more);
    assert_int_equal(more.verbs.number, DEVICES);
}

static bool read_verbs(void *state, struct error *err)
{
    AUTO(inventory_release) struct inventory inventory = {0};

    (void)state;
    verbs_read(&inventory);
    return !inventory.failed || error_memory(err);
}

static void says_that_memory_ran_out(void **state)
{
    (void)state;
    (void)check_every_allocation(read_verbs, NULL);
}

static const struct check_test tests[] = {
    CHECK_TEST(polls_without_growing),
    CHECK_TEST(shows_what_came_and_went),
    CHECK_TEST(says_that_memory_ran_out),
};

int main(void)
{
    struct error err = {0};
    int status;

    if (!fake_node_init(&node, &asked.node, &err)) {
        (void)fprintf(stderr, "%s\n", err.text);
        return EXIT_FAILURE;
    }
    rdma_case_enter(&asked, &node);
    status = CHECK_TESTS("verbs, again and again", tests);
    fake_node_release(&node);
    return status;
}
