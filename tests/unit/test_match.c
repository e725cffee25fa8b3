/* SPDX-License-Identifier: Apache-2.0 */
/* Kubernetes' node selection, three-valued. */
#include "core/match.h"

#include "support/check.h"
#include "support/cluster.h"
#include "support/subject.h"

/* Class 0: node a and node b, alike; class 1: node c, alone. */
#define TWO_CLASSES                                                                                          \
    LIST(NODE(                                                                                               \
        "a", "p5.48xlarge", ", 'pool': 'gpu', 'number': '8', 'topology.kubernetes.io/zone': 'z1'",           \
        DEVICES("32", "8")) ", " NODE("b", "p5.48xlarge",                                                    \
                                      ", 'pool': 'gpu', 'number': '8', 'topology.kubernetes.io/zone': 'z1'", \
                                      DEVICES("32", "8")) ", " NODE("c", "p5.48xlarge", ", 'pool': 'other'", \
                                                                    DEVICES("32", "8")))

#define REQUIRED(terms)                                                                                      \
    "{'spec': {'affinity': {'nodeAffinity': {'requiredDuringSchedulingIgnoredDuringExecution': "             \
    "{'nodeSelectorTerms': [" terms "]}}}}}"
#define LABEL(key, operation, values)                                                                        \
    "{'matchExpressions': [{'key': '" key "', 'operator': '" operation "', 'values': [" values "]}]}"
#define FIELD(operation, values)                                                                             \
    "{'matchFields': [{'key': 'metadata.name', 'operator': '" operation "', 'values': [" values "]}]}"
#define HOST "kubernetes.io/hostname"

struct match_row {
    const char *name;
    const char *pod;
    const char *zone;
    enum match first;
    enum match second;
};

