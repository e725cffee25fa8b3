/* SPDX-License-Identifier: Apache-2.0 */
/* Without a cluster; tests/system/test_promises.py has one. */
#include "agent/promises.h"

#include "io/file_save.h"
#include "support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char path[256];

static const char checkpoint[] = "{\"Data\":{\"PodDeviceEntries\":[{\"PodUID\":\"u\",\"ResourceName\":"
                                 "\"vpc.amazonaws.com/efa\",\"DeviceIDs\":{\"0\":[\"rdmap79s0\"]}}]}}";

static void reads_the_checkpoint_alone(void **state)
{
    const struct promises_options options = {.prefix = "efa-injector.io", .checkpoint = path};
    AUTO(expectation_release) struct expectation expectation = {.failed = false};

    (void)state;
    promises_read(&options, NULL, &expectation);
    assert_false(expectation.failed);
    assert_true(expectation.checkpoint.is_known);
    assert_int_equal(expectation.promise_count, 1);
    check_text(expectation.promises[0].efa_ids[0], "rdmap79s0");
    assert_false(expectation.node.is_known);
    check_text(expectation.node.why, NULL);
    assert_false(expectation.pods.is_known);
    check_text(expectation.pods.why, NULL);
}

static void says_where_the_checkpoint_should_be(void **state)
{
    const struct promises_options options = {.prefix = "efa-injector.io", .checkpoint = "/dev/null/none"};
    AUTO(expectation_release) struct expectation expectation = {.failed = false};

    (void)state;
    promises_read(&options, NULL, &expectation);
    assert_false(expectation.checkpoint.is_known);
    check_text(expectation.checkpoint.why, "cannot read /dev/null/none: Not a directory");
}

static bool read_again(void *state, struct error *err)
{
    const struct promises_options options = {.prefix = "efa-injector.io", .checkpoint = state};
    AUTO(expectation_release) struct expectation expectation = {.failed = false};

    promises_read(&options, NULL, &expectation);
    return !expectation.failed || error_memory(err);
}

static void says_that_memory_ran_out(void **state)
{
    static char none[] = "/dev/null/none";

    (void)state;
    assert_in_range(check_every_allocation(read_again, path), 3, 20);
    assert_in_range(check_every_allocation(read_again, none), 1, 5);
}

static const struct check_test tests[] = {
    CHECK_TEST(reads_the_checkpoint_alone),
    CHECK_TEST(says_where_the_checkpoint_should_be),
    CHECK_TEST(says_that_memory_ran_out),
};

int main(void)
{
    const char *folder = getenv("TMPDIR");
    struct error err = {0};

    (void)snprintf(path, sizeof(path), "%s/checkpoint", folder != NULL ? folder : "/tmp");
    if (!file_save(path, 0600, text_of(checkpoint), &err)) {
        (void)fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    return CHECK_TESTS("promises", tests);
}
