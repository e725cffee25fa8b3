/* SPDX-License-Identifier: Apache-2.0 */
#include "core/kube_event.h"

#include "support/check.h"

#include <string.h>

static const struct pod_promise pod = {
    .namespace = TEXT("ml"),
    .name = TEXT("train-0"),
    .uid = TEXT("1234"),
};

static const struct finding_kind kind = {
    .id = TEXT("efa-fewer"),
    .reason = TEXT("EFAFewer"),
    .severity = SEVERITY_ERROR,
};

static void formats_one_on_a_node(void **state)
{
    AUTO(buffer_release) struct buffer buffer = {0};
    const struct kube_event event = {
        .node_name = TEXT("ip-10-0-0-1.ec2.internal"),
        .node_uid = TEXT("0-1-2"),
        .number = 0x00c0ffee12345678,
        .is_warning = true,
        .reason = TEXT("EFAFewer"),
        .message = TEXT("expected \"32\""),
        .seconds = 3600,
    };

    (void)state;
    kube_event_format(&buffer, &event);
    check_text(
        buffer_text(&buffer),
        "{\"apiVersion\":\"v1\",\"kind\":\"Event\",\"metadata\":{\"name\":"
        "\"ip-10-0-0-1.ec2.internal.00c0ffee12345678\",\"namespace\":\"default\"},\"involvedObject\":{"
        "\"apiVersion\":\"v1\",\"kind\":\"Node\",\"name\":\"ip-10-0-0-1.ec2.internal\",\"uid\":\"0-1-2\"},"
        "\"type\":\"Warning\",\"reason\":\"EFAFewer\",\"message\":\"expected \\\"32\\\"\",\"source\":{"
        "\"component\":\"efa-agent\",\"host\":\"ip-10-0-0-1.ec2.internal\"},\"count\":1,"
        "\"firstTimestamp\":\"1970-01-01T01:00:00Z\",\"lastTimestamp\":\"1970-01-01T01:00:00Z\","
        "\"reportingComponent\":\"efa-agent\",\"reportingInstance\":\"ip-10-0-0-1.ec2.internal\"}");
}

static void formats_one_on_a_pod(void **state)
{
    AUTO(buffer_release) struct buffer buffer = {0};
    const struct kube_event event = {
        .pod = &pod, .node_name = TEXT("a"), .number = 1, .reason = TEXT("R"), .message = TEXT("m")};

    (void)state;
    kube_event_format(&buffer, &event);
    check_text(
        buffer_text(&buffer),
        "{\"apiVersion\":\"v1\",\"kind\":\"Event\",\"metadata\":{\"name\":\"train-0.0000000000000001\","
        "\"namespace\":\"ml\"},\"involvedObject\":{\"apiVersion\":\"v1\",\"kind\":\"Pod\","
        "\"namespace\":\"ml\",\"name\":\"train-0\",\"uid\":\"1234\"},\"type\":\"Normal\",\"reason\":\"R\","
        "\"message\":\"m\",\"source\":{\"component\":\"efa-agent\",\"host\":\"a\"},\"count\":1,"
        "\"firstTimestamp\":\"1970-01-01T00:00:00Z\",\"lastTimestamp\":\"1970-01-01T00:00:00Z\","
        "\"reportingComponent\":\"efa-agent\",\"reportingInstance\":\"a\"}");
}

/* The kubelet does so, and `kubectl describe node` looks for both. */
static void a_node_of_unknown_uid_has_its_name_for_one(void **state)
{
    AUTO(buffer_release) struct buffer buffer = {0};
    const struct kube_event event = {.node_name = TEXT("a")};

    (void)state;
    kube_event_format(&buffer, &event);
    buffer_add_char(&buffer, '\0');
    assert_non_null(strstr(buffer.at, "\"kind\":\"Node\",\"name\":\"a\",\"uid\":\"a\"}"));
}

static void cuts_the_name_of_an_object_that_is_long(void **state)
{
    AUTO(buffer_release) struct buffer buffer = {0};
    char name[254];
    struct pod_promise long_pod = pod;
    const struct kube_event event = {.pod = &long_pod, .node_name = TEXT("a")};
    const char *begin;

    (void)state;
    memset(name, 'x', 253);
    memcpy(name + 230, ".-.-.-", 6);
    name[253] = '\0';
    long_pod.name = text_of(name);
    assert_true(kube_event_is_about(&long_pod));
    kube_event_format(&buffer, &event);
    buffer_add_char(&buffer, '\0');
    begin = strstr(buffer.at, "\"xxx");
    assert_non_null(begin);
    assert_int_equal(strspn(begin + 1, "x"), 230);
    assert_memory_equal(begin + 231, ".0000000000000000\"", 18);
}

struct name_row {
    const char *name;
    const char *namespace;
    const char *pod;
    const char *uid;
    bool is_some;
};

static const struct name_row names[] = {
    {"usual ones", "ml", "train-0", "u", true},
    {"a name with dots", "ml", "a.b", "u", true},
    {"none at all, as the checkpoint has them", "", "", "u", false},
    {"no uid", "ml", "a", "", false},
    {"a name that leads elsewhere", "ml/../x", "a", "u", false},
    {"capitals", "ml", "A", "u", false},
    {"no ASCII", "ml", "\xc3\xa4", "u", false},
    {"a namespace that is too long", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "a",
     "u", false},
};

