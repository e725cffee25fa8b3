/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/subject.h"

#include "core/rules.h"

#define OUR(annotations) "'metadata': {'annotations': {'efa-injector.io/inject': 'true', " annotations "}}, "
#define SPEC(annotations, spec) "{" annotations "'spec': {" spec "}}"
#define MAIN(more) "'containers': [{'name': 'main'" more "}]"
#define POD(annotations, more) SPEC(annotations, MAIN(more))
#define LIMITS(limits) ", 'resources': {'limits': {" limits "}}"
#define CPU LIMITS("'cpu': 1")
#define ADDS(container, amount)                                                                              \
    "limit " container " hugepages-2Mi=" amount "; request " container " hugepages-2Mi=" amount
#define MOUNT(container, volume) "mount " container " " volume " /dev/hugepages"
#define OURS(container) MOUNT(container, "efa-hugepages")
#define VOLUME "; volume efa-hugepages HugePages"
#define NONE "env main FI_EFA_USE_HUGE_PAGE=0"

static const struct pages_row {
    const char *name;
    const char *pod;
    const char *changes;
} rows[] = {
    {"the policy's size", POD("", CPU), ADDS("main", "5120Mi") "; " OURS("main") VOLUME},
    {"with cpu 0 where neither cpu nor memory is named", POD("", ""),
     ADDS("main", "5120Mi") "; request main cpu=0; " OURS("main") VOLUME},
    {"memory is enough", POD("", LIMITS("'memory': '1Gi'")), ADDS("main", "5120Mi") "; " OURS("main") VOLUME},
    {"a request of cpu is enough", POD("", ", 'resources': {'requests': {'cpu': 1}}"),
     ADDS("main", "5120Mi") "; " OURS("main") VOLUME},
    {"off", POD(OUR("'efa-injector.io/hugepages': 'off'"), CPU), NONE},
    {"off, and env too", POD(OUR("'efa-injector.io/hugepages': 'off', 'efa-injector.io/env': 'off'"), CPU),
     "-"},
    {"off, where the variable is set",
     POD(OUR("'efa-injector.io/hugepages': 'off'"),
         CPU ", 'env': [{'name': 'FI_EFA_USE_HUGE_PAGE', 'value': '0'}]"),
     "-"},
    {"off, where the variable is 1",
     POD(OUR("'efa-injector.io/hugepages': 'off'"),
         CPU ", 'env': [{'name': 'X'}, {'name': 'FI_EFA_USE_HUGE_PAGE', 'value': '1'}]"),
     "warn hugepages-variable"},
    {"a size of one's own", POD(OUR("'efa-injector.io/hugepages': '8Gi'"), CPU),
     ADDS("main", "8192Mi") "; " OURS("main") VOLUME},
    {"divided among containers",
     SPEC(OUR("'efa-injector.io/containers': 'a,b'"),
          "'containers': [{'name': 'a'" CPU "}, {'name': 'b'" CPU "}]"),
     ADDS("a", "2560Mi") "; " OURS("a") "; " ADDS("b", "2560Mi") "; " OURS("b") VOLUME},
    {"too little for both",
     SPEC(OUR("'efa-injector.io/containers': 'a,b', 'efa-injector.io/hugepages': '2Mi'"),
          "'containers': [{'name': 'a'" CPU "}, {'name': 'b'" CPU "}]"),
     ADDS("a", "2Mi") "; " OURS("a") VOLUME},
    {"the whole for an init container, too",
     SPEC(OUR("'efa-injector.io/containers': 'i,main', 'efa-injector.io/hugepages': '4Mi'"),
          MAIN(CPU) ", 'initContainers': [{'name': 'i'" CPU "}]"),
     ADDS("i", "4Mi") "; " OURS("i") "; " ADDS("main", "4Mi") "; " OURS("main") VOLUME},
    {"mounted already",
     POD("", CPU ", 'volumeMounts': [{'name': 'x', 'mountPath': '/x'}, "
                 "{'name': 'h', 'mountPath': 'dev/hugepages/'}]"),
     ADDS("main", "5120Mi")},
    {"a volume of the pod's",
     SPEC("", MAIN(CPU) ", 'volumes': [{'name': 'x', 'emptyDir': {}},"
                        " {'name': 'mine', 'emptyDir': {'medium': 'HugePages-2Mi'}}]"),
     ADDS("main", "5120Mi") "; " MOUNT("main", "mine")},
    {"our volume's name is taken", SPEC("", MAIN(CPU) ", 'volumes': [{'name': 'efa-hugepages'}]"),
     ADDS("main", "5120Mi") "; " MOUNT("main", "efa-hugepages-2") "; volume efa-hugepages-2 HugePages"},
    {"the pod's own amounts", POD("", LIMITS("'cpu': 1, 'hugepages-2Mi': '4Mi'")), OURS("main") VOLUME},
    {"the pod's own amounts, off by annotation",
     POD(OUR("'efa-injector.io/hugepages': 'off'"), LIMITS("'cpu': 1, 'hugepages-2Mi': '4Mi'")), "-"},
    {"0 in the pod", POD("", LIMITS("'cpu': 1, 'hugepages-2Mi': 0")), NONE "; warn no-hugepages"},
    {"null in the pod", POD("", LIMITS("'cpu': 1, 'hugepages-2Mi': null")), NONE "; warn no-hugepages"},
    {"in another container",
     SPEC(OUR("'efa-injector.io/containers': 'main'"),
          "'containers': [{'name': 'main'" CPU
          "}, {'name': 'b'" LIMITS("'cpu': 1, 'hugepages-2Mi': '4Mi'") "}]"),
     NONE "; warn no-hugepages"},
    {"in an init container",
     SPEC("", MAIN(CPU) ", 'initContainers': [{'resources': {'requests': {'hugepages-2Mi': '4Mi'}}}]"),
     NONE "; warn no-hugepages"},
    {"another page size", POD("", LIMITS("'cpu': 1, 'hugepages-1Gi': '1Gi'")),
     ADDS("main", "5120Mi") "; " OURS("main") "; volume efa-hugepages HugePages-2Mi"},
    {"another page size in an init container",
     SPEC("", MAIN(CPU) ", 'initContainers': [{'resources': {'requests': {'hugepages-1Gi': '1Gi'}}}]"),
     ADDS("main", "5120Mi") "; " OURS("main") "; volume efa-hugepages HugePages-2Mi"},
    {"another page size and a plain volume",
     SPEC("", MAIN(LIMITS(
                  "'cpu': 1, 'hugepages-1Gi': '1Gi'")) ", 'volumes': [{'name': 'h', 'emptyDir': {'medium': "
                                                       "'HugePages'}}]"),
     NONE "; warn hugepages-volume"},
    {"both sizes and a plain volume",
     SPEC("", MAIN(LIMITS(
                  "'cpu': 1, 'hugepages-1Gi': '1Gi', 'hugepages-2Mi': '2Mi'")) ", 'volumes': [{'name': 'h', "
                                                                               "'emptyDir': {'medium': "
                                                                               "'HugePages'}}]"),
     MOUNT("main", "h") "; warn hugepages-volume"},
    {"pod-level amount", SPEC("", MAIN(CPU) ", 'resources': {'limits': {'hugepages-2Mi': '8Mi'}}"),
     OURS("main") VOLUME},
    {"pod-level amount that is the containers' sum",
     SPEC("", MAIN(LIMITS(
                  "'cpu': 1, 'hugepages-2Mi': '4Mi'")) ", 'resources': {'limits': {'hugepages-2Mi': '4Mi'}}"),
     OURS("main") VOLUME},
    {"pod-level null", SPEC("", MAIN(CPU) ", 'resources': {'limits': {'hugepages-2Mi': null}}"),
     NONE "; warn no-hugepages"},
    {"pod-level nonsense is the API server's to refuse",
     SPEC("", MAIN(CPU) ", 'resources': {'limits': {'hugepages-2Mi': 'x'}}"), NONE "; warn no-hugepages"},
    {"pod-level of another size", SPEC("", MAIN(CPU) ", 'resources': {'requests': {'hugepages-1Gi': '1Gi'}}"),
     ADDS("main", "5120Mi") "; " OURS("main") "; volume efa-hugepages HugePages-2Mi"},
};

