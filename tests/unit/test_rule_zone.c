/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"

#include "core/rule_zone.h"
#include "support/placement.h"

enum {
    NO_WARNING = WARNING_COUNT
};

/* What the rule decides; each row is decided on twice, the second time with the changes applied. */
static const struct zone_row {
    const char *name;
    const char *pod;
    const char *label; /* to be written; NULL: none */
    const char *note;  /* words of one of the notes */
    enum zone_mode zone;
    bool has_term; /* to be written */
    int warning;
} rows[] = {
    {"term and label", POD(""), HASH, "same-zone term", ZONE_AUTO, true, NO_WARNING},
    {"term and label when required", POD(""), HASH, "same-zone term", ZONE_REQUIRED, true, NO_WARNING},
    {"off keeps the label", POD(""), HASH, "same-zone is off", ZONE_OFF, false, NO_WARNING},
    {"everything is there already", COPIED(", '" GROUP "': '" HASH "'", HASH), NULL,
     "carries the same-zone term", ZONE_AUTO, false, NO_WARNING},
    {"term is there, label is not", COPIED("", HASH), HASH, "carries", ZONE_AUTO, false, NO_WARNING},

    /* what a copy brings */
    {"another group's label is replaced", META(LABELS(", '" GROUP "': 'old'"), ""), HASH, "same-zone term",
     ZONE_AUTO, true, NO_WARNING},
    {"another group's label and term stay together", COPIED(", '" GROUP "': 'old'", "old"), NULL, "group old",
     ZONE_AUTO, false, NO_WARNING},
    {"the label follows another group's term", COPIED("", "old"), "old", "group old", ZONE_AUTO, false,
     NO_WARNING},
    {"the label follows it when it is a third", COPIED(", '" GROUP "': 'other'", "old"), "old", "group old",
     ZONE_REQUIRED, false, NO_WARNING},
    {"the label follows it when off", COPIED("", "old"), "old", "group old", ZONE_OFF, false, NO_WARNING},
    {"a copy without an owner keeps its group",
     META("'labels': {'" GROUP "': 'old'}", POD_AFFINITY(TERM(ZONE, MATCH(GROUP, "old")))), NULL, "group old",
     ZONE_AUTO, false, NO_WARNING},
    {"our own term wins over another's",
     POD(POD_AFFINITY(TERM(ZONE, MATCH(GROUP, "old")) "," TERM(ZONE, MATCH(GROUP, HASH)))), HASH,
     "group " HASH, ZONE_AUTO, false, NO_WARNING},
    {"our label on other topologies is the user's term",
     POD(POD_AFFINITY(TERM("kubernetes.io/hostname", MATCH(GROUP, "old")))), HASH, "pods other than itself",
     ZONE_AUTO, false, NO_WARNING},

    /* no group */
    {"no group", META("'labels': {}", ""), NULL, "no group", ZONE_AUTO, false, WARNING_NO_GROUP},
    {"no group when required", META("'labels': {}", ""), NULL, "no group", ZONE_REQUIRED, false,
     WARNING_NO_GROUP},
    {"no group and off", META("'labels': {}", ""), NULL, "off", ZONE_OFF, false, NO_WARNING},
    {"no group, but a zone", META("'labels': {}", "'nodeSelector': {'" ZONE "': 'a'}"), NULL, "no group",
     ZONE_AUTO, false, NO_WARNING},
    {"leader of a set without its key", META("'labels': {'leaderworkerset.sigs.k8s.io/name': 's'}", ""), NULL,
     "no group", ZONE_AUTO, false, WARNING_NO_GROUP},

    /* owners */
    {"daemon set", OWNED("DaemonSet"), HASH, "DaemonSet", ZONE_AUTO, false, NO_WARNING},
    {"daemon set when required", OWNED("DaemonSet"), HASH, "DaemonSet", ZONE_REQUIRED, false,
     WARNING_ZONE_IMPOSSIBLE},
    {"replica set", OWNED("ReplicaSet"), HASH, "ReplicaSet", ZONE_AUTO, false, NO_WARNING},
    {"replica set when required", OWNED("ReplicaSet"), HASH, "same-zone term", ZONE_REQUIRED, true,
     NO_WARNING},
    {"stateful set", OWNED("StatefulSet"), HASH, "same-zone term", ZONE_AUTO, true, NO_WARNING},

    /* nodes and zones */
    {"node name", POD("'nodeName': 'n'"), HASH, "spec.nodeName", ZONE_AUTO, false, NO_WARNING},
    {"node name when required", POD("'nodeName': 'n'"), HASH, "spec.nodeName", ZONE_REQUIRED, false,
     WARNING_ZONE_IMPOSSIBLE},
    {"zone selector", POD("'nodeSelector': {'" ZONE "': 'a'}"), HASH, "one zone", ZONE_AUTO, false,
     NO_WARNING},
    {"required has what it wants from a zone selector", POD("'nodeSelector': {'" ZONE "': 'a'}"), HASH,
     "one zone", ZONE_REQUIRED, false, NO_WARNING},
    {"former zone label", POD("'nodeSelector': {'" BETA_ZONE "': 'a'}"), HASH, "one zone", ZONE_AUTO, false,
     NO_WARNING},
    {"zone id", POD("'nodeSelector': {'" ZONE_ID "': 'use1-az1'}"), HASH, "one zone", ZONE_AUTO, false,
     NO_WARNING},
    {"other selector", POD("'nodeSelector': {'topology.kubernetes.io/region': 'r'}"), HASH, "same-zone term",
     ZONE_AUTO, true, NO_WARNING},
    {"null zone selector", POD("'nodeSelector': {'" ZONE "': null}"), HASH, "same-zone term", ZONE_AUTO, true,
     NO_WARNING},
    {"one zone in affinity", POD(NODE_AFFINITY(IN(ZONE, "'a'"))), HASH, "one zone", ZONE_AUTO, false,
     NO_WARNING},
    {"the same zone twice", POD(NODE_AFFINITY(IN(ZONE, "'a', 'a'"))), HASH, "one zone", ZONE_AUTO, false,
     NO_WARNING},
    {"two zones", POD(NODE_AFFINITY(IN(ZONE, "'a', 'b'"))), HASH, "same-zone term", ZONE_AUTO, true,
     NO_WARNING},
    {"two zones of which one is excluded",
     POD(NODE_AFFINITY("{'matchExpressions': [{'key': '" ZONE "', 'operator': 'In', 'values': ['a', 'b']}, "
                       "{'key': '" ZONE "', 'operator': 'NotIn', 'values': ['b']}]}")),
     HASH, "one zone", ZONE_AUTO, false, NO_WARNING},
    {"two lists that share one zone",
     POD(NODE_AFFINITY("{'matchExpressions': [{'key': '" ZONE "', 'operator': 'In', 'values': ['a', 'b']}, "
                       "{'key': '" ZONE "', 'operator': 'In', 'values': ['b', 'c']}]}")),
     HASH, "one zone", ZONE_AUTO, false, NO_WARNING},
    {"one zone in every term", POD(NODE_AFFINITY(IN(ZONE, "'a'") "," IN(ZONE, "'a'"))), HASH, "one zone",
     ZONE_AUTO, false, NO_WARNING},
    {"another zone in each term", POD(NODE_AFFINITY(IN(ZONE, "'a'") "," IN(ZONE, "'b'"))), HASH,
     "same-zone term", ZONE_AUTO, true, NO_WARNING},
    {"one zone in one of two terms", POD(NODE_AFFINITY(IN(ZONE, "'a'") "," IN("x", "'y'"))), HASH,
     "same-zone term", ZONE_AUTO, true, NO_WARNING},
    {"a term that matches no node does not count", POD(NODE_AFFINITY(IN(ZONE, "'a'") ", {}")), HASH,
     "one zone", ZONE_AUTO, false, NO_WARNING},
    {"not in a zone", POD(NODE_AFFINITY(NODE_TERM(ZONE, "NotIn", "'a'"))), HASH, "same-zone term", ZONE_AUTO,
     true, NO_WARNING},
    {"any zone", POD(NODE_AFFINITY(NODE_TERM(ZONE, "Exists", ""))), HASH, "same-zone term", ZONE_AUTO, true,
     NO_WARNING},

    /* required podAffinity of the user's own */
    {"follows other pods", POD(POD_AFFINITY(TERM(ZONE, MATCH("app", "b")))), HASH, "pods other than itself",
     ZONE_AUTO, false, NO_WARNING},
    {"follows other pods when required", POD(POD_AFFINITY(TERM("x", MATCH("app", "b")))), HASH,
     "pods other than itself", ZONE_REQUIRED, false, WARNING_ZONE_IMPOSSIBLE},
    {"own zone term", POD(POD_AFFINITY(TERM(ZONE, MATCH("app", "a")))), HASH, "there already", ZONE_AUTO,
     false, NO_WARNING},
    {"own zone term when required", POD(POD_AFFINITY(TERM(ZONE, MATCH("app", "a")))), HASH, "there already",
     ZONE_REQUIRED, false, NO_WARNING},
    {"own host term", POD(POD_AFFINITY(TERM("x", MATCH("app", "a")))), HASH, "same-zone term", ZONE_AUTO,
     true, NO_WARNING},
    {"in", POD(POD_AFFINITY(TERM("x", EXPRESSION("app", "In", "'b', 'a'")))), HASH, "same-zone term",
     ZONE_AUTO, true, NO_WARNING},
    {"in, not there", POD(POD_AFFINITY(TERM("x", EXPRESSION("role", "In", "'b', 'a'")))), HASH, "pods other",
     ZONE_AUTO, false, NO_WARNING},
    {"in, other values", POD(POD_AFFINITY(TERM("x", EXPRESSION("app", "In", "'b'")))), HASH, "pods other",
     ZONE_AUTO, false, NO_WARNING},
    {"not in", POD(POD_AFFINITY(TERM("x", EXPRESSION("app", "NotIn", "'b'")))), HASH, "same-zone term",
     ZONE_AUTO, true, NO_WARNING},
    {"not in, not there", POD(POD_AFFINITY(TERM("x", EXPRESSION("role", "NotIn", "'b'")))), HASH,
     "same-zone term", ZONE_AUTO, true, NO_WARNING},
    {"not in, there", POD(POD_AFFINITY(TERM("x", EXPRESSION("app", "NotIn", "'a'")))), HASH, "pods other",
     ZONE_AUTO, false, NO_WARNING},
    {"exists", POD(POD_AFFINITY(TERM("x", EXPRESSION("app", "Exists", "")))), HASH, "same-zone term",
     ZONE_AUTO, true, NO_WARNING},
    {"exists, not there", POD(POD_AFFINITY(TERM("x", EXPRESSION("role", "Exists", "")))), HASH, "pods other",
     ZONE_AUTO, false, NO_WARNING},
    {"does not exist", POD(POD_AFFINITY(TERM("x", EXPRESSION("role", "DoesNotExist", "")))), HASH,
     "same-zone term", ZONE_AUTO, true, NO_WARNING},
    {"does not exist, there", POD(POD_AFFINITY(TERM("x", EXPRESSION("app", "DoesNotExist", "")))), HASH,
     "pods other", ZONE_AUTO, false, NO_WARNING},
    {"unknown operator", POD(POD_AFFINITY(TERM("x", EXPRESSION("app", "Like", "'a'")))), HASH, "pods other",
     ZONE_AUTO, false, NO_WARNING},
    {"our label exists, since we write it", POD(POD_AFFINITY(TERM("x", EXPRESSION(GROUP, "Exists", "")))),
     HASH, "same-zone term", ZONE_AUTO, true, NO_WARNING},
    {"empty selector", POD(POD_AFFINITY(TERM("x", ""))), HASH, "same-zone term", ZONE_AUTO, true, NO_WARNING},
    {"no selector", POD(POD_AFFINITY("{'topologyKey': 'x', 'labelSelector': null}")), HASH, "pods other",
     ZONE_AUTO, false, NO_WARNING},
    {"other namespaces",
     POD(POD_AFFINITY("{'topologyKey': 'x', 'labelSelector': {}, 'namespaces': ['team-b']}")), HASH,
     "pods other", ZONE_AUTO, false, NO_WARNING},
    {"own namespace among others",
     POD(POD_AFFINITY("{'topologyKey': 'x', 'labelSelector': {}, 'namespaces': ['team-b', 'team-a']}")), HASH,
     "same-zone term", ZONE_AUTO, true, NO_WARNING},
    {"namespaces by label, which we cannot see",
     POD(POD_AFFINITY("{'topologyKey': 'x', 'labelSelector': {}, 'namespaceSelector': {}}")), HASH,
     "pods other", ZONE_AUTO, false, NO_WARNING},
    {"label keys that the API server merges",
     POD(POD_AFFINITY("{'topologyKey': 'x', 'labelSelector': {}, 'matchLabelKeys': ['app']}")), HASH,
     "pods other", ZONE_AUTO, false, NO_WARNING},
    {"preferred affinity does not count",
     POD("'affinity': {'podAffinity': {'preferredDuringSchedulingIgnoredDuringExecution': [{'weight': 1, "
         "'podAffinityTerm': " TERM(ZONE, MATCH("app", "b")) "}]}}"),
     HASH, "same-zone term", ZONE_AUTO, true, NO_WARNING},

    /* spreading */
    {"anti-affinity on the zone",
     POD("'affinity': {'podAntiAffinity': {" REQUIRED_TERMS "[" TERM(ZONE, MATCH("app", "a")) "]}}"), HASH,
     "podAntiAffinity", ZONE_AUTO, false, NO_WARNING},
    {"anti-affinity on the zone when required",
     POD("'affinity': {'podAntiAffinity': {" REQUIRED_TERMS "[" TERM(ZONE_ID, MATCH("app", "a")) "]}}"), HASH,
     "podAntiAffinity", ZONE_REQUIRED, false, WARNING_ZONE_IMPOSSIBLE},
    {"anti-affinity on the host",
     POD("'affinity': {'podAntiAffinity': {" REQUIRED_TERMS "[" TERM("x", MATCH("app", "a")) "]}}"), HASH,
     "same-zone term", ZONE_AUTO, true, NO_WARNING},
    {"spread over zones",
     POD("'topologySpreadConstraints': [{'topologyKey': '" ZONE "', 'whenUnsatisfiable': 'DoNotSchedule'}]"),
     HASH, "topologySpread", ZONE_AUTO, false, NO_WARNING},
    {"spread over zones by default", POD("'topologySpreadConstraints': [{'topologyKey': '" ZONE "'}]"), HASH,
     "topologySpread", ZONE_REQUIRED, false, WARNING_ZONE_IMPOSSIBLE},
    {"spread over zones at will",
     POD("'topologySpreadConstraints': [{'topologyKey': '" ZONE "', 'whenUnsatisfiable': 'ScheduleAnyway'}]"),
     HASH, "same-zone term", ZONE_AUTO, true, NO_WARNING},
    {"spread over hosts",
     POD("'topologySpreadConstraints': [{'topologyKey': 'x', 'whenUnsatisfiable': 'DoNotSchedule'}]"), HASH,
     "same-zone term", ZONE_AUTO, true, NO_WARNING},

    /* who else places it */
    {"kueue required", MARKED("kueue.x-k8s.io/podset-required-topology': 'block"), HASH, "Kueue", ZONE_AUTO,
     false, NO_WARNING},
    {"kueue preferred", MARKED("kueue.x-k8s.io/podset-preferred-topology': 'block"), HASH, "Kueue", ZONE_AUTO,
     false, NO_WARNING},
    {"kueue unconstrained", MARKED("kueue.x-k8s.io/podset-unconstrained-topology': 'true"), HASH, "Kueue",
     ZONE_REQUIRED, false, WARNING_ZONE_IMPOSSIBLE},
    {"kueue not unconstrained", MARKED("kueue.x-k8s.io/podset-unconstrained-topology': 'false"), HASH,
     "same-zone term", ZONE_AUTO, true, NO_WARNING},
    {"kueue slices", MARKED("kueue.x-k8s.io/podset-slice-required-topology': 'rack"), HASH, "Kueue",
     ZONE_AUTO, false, NO_WARNING},
    {"kueue label", META(LABELS(", 'kueue.x-k8s.io/tas': 'true'"), ""), HASH, "Kueue", ZONE_AUTO, false,
     NO_WARNING},
    {"kueue gate", POD("'schedulingGates': [{'name': 'x'}, {'name': 'kueue.x-k8s.io/topology'}]"), HASH,
     "Kueue", ZONE_AUTO, false, NO_WARNING},
    {"other gate", POD("'schedulingGates': [{'name': 'kueue.x-k8s.io/admission'}]"), HASH, "same-zone term",
     ZONE_AUTO, true, NO_WARNING},
    {"clique term", POD(POD_AFFINITY(TERM("nvidia.com/gpu.clique", MATCH("app", "a")))), HASH, "gpu.clique",
     ZONE_AUTO, false, NO_WARNING},
    {"network node term", POD(POD_AFFINITY(TERM("topology.k8s.aws/network-node-layer-2", MATCH("app", "a")))),
     HASH, "gpu.clique", ZONE_REQUIRED, false, WARNING_ZONE_IMPOSSIBLE},
    {"clique selector", POD("'nodeSelector': {'nvidia.com/gpu.clique': 'c.1'}"), HASH, "gpu.clique",
     ZONE_AUTO, false, NO_WARNING},
    {"network node in every term", POD(NODE_AFFINITY(IN("topology.k8s.aws/network-node-layer-1", "'n'"))),
     HASH, "gpu.clique", ZONE_AUTO, false, NO_WARNING},
    {"any clique", POD(NODE_AFFINITY(NODE_TERM("nvidia.com/gpu.clique", "Exists", ""))), HASH,
     "same-zone term", ZONE_AUTO, true, NO_WARNING},
    {"clique in one of two terms", POD(NODE_AFFINITY(IN("nvidia.com/gpu.clique", "'c'") "," IN("x", "'y'"))),
     HASH, "same-zone term", ZONE_AUTO, true, NO_WARNING},
    {"exclusive job set", MARKED("alpha.jobset.sigs.k8s.io/exclusive-topology': 'x"), HASH,
     "exclusive-topology", ZONE_AUTO, false, NO_WARNING},
    {"exclusive set", MARKED("leaderworkerset.sigs.k8s.io/exclusive-topology': 'x"), HASH,
     "exclusive-topology", ZONE_AUTO, false, NO_WARNING},
    {"exclusive subgroup", MARKED("leaderworkerset.sigs.k8s.io/subgroup-exclusive-topology': 'x"), HASH,
     "exclusive-topology", ZONE_REQUIRED, false, WARNING_ZONE_IMPOSSIBLE},
};

