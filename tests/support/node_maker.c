/* SPDX-License-Identifier: Apache-2.0 */
#include "support/node_maker.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    IMAGES = 20,
    ZONES = 2,
    GROUPS = 5
};

static const struct {
    const char *name;
    const char *devices;
    const char *pool;
} types[] = {
    {"p5.48xlarge", "\"nvidia.com/gpu\":\"8\",\"vpc.amazonaws.com/efa\":\"32\"", "42240Mi"},
    {"p5en.48xlarge", "\"nvidia.com/gpu\":\"8\",\"vpc.amazonaws.com/efa\":\"16\"", "42240Mi"},
    {"p4d.24xlarge", "\"nvidia.com/gpu\":\"8\",\"vpc.amazonaws.com/efa\":\"4\"", "21120Mi"},
    {"trn2.48xlarge", "\"aws.amazon.com/neuron\":\"16\",\"vpc.amazonaws.com/efa\":\"16\"", "42240Mi"},
    {"g6e.48xlarge", "\"nvidia.com/gpu\":\"8\",\"vpc.amazonaws.com/efa\":\"4\"", "42240Mi"},
};

static void add_format(struct buffer *json, const char *format, ...) PRINTF_LIKE(2, 3);

static void add_format(struct buffer *json, const char *format, ...)
{
    char room[1024];
    va_list values;
    int length;

    va_start(values, format);
    length = vsnprintf(room, sizeof(room), format, values);
    va_end(values);
    if (length < 0 || length >= (int)sizeof(room))
        abort();
    buffer_add(json, (struct text){.at = room, .length = (size_t)length});
}

struct text node_maker_name(size_t number, char room[64])
{
    int length = snprintf(room, 64, "ip-10-%zu-%zu-%zu.us-west-2.compute.internal", number >> 16 & 255,
                          number >> 8 & 255, number & 255);

    return (struct text){.at = room, .length = (size_t)length};
}

static void add_labels(const struct made_node *node, const char *name, struct buffer *json)
{
    size_t class = node->class % NODE_MAKER_CLASSES;

    add_format(json,
               "\"labels\":{\"alpha.eksctl.io/cluster-name\":\"training\",\"alpha.eksctl.io/instance-id\":"
               "\"i-0%016zx\",\"alpha.eksctl.io/nodegroup-name\":\"workers-%zu\",\"beta.kubernetes.io/arch\":"
               "\"amd64\",\"beta.kubernetes.io/instance-type\":\"%s\",\"beta.kubernetes.io/os\":\"linux\",",
               node->number, class / (ZONES * COUNT_OF(types)), types[class % COUNT_OF(types)].name);
    add_format(
        json,
        "\"eks.amazonaws.com/capacityType\":\"CAPACITY_BLOCK\",\"eks.amazonaws.com/nodegroup\":"
        "\"workers-%zu\",\"failure-domain.beta.kubernetes.io/region\":\"us-west-2\","
        "\"k8s.io/cloud-provider-aws\":\"6a1c9b0ae0b2b2d3f2b1ce4d54e2d9c4\","
        "\"kubernetes.io/arch\":\"amd64\",\"kubernetes.io/hostname\":\"%s\",\"kubernetes.io/os\":\"linux\",",
        class / (ZONES * COUNT_OF(types)), name);
    add_format(
        json,
        "\"node.kubernetes.io/instance-type\":\"%s\",\"nvidia.com/gfd.timestamp\":\"17%08zu\","
        "\"topology.k8s.aws/network-node-layer-1\":\"nn-0%016zx\",\"topology.k8s.aws/"
        "zone-id\":\"usw2-az%zu\","
        "\"topology.kubernetes.io/region\":\"us-west-2\",\"topology.kubernetes.io/zone\":\"us-west-2%c\"},",
        types[class % COUNT_OF(types)].name, node->number, node->number / 16,
        1 + class / COUNT_OF(types) % ZONES, "ab"[class / COUNT_OF(types) % ZONES]);
}

static void add_managed(struct buffer *json)
{
    static const char *const managers[] = {"kubelet", "aws-cloud-controller-manager", "gpu-feature-discovery",
                                           "vpc-resource-controller"};

    for (size_t i = 0; i < COUNT_OF(managers); i++) {
        add_format(
            json,
            "%s{\"manager\":\"%s\",\"operation\":\"Update\",\"apiVersion\":\"v1\",\"time\":"
            "\"2026-11-23T15:44:00Z\",\"fieldsType\":\"FieldsV1\",\"fieldsV1\":{\"f:metadata\":{"
            "\"f:annotations\":{\".\":{},\"f:volumes.kubernetes.io/controller-managed-attach-detach\":{}},"
            "\"f:labels\":{\".\":{},\"f:beta.kubernetes.io/arch\":{},\"f:kubernetes.io/hostname\":{}}},"
            "\"f:status\":{\"f:conditions\":{\"k:{\\\"type\\\":\\\"Ready\\\"}\":{\"f:message\":{}}}}}}",
            i > 0 ? "," : "\"managedFields\":[", managers[i]);
    }
    buffer_add_string(json, "]},");
}

