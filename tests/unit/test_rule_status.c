/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/subject.h"

#include "core/rules.h"

#define LIMITS(limits)                                                                                       \
    "{'spec': {'containers': [{'name': 'm\\'', 'resources': {'limits': {" limits "}}}, {'name': 'b'}]}}"

static const struct status_row {
    const char *name;
    const struct instance_type *type; /* NULL: none was found */
    const char *pod;
    const char *status;
} rows[] = {
    {"no type", NULL, "{'spec': {'containers': [{}]}}", "{'version':1,'result':'injected'}"},
    {"nothing asked", &subject_p5, "{'spec': {'containers': [{'name': 'a'}]}}",
     "{'version':1,'result':'injected','instanceType':'p5.48xlarge','containers':[{'name':'a'}]}"},
    {"everything", &subject_p5,
     LIMITS("'nvidia.com/gpu': 8, 'vpc.amazonaws.com/efa': 32, 'hugepages-2Mi': '5120Mi'"),
     "{'version':1,'result':'injected','instanceType':'p5.48xlarge','containers':[{'name':'m\\'',"
     "'vpc.amazonaws.com/efa':32,'nvidia.com/gpu':8,'hugepages-2Mi':'5120Mi'}]}"},
    {"another vendor's accelerators are called what they are", &subject_p5,
     LIMITS("'aws.amazon.com/neuron': 2"),
     "{'version':1,'result':'injected','instanceType':'p5.48xlarge','containers':[{'name':'m\\'',"
     "'aws.amazon.com/neuron':2}]}"},
    {"two containers, no accelerators", &subject_c6in,
     "{'metadata': {'annotations': {'efa-injector.io/inject': 'true', 'efa-injector.io/containers': 'a,b'}},"
     " 'spec': {'containers': [{'name': 'a', 'resources': {'limits': {'vpc.amazonaws.com/efa': 2}}}, "
     "{'name': 'b'}]}}",
     "{'version':1,'result':'injected','instanceType':'c6in.32xlarge','containers':[{'name':'a',"
     "'vpc.amazonaws.com/efa':2},{'name':'b'}]}"},
    {"an init container and a sidecar", &subject_p5,
     "{'metadata': {'annotations': {'efa-injector.io/inject': 'true', 'efa-injector.io/containers': "
     "'i,s,a'}},"
     " 'spec': {'initContainers': [{'name': 'i', 'resources': {'limits': {'vpc.amazonaws.com/efa': 2}}}, "
     "{'name': 's', 'restartPolicy': 'Always'}], 'containers': [{'name': 'a'}]}}",
     "{'version':1,'result':'injected','instanceType':'p5.48xlarge','containers':[{'name':'i','init':true,"
     "'vpc.amazonaws.com/efa':2},{'name':'s'},{'name':'a'}]}"},
};

static void tells(void **state)
{
    const struct status_row *row = *state;
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};

    subject_fixture_init(&fixture, row->pod);
    if (row->type != NULL)
        subject_fixture_aim(&fixture, row->type);
    rule_status(&fixture.decision);
    check_text(fixture.decision.status, subject_fixture_quote(&fixture, row->status).at);
}

static void names_each_warning_once_in_the_tables_order(void **state)
{
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};

    (void)state;
    subject_fixture_init(&fixture, "{}");
    decision_warn(&fixture.decision, WARNING_NO_GROUP, "a");
    decision_warn(&fixture.decision, WARNING_HARMFUL_VARIABLE, "b");
    decision_warn(&fixture.decision, WARNING_HARMFUL_VARIABLE, "c");
    rule_status(&fixture.decision);
    check_text(fixture.decision.status,
               "{\"version\":1,\"result\":\"injected\",\"warnings\":[\"harmful-variable\",\"no-group\"]}");
}

/* Who wrote the counts is not seen afterwards, and this warning depends on it. */
static void leaves_out_what_asking_again_would_not_say(void **state)
{
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};

    (void)state;
    subject_fixture_init(&fixture, "{}");
    decision_warn(&fixture.decision, WARNING_FIRST_CONTAINER, "a");
    rule_status(&fixture.decision);
    check_text(fixture.decision.status, "{\"version\":1,\"result\":\"injected\"}");
}

/* An annotation of `bytes` bytes beside a status of 1000 that came with the pod. */
static void fill(struct subject_fixture *fixture, size_t bytes)
{
    static const char key[] = "efa-injector.io/status";
    char *room = arena_alloc(&fixture->arena, bytes);
    struct pair *items = arena_alloc(&fixture->arena, 2 * sizeof(*items));

    assert_non_null(room);
    assert_non_null(items);
    items[0] = (struct pair){.key = text_of("k"), .value = {.at = room, .length = bytes - 1}};
    items[1] = (struct pair){.key = text_of(key), .value = {.at = room, .length = 1000}};
    fixture->pod.annotations = (struct pairs){.member = MEMBER_PRESENT, .items = items, .count = 2};
    fixture->annotations.status = items[1].value;
}

#define WHOLE                                                                                                \
    "{\"version\":1,\"result\":\"injected\",\"instanceType\":\"p5.48xlarge\",\"containers\":[{\"name\":"     \
    "\"a\","                                                                                                 \
    "\"nvidia.com/gpu\":8}]}"
#define SHORT                                                                                                \
    "{\"version\":1,\"result\":\"injected\",\"instanceType\":\"p5.48xlarge\",\"total\":{\"pods\":1,"         \
    "\"nvidia.com/gpu\":8}}"
#define ROOM ((size_t)256 * 1024 - (sizeof("efa-injector.io/status") - 1))

static const struct room_row {
    const char *name;
    size_t bytes; /* of all other annotations */
    const char *status;
} room_rows[] = {
    {"room for all", ROOM - (sizeof(WHOLE) - 1), WHOLE},
    {"one byte short of it", ROOM - (sizeof(WHOLE) - 1) + 1, SHORT},
    {"room for the short one", ROOM - (sizeof(SHORT) - 1), SHORT},
    {"no room", ROOM - (sizeof(SHORT) - 1) + 1, NULL},
};

static void shrinks(void **state)
{
    const struct room_row *row = *state;
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};

    subject_fixture_init(
        &fixture,
        "{'spec': {'containers': [{'name': 'a', 'resources': {'limits': {'nvidia.com/gpu': 8}}}]}}");
    subject_fixture_aim(&fixture, &subject_p5);
    fill(&fixture, row->bytes);
    rule_status(&fixture.decision);
    check_text(fixture.decision.status, row->status);
}

static bool write_status(void *state, struct error *err)
{
    struct subject_fixture *fixture = state;

    fixture->decision.failed = false;
    rule_status(&fixture->decision);
    return !fixture->decision.failed || error_memory(err);
}

static void survives_every_failed_allocation(void **state)
{
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};

    (void)state;
    subject_fixture_init(&fixture, "{'spec': {'containers': [{'name': 'a'}]}}");
    subject_fixture_aim(&fixture, &subject_p5);
    assert_true(check_every_allocation(write_status, &fixture) >= 1);
}

static const struct check_test tests[] = {
    CHECK_TEST(names_each_warning_once_in_the_tables_order),
    CHECK_TEST(leaves_out_what_asking_again_would_not_say),
    CHECK_TEST(survives_every_failed_allocation),
};

int main(void)
{
    return CHECK_ROWS("rule_status", rows, tells) | CHECK_ROWS("256 KiB", room_rows, shrinks) |
           CHECK_TESTS("status", tests);
}