static bool is_text(struct text text, const char *string)
{
    return text.at != NULL && text_is_string(text, string);
}

/* A pod's required same-zone term must select the pod, or the first of the group waits for ever. */
static void check_that_it_can_be_scheduled(const struct subject_fixture *fixture)
{
    const struct decision *decision = &fixture->decision;
    struct text label = pairs_find_string(&fixture->pod.labels, GROUP);

    if (decision->label.key.at != NULL)
        label = decision->label.value;
    if (decision->zone_term_group.at != NULL)
        assert_true(label.at != NULL && text_is(decision->zone_term_group, label));
}

static void decides_row(void **state)
{
    const struct zone_row *row = *state;
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};
    const struct decision *decision = &fixture.decision;

    subject_fixture_init(&fixture, row->pod);
    fixture.annotations.zone = row->zone;
    rule_zone(&fixture.decision);
    assert_false(decision->failed);
    assert_true(decision->is_allowed);
    assert_int_equal(decision->label.key.at != NULL, row->label != NULL);
    if (row->label != NULL) {
        assert_true(is_text(decision->label.key, GROUP));
        assert_true(is_text(decision->label.value, row->label));
    }
    assert_int_equal(decision->zone_term_group.at != NULL, row->has_term);
    assert_int_equal(decision->node_selector_count, 0);
    assert_true(subject_fixture_has_note(&fixture, row->note));
    assert_int_equal(decision->warning_count, row->warning != NO_WARNING);
    if (row->warning != NO_WARNING) {
        assert_int_equal(decision->warnings[0].id, row->warning);
        assert_true(decision->warnings[0].text.length < 120); /* whole: longer ones are cut */
    }
    check_that_it_can_be_scheduled(&fixture);
    placement_check_again(&fixture);
}