static void knows_names(void **state)
{
    const struct name_row *row = *state;
    const struct pod_promise named = {
        .namespace = text_of(row->namespace), .name = text_of(row->pod), .uid = text_of(row->uid)};

    assert_int_equal(kube_event_is_about(&named), row->is_some);
}

struct sentence_row {
    const char *name;
    struct finding finding;
    bool is_on_pod;
    const char *sentence;
};

static const struct sentence_row sentences[] = {
    {"all of it",
     {.kind = &kind,
      .expected = TEXT("32 EFA devices (catalogue, p5.48xlarge)"),
      .found = TEXT("31"),
      .cause = TEXT("one was detached"),
      .fix = TEXT("replace the node")},
     false,
     "expected 32 EFA devices (catalogue, p5.48xlarge), found 31: one was detached; replace the node"},
    {"nothing is known of the cause",
     {.kind = &kind, .expected = TEXT("32"), .found = TEXT("31")},
     false,
     "expected 32, found 31"},
    {"on the node, of a pod",
     {.kind = &kind, .expected = TEXT("4"), .found = TEXT("2"), .pod = &pod},
     false,
     "pod ml/train-0: expected 4, found 2"},
    {"on the pod itself",
     {.kind = &kind, .expected = TEXT("4"), .found = TEXT("2"), .pod = &pod},
     true,
     "expected 4, found 2"},
    {"what a device says is made printable",
     {.kind = &kind, .found = TEXT("a\xff\n\"b\"")},
     false,
     "found a? \"b\""},
    {"nothing", {.kind = &kind}, false, ""},
};

static void words(void **state)
{
    const struct sentence_row *row = *state;
    AUTO(buffer_release) struct buffer buffer = {0};

    buffer_add_char(&buffer, '<');
    kube_event_format_finding(&buffer, &row->finding, row->is_on_pod);
    check_text(text_after(buffer_text(&buffer), 1), row->sentence);
}

static void a_sentence_has_a_limit(void **state)
{
    AUTO(buffer_release) struct buffer buffer = {0};
    static char much[3001];
    struct finding finding = {.kind = &kind};

    (void)state;
    for (size_t i = 0; i + 2 < sizeof(much); i += 3)
        memcpy(much + i, "\xe2\x82\xac", 3);
    finding.expected = finding.found = finding.cause = finding.fix = text_of(much);
    kube_event_format_finding(&buffer, &finding, false);
    assert_in_range(buffer.length, KUBE_EVENT_MESSAGE_MAX - 6, KUBE_EVENT_MESSAGE_MAX);
    for (struct text rest = buffer_text(&buffer); rest.length > 0;) {
        size_t length = text_character_length(rest);

        assert_int_not_equal(length, 0);
        rest = text_after(rest, length);
    }
}

struct warning_row {
    const char *name;
    const char *id;
    const char *sentence;
};

static const struct warning_row warnings[] = {
    {"one of ours", "no-hugepages", "the pod's status warns: huge pages were left out (no-hugepages)"},
    {"one that a later webhook knows", "brand-new", "the pod's status warns: brand-new"},
    {"what somebody else wrote", "a\n\xff\x1b[2J", "the pod's status warns: a ? [2J"},
    {"something long",
     "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789",
     "the pod's status warns: 0123456789012345678901234567890123456789012345678901234567890..."},
};

static void words_a_warning(void **state)
{
    const struct warning_row *row = *state;
    AUTO(buffer_release) struct buffer buffer = {0};

    kube_event_format_warning(&buffer, text_of(row->id));
    check_text(buffer_text(&buffer), row->sentence);
}

static bool format(void *state, struct error *err)
{
    AUTO(buffer_release) struct buffer buffer = {0};
    AUTO(buffer_release) struct buffer message = {0};
    static char much[600];
    struct kube_event event = {.pod = &pod, .node_name = TEXT("a"), .reason = TEXT("r")};
    struct finding finding = {.kind = &kind, .pod = &pod};

    (void)state;
    memset(much, 'x', sizeof(much));
    finding.expected = finding.found = finding.cause = (struct text){.at = much, .length = sizeof(much)};
    kube_event_format_finding(&message, &finding, false);
    kube_event_format_warning(&message, text_of("no-hugepages"));
    event.message = buffer_text(&message);
    kube_event_format(&buffer, &event);
    return (!buffer.failed && !message.failed) || error_memory(err);
}

static void survives_without_memory(void **state)
{
    (void)state;
    assert_in_range(check_every_allocation(format, NULL), 3, 20);
}

static const struct check_test tests[] = {
    CHECK_TEST(formats_one_on_a_node),
    CHECK_TEST(formats_one_on_a_pod),
    CHECK_TEST(a_node_of_unknown_uid_has_its_name_for_one),
    CHECK_TEST(cuts_the_name_of_an_object_that_is_long),
    CHECK_TEST(a_sentence_has_a_limit),
    CHECK_TEST(survives_without_memory),
};

int main(void)
{
    return CHECK_ROWS("kube_event_is_about", names, knows_names) |
           CHECK_ROWS("kube_event_format_finding", sentences, words) |
           CHECK_ROWS("kube_event_format_warning", warnings, words_a_warning) |
           CHECK_TESTS("kube_event", tests);
}
