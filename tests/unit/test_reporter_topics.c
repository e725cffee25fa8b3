/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/reporter_topics.h"

#include "support/check.h"

#include <stdio.h>

static const struct finding_kind error_kind = {
    .id = TEXT("port-down"), .reason = TEXT("PortDown"), .severity = SEVERITY_ERROR};
static const struct finding_kind unknown_kind = {
    .id = TEXT("verbs-not-counted"), .reason = TEXT("VerbsNotCounted"), .severity = SEVERITY_UNKNOWN};
static const struct finding_kind warning_kind = {
    .id = TEXT("memlock-low"), .reason = TEXT("MemlockLow"), .severity = SEVERITY_WARNING};
static const struct finding_kind info_kind = {
    .id = TEXT("fork-unsafe"), .reason = TEXT("ForkUnsafe"), .severity = SEVERITY_INFO};

static const struct text ids[] = {TEXT("no-group"), TEXT("no-hugepages")};

static struct pod_promise pods[] = {
    {.namespace = TEXT("ml"), .name = TEXT("a"), .uid = TEXT("1"), .warnings = ids, .warning_count = 2},
    {.uid = TEXT("2"), .warnings = ids, .warning_count = 2}, /* of the checkpoint alone */
    {.namespace = TEXT("ml"), .name = TEXT("c"), .uid = TEXT("3")},
    {.namespace = TEXT("ml"), .name = TEXT("d"), .uid = TEXT("4"), .warnings = ids, .warning_count = 1},
};

static struct finding items[] = {
    {.kind = &error_kind},
    {.kind = &error_kind, .pod = &pods[2]},
    {.kind = &error_kind, .pod = &pods[1]},
    {.kind = &unknown_kind},
    {.kind = &warning_kind},
    {.kind = &info_kind, .pod = &pods[0]},
};

static struct findings findings = {.items = items, .count = COUNT_OF(items)};
static struct expectation expectation = {.promises = pods, .promise_count = COUNT_OF(pods)};
static const struct node_report report = {.expectation = &expectation, .findings = &findings};

/* The topics as "object:id" with "+" behind what is told again. */
static void list(struct reporter_walk *walk, char *room, size_t size)
{
    struct reporter_topic topic;
    size_t length = 0;

    room[0] = '\0';
    while (reporter_walk_next(walk, &topic)) {
        struct text object = topic.pod != NULL ? topic.pod->name : text_of("node");

        length += (size_t)snprintf(room + length, size - length, "%.*s:%.*s%s ", TEXT_ARGS(object),
                                   TEXT_ARGS(topic.id), topic.is_lasting ? "+" : "");
    }
    assert_false(reporter_walk_next(walk, &topic));
}

static void what_matters_most_comes_first(void **state)
{
    struct reporter_walk walk = {.report = &report, .wants_well = true};
    char said[600];

    (void)state;
    findings.is_settling = false;
    list(&walk, said, sizeof(said));
    assert_string_equal(said,
                        "node:well node:port-down+ node:port-down+ node:port-down+ node:verbs-not-counted+ "
                        "node:memlock-low c:port-down+ a:no-group a:no-hugepages d:no-group ");
}

static void what_is_not_known_while_devices_come_is_no_news(void **state)
{
    struct reporter_walk walk = {.report = &report};
    char said[600];

    (void)state;
    findings.is_settling = true;
    list(&walk, said, sizeof(said));
    assert_string_equal(said, "node:port-down+ node:port-down+ node:port-down+ node:memlock-low c:port-down+ "
                              "a:no-group a:no-hugepages d:no-group ");
}

static void a_pod_has_so_many_warnings(void **state)
{
    static const struct findings none;
    static struct text many[100];
    struct pod_promise pod = {.namespace = TEXT("ml"),
                              .name = TEXT("a"),
                              .uid = TEXT("1"),
                              .warnings = many,
                              .warning_count = COUNT_OF(many)};
    const struct expectation one = {.promises = &pod, .promise_count = 1};
    const struct node_report it = {.expectation = &one, .findings = &none};
    struct reporter_walk walk = {.report = &it};
    struct reporter_topic topic;
    unsigned count = 0;

    (void)state;
    while (reporter_walk_next(&walk, &topic))
        count++;
    assert_int_equal(count, 16);
}

static void keys_tell_objects_and_ids_apart(void **state)
{
    const struct reporter_topic topics[] = {
        {.id = TEXT("a")},
        {.id = TEXT("b")},
        {.id = TEXT("a"), .pod = &pods[0]},
        {.id = TEXT("a"), .pod = &pods[2]},
        {.id = TEXT("a"), .pod = &pods[0], .is_promise = true},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(topics); i++) {
        for (size_t j = 0; j < i; j++)
            assert_true(reporter_topic_key(&topics[i]) != reporter_topic_key(&topics[j]));
    }
}

static void says_why(void **state)
{
    const struct reporter_topic topics[] = {
        {.id = TEXT("well")},
        {.id = TEXT("port-down"), .finding = &items[0]},
        {.id = TEXT("no-group"), .pod = &pods[0], .is_promise = true},
    };
    const char *const reasons[] = {"EFAReady", "PortDown", "EFAWarning"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(topics); i++)
        check_text(reporter_topic_reason(&topics[i]), reasons[i]);
}

static const struct check_test tests[] = {
    CHECK_TEST(what_matters_most_comes_first),
    CHECK_TEST(what_is_not_known_while_devices_come_is_no_news),
    CHECK_TEST(a_pod_has_so_many_warnings),
    CHECK_TEST(keys_tell_objects_and_ids_apart),
    CHECK_TEST(says_why),
};

int main(void)
{
    return CHECK_TESTS("reporter_topics", tests);
}
