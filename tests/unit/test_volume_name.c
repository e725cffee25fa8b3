/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/subject.h"

#include "core/rules.h"

static const struct name_row {
    const char *name;
    const char *pod;
    const char *given;
} rows[] = {
    {"the name itself", "{}", "efa-shm"},
    {"beside other names", "{'spec': {'volumes': [{'name': 'efa-shm-2'}, {'name': 'x'}]}}", "efa-shm"},
    {"where it is taken", "{'spec': {'volumes': [{'name': 'efa-shm'}]}}", "efa-shm-2"},
    {"where the next is taken too", "{'spec': {'volumes': [{'name': 'efa-shm-2'}, {'name': 'efa-shm'}]}}",
     "efa-shm-3"},
    {"where ten are taken",
     "{'spec': {'volumes': [{'name': 'efa-shm'}, {'name': 'efa-shm-2'}, {'name': 'efa-shm-3'},"
     "{'name': 'efa-shm-4'}, {'name': 'efa-shm-5'}, {'name': 'efa-shm-6'}, {'name': 'efa-shm-7'},"
     "{'name': 'efa-shm-8'}, {'name': 'efa-shm-9'}]}}",
     "efa-shm-10"},
};

static void gives(void **state)
{
    const struct name_row *row = *state;
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};

    subject_fixture_init(&fixture, row->pod);
    check_text(decision_volume_name(&fixture.decision, text_of("efa-shm")), row->given);
    assert_false(fixture.decision.failed);
}

static void remembers_that_memory_ran_out(void **state)
{
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};

    (void)state;
    subject_fixture_init(&fixture, rows[2].pod);
    fixture.arena.limit_bytes = fixture.arena.used_bytes;
    check_text(decision_volume_name(&fixture.decision, text_of("efa-shm")), NULL);
    assert_true(fixture.decision.failed);
}

static const struct check_test tests[] = {CHECK_TEST(remembers_that_memory_ran_out)};

int main(void)
{
    return CHECK_ROWS("decision_volume_name", rows, gives) | CHECK_TESTS("volume names", tests);
}
