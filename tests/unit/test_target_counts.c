/* SPDX-License-Identifier: Apache-2.0 */
/* What the shipped catalogue and policy give a pod whose nodeSelector names the type. */
#include "core/target.h"

#include "io/config.h"
#include "support/check.h"

struct counts_row {
    const char *name;
    unsigned efa;
    unsigned accelerators;
    enum vendor vendor;
};

static const struct counts_row rows[] = {
    {"p4d.24xlarge", 4, 8, VENDOR_NVIDIA},       {"p4de.24xlarge", 4, 8, VENDOR_NVIDIA},
    {"p5.48xlarge", 32, 8, VENDOR_NVIDIA},       {"ml.p5.48xlarge", 32, 8, VENDOR_NVIDIA},
    {"p5e.48xlarge", 32, 8, VENDOR_NVIDIA},      {"p5en.48xlarge", 16, 8, VENDOR_NVIDIA},
    {"p6-b200.48xlarge", 8, 8, VENDOR_NVIDIA},   {"p6-b300.48xlarge", 16, 8, VENDOR_NVIDIA},
    {"p6e-gb200.36xlarge", 4, 4, VENDOR_NVIDIA}, {"p5.4xlarge", 1, 1, VENDOR_NVIDIA},
    {"g6e.48xlarge", 4, 8, VENDOR_NVIDIA},       {"trn1.32xlarge", 8, 16, VENDOR_NEURON},
    {"trn1n.32xlarge", 16, 16, VENDOR_NEURON},   {"trn2.48xlarge", 16, 16, VENDOR_NEURON},
    {"c6in.32xlarge", 2, 0, VENDOR_NONE},
};

static void gives_row(void **state)
{
    const struct counts_row *row = *state;
    AUTO(problems_release) struct problems problems = {0};
    AUTO(config_release) struct config config = {0};
    AUTO(arena_release) struct arena arena = {0};
    struct pair label = {.key = TEXT("node.kubernetes.io/instance-type"), .value = text_of(row->name)};
    struct pod pod = {.node_selector = {.member = MEMBER_PRESENT, .items = &label, .count = 1}};
    struct annotations annotations = {.wants_pin = false};
    struct asks asks = {.vendor = VENDOR_NONE};
    struct snapshot snapshot = {.policy = &config.policy, .catalogue = &config.catalogue};
    struct target_question question = {&pod, &annotations, &asks, &snapshot};
    struct target target;

    assert_true(config_load(NULL, NULL, &config, &problems));
    assert_true(target_find(&question, &arena, &target));
    assert_int_equal(target.outcome, TARGET_FOUND);
    assert_int_equal(target.efa, row->efa);
    assert_int_equal(target.accelerators, row->accelerators);
    assert_int_equal(target.type->vendor, row->vendor);
    assert_true(target.is_constrained);
}

int main(void)
{
    return CHECK_ROWS("target_find: the shipped catalogue", rows, gives_row);
}