static void stays_linear_with_a_hundred_thousand_labels(void **state)
{
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};
    struct pod_term term = {.topology_key = text_of("x"), .has_selector = true};
    const size_t count = 100000;
    size_t i;

    (void)state;
    subject_fixture_init(&fixture, POD(""));
    fixture.pod.labels.items = arena_alloc(&fixture.arena, count * sizeof(*fixture.pod.labels.items));
    term.expressions = arena_alloc(&fixture.arena, count * sizeof(*term.expressions));
    for (i = 0; i < count; i++) {
        fixture.pod.labels.items[i] = (struct pair){.key = text_of("some-key"), .value = text_of("v")};
        term.expressions[i] = (struct expression){.key = text_of("none-key"), .operation = text_of("NotIn")};
    }
    fixture.pod.labels.count = count;
    term.expression_count = count;
    fixture.pod.affinity.pod_terms = &term;
    fixture.pod.affinity.pod_term_count = 1;
    rule_zone(&fixture.decision);
    assert_true(subject_fixture_has_note(&fixture, "pods other than itself"));
}

static void says_when_memory_runs_out(void **state)
{
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};
    size_t limit;

    (void)state;
    subject_fixture_init(&fixture, POD(""));
    for (limit = 1; limit < 64; limit++) {
        AUTO(arena_release) struct arena small = {.limit_bytes = limit};

        subject_fixture_restart(&fixture);
        fixture.decision.arena = &small;
        rule_zone(&fixture.decision);
        assert_true(fixture.decision.failed);
    }
}

int main(void)
{
    static const struct check_test tests[] = {
        CHECK_TEST(stays_linear_with_a_hundred_thousand_labels),
        CHECK_TEST(says_when_memory_runs_out),
    };

    return CHECK_ROWS("rule_zone", rows, decides_row) | CHECK_TESTS("rule_zone at its limits", tests);
}
