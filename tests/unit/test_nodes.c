/* SPDX-License-Identifier: Apache-2.0 */
#include "core/nodes.h"

#include "core/buffer.h"

#include "support/check.h"
#include "support/cluster.h"

#include <stdio.h>
#include <stdlib.h>

static void folds_nodes_that_are_alike(void **state)
{
    AUTO(cluster_release) struct cluster cluster;
    const struct node_class *class;
    size_t position = 9;

    (void)state;
    cluster_init(&cluster);
    cluster_read(
        &cluster,
        LIST(NODE(
            "a", "p5.48xlarge", ", 'topology.k8s.aws/network-node-layer-1': 'x'",
            DEVICES(
                "32",
                "8")) ", " NODE_IN("b", "p5.48xlarge", ", 'nvidia.com/gfd.timestamp': '7'",
                                   DEVICES("32", "8"), PAGES("5Gi"),
                                   "True") ", " NODE_IN("c", "p5.48xlarge", "", DEVICES("32", "8"),
                                                        PAGES("1Gi"),
                                                        "Unknown") ", " NODE("d", "m5.large", "",
                                                                             DEVICES(
                                                                                 "0",
                                                                                 "0")) ", " NODE("e",
                                                                                                 "ml.p5."
                                                                                                 "48xlarge",
                                                                                                 "",
                                                                                                 DEVICES(
                                                                                                     "32",
                                                                                                     "8"))));
    assert_int_equal(cluster.nodes.class_count, 2);
    class = &cluster.nodes.classes[0];
    assert_int_equal(class->type, cluster_type(&cluster, "p5.48xlarge"));
    assert_int_equal(class->node_count, 3);
    assert_int_equal(class->ready_count, 2);
    assert_int_equal(class->efa, 32);
    assert_int_equal(class->accelerators, 8);
    assert_true(class->has_hugepages);
    assert_int_equal(class->hugepages_bytes, UINT64_C(5) << 30);
    assert_int_equal(class->label_count, 1);
    assert_false(class->is_provisioned);
    assert_int_equal(cluster.nodes.classes[1].type, class->type);
    assert_int_equal(type_set_count(&cluster.nodes.types), 1);
    assert_true(nodes_find_class(&cluster.nodes, text_of("c"), &position));
    assert_int_equal(position, 0);
    assert_true(nodes_find_class(&cluster.nodes, text_of("e"), &position));
    assert_int_equal(position, 1);
    assert_false(nodes_find_class(&cluster.nodes, text_of("d"), &position));
}

/* One node, and what its class must be. */
struct node_row {
    const char *name;
    const char *node;
    unsigned efa;
    unsigned accelerators;
    size_t ready_count;
    uint64_t hugepages_mib; /* UINT64_MAX: not known */
    bool is_provisioned;
};

#define BARE(rest) "{'kind': 'Node', 'metadata': {'name': 'a', 'labels': {" rest "}}"
#define BETA "'beta.kubernetes.io/instance-type': 'p5.48xlarge'"
#define READY "'conditions': [{'status': 'True', 'type': 'Ready'}]"

