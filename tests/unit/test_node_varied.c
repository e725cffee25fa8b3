/* SPDX-License-Identifier: Apache-2.0 */
/* Labels of which nodes have too many values. */
#include "core/match.h"
#include "core/node_store.h"

#include "support/check.h"
#include "support/cluster.h"

#include <stdio.h>

static struct text node_name(char room[16], size_t at)
{
    return (struct text){.at = room, .length = (size_t)snprintf(room, 16, "node-%zu", at)};
}

static bool put_labelled(struct node_store *store, size_t at, const char *rack, const char *serial)
{
    char name[16];
    struct pair labels[] = {
        {TEXT("node.kubernetes.io/instance-type"), TEXT("p5.48xlarge")},
        {TEXT("rack"), text_of(rack)},
        {TEXT("serial"), text_of(serial)},
    };
    struct node_facts facts = {.name = at != SIZE_MAX ? node_name(name, at) : (struct text){0},
                               .labels = labels,
                               .label_count = serial != NULL ? 3 : 2,
                               .efa = 32,
                               .is_ready = true,
                               .hugepages_bytes = at % 7};

    return node_store_put(store, &facts);
}

static enum match match_label(const struct cluster *cluster, const struct nodes *nodes, const char *key,
                              const char *value)
{
    struct text text = text_of(value);
    struct expression expression = {
        .key = text_of(key), .operation = TEXT("In"), .values = &text, .value_count = 1};
    size_t class;
    char name[16];

    assert_true(nodes_find_class(nodes, node_name(name, 77), &class));
    return match_expression(&expression, nodes, class, &cluster->policy);
}

/* A label that each node has its own value of would make as many classes as nodes. */
static void does_without_a_label_that_varies_too_much(void **state)
{
    AUTO(cluster_release) struct cluster cluster;
    AUTO(node_store_free) struct node_store *store = NULL;
    const struct nodes *nodes;
    char rack[16];
    char serial[16];
    size_t i;

    (void)state;
    cluster_init(&cluster);
    store = node_store_new(&cluster.catalogue, &cluster.policy);
    assert_non_null(store);
    for (i = 0; i < 3000; i++) {
        (void)snprintf(rack, sizeof(rack), "r%zu", i % 5);
        (void)snprintf(serial, sizeof(serial), "s%zu", i);
        assert_true(put_labelled(store, i, rack, i % 10 == 9 ? NULL : serial));
        if (i == 500) {
            assert_non_null(node_store_view(store));
            assert_int_equal(node_store_class_count(store), 451 + 1);
        }
    }
    nodes = node_store_view(store);
    assert_int_equal(node_store_class_count(store), 5);
    assert_int_equal(nodes->node_count, 3000);
    assert_int_equal(nodes->varied_count, 1);
    check_text(nodes->varied[0], "serial");
    assert_int_equal(match_label(&cluster, nodes, "serial", "s5"), MATCH_UNKNOWN);
    assert_int_equal(match_label(&cluster, nodes, "rack", "r2"), MATCH_YES);
    assert_int_equal(match_label(&cluster, nodes, "rack", "r3"), MATCH_NO);
    for (i = 0; i < 3000; i++)
        assert_true(node_store_remove(store, node_name(rack, i)));
    assert_int_equal(node_store_node_count(store), 0);
    assert_int_equal(node_store_class_count(store), 0);
}

static bool vary_once(void *state, struct error *err)
{
    const struct cluster *cluster = state;
    AUTO(node_store_free) struct node_store *store = node_store_new(&cluster->catalogue, &cluster->policy);
    static char serials[NODE_CLASSES_MAX + 1][8];
    size_t i;

    if (store == NULL)
        return error_memory(err);
    for (i = 0; i < COUNT_OF(serials); i++) {
        (void)snprintf(serials[i], sizeof(serials[i]), "%zu", i);
        if (!put_labelled(store, i < 8 ? i : SIZE_MAX, "r", serials[i]))
            return error_memory(err);
    }
    return true;
}

static void survives_each_failing_allocation(void **state)
{
    AUTO(cluster_release) struct cluster cluster;

    (void)state;
    cluster_init(&cluster);
    assert_true(check_every_allocation(vary_once, &cluster) >= NODE_CLASSES_MAX);
}

static const struct check_test tests[] = {
    CHECK_TEST(does_without_a_label_that_varies_too_much),
    CHECK_TEST(survives_each_failing_allocation),
};

int main(void)
{
    return CHECK_TESTS("node_varied", tests);
}
