/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"

#include "core/pod.h"

static const struct path_row {
    const char *name; /* the path */
    const char *clean;
    bool is_it;
} rows[] = {
    {"/dev/shm", "/dev/shm", true},
    {"/dev/shm/", "/dev/shm", true},
    {"dev/shm", "/dev/shm", true},
    {"//dev///shm//", "/dev/shm", true},
    {"/dev/./shm/.", "/dev/shm", true},
    {"/dev/../dev/shm", "/dev/shm", true},
    {"/a/b/../../dev/shm", "/dev/shm", true},
    {"/dev/shm/x/..", "/dev/shm", true},
    {"/dev/x/./y//../../shm", "/dev/shm", true},
    {"/../dev/shm", "/dev/shm", true},
    {"/dev/../../dev/shm", "/dev/shm", true},
    {"../dev/shm", "/dev/shm", true},
    {"/dev", "/dev/shm", false},
    {"/dev/shm/x", "/dev/shm", false},
    {"/dev/shm2", "/dev/shm", false},
    {"/Dev/shm", "/dev/shm", false},
    {"/dev/sh", "/dev/shm", false},
    {"/dev/shm/..", "/dev/shm", false},
    {"/dev/..shm", "/dev/shm", false},
    {"/dev/.../shm", "/dev/shm", false},
    {"/dev/hugepages/../shm", "/dev/hugepages", false},
    {"/dev/shm/../hugepages", "/dev/hugepages", true},
    {"", "/dev/shm", false},
    {"/", "/dev/shm", false},
};

static void compares_cleaned(void **state)
{
    const struct path_row *row = *state;

    assert_int_equal(path_is(text_of(row->name), row->clean), row->is_it);
}

static void is_nothing_when_absent(void **state)
{
    (void)state;
    assert_false(path_is((struct text){0}, "/dev/shm"));
}

static const struct check_test tests[] = {CHECK_TEST(is_nothing_when_absent)};

int main(void)
{
    return CHECK_ROWS("path_is", rows, compares_cleaned) | CHECK_TESTS("path_is absent", tests);
}