static void decides(void **state)
{
    const struct pages_row *row = *state;
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};

    subject_fixture_init(&fixture, row->pod);
    subject_fixture_aim(&fixture, &subject_p5);
    rule_hugepages(&fixture.decision);
    assert_string_equal(subject_fixture_describe(&fixture), row->changes);
}

/* What is known of the nodes. */
static const struct evidence_row {
    const char *name;
    enum hugepages_evidence evidence;
    unsigned megabytes;
    unsigned share; /* of 8 */
    enum when_no_node when;
    const char *pod;
    const char *changes;
} evidence_rows[] = {
    {"offline, a small pool", HUGEPAGES_OFFLINE, 1000, 8, 0, POD("", CPU),
     ADDS("main", "1000Mi") "; " OURS("main") VOLUME},
    {"offline, no pool", HUGEPAGES_OFFLINE, 0, 8, 0, POD("", CPU), NONE "; warn no-hugepages"},
    {"an odd pool is whole pages", HUGEPAGES_KNOWN, 1001, 8, 0, POD("", CPU),
     ADDS("main", "1000Mi") "; " OURS("main") VOLUME},
    {"half a node", HUGEPAGES_KNOWN, 10000, 4, 0, POD("", CPU),
     ADDS("main", "2560Mi") "; " OURS("main") VOLUME},
    {"an eighth of two pages", HUGEPAGES_KNOWN, 4, 1, 0, POD("", CPU), NONE "; warn no-hugepages"},
    {"nodes have none", HUGEPAGES_KNOWN, 0, 8, 0, POD("", CPU), NONE "; warn no-hugepages"},
    {"Karpenter's", HUGEPAGES_PROVISIONED, 9000, 8, 0, POD("", CPU), NONE "; warn no-hugepages"},
    {"no node yet", HUGEPAGES_NO_NODE, 9000, 8, WHEN_NO_NODE_OMIT, POD("", CPU), NONE "; warn no-hugepages"},
    {"no node yet, inject", HUGEPAGES_NO_NODE, 9000, 8, WHEN_NO_NODE_INJECT, POD("", CPU),
     ADDS("main", "5120Mi") "; " OURS("main") VOLUME},
    {"Karpenter's, but asked for", HUGEPAGES_PROVISIONED, 9000, 8, 0,
     POD(OUR("'efa-injector.io/hugepages': '4Mi'"), CPU), ADDS("main", "4Mi") "; " OURS("main") VOLUME},
    {"more than nodes have", HUGEPAGES_KNOWN, 2, 8, 0, POD(OUR("'efa-injector.io/hugepages': '4Mi'"), CPU),
     ADDS("main", "4Mi") "; " OURS("main") VOLUME "; warn hugepages-over"},
};

