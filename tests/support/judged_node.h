/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A node as a test writes it down: all is well with it, but for what a line of edits says.
 *
 *     AUTO(judged_node_release) struct judged_node node;
 *
 *     judged_node_init(&node);
 *     judged_node_edit(&node, "sysfs=31 device.3.name= pod.held=32");
 *
 * It begins as a p5.48xlarge with 32 EFA devices, 8 GPUs and its huge pages, of which one pod holds all.
 *
 * An edit is key=value; the keys are the table in judged_node.c. A count is a number, "?" for one that could
 * not be had and "-" for one that nobody asked for. "device.3.name=" is of the fourth device, "device.name="
 * of all; "foreign.name=" of those that are no EFA. "pod.efa=" is of the first pod, "pod.1.efa=" of the
 * second, which comes to be by it. '_' in a value stands for a space.
 */
#ifndef SUPPORT_JUDGED_NODE_H
#define SUPPORT_JUDGED_NODE_H

#include "core/findings.h"

enum {
    JUDGED_DEVICES_MAX = 40,
    JUDGED_PODS_MAX = 4,
    JUDGED_ACCELERATORS_MAX = 16,
    JUDGED_IDS_MAX = 64,
};

struct judged_pod {
    struct text efa_ids[JUDGED_IDS_MAX];
    struct text accelerator_ids[JUDGED_IDS_MAX];
};

struct judged_node {
    struct arena arena;
    struct inventory inventory;
    struct expectation expectation;
    struct judge_settings settings;
    struct rdma_device devices[JUDGED_DEVICES_MAX];
    struct accelerator accelerators[JUDGED_ACCELERATORS_MAX];
    struct hugepages pages[3]; /* the node's 2Mi, NUMA node 0's, the node's 1Gi */
    struct pod_promise promises[JUDGED_PODS_MAX];
    struct judged_pod pods[JUDGED_PODS_MAX];
};

/* Must not be moved. */
void judged_node_init(struct judged_node *node);

/* Fails the test where a key is unknown or a value is none of its. */
void judged_node_edit(struct judged_node *node, const char *edits);

/* Judge it; fails the test without memory. */
void judged_node_judge(const struct judged_node *node, struct findings *ret_findings);

void judged_node_release(struct judged_node *node);

#endif
