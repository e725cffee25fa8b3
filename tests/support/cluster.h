/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small catalogue, and nodes that a test writes down.
 *
 *     AUTO(cluster_release) struct cluster cluster = {0};
 *
 *     cluster_init(&cluster);
 *     cluster_read(&cluster, LIST(NODE("a", "p5.48xlarge", "", "'vpc.amazonaws.com/efa': '32'")));
 */
#ifndef SUPPORT_CLUSTER_H
#define SUPPORT_CLUSTER_H

#include "core/nodes.h"

#define LIST(nodes) "{'apiVersion': 'v1', 'items': [" nodes "], 'kind': 'List', 'metadata': {}}"
#define NODE_IN(name, type, labels, capacity, allocatable, ready)                                            \
    "{'kind': 'Node', 'metadata': {'name': '" name "', 'labels': {"                                          \
    "'kubernetes.io/hostname': '" name "', 'node.kubernetes.io/instance-type': '" type "'" labels "}}, "     \
    "'spec': {'providerID': 'x'}, 'status': {'capacity': {'cpu': '192', " capacity "}, "                     \
    "'allocatable': {'memory': '1Ti', " allocatable "}, 'conditions': ["                                     \
    "{'type': 'MemoryPressure', 'status': 'False'}, {'type': 'Ready', 'status': '" ready "'}]}}"
#define DEVICES(efa, gpus) "'vpc.amazonaws.com/efa': '" efa "', 'nvidia.com/gpu': '" gpus "'"
#define PAGES(size) "'hugepages-2Mi': '" size "'"
#define NODE(name, type, labels, devices) NODE_IN(name, type, labels, devices, PAGES("42240Mi"), "True")

struct cluster {
    struct arena arena;
    struct catalogue catalogue;
    struct policy policy;
    struct nodes nodes;
};

/* The catalogue (p5, p5e, p5en, p5.4xlarge, p4d, p4de, g6e.48xlarge, gb200, g7e.48xlarge, trn2, c6in, dl1)
   and a policy that has the shipped prefix and own labels. Must not be moved. */
void cluster_init(struct cluster *cluster);

/* Position of a type that has to be there. */
size_t cluster_type(const struct cluster *cluster, const char *name);

/* The set of types, named with commas between them. */
struct type_set cluster_types(const struct cluster *cluster, const char *names);

/* Read a NodeList, ' for ". Fails the test if it cannot be. */
void cluster_read(struct cluster *cluster, const char *json);

/* JSON with ' for ", in the cluster's arena. */
struct text cluster_json(struct cluster *cluster, const char *json);

void cluster_release(struct cluster *cluster);

#endif
