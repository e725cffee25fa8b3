/* SPDX-License-Identifier: Apache-2.0 */
/* What device plugins call devices, by what pods are found to lack. */
#include "core/findings.h"

#include "support/check.h"
#include "support/judged_node.h"

/* The pod holds the one device of this id; the node has those of buses 0x10 to 0x2f. */
struct row {
    const char *name; /* the id */
    bool is_gone;
};

static const struct row rows[] = {
    {"rdmap16s0", false},
    {"rdmap47s0", false},
    {"rdmap48s0", true},
    {"rdmap16s1", true},
    {"rdmap16s0f0", false},
    {"rdmap16s0f1", true},
    {"rdmaP0p16s0", false},
    {"rdmaP1p16s0", true},
    {"rdmaP65535p16s0", true},
    {"0000:10:00.0", false},
    {"0000:10:00.1", true},
    {"0001:10:00.0", true},
    {"uverbs31", false},
    /* What says nothing of a device. */
    {"uverbs32", false},
    {"efa_0", false},
    {"rdma", false},
    {"rdmap", false},
    {"rdmap16", false},
    {"rdmap16s", false},
    {"rdmap16s0x", false},
    {"rdmap256s0", false},
    {"rdmap16s32", false},
    {"rdmap16s0f8", false},
    {"rdmaP65536p48s0", false},
    {"rdmaPp48s0", false},
    {"0000:1g:00.0", false},
    {"0000:FF:00.0", false},
    {"0000-48-00-0", false},
    {"0000:48:00.00", false},
    {"48:00.0", false},
    {"", false},
};

static void knows_whether_row_is_gone(void **state)
{
    const struct row *row = *state;
    AUTO(judged_node_release) struct judged_node node;
    AUTO(findings_release) struct findings findings = {.count = 0};

    judged_node_init(&node);
    judged_node_edit(&node, "pod.efa=1 pod.held=1");
    node.pods[0].efa_ids[0] = text_of(row->name);
    judged_node_judge(&node, &findings);
    assert_int_equal(findings.count, row->is_gone ? 1 : 0);
    if (row->is_gone)
        check_text(findings.items[0].kind->id, "pod-devices-gone");
}

/* The pod's EFA device is beside the second accelerator. */
static const struct row accelerator_rows[] = {
    {"GPU-1", false}, {"0000:14:01.0", false}, {"GPU-0", true}, {"0000:10:01.0", true},
    {"1", false}, /* of NVIDIA it may be anything */
    {"", false},
};

static void knows_where_row_is(void **state)
{
    const struct row *row = *state;
    AUTO(judged_node_release) struct judged_node node;
    AUTO(findings_release) struct findings findings = {.count = 0};

    judged_node_init(&node);
    judged_node_edit(&node, "pod.efa=1 pod.ids=rdmap20s0 pod.gpus=1 pod.gpus.held=1");
    node.pods[0].accelerator_ids[0] = text_of(row->name);
    judged_node_judge(&node, &findings);
    assert_int_equal(findings.count, row->is_gone ? 1 : 0);
}

static const struct row neuron_rows[] = {
    {"1", false}, {"neuron1", false}, {"0", true}, {"neuron0", true}, {"neuron", false}, {"10000", false},
};

static void knows_where_neuron_row_is(void **state)
{
    const struct row *row = *state;
    AUTO(judged_node_release) struct judged_node node;
    AUTO(findings_release) struct findings findings = {.count = 0};

    judged_node_init(&node);
    judged_node_edit(&node, "type=trn1.32xlarge neuron=16 neuron.capacity=16 gpus.capacity=? gpus.found=0 "
                            "pod.status=0 pod.ids=rdmap20s0 pod.gpus.held=1");
    node.pods[0].accelerator_ids[0] = text_of(row->name);
    judged_node_judge(&node, &findings);
    assert_int_equal(findings.count, row->is_gone ? 1 : 0);
}

int main(void)
{
    return CHECK_ROWS("EFA devices", rows, knows_whether_row_is_gone) |
           CHECK_ROWS("GPUs", accelerator_rows, knows_where_row_is) |
           CHECK_ROWS("Neuron devices", neuron_rows, knows_where_neuron_row_is);
}
