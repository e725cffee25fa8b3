/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/subject.h"

#include <inttypes.h>
#include <stdio.h>

#define OURS "efa-injector.io/"
#define POD(annotations) "{'metadata': {'annotations': {" annotations "}}}"
#define WITH(name, value) POD("'" OURS "inject': 'true', '" OURS name "': '" value "'")

/* What was read, in a line: only what differs from nothing. */
static const char *describe(const struct annotations *read, char room[512])
{
    static const char *const modes[] = {"", "full", "keep", "off", "number"};
    static const char *const zones[] = {"", "required", "off", "named"};
    const struct text texts[] = {read->instance_type, read->containers, read->environment,
                                 read->zone_name,     read->group,      read->status};
    static const char *const names[] = {"type", "containers", "env", "zone", "group", "status"};
    int length =
        snprintf(room, 512, "%s|%u|%s|%s %" PRIu64 "|%s %" PRIu64 "|%s%s%s|", modes[read->efa],
                 read->efa_count, modes[read->accelerators], modes[read->hugepages], read->hugepages_bytes,
                 modes[read->shm], read->shm_bytes, read->is_environment_off ? "noenv" : "",
                 zones[read->zone], read->wants_pin ? "pin" : "");
    size_t i;

    for (i = 0; i < COUNT_OF(texts); i++) {
        if (texts[i].at != NULL)
            length += snprintf(room + length, 512 - (size_t)length, "%s=%.*s", names[i], TEXT_ARGS(texts[i]));
    }
    return room;
}

static const struct good_row {
    const char *name;
    const char *pod;
    const char *read;
} good_rows[] = {
    {"inject alone", POD("'" OURS "inject': 'true'"), "|0|| 0| 0||"},
    {"other prefixes are not looked at",
     POD("'" OURS "inject': 'true', 'efa-injector.iox/efa': 'x', 'efa-injector.io': 'y', 'a/efa': 'z'"),
     "|0|| 0| 0||"},
    {"instance-type", WITH("instance-type", "ml.p5.48xlarge"), "|0|| 0| 0||type=ml.p5.48xlarge"},
    {"one container", WITH("containers", "main"), "|0|| 0| 0||containers=main"},
    {"containers with spaces", WITH("containers", "main, side"), "|0|| 0| 0||containers=main, side"},
    {"efa full", WITH("efa", "full"), "full|0|| 0| 0||"},
    {"efa off", WITH("efa", "off"), "off|0|| 0| 0||"},
    {"efa 1", WITH("efa", "1"), "number|1|| 0| 0||"},
    {"efa 1024", WITH("efa", "1024"), "number|1024|| 0| 0||"},
    {"accelerators full", WITH("accelerators", "full"), "|0|full| 0| 0||"},
    {"accelerators keep", WITH("accelerators", "keep"), "|0|keep| 0| 0||"},
    {"hugepages auto", WITH("hugepages", "auto"), "|0|| 0| 0||"},
    {"hugepages off", WITH("hugepages", "off"), "|0||off 0| 0||"},
    {"hugepages 2Mi", WITH("hugepages", "2Mi"), "|0||number 2097152| 0||"},
    {"shm auto", WITH("shm", "auto"), "|0|| 0| 0||"},
    {"shm off", WITH("shm", "off"), "|0|| 0|off 0||"},
    {"shm 1e9", WITH("shm", "1e9"), "|0|| 0|number 1000000000||"},
    {"env off", WITH("env", "off"), "|0|| 0| 0|noenv|"},
    {"env default", WITH("env", "default"), "|0|| 0| 0||env=default"},
    {"env of the policy", WITH("env", "legacy"), "|0|| 0| 0||env=legacy"},
    {"same-zone auto", WITH("same-zone", "auto"), "|0|| 0| 0||"},
    {"same-zone required", WITH("same-zone", "required"), "|0|| 0| 0|required|"},
    {"same-zone off", WITH("same-zone", "off"), "|0|| 0| 0|off|"},
    {"same-zone a zone", WITH("same-zone", "us-east-1a"), "|0|| 0| 0|named|zone=us-east-1a"},
    {"same-zone a local zone", WITH("same-zone", "us-west-2-lax-1b"),
     "|0|| 0| 0|named|zone=us-west-2-lax-1b"},
    {"group", WITH("group", "g"), "|0|| 0| 0||group=g"},
    {"pin true", WITH("pin", "true"), "|0|| 0| 0|pin|"},
    {"pin false", WITH("pin", "false"), "|0|| 0| 0||"},
    {"status is never checked", WITH("status", "anything"), "|0|| 0| 0||status=anything"},
    {"several",
     POD("'" OURS "efa': '4', '" OURS "shm': 'off', '" OURS "inject': 'true', '" OURS
         "pin': 'true', 'x': 'y'"),
     "number|4|| 0|off 0|pin|"},
    {"inject by label",
     "{'metadata': {'labels': {'" OURS "inject': 'true'}, 'annotations': {'" OURS "efa': 'off'}}}",
     "off|0|| 0| 0||"},
    {"the annotation wins over the label",
     "{'metadata': {'labels': {'" OURS "inject': 'false'}, 'annotations': {'" OURS "inject': 'true'}}}",
     "|0|| 0| 0||"},
    {"other labels under the prefix",
     "{'metadata': {'labels': {'" OURS "inject': 'true', '" OURS "group': 'x'}}}", "|0|| 0| 0||"},
};

