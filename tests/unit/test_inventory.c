/* SPDX-License-Identifier: Apache-2.0 */
#include "core/inventory.h"

#include "support/check.h"

static void keeps_a_number_apart_from_none(void **state)
{
    struct reading zero = reading_known(0);
    struct reading missed = reading_missed(text_of("permission denied"));
    struct reading empty = {0};

    (void)state;
    assert_true(zero.is_known);
    assert_int_equal(zero.number, 0);
    check_text(zero.why, NULL);
    assert_false(missed.is_known);
    check_text(missed.why, "permission denied");
    assert_false(empty.is_known);
    check_text(empty.why, NULL);
}

static void finds_the_whole_node_of_a_page_size(void **state)
{
    struct hugepages sizes[] = {
        {.page_bytes = 2 << 20, .numa_node = -1},
        {.page_bytes = 2 << 20, .numa_node = 0},
        {.page_bytes = 1 << 30, .numa_node = 0},
        {.page_bytes = 1 << 30, .numa_node = -1},
    };
    const struct inventory inventory = {.hugepages = sizes, .hugepages_count = COUNT_OF(sizes)};

    (void)state;
    assert_ptr_equal(inventory_find_hugepages(&inventory, 2 << 20), &sizes[0]);
    assert_ptr_equal(inventory_find_hugepages(&inventory, 1 << 30), &sizes[3]);
    assert_null(inventory_find_hugepages(&inventory, 64 << 10));
}

static void finds_a_device_by_its_name(void **state)
{
    struct rdma_device devices[] = {{.pci_address = TEXT("0000:4f:00.0")}, {.name = TEXT("rdmap80s0")}};
    const struct inventory inventory = {.devices = devices, .device_count = COUNT_OF(devices)};

    (void)state;
    assert_ptr_equal(inventory_find_device(&inventory, text_of("rdmap80s0")), &devices[1]);
    assert_null(inventory_find_device(&inventory, text_of("rdmap80s")));
    assert_null(inventory_find_device(&inventory, text_of("")));
    assert_null(inventory_find_device(&inventory, (struct text){0})); /* not the one without a name */
}

static void is_empty_after_release(void **state)
{
    struct inventory inventory = {.device_count = 0};

    (void)state;
    inventory.devices = arena_alloc(&inventory.arena, sizeof(*inventory.devices));
    assert_non_null(inventory.devices);
    inventory.device_count = 1;
    inventory.failed = true;
    inventory_release(&inventory);
    assert_null(inventory.devices);
    assert_int_equal(inventory.device_count, 0);
    assert_false(inventory.failed);
    inventory_release(&inventory);
    inventory_release(NULL);
}

static const struct check_test tests[] = {
    CHECK_TEST(keeps_a_number_apart_from_none),
    CHECK_TEST(finds_the_whole_node_of_a_page_size),
    CHECK_TEST(finds_a_device_by_its_name),
    CHECK_TEST(is_empty_after_release),
};

int main(void)
{
    return CHECK_TESTS("inventory", tests);
}