static const struct node_row node_rows[] = {
    {"ready", NODE("a", "p5.48xlarge", "", DEVICES("32", "8")), 32, 8, 1, 42240, false},
    {"not ready", NODE_IN("a", "p5.48xlarge", "", DEVICES("32", "8"), PAGES("1Gi"), "False"), 0, 0, 0,
     UINT64_MAX, false},
    {"a device plugin that restarts", NODE("a", "p5.48xlarge", "", DEVICES("0", "8")), 0, 8, 1, 42240, false},
    {"numbers instead of strings",
     BARE(BETA) ", 'status': {'capacity': {'vpc.amazonaws.com/efa': 32, "
                "'nvidia.com/gpu': 8e0}, 'allocatable': {'hugepages-2Mi': 2097152}, " READY "}}",
     32, 8, 1, 2, false},
    {"nulls",
     "{'kind': 'Node', 'metadata': {'name': 'a', 'deletionTimestamp': null, 'labels': {" BETA
     ", 'x': null}}, 'status': {'capacity': {'nvidia.com/gpu': null}, 'allocatable': null, " READY "}}",
     0, 0, 1, 0, false},
    {"being deleted",
     "{'kind': 'Node', 'metadata': {'deletionTimestamp': '2026-01-01T00:00:00Z', 'labels': {" BETA
     "}}, 'status': {'capacity': {'nvidia.com/gpu': 8}, " READY "}}",
     0, 0, 0, UINT64_MAX, false},
    {"no status", BARE(BETA) "}", 0, 0, 0, UINT64_MAX, false},
    {"status before metadata",
     "{'status': {" READY ", 'capacity': {'vpc.amazonaws.com/efa': '16'}}, "
     "'metadata': {'labels': {" BETA "}}, 'kind': 'Node'}",
     16, 0, 1, 0, false},
    {"more than fits", NODE("a", "p5.48xlarge", "", DEVICES("5G", "8")), UINT32_MAX, 8, 1, 42240, false},
    {"Karpenter's", NODE("a", "p5.48xlarge", ", 'karpenter.sh/nodepool': 'x'", DEVICES("32", "8")), 32, 8, 1,
     42240, true},
    {"Auto Mode's",
     NODE("a", "p5.48xlarge", ", 'eks.amazonaws.com/compute-type': 'auto'", DEVICES("32", "8")), 32, 8, 1,
     42240, true},
    {"a hybrid node",
     NODE("a", "p5.48xlarge", ", 'eks.amazonaws.com/compute-type': 'hybrid'", DEVICES("32", "8")), 32, 8, 1,
     42240, false},
};

static void check_class(const struct cluster *cluster, const struct node_row *row)
{
    const struct node_class *class = &cluster->nodes.classes[0];

    assert_int_equal(cluster->nodes.class_count, 1);
    assert_int_equal(class->type, cluster_type(cluster, "p5.48xlarge"));
    assert_int_equal(class->efa, row->efa);
    assert_int_equal(class->accelerators, row->accelerators);
    assert_int_equal(class->node_count, 1);
    assert_int_equal(class->ready_count, row->ready_count);
    assert_int_equal(class->is_provisioned, row->is_provisioned);
    assert_int_equal(class->has_hugepages, row->hugepages_mib != UINT64_MAX);
    if (class->has_hugepages)
        assert_int_equal(class->hugepages_bytes, row->hugepages_mib << 20);
}

static void reads_row(void **state)
{
    const struct node_row *row = *state;
    AUTO(cluster_release) struct cluster cluster;
    char list[2048];

    cluster_init(&cluster);
    cluster_read(&cluster, row->node);
    check_class(&cluster, row);
    nodes_release(&cluster.nodes);
    assert_true((size_t)snprintf(list, sizeof(list), LIST("%s"), row->node) < sizeof(list));
    cluster_read(&cluster, list);
    check_class(&cluster, row);
}

struct empty_row {
    const char *name;
    const char *json;
};

static const struct empty_row empty_rows[] = {
    {"no items", LIST("")},
    {"items null", "{'kind': 'NodeList', 'items': null}"},
    {"a type that the catalogue lacks", LIST(NODE("a", "m5.large", "", DEVICES("0", "0")))},
    {"no labels", "{'kind': 'Node', 'metadata': {'name': 'a'}}"},
    {"labels null", "{'kind': 'Node', 'metadata': {'name': 'a', 'labels': null}}"},
    {"a null item", LIST("null")},
};

static void finds_no_class_in_row(void **state)
{
    const struct empty_row *row = *state;
    AUTO(cluster_release) struct cluster cluster;

    cluster_init(&cluster);
    cluster_read(&cluster, row->json);
    assert_int_equal(cluster.nodes.class_count, 0);
    assert_true(type_set_is_empty(&cluster.nodes.types));
}

struct bad_row {
    const char *name;
    const char *json;
    const char *sentence;
};

