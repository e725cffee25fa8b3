/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/subject.h"

#include "core/rules.h"

#define META(annotations, labels) "'metadata': {'annotations': {" annotations "}, 'labels': {" labels "}}"
#define POD(annotations, containers) "{" META(annotations, "") ", 'spec': {'containers': [" containers "]}}"
#define LABELED(labels) "{" META("", labels) ", 'spec': {'containers': [" MEMORY("main", "") "]}}"
#define OUR(annotations) "'efa-injector.io/inject': 'true', " annotations
/* A container with a memory limit, which spares a warning. */
#define MEMORY(name, more) "{'name': '" name "', 'resources': {'limits': {'memory': '1Gi'" more "}}}"
#define GPUS(count) ", 'nvidia.com/gpu': " count
#define EFAS(count) ", 'vpc.amazonaws.com/efa': " count
#define ADDS(container, resource, count)                                                                     \
    "limit " container " " resource "=" count "; request " container " " resource "=" count
#define ADDS_GPU(container, count) ADDS(container, "nvidia.com/gpu", count)
#define ADDS_EFA(container, count) ADDS(container, "vpc.amazonaws.com/efa", count)
#define ADDS_BOTH(container, gpus, efas)                                                                     \
    "limit " container " nvidia.com/gpu=" gpus "; limit " container " vpc.amazonaws.com/efa=" efas           \
    "; request " container " nvidia.com/gpu=" gpus "; request " container " vpc.amazonaws.com/efa=" efas
