/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/subject.h"

#include "core/rules.h"

#define OUR(annotations) "'metadata': {'annotations': {'efa-injector.io/inject': 'true', " annotations "}}, "
#define POD(annotations, spec) "{" annotations "'spec': {" spec "}}"
#define MAIN(more) "'containers': [{'name': 'main'" more "}]"
#define MEMORY(limit) ", 'resources': {'limits': {'memory': '" limit "'}}"
#define MOUNTS(mounts) ", 'volumeMounts': [" mounts "]"
#define AT_SHM(volume) MOUNTS("{'name': '" volume "', 'mountPath': '/dev/shm'}")
#define VOLUMES(volumes) ", 'volumes': [" volumes "]"
#define IN_MEMORY(name, more) "{'name': '" name "', 'emptyDir': {'medium': 'Memory'" more "}}"
#define ADDS(volume, size) "mount main " volume " /dev/shm; volume " volume " Memory " size

static const struct shm_row {
    const char *name;
    const char *pod;
    const char *changes;
} rows[] = {
    {"the policy's size", POD("", MAIN("")), ADDS("efa-shm", "64Gi")},
    {"a high memory limit", POD("", MAIN(MEMORY("1Ti"))), ADDS("efa-shm", "64Gi")},
    {"half of a low limit", POD("", MAIN(MEMORY("10Gi"))), ADDS("efa-shm", "5Gi") "; warn shm-limited"},
    {"whole mebibytes", POD("", MAIN(MEMORY("1001Mi"))), ADDS("efa-shm", "500Mi") "; warn shm-limited"},
    {"exactly 64Mi is left", POD("", MAIN(MEMORY("128Mi"))), ADDS("efa-shm", "64Mi") "; warn shm-limited"},
    {"less than 64Mi is none", POD("", MAIN(MEMORY("127Mi"))), "warn shm-none"},
    {"the pod's limit", POD("", MAIN("") ", 'resources': {'limits': {'memory': '8Gi'}}"),
     ADDS("efa-shm", "4Gi") "; warn shm-limited"},
    {"the container's limit before the pod's",
     POD("", MAIN(MEMORY("16Gi")) ", 'resources': {'limits': {'memory': '99Gi'}}"),
     ADDS("efa-shm", "8Gi") "; warn shm-limited"},
    {"null is no limit", POD("", MAIN(", 'resources': {'limits': {'memory': null}}")),
     ADDS("efa-shm", "64Gi")},
    {"a limit that is none is the API server's to refuse", POD("", MAIN(MEMORY("x"))),
     ADDS("efa-shm", "64Gi")},
    {"the smallest limit of two",
     POD(OUR("'efa-injector.io/containers': 'a,b'"),
         "'containers': [{'name': 'a'" MEMORY("20Gi") "}, {'name': 'b'" MEMORY("10Gi") "}]"),
     "mount a efa-shm /dev/shm; mount b efa-shm /dev/shm; volume efa-shm Memory 5Gi; warn shm-limited"},
    {"off", POD(OUR("'efa-injector.io/shm': 'off'"), MAIN("")), "-"},
    {"a size of one's own", POD(OUR("'efa-injector.io/shm': '3Gi'"), MAIN("")), ADDS("efa-shm", "3Gi")},
    {"a small size of one's own", POD(OUR("'efa-injector.io/shm': '64Mi'"), MAIN("")),
     ADDS("efa-shm", "64Mi")},
    {"a size above the limit", POD(OUR("'efa-injector.io/shm': '3Gi'"), MAIN(MEMORY("2Gi"))),
     ADDS("efa-shm", "3Gi") "; warn shm-over-memory"},
    {"hostIPC", POD("", "'hostIPC': true, " MAIN("")), "-"},
    {"mounted already", POD("", MAIN(AT_SHM("x")) VOLUMES("{'name': 'x', 'hostPath': {}}")), "-"},
    {"mounted in other words", POD("", MAIN(MOUNTS("{'name': 'x', 'mountPath': 'dev//shm/'}"))), "-"},
    {"mounted, larger than the limit",
     POD("", MAIN(MEMORY("1Gi") AT_SHM("x"))
                 VOLUMES(IN_MEMORY("y", "") "," IN_MEMORY("x", ", 'sizeLimit': '2Gi'"))),
     "warn shm-over-memory"},
    {"mounted, without a size", POD("", MAIN(MEMORY("1Gi") AT_SHM("x")) VOLUMES(IN_MEMORY("x", ""))), "-"},
    {"mounted, on disk",
     POD("", MAIN(MEMORY("1Gi") AT_SHM("x")) VOLUMES("{'name': 'x', 'emptyDir': {'sizeLimit': '2Gi'}}")),
     "-"},
    {"mounted, with a size that is none",
     POD("", MAIN(MEMORY("1Gi") AT_SHM("x")) VOLUMES(IN_MEMORY("x", ", 'sizeLimit': 'x'"))), "-"},
    {"ours on a second call",
     POD("", MAIN(MEMORY("10Gi") AT_SHM("efa-shm")) VOLUMES(IN_MEMORY("efa-shm", ", 'sizeLimit': '5Gi'"))),
     "warn shm-limited"},
    {"a spare volume called dshm", POD("", MAIN("") VOLUMES(IN_MEMORY("x", "") "," IN_MEMORY("dshm", ""))),
     "mount main dshm /dev/shm"},
    {"a spare volume called shm", POD("", MAIN("") VOLUMES(IN_MEMORY("shm", ""))), "mount main shm /dev/shm"},
    {"shm on disk is not spare", POD("", MAIN("") VOLUMES("{'name': 'shm', 'emptyDir': {}}")),
     ADDS("efa-shm", "64Gi")},
    {"another name is not spare", POD("", MAIN("") VOLUMES(IN_MEMORY("cache", ""))), ADDS("efa-shm", "64Gi")},
    {"shm that another container mounts is not spare",
     POD(OUR("'efa-injector.io/containers': 'main'"),
         "'containers': [{'name': 'main'}, {'name': 'b'" MOUNTS(
             "{'name': 'shm', 'mountPath': '/cache'}") "}]" VOLUMES(IN_MEMORY("shm", ""))),
     ADDS("efa-shm", "64Gi")},
    {"our name is taken", POD("", MAIN("") VOLUMES("{'name': 'efa-shm'}")), ADDS("efa-shm-2", "64Gi")},
    {"one of two is mounted",
     POD(OUR("'efa-injector.io/containers': 'a,b'"),
         "'containers': [{'name': 'a'" AT_SHM("x") "}, {'name': 'b'}]" VOLUMES(
             "{'name': 'x', 'hostPath': {}}")),
     "mount b efa-shm /dev/shm; volume efa-shm Memory 64Gi"},
};