static const struct bad_row bad_rows[] = {
    {"not JSON", "nodes", "the document is no JSON value (byte 0)"},
    {"null", "null", "the document must be a NodeList or a Node"},
    {"a list", "[]", "the document must be an object (byte 0)"},
    {"another list", "{'kind': 'PodList', 'items': []}", "kind must be List, NodeList or Node"},
    {"no kind", "{'items': []}", "kind is missing"},
    {"no items", "{'kind': 'NodeList'}", "items is missing"},
    {"no metadata", "{'kind': 'Node'}", "metadata of the Node is missing"},
    {"a list of pods", LIST("{'kind': 'Pod', 'metadata': {'name': 'a'}}"), "items[0].kind must be Node"},
    {"an amount that is none",
     "{'kind': 'Node', 'metadata': {}, 'status': {'capacity': {'nvidia.com/gpu': 'eight'}}}",
     "must be a quantity"},
    {"an amount of the wrong kind",
     "{'kind': 'Node', 'metadata': {}, 'status': {'capacity': {'nvidia.com/gpu': []}}}", "must be a string"},
    {"a label that is no string", "{'kind': 'Node', 'metadata': {'labels': {'a': 1}}}", "must be a string"},
};

static void refuses_row(void **state)
{
    const struct bad_row *row = *state;
    AUTO(cluster_release) struct cluster cluster;
    struct nodes nodes = {.class_count = 42};
    struct error err = {0};

    cluster_init(&cluster);
    assert_false(
        nodes_read(cluster_json(&cluster, row->json), &cluster.catalogue, &cluster.policy, &nodes, &err));
    assert_int_equal(err.kind, ERROR_INPUT);
    if (strstr(err.text, row->sentence) == NULL)
        fail_msg("'%s' lacks '%s'", err.text, row->sentence);
    assert_int_equal(nodes.class_count, 42);
}

/* Nothing of the bytes is borrowed; many classes and names. */
static void copies_what_it_keeps(void **state)
{
    enum {
        NODES = 1000,
        CLASSES = 100
    };
    AUTO(cluster_release) struct cluster cluster;
    AUTO(buffer_release) struct buffer text = {0};
    struct error err = {0};
    size_t position;
    size_t i;
    char item[512];
    char *bytes;

    (void)state;
    cluster_init(&cluster);
    buffer_add_string(&text, "{\"kind\":\"NodeList\",\"items\":[");
    for (i = 0; i < NODES; i++) {
        (void)snprintf(item, sizeof(item),
                       "%s{\"metadata\":{\"name\":\"n%zu\",\"labels\":{\"z\":\"%zu\",\"a\":\"x\","
                       "\"node.kubernetes.io/instance-type\":\"p5.48xlarge\"}}}",
                       i > 0 ? "," : "", i, i % CLASSES);
        buffer_add_string(&text, item);
    }
    buffer_add_string(&text, "]}");
    assert_false(text.failed);
    bytes = malloc(text.length);
    assert_non_null(bytes);
    memcpy(bytes, text.at, text.length);
    assert_true(nodes_read((struct text){bytes, text.length}, &cluster.catalogue, &cluster.policy,
                           &cluster.nodes, &err));
    free(bytes);
    assert_int_equal(cluster.nodes.class_count, CLASSES);
    assert_true(nodes_find_class(&cluster.nodes, text_of("n742"), &position));
    assert_int_equal(position, 42);
    assert_int_equal(cluster.nodes.classes[42].node_count, NODES / CLASSES);
    assert_true(text_is_string(cluster.nodes.classes[42].labels[0].key, "a"));
    assert_true(text_is_string(cluster.nodes.classes[42].labels[2].value, "42"));
}

static bool read_once(void *state, struct error *err)
{
    struct cluster *cluster = state;
    AUTO(nodes_release) struct nodes nodes = {0};

    return nodes_read(cluster_json(cluster, node_rows[0].node), &cluster->catalogue, &cluster->policy, &nodes,
                      err);
}

static void survives_each_failing_allocation(void **state)
{
    AUTO(cluster_release) struct cluster cluster;

    (void)state;
    cluster_init(&cluster);
    assert_true(check_every_allocation(read_once, &cluster) >= 2);
}

static const struct check_test tests[] = {
    CHECK_TEST(folds_nodes_that_are_alike),
    CHECK_TEST(copies_what_it_keeps),
    CHECK_TEST(survives_each_failing_allocation),
};

int main(void)
{
    return CHECK_TESTS("nodes", tests) | CHECK_ROWS("nodes_read: a node", node_rows, reads_row) |
           CHECK_ROWS("nodes_read: nothing", empty_rows, finds_no_class_in_row) |
           CHECK_ROWS("nodes_read: refused", bad_rows, refuses_row);
}