static const struct devices_row {
    const char *name;
    const struct instance_type *type;
    const char *pod;
    const char *changes;
} rows[] = {
    {"everything to one container", &subject_p5, POD("", MEMORY("main", "")), ADDS_BOTH("main", "8", "32")},
    {"Neuron devices", &subject_trn1, POD("", MEMORY("main", "")),
     "limit main aws.amazon.com/neuron=16; limit main vpc.amazonaws.com/efa=8; "
     "request main aws.amazon.com/neuron=16; request main vpc.amazonaws.com/efa=8"},
    {"a type without accelerators", &subject_c6in, POD("", MEMORY("main", "")), ADDS_EFA("main", "2")},
    {"no memory limit", &subject_c6in, POD("", "{'name': 'main'}"),
     ADDS_EFA("main", "2") "; warn no-memory-limit"},
    {"a memory limit of the pod", &subject_c6in,
     "{'spec': {'containers': [{'name': 'main'}], 'resources': {'limits': {'memory': '1Gi'}}}}",
     ADDS_EFA("main", "2")},
    {"GPUs are there", &subject_p5, POD("", MEMORY("main", GPUS("8"))), ADDS_EFA("main", "32")},
    {"everything is there", &subject_p5,
     POD("", "{'name': 'main', 'resources': {'limits': {'memory': 1, 'nvidia.com/gpu': 8, "
             "'vpc.amazonaws.com/efa': 32},"
             " 'requests': {'nvidia.com/gpu': 8, 'vpc.amazonaws.com/efa': 32}}}"),
     "-"},
    {"a request without its limit", &subject_p5,
     POD("", "{'name': 'main', 'resources': {'limits': {'memory': 1}, 'requests': {'nvidia.com/gpu': '8', "
             "'vpc.amazonaws.com/efa': '32', 'hugepages-2Mi': '2Mi', 'cpu': 1}}}"),
     "limit main nvidia.com/gpu=8; limit main vpc.amazonaws.com/efa=32; limit main hugepages-2Mi=2Mi"},
    {"a null request without its limit", &subject_p5,
     POD(OUR("'efa-injector.io/efa': 'off', 'efa-injector.io/accelerators': 'keep'"),
         "{'name': 'main', 'resources': {'limits': {'memory': 1}, 'requests': {'nvidia.com/gpu': null}}}"),
     "-"},
    {"GPUs are 0 in the container", &subject_p5, POD("", MEMORY("main", GPUS("0"))),
     ADDS_EFA("main", "1") "; warn accelerators-kept; warn partial-node"},
    {"half of the GPUs", &subject_p5, POD("", MEMORY("main", GPUS("4"))),
     ADDS_EFA("main", "16") "; warn partial-node"},
    {"one of eight", &subject_p5, POD("", MEMORY("main", GPUS("1"))),
     ADDS_EFA("main", "4") "; warn partial-node"},
    {"one of sixteen gets one of eight", &subject_trn1,
     POD("", MEMORY("main", ", 'aws.amazon.com/neuron': 1")),
     "limit main vpc.amazonaws.com/efa=1; request main "
     "vpc.amazonaws.com/efa=1; "
     "warn partial-node"},
    {"half, but full by annotation", &subject_p5,
     POD(OUR("'efa-injector.io/efa': 'full'"), MEMORY("main", GPUS("4"))),
     ADDS_EFA("main", "32") "; warn partial-node"},
    {"a number", &subject_p5, POD(OUR("'efa-injector.io/efa': '7'"), MEMORY("main", GPUS("8"))),
     ADDS_EFA("main", "7") "; warn efa-number"},
    {"a number above the type", &subject_p5,
     POD(OUR("'efa-injector.io/efa': '33'"), MEMORY("main", GPUS("8"))), "deny impossible"},
    {"off", &subject_p5, POD(OUR("'efa-injector.io/efa': 'off'"), MEMORY("main", "")), ADDS_GPU("main", "8")},
    {"EFA is there", &subject_p5, POD("", MEMORY("main", GPUS("8") EFAS("32"))), "-"},
    {"fewer EFA is kept", &subject_p5, POD("", MEMORY("main", GPUS("8") EFAS("4"))), "warn efa-fewer"},
    {"EFA 0 is kept", &subject_p5, POD("", MEMORY("main", GPUS("8") EFAS("0"))), "warn efa-zero"},
    {"EFA null is kept", &subject_p5, POD("", MEMORY("main", GPUS("8") EFAS("null"))), "warn efa-zero"},
    {"keep", &subject_p5, POD(OUR("'efa-injector.io/accelerators': 'keep'"), MEMORY("main", "")),
     ADDS_EFA("main", "1") "; warn partial-node"},
    {"Ray counts itself", &subject_p5, LABELED("'ray.io/cluster': 'a'"),
     ADDS_EFA("main", "1") "; warn accelerators-kept; warn partial-node"},
    {"Kueue counts itself", &subject_p5, LABELED("'kueue.x-k8s.io/queue-name': 'a'"),
     ADDS_EFA("main", "1") "; warn accelerators-kept; warn partial-node"},
    {"Volcano counts itself", &subject_p5, POD("'volcano.sh/job-name': 'a'", MEMORY("main", "")),
     ADDS_EFA("main", "1") "; warn accelerators-kept; warn partial-node"},
    {"Ray, but full", &subject_p5,
     "{" META(OUR("'efa-injector.io/accelerators': 'full'"),
              "'ray.io/cluster': 'a'") ", 'spec': {'containers': [" MEMORY("main", "") "]}}",
     ADDS_BOTH("main", "8", "32")},
    {"MIG needs a number", &subject_p5, POD("", MEMORY("main", ", 'nvidia.com/mig-1g.10gb': 1")),
     "deny impossible"},
    {"MIG with a number", &subject_p5,
     POD(OUR("'efa-injector.io/efa': '2'"), MEMORY("main", ", 'nvidia.com/mig-1g.10gb': 1")),
     ADDS_EFA("main", "2") "; warn efa-number"},
    {"two that ask share by what they ask", &subject_p5,
     POD("", MEMORY("a", GPUS("6")) "," MEMORY("b", GPUS("2"))), ADDS_EFA("a", "24") "; " ADDS_EFA("b", "8")},
    {"two that are named share alike", &subject_p5,
     POD(OUR("'efa-injector.io/containers': 'a,b'"), MEMORY("a", "") "," MEMORY("b", "")),
     ADDS_BOTH("a", "4", "16") "; " ADDS_BOTH("b", "4", "16")},
    {"one of two has its EFA", &subject_p5,
     POD("", MEMORY("a", GPUS("4") EFAS("10")) "," MEMORY("b", GPUS("4"))), ADDS_EFA("b", "22")},
    {"an init container is given the same devices", &subject_c6in,
     "{" META(OUR("'efa-injector.io/containers': 'main,i'"), "") ", 'spec': {'containers': [" MEMORY(
         "main", "") "], 'initContainers': [" MEMORY("i", "") "]}}",
     ADDS_EFA("i", "2") "; " ADDS_EFA("main", "2")},
    {"a claim", &subject_p5,
     POD("", "{'name': 'main', 'resources': {'limits': {'memory': 1}, 'claims': [{'name': 'c'}]}}"),
     "warn accelerators-kept; warn claims"},
    {"a claim, but efa: full", &subject_p5,
     POD(OUR("'efa-injector.io/efa': 'full'"),
         "{'name': 'main', 'resources': {'limits': {'memory': 1}, 'claims': [{'name': 'c'}]}}"),
     ADDS_EFA("main", "32") "; warn accelerators-kept"},
    {"a claim, but accelerators: full", &subject_p5,
     POD(OUR("'efa-injector.io/accelerators': 'full'"),
         "{'name': 'main', 'resources': {'limits': {'memory': 1}, 'claims': [{'name': 'c'}]}}"),
     ADDS_GPU("main", "8") "; warn claims"},
    {"a claim beside a container without", &subject_p5,
     POD(OUR("'efa-injector.io/containers': 'a,b'"),
         "{'name': 'a', 'resources': {'limits': {'memory': 1}, 'claims': [{'name': 'c'}]}}," MEMORY("b", "")),
     ADDS_EFA("b", "32") "; warn accelerators-kept; warn claims"},
};