static void add_conditions(const struct made_node *node, struct buffer *json)
{
    static const char *const conditions[] = {"MemoryPressure", "DiskPressure", "PIDPressure", "Ready"};

    for (size_t i = 0; i < COUNT_OF(conditions); i++) {
        add_format(json,
                   "%s{\"type\":\"%s\",\"status\":\"%s\",\"lastHeartbeatTime\":\"2026-11-23T15:44:00Z\","
                   "\"lastTransitionTime\":\"2026-11-20T08:00:00Z\",\"reason\":\"Kubelet%zu\",\"message\":"
                   "\"kubelet has said so\"}",
                   i > 0 ? "," : "\"conditions\":[", conditions[i],
                   (i == 3) == !node->is_unready || i < 3 ? (i == 3 ? "True" : "False") : "Unknown", i);
    }
    buffer_add_string(json, "],");
}

static void add_images(struct buffer *json)
{
    for (size_t i = 0; i < IMAGES; i++) {
        add_format(
            json,
            "%s{\"names\":[\"602401143452.dkr.ecr.us-west-2.amazonaws.com/eks/image-%zu@sha256:"
            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\",\"602401143452.dkr.ecr."
            "us-west-2.amazonaws.com/eks/image-%zu:v1.%zu.0\"],\"sizeBytes\":%zu}",
            i > 0 ? "," : "\"images\":[", i, i, i, i * 31415926);
    }
    buffer_add_string(json, "]");
}

void node_maker_add(const struct made_node *node, struct buffer *json)
{
    size_t type = node->class % NODE_MAKER_CLASSES % COUNT_OF(types);
    char name[64];

    (void)node_maker_name(node->number, name);
    add_format(json,
               "{\"kind\":\"Node\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"%s\",\"uid\":"
               "\"00000000-0000-4000-8000-%012zx\",\"resourceVersion\":\"%zu\",\"creationTimestamp\":"
               "\"2026-11-20T08:00:00Z\",",
               name, node->number, node->version);
    add_labels(node, name, json);
    buffer_add_string(json, "\"annotations\":{\"node.alpha.kubernetes.io/ttl\":\"300\","
                            "\"volumes.kubernetes.io/controller-managed-attach-detach\":\"true\"},");
    add_managed(json);
    add_format(
        json,
        "\"spec\":{\"providerID\":\"aws:///us-west-2a/i-0%016zx\",\"taints\":[{\"key\":\"nvidia.com/gpu\","
        "\"effect\":\"NoSchedule\"}]},\"status\":{\"capacity\":{\"cpu\":\"192\",\"ephemeral-storage\":"
        "\"838848492Ki\",\"hugepages-1Gi\":\"0\",\"hugepages-2Mi\":\"%s\",\"memory\":\"2097152000Ki\",%s,"
        "\"pods\":\"100\"},",
        node->number, types[type].pool, types[type].devices);
    add_format(
        json,
        "\"allocatable\":{\"cpu\":\"191450m\",\"hugepages-1Gi\":\"0\",\"hugepages-2Mi\":\"%s\",\"memory\":"
        "\"2040108Mi\",%s,\"pods\":\"100\"},",
        types[type].pool, types[type].devices);
    add_conditions(node, json);
    add_format(
        json,
        "\"addresses\":[{\"type\":\"InternalIP\",\"address\":\"10.%zu.%zu.%zu\"},{\"type\":\"Hostname\","
        "\"address\":\"%s\"}],\"daemonEndpoints\":{\"kubeletEndpoint\":{\"Port\":10250}},\"nodeInfo\":{"
        "\"machineID\":\"ec2%029zx\",\"kernelVersion\":\"6.12.55\",\"osImage\":\"Amazon Linux 2023\","
        "\"containerRuntimeVersion\":\"containerd://2.1.4\",\"kubeletVersion\":\"v1.36.3\"},",
        node->number >> 16 & 255, node->number >> 8 & 255, node->number & 255, name, node->number);
    add_images(json);
    buffer_add_string(json, "}}");
    if (json->failed)
        abort();
}

void node_maker_add_event(const char *type, const struct made_node *node, struct buffer *json)
{
    add_format(json, "{\"type\":\"%s\",\"object\":", type);
    node_maker_add(node, json);
    buffer_add_string(json, "}\n");
}

void node_maker_begin_page(const char *place, struct buffer *json)
{
    add_format(json,
               "{\"kind\":\"NodeList\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"1000\","
               "\"continue\":\"%s\"},\"items\":[",
               place);
}

void node_maker_end_page(struct buffer *json)
{
    buffer_add_string(json, "]}\n");
}