static const struct match_row match_rows[] = {
    {"no constraint", "{}", NULL, MATCH_YES, MATCH_YES},
    {"nodeSelector", "{'spec': {'nodeSelector': {'pool': 'gpu'}}}", NULL, MATCH_YES, MATCH_NO},
    {"nodeSelector is ANDed", "{'spec': {'nodeSelector': {'pool': 'gpu', 'number': '9'}}}", NULL, MATCH_NO,
     MATCH_NO},
    {"nodeSelector on an own label",
     "{'spec': {'nodeSelector': {'topology.k8s.aws/network-node-layer-1': 'x'}}}", NULL, MATCH_UNKNOWN,
     MATCH_UNKNOWN},
    {"an unknown does not save a mismatch",
     "{'spec': {'nodeSelector': {'nvidia.com/gfd.timestamp': '1', 'pool': 'gpu'}}}", NULL, MATCH_UNKNOWN,
     MATCH_NO},
    {"a zone to come", "{}", "z1", MATCH_YES, MATCH_NO},
    {"another zone to come", "{}", "z2", MATCH_NO, MATCH_NO},
    {"the author's zone stands", "{'spec': {'nodeSelector': {'topology.kubernetes.io/zone': 'z1'}}}", "z2",
     MATCH_YES, MATCH_NO},
    {"nodeName of two alike", "{'spec': {'nodeName': 'a'}}", NULL, MATCH_UNKNOWN, MATCH_NO},
    {"nodeName of one alone", "{'spec': {'nodeName': 'c'}}", NULL, MATCH_NO, MATCH_YES},
    {"nodeName that nobody knows", "{'spec': {'nodeName': 'd'}}", NULL, MATCH_NO, MATCH_NO},

    {"In", REQUIRED(LABEL("pool", "In", "'x', 'gpu'")), NULL, MATCH_YES, MATCH_NO},
    {"In of an absent label", REQUIRED(LABEL("number", "In", "'8'")), NULL, MATCH_YES, MATCH_NO},
    {"NotIn", REQUIRED(LABEL("pool", "NotIn", "'x', 'gpu'")), NULL, MATCH_NO, MATCH_YES},
    {"NotIn holds where the label is absent", REQUIRED(LABEL("number", "NotIn", "'8'")), NULL, MATCH_NO,
     MATCH_YES},
    {"Exists", REQUIRED(LABEL("number", "Exists", "")), NULL, MATCH_YES, MATCH_NO},
    {"DoesNotExist", REQUIRED(LABEL("number", "DoesNotExist", "")), NULL, MATCH_NO, MATCH_YES},
    {"Gt", REQUIRED(LABEL("number", "Gt", "'7'")), NULL, MATCH_YES, MATCH_NO},
    {"Gt is not at least", REQUIRED(LABEL("number", "Gt", "'8'")), NULL, MATCH_NO, MATCH_NO},
    {"Lt", REQUIRED(LABEL("number", "Lt", "'+9'")), NULL, MATCH_YES, MATCH_NO},
    {"Lt of a negative number", REQUIRED(LABEL("number", "Lt", "'-9'")), NULL, MATCH_NO, MATCH_NO},
    {"Gt of the smallest number", REQUIRED(LABEL("number", "Gt", "'-9223372036854775808'")), NULL, MATCH_YES,
     MATCH_NO},
    {"Gt of what does not fit", REQUIRED(LABEL("number", "Gt", "'-9223372036854775809'")), NULL, MATCH_NO,
     MATCH_NO},
    {"Gt of no number", REQUIRED(LABEL("pool", "Gt", "'1'")), NULL, MATCH_NO, MATCH_NO},
    {"Gt of two values", REQUIRED(LABEL("number", "Gt", "'1', '2'")), NULL, MATCH_NO, MATCH_NO},
    {"an operation that nobody knows", REQUIRED(LABEL("pool", "Like", "'gpu'")), NULL, MATCH_UNKNOWN,
     MATCH_UNKNOWN},

    {"terms are ORed", REQUIRED(LABEL("pool", "In", "'gpu'") ", " LABEL("pool", "In", "'other'")), NULL,
     MATCH_YES, MATCH_YES},
    {"expressions are ANDed",
     REQUIRED("{'matchExpressions': [{'key': 'pool', 'operator': 'Exists'}, {'key': 'number', 'operator': "
              "'Exists'}]}"),
     NULL, MATCH_YES, MATCH_NO},
    {"an empty term matches nothing", REQUIRED("{}"), NULL, MATCH_NO, MATCH_NO},
    {"an empty term beside another", REQUIRED("{}, " LABEL("pool", "In", "'gpu'")), NULL, MATCH_YES,
     MATCH_NO},
    {"no term matches nothing", REQUIRED(""), NULL, MATCH_NO, MATCH_NO},
    {"nodeSelector and affinity are ANDed",
     "{'spec': {'nodeSelector': {'pool': 'gpu'}, 'affinity': {'nodeAffinity': "
     "{'requiredDuringSchedulingIgnoredDuringExecution': {'nodeSelectorTerms': [" LABEL("pool", "In",
                                                                                        "'other'") "]}}}}}",
     NULL, MATCH_NO, MATCH_NO},

    {"the field names one of two", REQUIRED(FIELD("In", "'b'")), NULL, MATCH_UNKNOWN, MATCH_NO},
    {"the field names one alone", REQUIRED(FIELD("In", "'c'")), NULL, MATCH_NO, MATCH_YES},
    {"the field rules out one of two", REQUIRED(FIELD("NotIn", "'b'")), NULL, MATCH_UNKNOWN, MATCH_YES},
    {"the field rules out one alone", REQUIRED(FIELD("NotIn", "'c'")), NULL, MATCH_YES, MATCH_NO},
    {"the field names nobody", REQUIRED(FIELD("In", "'d'")), NULL, MATCH_NO, MATCH_NO},
    {"a field of another kind",
     REQUIRED("{'matchFields': [{'key': 'spec.x', 'operator': 'In', 'values': ['y']}]}"), NULL, MATCH_UNKNOWN,
     MATCH_UNKNOWN},
    {"the hostname of one alone", REQUIRED(LABEL(HOST, "In", "'c'")), NULL, MATCH_NO, MATCH_YES},
    {"a hostname that is no node's name", REQUIRED(LABEL(HOST, "In", "'ip-1'")), NULL, MATCH_UNKNOWN,
     MATCH_UNKNOWN},
    {"the hostname ruled out", REQUIRED(LABEL(HOST, "NotIn", "'c'")), NULL, MATCH_YES, MATCH_NO},
    {"any hostname", REQUIRED(LABEL(HOST, "Exists", "")), NULL, MATCH_UNKNOWN, MATCH_UNKNOWN},
};

static void matches_row(void **state)
{
    const struct match_row *row = *state;
    AUTO(cluster_release) struct cluster cluster;
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};

    cluster_init(&cluster);
    cluster_read(&cluster, TWO_CLASSES);
    subject_fixture_init(&fixture, row->pod);
    assert_int_equal(cluster.nodes.class_count, 2);
    assert_int_equal(match_class(&fixture.pod, text_of(row->zone), &cluster.nodes, 0, &cluster.policy),
                     row->first);
    assert_int_equal(match_class(&fixture.pod, text_of(row->zone), &cluster.nodes, 1, &cluster.policy),
                     row->second);
}

int main(void)
{
    return CHECK_ROWS("match_class", match_rows, matches_row);
}