static void decides(void **state)
{
    const struct devices_row *row = *state;
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};

    subject_fixture_init(&fixture, row->pod);
    subject_fixture_aim(&fixture, row->type);
    rule_devices(&fixture.decision);
    assert_string_equal(subject_fixture_describe(&fixture), row->changes);
}

/* Facts about the target rather than the pod. */
static void prepare(struct subject_fixture *fixture)
{
    subject_fixture_init(fixture, POD("", MEMORY("main", GPUS("4"))));
    subject_fixture_aim(fixture, &subject_p5);
}

static void says_when_nodes_offer_less(void **state)
{
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};

    (void)state;
    prepare(&fixture);
    fixture.decision.subject.target.is_node_fewer = true;
    fixture.decision.subject.target.efa = 30;
    rule_devices(&fixture.decision);
    check_text(subject_fixture_warning(&fixture, WARNING_NODE_FEWER),
               "matching nodes offer 30 EFA and 8 accelerators, p5.48xlarge has 32 and 8; check their device "
               "plugins");
    check_text(
        subject_fixture_warning(&fixture, WARNING_PARTIAL_NODE),
        "4 of 8 accelerators, 15 of 30 EFA: 2 such pod(s) fit one p5.48xlarge; ask for all for a whole node");
}

static void says_when_types_are_mixed(void **state)
{
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};

    (void)state;
    prepare(&fixture);
    fixture.decision.subject.target.other = &subject_trn1;
    rule_devices(&fixture.decision);
    check_text(subject_fixture_warning(&fixture, WARNING_MIXED_TYPES),
               "p5.48xlarge or trn1.32xlarge: alike, but peers should run on one type; name it");
}

static void denies_where_devices_are_shared_in_time(void **state)
{
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};

    (void)state;
    prepare(&fixture);
    fixture.decision.subject.target.is_oversubscribed = true;
    rule_devices(&fixture.decision);
    assert_false(fixture.decision.is_allowed);
    check_text(fixture.decision.message,
               "nodes share their accelerators by time slicing, so the share of EFA is unknown; "
               "set annotation efa to a number");
}

static void adds_no_accelerators_where_the_type_is_guessed(void **state)
{
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};

    (void)state;
    subject_fixture_init(&fixture, POD("", MEMORY("main", "")));
    subject_fixture_aim(&fixture, &subject_p5);
    fixture.decision.subject.target.source = TARGET_BY_DEFAULT;
    rule_devices(&fixture.decision);
    assert_string_equal(subject_fixture_describe(&fixture),
                        ADDS_EFA("main", "1") "; warn accelerators-kept; warn partial-node");
    check_text(subject_fixture_warning(&fixture, WARNING_ACCELERATORS_KEPT),
               "nvidia.com/gpu was not added: the type is only inferred; set annotation instance-type");
}

static void adds_them_where_the_guess_is_pinned(void **state)
{
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};

    (void)state;
    subject_fixture_init(&fixture, POD(OUR("'efa-injector.io/pin': 'true'"), MEMORY("main", "")));
    subject_fixture_aim(&fixture, &subject_p5);
    fixture.decision.subject.target.source = TARGET_BY_DEFAULT;
    rule_devices(&fixture.decision);
    assert_string_equal(subject_fixture_describe(&fixture), ADDS_BOTH("main", "8", "32"));
}

static void tells_the_reason_of_claims(void **state)
{
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};

    (void)state;
    subject_fixture_init(&fixture, POD("", "{'name': 'main', 'resources': {'claims': [{'name': 'c'}]}}"));
    subject_fixture_aim(&fixture, &subject_p5);
    rule_devices(&fixture.decision);
    assert_int_equal(fixture.decision.reason, REASON_CLAIMS);
}

static void remembers_that_memory_ran_out(void **state)
{
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};
    size_t more;

    (void)state;
    for (more = 0;; more += 16) {
        subject_fixture_release(&fixture);
        fixture = (struct subject_fixture){0};
        subject_fixture_init(&fixture, POD("", MEMORY("main", "")));
        subject_fixture_aim(&fixture, &subject_p5);
        fixture.decision.wants_notes = false;
        fixture.arena.limit_bytes = fixture.arena.used_bytes + more;
        rule_devices(&fixture.decision);
        if (!fixture.decision.failed)
            break;
    }
    assert_true(more >= 64);
    fixture.arena.limit_bytes = 0;
    assert_string_equal(subject_fixture_describe(&fixture), rows[0].changes);
}

static const struct check_test tests[] = {
    CHECK_TEST(says_when_nodes_offer_less),
    CHECK_TEST(says_when_types_are_mixed),
    CHECK_TEST(denies_where_devices_are_shared_in_time),
    CHECK_TEST(adds_no_accelerators_where_the_type_is_guessed),
    CHECK_TEST(adds_them_where_the_guess_is_pinned),
    CHECK_TEST(tells_the_reason_of_claims),
    CHECK_TEST(remembers_that_memory_ran_out),
};

int main(void)
{
    return CHECK_ROWS("rule_devices", rows, decides) | CHECK_TESTS("rule_devices, by target", tests);
}