static void believes_the_evidence(void **state)
{
    const struct evidence_row *row = *state;
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};
    struct subject *subject = &fixture.decision.subject;

    subject_fixture_init(&fixture, row->pod);
    fixture.policy.hugepages_when_no_node = row->when;
    subject_fixture_aim(&fixture, &subject_p5);
    subject->target.hugepages = row->evidence;
    subject->target.hugepages_bytes = (uint64_t)row->megabytes << 20;
    subject->share = row->share;
    subject->share_of = 8;
    rule_hugepages(&fixture.decision);
    assert_string_equal(subject_fixture_describe(&fixture), row->changes);
}

static void remembers_that_memory_ran_out(void **state)
{
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};
    size_t more;

    (void)state;
    for (more = 0;; more += 16) {
        subject_fixture_release(&fixture);
        fixture = (struct subject_fixture){0};
        subject_fixture_init(&fixture, rows[0].pod);
        subject_fixture_aim(&fixture, &subject_p5);
        fixture.decision.wants_notes = false;
        fixture.arena.limit_bytes = fixture.arena.used_bytes + more;
        rule_hugepages(&fixture.decision);
        if (!fixture.decision.failed)
            break;
    }
    fixture.arena.limit_bytes = 0;
    assert_string_equal(subject_fixture_describe(&fixture), rows[0].changes);
    assert_true(more >= 64);
}

static const struct check_test tests[] = {CHECK_TEST(remembers_that_memory_ran_out)};

int main(void)
{
    return CHECK_ROWS("rule_hugepages", rows, decides) |
           CHECK_ROWS("evidence", evidence_rows, believes_the_evidence) | CHECK_TESTS("hugepages", tests);
}
