/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/subject.h"

#include "core/rules.h"

#include <stdio.h>

#define POD(annotations, spec) "{'metadata': {'annotations': {" annotations "}}, 'spec': {" spec "}}"
#define NAMED(names) "'efa-injector.io/inject': 'true', 'efa-injector.io/containers': '" names "'"
#define DEFAULT(name) "'kubectl.kubernetes.io/default-container': '" name "'"
#define GPU(name) "{'name': '" name "', 'resources': {'limits': {'nvidia.com/gpu': 1}}}"
#define PLAIN(name) "{'name': '" name "'}"
#define CONTAINERS(containers) "'containers': [" containers "]"
#define INITS ", 'initContainers': [" PLAIN("i") ", {'name': 's', 'restartPolicy': 'Always'}]"

static const struct recipients_row {
    const char *name;
    const char *pod;
    const char *names;
} rows[] = {
    {"the only container", POD("", CONTAINERS(PLAIN("a"))), "a "},
    {"the only container, whatever the default is", POD(DEFAULT("b"), CONTAINERS(PLAIN("a"))), "a "},
    {"those that ask", POD("", CONTAINERS(PLAIN("a") "," GPU("b") "," PLAIN("c") "," GPU("d"))), "b d "},
    {"those that ask before the default container", POD(DEFAULT("a"), CONTAINERS(PLAIN("a") "," GPU("b"))),
     "b "},
    {"parts of devices are asking too",
     POD("", CONTAINERS(PLAIN("a") ", {'name': 'b', 'resources': {'limits': {'nvidia.com/mig-1g.5gb': 1}}}")),
     "b "},
    {"the default container", POD(DEFAULT("b"), CONTAINERS(PLAIN("a") "," PLAIN("b"))), "b "},
    {"an init container that asks is not named",
     POD("", CONTAINERS(PLAIN("a")) ", 'initContainers': [" GPU("i") "]"), "a "},
    {"the named one", POD(NAMED("b"), CONTAINERS(GPU("a") "," PLAIN("b"))), "b "},
    {"named ones in the pod's order",
     POD(NAMED("c, a"), CONTAINERS(PLAIN("a") "," PLAIN("b") "," PLAIN("c"))), "a c "},
    {"named init containers come first", POD(NAMED("a,s,i"), CONTAINERS(PLAIN("a")) INITS), "i s a "},
    {"a container without a name", POD("", CONTAINERS("{}")), " "},
    {"named beside one without a name",
     POD(NAMED("a"), CONTAINERS("{}," PLAIN("a")) ", 'initContainers': [{}]"), "a "},
};

static void finds(void **state)
{
    const struct recipients_row *row = *state;
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};
    const struct subject *subject = &fixture.decision.subject;
    char names[64] = "";
    int length = 0;
    size_t i;

    subject_fixture_init(&fixture, row->pod);
    subject_fixture_aim(&fixture, &subject_p5);
    for (i = 0; i < subject->recipient_count; i++)
        length += snprintf(names + length, sizeof(names) - (size_t)length, "%.*s ",
                           TEXT_ARGS(subject->recipients[i].container->name));
    assert_string_equal(names, row->names);
    assert_true(fixture.decision.is_allowed);
    assert_int_equal(fixture.decision.warning_count, 0);
    assert_false(subject->are_recipients_guessed);
}

static const struct bad_row {
    const char *name;
    const char *pod;
    const char *sentence;
} bad_rows[] = {
    {"no container", POD("", ""),
     "spec.containers is empty: there is nothing to give devices to; add a container"},
    {"an unknown name", POD(NAMED("x"), CONTAINERS(PLAIN("a") "," PLAIN("b")) INITS),
     "annotation efa-injector.io/containers: 'x' is no container of this pod; the pod has a, b, i, s"},
    {"one of two is unknown", POD(NAMED("a,x"), CONTAINERS(PLAIN("a"))),
     "annotation efa-injector.io/containers: 'x' is no container of this pod; the pod has a"},
    {"a name twice", POD(NAMED("a, a"), CONTAINERS(PLAIN("a"))),
     "annotation efa-injector.io/containers: 'a' is named twice; the pod has a"},
    {"more names than a sentence holds",
     POD(NAMED("x"), CONTAINERS(PLAIN("1") "," PLAIN("2") "," PLAIN("3") "," PLAIN("4") "," PLAIN(
                         "5") "," PLAIN("6") "," PLAIN("7") "," PLAIN("8") "," PLAIN("9") "," PLAIN("10"))),
     "annotation efa-injector.io/containers: 'x' is no container of this pod; the pod has 1, 2, 3, 4, 5, 6, "
     "7, 8"},
};

static void denies(void **state)
{
    const struct bad_row *row = *state;
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};

    subject_fixture_init(&fixture, row->pod);
    subject_fixture_aim(&fixture, &subject_p5);
    assert_false(fixture.decision.is_allowed);
    check_text(fixture.decision.message, row->sentence);
}

static void warns_where_nothing_says_which(void **state)
{
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};

    (void)state;
    subject_fixture_init(&fixture, POD(DEFAULT("x"), CONTAINERS(PLAIN("a") "," PLAIN("b"))));
    subject_fixture_aim(&fixture, &subject_p5);
    check_text(subject_fixture_warning(&fixture, WARNING_FIRST_CONTAINER),
               "container 'a' is the first and gets the devices; name it in annotation containers");
    assert_true(fixture.decision.subject.are_recipients_guessed);
}

static void takes_over_what_they_ask(void **state)
{
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};
    const struct recipient *recipient;

    (void)state;
    subject_fixture_init(&fixture,
                         POD("", CONTAINERS("{'name': 'a', 'resources': {'limits': {'nvidia.com/gpu': 4,"
                                            "'vpc.amazonaws.com/efa': 2, 'hugepages-2Mi': '4Mi'}}}")));
    subject_fixture_aim(&fixture, &subject_p5);
    recipient = &fixture.decision.subject.recipients[0];
    assert_int_equal(recipient->accelerators, 4);
    assert_int_equal(recipient->efa, 2);
    assert_int_equal(recipient->hugepages_bytes, 4 << 20);
    assert_int_equal(recipient->asks.vendor, VENDOR_NVIDIA);
}

/* Each allocation of the search fails in turn, by the arena's limit. */
static void remembers_that_memory_ran_out(void **state)
{
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};
    struct error err = {0};
    size_t used;
    size_t more;

    (void)state;
    subject_fixture_init(&fixture, rows[9].pod);
    assert_true(annotations_read(&fixture.pod, &fixture.policy, &fixture.annotations, &err));
    used = fixture.arena.used_bytes;
    for (more = 0;; more += 16) {
        subject_fixture_restart(&fixture);
        fixture.decision.wants_notes = false;
        fixture.arena.limit_bytes = fixture.arena.used_bytes + more;
        recipients_find(&fixture.decision);
        if (!fixture.decision.failed)
            break;
    }
    assert_true(used > 0 && more > 32);
    assert_int_equal(fixture.decision.subject.recipient_count, 3);
}

static const struct check_test tests[] = {
    CHECK_TEST(warns_where_nothing_says_which),
    CHECK_TEST(takes_over_what_they_ask),
    CHECK_TEST(remembers_that_memory_ran_out),
};

int main(void)
{
    return CHECK_ROWS("recipients_find", rows, finds) | CHECK_ROWS("denied", bad_rows, denies) |
           CHECK_TESTS("recipients", tests);
}