static void reads(void **state)
{
    const struct good_row *row = *state;
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};
    struct error err = {0};
    char room[512];

    subject_fixture_init(&fixture, row->pod);
    assert_int_equal(annotations_opt_in(&fixture.pod, fixture.policy.prefix), OPT_IN);
    if (!annotations_read(&fixture.pod, &fixture.policy, &fixture.annotations, &err))
        fail_msg("%s", err.text);
    assert_string_equal(describe(&fixture.annotations, room), row->read);
}

#define NOT(name, value, accepted) "annotation " OURS name ": \"" value "\" is not accepted; write " accepted
#define TRUTH "\"true\" or \"false\""
#define EFA_TAKES "\"full\", \"off\" or a number of interfaces from 1 to 1024"
#define PAGES_TAKE "\"auto\", \"off\" or a multiple of 2Mi, for example 5120Mi"
#define ENVIRONMENT_TAKES "\"off\" or one of default, mpi, legacy"
#define SHM_TAKES "\"auto\", \"off\" or a size of at least 64Mi, for example 64Gi"
#define ZONE_TAKES "\"auto\", \"required\", \"off\" or a zone, for example us-east-1a"
#define NAMES_TAKE "names of the pod's containers, separated by commas"
#define LONG_64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct bad_row {
    const char *name;
    const char *pod;
    const char *sentence;
} bad_rows[] = {
    {"inject True", POD("'" OURS "inject': 'True'"), NOT("inject", "True", TRUTH)},
    {"inject empty", POD("'" OURS "inject': ''"), NOT("inject", "", TRUTH)},
    {"inject yes by label", "{'metadata': {'labels': {'" OURS "inject': 'yes'}}}",
     "label " OURS "inject: \"yes\" is not accepted; write " TRUTH},
    {"label yes beside an annotation",
     "{'metadata': {'labels': {'" OURS "inject': 'yes'}, 'annotations': {'" OURS "efa': 'full'}}}",
     "label " OURS "inject: \"yes\" is not accepted; write " TRUTH},
    {"efa alone", POD("'" OURS "efa': 'full'"),
     "annotation " OURS "efa has no effect alone; add " OURS "inject: \"true\""},
    {"status first, efa alone", POD("'" OURS "status': '{}', '" OURS "pin': 'true'"),
     "annotation " OURS "pin has no effect alone; add " OURS "inject: \"true\""},
    {"unknown", WITH("hugepage", "auto"),
     "annotation " OURS "hugepage is not known; "
     "efa-injector.io/ takes inject, instance-type, containers, efa, "
     "accelerators, hugepages, shm, env, same-zone, group, pin, status"},
    {"unknown, alone", POD("'" OURS "Inject': 'true'"),
     "annotation " OURS "Inject is not known; "
     "efa-injector.io/ takes inject, instance-type, containers, efa, "
     "accelerators, hugepages, shm, env, same-zone, group, pin, status"},
    {"nothing behind the slash", WITH("", "auto"),
     "annotation " OURS " is not known; "
     "efa-injector.io/ takes inject, instance-type, containers, efa, "
     "accelerators, hugepages, shm, env, same-zone, group, pin, status"},
    {"instance-type empty", WITH("instance-type", ""),
     NOT("instance-type", "", "an instance type, for example p5.48xlarge")},
    {"containers empty", WITH("containers", ""), NOT("containers", "", NAMES_TAKE)},
    {"containers with a gap", WITH("containers", "a, ,b"), NOT("containers", "a, ,b", NAMES_TAKE)},
    {"containers end in a comma", WITH("containers", "a,"), NOT("containers", "a,", NAMES_TAKE)},
    {"efa 0", WITH("efa", "0"), NOT("efa", "0", EFA_TAKES)},
    {"efa 1025", WITH("efa", "1025"), NOT("efa", "1025", EFA_TAKES)},
    {"efa Full", WITH("efa", "Full"), NOT("efa", "Full", EFA_TAKES)},
    {"efa -1", WITH("efa", "-1"), NOT("efa", "-1", EFA_TAKES)},
    {"accelerators 4", WITH("accelerators", "4"), NOT("accelerators", "4", "\"full\" or \"keep\"")},
    {"hugepages no quantity", WITH("hugepages", "much"), NOT("hugepages", "much", PAGES_TAKE)},
    {"hugepages 3Mi", WITH("hugepages", "3Mi"), NOT("hugepages", "3Mi", PAGES_TAKE)},
    {"hugepages 0", WITH("hugepages", "0"), NOT("hugepages", "0", PAGES_TAKE)},
    {"shm below what a container has anyway", WITH("shm", "64"), NOT("shm", "64", SHM_TAKES)},
    {"shm 0", WITH("shm", "0"), NOT("shm", "0", SHM_TAKES)},
    {"shm of half bytes", WITH("shm", "1500m"), NOT("shm", "1500m", SHM_TAKES)},
    {"shm negative", WITH("shm", "-1Gi"), NOT("shm", "-1Gi", SHM_TAKES)},
    {"shm beyond 63 bits", WITH("shm", "9223372036854775808"), NOT("shm", "9223372036854775808", SHM_TAKES)},
    {"env unknown", WITH("env", "nccl"), NOT("env", "nccl", ENVIRONMENT_TAKES)},
    {"env empty", WITH("env", ""), NOT("env", "", ENVIRONMENT_TAKES)},
    {"same-zone misspelt", WITH("same-zone", "require"), NOT("same-zone", "require", ZONE_TAKES)},
    {"same-zone a region", WITH("same-zone", "us-east-1"), NOT("same-zone", "us-east-1", ZONE_TAKES)},
    {"same-zone in capitals", WITH("same-zone", "US-EAST-1A"), NOT("same-zone", "US-EAST-1A", ZONE_TAKES)},
    {"same-zone without a hyphen", WITH("same-zone", "useast1a"), NOT("same-zone", "useast1a", ZONE_TAKES)},
    {"same-zone short", WITH("same-zone", "a-1a"), NOT("same-zone", "a-1a", ZONE_TAKES)},
    {"same-zone ends in two letters", WITH("same-zone", "us-east-ab"),
     NOT("same-zone", "us-east-ab", ZONE_TAKES)},
    {"same-zone ends in -a", WITH("same-zone", "us-east--a"), NOT("same-zone", "us-east--a", ZONE_TAKES)},
    {"same-zone long", WITH("same-zone", LONG_64 "-1a"),
     NOT("same-zone", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", ZONE_TAKES)},
    {"same-zone with a colon", WITH("same-zone", "us-east:1a"), NOT("same-zone", "us-east:1a", ZONE_TAKES)},
    {"same-zone with a brace", WITH("same-zone", "us-east{1a"), NOT("same-zone", "us-east{1a", ZONE_TAKES)},
    {"group empty", WITH("group", ""), NOT("group", "", "a name of 1 to 253 characters")},
    {"group long", WITH("group", LONG_64 LONG_64 LONG_64 LONG_64),
     NOT("group", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
         "a name of 1 to 253 characters")},
    {"pin 1", WITH("pin", "1"), NOT("pin", "1", TRUTH)},
    {"a newline in a value", WITH("efa", "a\\nb"), NOT("efa", "a b", EFA_TAKES)},
};

static void refuses(void **state)
{
    const struct bad_row *row = *state;
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};
    const struct annotations untouched = {.efa_count = 42};
    struct annotations read = untouched;
    struct error err = {0};

    subject_fixture_init(&fixture, row->pod);
    assert_int_equal(annotations_opt_in(&fixture.pod, fixture.policy.prefix), OPT_IN);
    assert_false(annotations_read(&fixture.pod, &fixture.policy, &read, &err));
    assert_int_equal(err.kind, ERROR_INPUT);
    assert_string_equal(err.text, row->sentence);
    assert_int_equal(read.efa_count, 42);
}

static const struct opt_row {
    const char *name;
    const char *pod;
    enum opt_in opt;
} opt_rows[] = {
    {"nothing", "{}", OPT_NONE},
    {"status alone", POD("'" OURS "status': '{}'"), OPT_NONE},
    {"another prefix", POD("'example.org/inject': 'true'"), OPT_NONE},
    {"a longer prefix", POD("'efa-injector.iox/inject': 'true'"), OPT_NONE},
    {"the prefix alone", POD("'efa-injector.io': 'true'"), OPT_NONE},
    {"a label that is not inject", "{'metadata': {'labels': {'" OURS "group': 'x'}}}", OPT_NONE},
    {"inject false", POD("'" OURS "inject': 'false'"), OPT_OUT},
    {"inject false beside others", POD("'" OURS "efa': 'bad', '" OURS "inject': 'false'"), OPT_OUT},
    {"inject false by label", "{'metadata': {'labels': {'" OURS "inject': 'false'}}}", OPT_OUT},
    {"inject false over a label",
     "{'metadata': {'labels': {'" OURS "inject': 'true'}, 'annotations': {'" OURS "inject': 'false'}}}",
     OPT_OUT},
    {"inject False is looked at", POD("'" OURS "inject': 'False'"), OPT_IN},
    {"any annotation", POD("'" OURS "x': ''"), OPT_IN},
};

static void asks_whether_it_is_ours(void **state)
{
    const struct opt_row *row = *state;
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};

    subject_fixture_init(&fixture, row->pod);
    assert_int_equal(annotations_opt_in(&fixture.pod, fixture.policy.prefix), row->opt);
}

int main(void)
{
    return CHECK_ROWS("annotations_read", good_rows, reads) | CHECK_ROWS("refused", bad_rows, refuses) |
           CHECK_ROWS("annotations_opt_in", opt_rows, asks_whether_it_is_ours);
}
