/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"

#include "core/policy.h"

static const struct environment_set sets[] = {
    {.name = TEXT("default")},
    {.name = TEXT("neuron")},
};
static const struct text own_labels[] = {TEXT("kubernetes.io/hostname"),
                                         TEXT("topology.k8s.aws/network-node-*")};
static const struct policy policy = {
    .environment_sets = sets,
    .environment_set_count = COUNT_OF(sets),
    .node_own_labels = own_labels,
    .node_own_label_count = COUNT_OF(own_labels),
};

static void finds_an_environment_by_name(void **state)
{
    (void)state;
    assert_ptr_equal(policy_find_environment(&policy, text_of("neuron")), &sets[1]);
    assert_null(policy_find_environment(&policy, text_of("neuro")));
    assert_null(policy_find_environment(&policy, text_of("")));
}

struct label_row {
    const char *key;
    bool is_own;
};

static const struct label_row label_rows[] = {
    {"kubernetes.io/hostname", true},
    {"kubernetes.io/hostname2", false},
    {"kubernetes.io/host", false},
    {"topology.k8s.aws/network-node-layer-3", true},
    {"topology.k8s.aws/network-node-", true},
    {"topology.k8s.aws/zone-id", false},
    {"", false},
};

static void knows_a_label_of_a_nodes_own(void **state)
{
    const struct label_row *row = *state;

    assert_int_equal(policy_is_own_label(&policy, text_of(row->key)), row->is_own);
}

static void releases_what_is_there(void **state)
{
    struct policy built = {.default_type = 3};
    struct text kept;

    (void)state;
    kept = arena_copy(&built.arena, text_of("kept"));
    assert_non_null(kept.at);
    policy_release(&built);
    assert_int_equal(built.default_type, 0);
    policy_release(&built);
    policy_release(NULL);
}

static const struct check_test tests[] = {
    CHECK_TEST(finds_an_environment_by_name),
    CHECK_TEST(releases_what_is_there),
};

int main(void)
{
    return CHECK_ROWS("policy_is_own_label", label_rows, knows_a_label_of_a_nodes_own) |
           CHECK_TESTS("policy", tests);
}