static void decides(void **state)
{
    const struct shm_row *row = *state;
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};

    subject_fixture_init(&fixture, row->pod);
    subject_fixture_aim(&fixture, &subject_p5);
    rule_shm(&fixture.decision);
    assert_string_equal(subject_fixture_describe(&fixture), row->changes);
}

static void takes_the_pods_share(void **state)
{
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};

    (void)state;
    subject_fixture_init(&fixture, POD("", MAIN("")));
    subject_fixture_aim(&fixture, &subject_p5);
    fixture.decision.subject.share = 2;
    fixture.decision.subject.share_of = 8;
    rule_shm(&fixture.decision);
    assert_string_equal(subject_fixture_describe(&fixture), ADDS("efa-shm", "16Gi"));
}

static void takes_at_most_half_the_node(void **state)
{
    struct instance_type small = subject_c6in;
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};

    (void)state;
    small.memory_bytes = (uint64_t)32 << 30;
    subject_fixture_init(&fixture, POD("", MAIN("")));
    subject_fixture_aim(&fixture, &small);
    rule_shm(&fixture.decision);
    assert_string_equal(subject_fixture_describe(&fixture), ADDS("efa-shm", "16Gi"));
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
        rule_shm(&fixture.decision);
        if (!fixture.decision.failed)
            break;
    }
    fixture.arena.limit_bytes = 0;
    assert_string_equal(subject_fixture_describe(&fixture), rows[0].changes);
    assert_true(more >= 48);
}

static const struct check_test tests[] = {
    CHECK_TEST(takes_the_pods_share),
    CHECK_TEST(takes_at_most_half_the_node),
    CHECK_TEST(remembers_that_memory_ran_out),
};

int main(void)
{
    return CHECK_ROWS("rule_shm", rows, decides) | CHECK_TESTS("shm", tests);
}
