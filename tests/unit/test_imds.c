/* SPDX-License-Identifier: Apache-2.0 */
/* Asking nobody; tests/system/test_imds.py has what answers. */
#include "io/imds.h"

#include "core/error.h"
#include "support/check.h"

#include <stdlib.h>
#include <string.h>

static const char closed[] = "http://127.0.0.1:1";

static void says_that_nobody_is_there(void **state)
{
    const struct imds_options options = {.endpoint = closed, .deadline_ms = 5000};
    struct inventory inventory = {.instance.dmi_type = TEXT("p5.48xlarge")};

    (void)state;
    imds_read(&options, &inventory);
    assert_int_equal(inventory.instance.imds, IMDS_OUT_OF_REACH);
    assert_non_null(strstr(inventory.instance.imds_why.at, "PUT http://127.0.0.1:1/latest/api/token: "));
    assert_null(strstr(inventory.instance.imds_why.at, " ms")); /* it says the same each time */
    check_text(inventory.instance.imds_type, NULL);
    check_text(inventory.instance.dmi_type, "p5.48xlarge");
    assert_false(inventory.failed);
    inventory_release(&inventory);
}

static void asks_nobody_where_the_environment_says_so(void **state)
{
    const struct imds_options options = {.endpoint = NULL};
    struct inventory inventory = {.failed = false};

    (void)state;
    assert_int_equal(setenv("AWS_EC2_METADATA_DISABLED", "true", 1), 0);
    imds_read(&options, &inventory);
    assert_int_equal(unsetenv("AWS_EC2_METADATA_DISABLED"), 0);
    assert_int_equal(inventory.instance.imds, IMDS_NOT_ASKED);
    check_text(inventory.instance.imds_why, "$AWS_EC2_METADATA_DISABLED is true");
    inventory_release(&inventory);
}

static bool ask(void *state, struct error *err)
{
    const struct imds_options options = {.endpoint = state, .deadline_ms = 5000};
    struct inventory inventory = {.failed = false};
    bool is_failed;

    imds_read(&options, &inventory);
    is_failed = inventory.failed;
    inventory_release(&inventory);
    return !is_failed || error_memory(err);
}

static void says_that_memory_ran_out(void **state)
{
    static char endpoint[sizeof(closed)];
    static char no_endpoint[] = "nowhere";

    (void)state;
    memcpy(endpoint, closed, sizeof(closed));
    assert_in_range(check_every_allocation(ask, endpoint), 3, 20);
    assert_in_range(check_every_allocation(ask, no_endpoint), 1, 3);
}

static const struct check_test tests[] = {
    CHECK_TEST(says_that_nobody_is_there),
    CHECK_TEST(asks_nobody_where_the_environment_says_so),
    CHECK_TEST(says_that_memory_ran_out),
};

int main(void)
{
    return CHECK_TESTS("imds", tests);
}
