/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes that come, change and go, held against a plain list of them. */
#include "core/node_store.h"

#include "core/buffer.h"

#include "support/check.h"
#include "support/cluster.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    NODES = 80,
    STEPS = 4000,
    POOLS = 3
};

static const char *const type_names[] = {"p5.48xlarge", "p5en.48xlarge", "m5.large"};
static const char *const pool_names[POOLS] = {"a", "b", "a longer one"};

/* What a node is, as the test wrote it down. */
struct plain_node {
    bool is_there;
    unsigned type;
    unsigned pool;
    unsigned efa;
    unsigned gigabytes;
    bool is_ready;
    bool is_deleting;
};

struct world {
    struct cluster cluster;
    struct node_store *store;
    struct plain_node nodes[NODES];
    uint64_t seed;
};

static unsigned choose(struct world *world, unsigned count)
{
    world->seed = world->seed * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (unsigned)(world->seed >> 33) % count;
}

static struct text node_name(char room[16], size_t at)
{
    return (struct text){.at = room, .length = (size_t)snprintf(room, 16, "node-%zu", at)};
}

static void world_set_up(struct world *world)
{
    *world = (struct world){.seed = 23289};
    cluster_init(&world->cluster);
    world->store = node_store_new(&world->cluster.catalogue, &world->cluster.policy);
    assert_non_null(world->store);
}

static void world_tear_down(struct world *world)
{
    node_store_free(&world->store);
    cluster_release(&world->cluster);
}

static bool put(struct node_store *store, size_t at, const struct plain_node *node)
{
    char name[16];
    struct pair labels[] = {
        {TEXT("pool"), text_of(pool_names[node->pool])},
        {TEXT("kubernetes.io/hostname"), TEXT("its own")},
        {TEXT("node.kubernetes.io/instance-type"), text_of(type_names[node->type])},
    };
    struct node_facts facts = {
        .name = node_name(name, at),
        .labels = labels,
        .label_count = COUNT_OF(labels),
        .efa = node->efa,
        .accelerators = {[VENDOR_NVIDIA] = 8},
        .hugepages_bytes = (uint64_t)node->gigabytes << 30,
        .is_ready = node->is_ready,
        .is_deleting = node->is_deleting,
    };

    return node_store_put(store, &facts);
}

static bool is_known(const struct plain_node *node)
{
    return node->is_there && node->type < 2;
}

static bool counts(const struct plain_node *node)
{
    return node->is_ready && !node->is_deleting;
}

static bool are_alike(const struct plain_node *left, const struct plain_node *right)
{
    return left->type == right->type && left->pool == right->pool && left->efa == right->efa;
}

/* The class of one node holds exactly those that are like it. */
static void check_class_of(const struct world *world, const struct plain_node *node,
                           const struct node_class *class)
{
    uint64_t least = UINT64_MAX;
    size_t ready_count = 0;
    size_t count = 0;
    size_t i;

    for (i = 0; i < NODES; i++) {
        const struct plain_node *other = &world->nodes[i];

        if (!is_known(other) || !are_alike(node, other))
            continue;
        count++;
        if (!counts(other))
            continue;
        ready_count++;
        least = other->gigabytes < least ? other->gigabytes : least;
    }
    assert_int_equal(class->node_count, count);
    assert_int_equal(class->ready_count, ready_count);
    assert_int_equal(class->type, cluster_type(&world->cluster, type_names[node->type]));
    assert_int_equal(class->efa, ready_count > 0 ? node->efa : 0);
    assert_int_equal(class->accelerators, ready_count > 0 ? 8 : 0);
    assert_int_equal(class->has_hugepages, ready_count > 0);
    assert_int_equal(class->hugepages_bytes, ready_count > 0 ? least << 30 : 0);
    assert_int_equal(class->label_count, 2);
    check_text(class->labels[0].key, "node.kubernetes.io/instance-type");
    check_text(class->labels[1].value, pool_names[node->pool]);
}

static void check_view(const struct world *world, const struct nodes *nodes)
{
    struct type_set types = {0};
    size_t known = 0;
    size_t live = 0;
    size_t counted = 0;
    size_t class;
    char name[16];
    size_t i;

    for (i = 0; i < NODES; i++) {
        bool is_found = nodes_find_class(nodes, node_name(name, i), &class);

        assert_int_equal(is_found, is_known(&world->nodes[i]));
        if (!is_found)
            continue;
        known++;
        type_set_add(&types, cluster_type(&world->cluster, type_names[world->nodes[i].type]));
        check_class_of(world, &world->nodes[i], &nodes->classes[class]);
    }
    for (i = 0; i < nodes->class_count; i++) {
        live += nodes->classes[i].node_count > 0;
        counted += nodes->classes[i].node_count;
    }
    assert_int_equal(counted, known);
    assert_int_equal(nodes->node_count, known);
    assert_int_equal(node_store_node_count(world->store), known);
    assert_int_equal(node_store_class_count(world->store), live);
    assert_memory_equal(&nodes->types, &types, sizeof(types));
}

/* All that a view says, as bytes. */
static void describe(const struct nodes *nodes, struct buffer *text)
{
    char name[16];
    size_t class;
    size_t i;

    text->length = 0;
    for (i = 0; i < nodes->class_count; i++) {
        const struct node_class *shown = &nodes->classes[i];

        buffer_add_unsigned(text, shown->node_count);
        buffer_add_char(text, ' ');
        buffer_add_unsigned(text, shown->ready_count);
        buffer_add_char(text, ' ');
        buffer_add_unsigned(text, shown->hugepages_bytes);
        if (shown->node_count > 0)
            buffer_add(text, shown->labels[1].value);
        buffer_add_char(text, '\n');
    }
    for (i = 0; i < NODES; i++) {
        if (nodes_find_class(nodes, node_name(name, i), &class))
            buffer_add_unsigned(text, class);
        buffer_add_char(text, '\n');
    }
    assert_false(text->failed);
}

static void change_some(struct world *world)
{
    unsigned changes = 1 + choose(world, 4);
    char name[16];

    while (changes-- > 0) {
        size_t at = choose(world, NODES);
        struct plain_node *node = &world->nodes[at];

        *node = (struct plain_node){
            .is_there = choose(world, 3) > 0,
            .type = choose(world, 5) / 2,
            .pool = choose(world, POOLS),
            .efa = choose(world, 2) * 32,
            .gigabytes = choose(world, 3),
            .is_ready = choose(world, 4) > 0,
            .is_deleting = choose(world, 8) == 0,
        };
        if (node->is_there)
            assert_true(put(world->store, at, node));
        else
            assert_true(node_store_remove(world->store, node_name(name, at)));
    }
}

/* The view before the last must stay as it was until it is given back. */
static void shows_what_is_there_after_any_change(void **state)
{
    AUTO(world_tear_down) struct world world;
    AUTO(buffer_release) struct buffer before = {0};
    AUTO(buffer_release) struct buffer after = {0};
    const struct nodes *old;
    const struct nodes *now;
    size_t i;

    (void)state;
    world_set_up(&world);
    assert_true(node_store_has_changed(world.store));
    old = node_store_view(world.store);
    assert_non_null(old);
    for (i = 0; i < STEPS; i++) {
        describe(old, &before);
        change_some(&world);
        now = node_store_view(world.store);
        assert_non_null(now);
        check_view(&world, now);
        describe(old, &after);
        assert_true(text_is(buffer_text(&before), buffer_text(&after)));
        node_store_reclaim(world.store);
        old = now;
    }
}

static void says_whether_something_changed(void **state)
{
    AUTO(world_tear_down) struct world world;
    struct plain_node node = {.efa = 32, .gigabytes = 5, .is_ready = true};
    const struct nodes *first;
    size_t class = 9;

    (void)state;
    world_set_up(&world);
    assert_true(put(world.store, 1, &node));
    first = node_store_view(world.store);
    assert_non_null(first);
    assert_true(put(world.store, 1, &node));
    assert_true(node_store_remove(world.store, text_of("nobody")));
    assert_true(node_store_remove(world.store, (struct text){0}));
    assert_false(node_store_has_changed(world.store));
    node.gigabytes = 4;
    assert_true(put(world.store, 1, &node));
    assert_true(node_store_has_changed(world.store));
    assert_true(nodes_find_class(first, text_of("node-1"), &class));
    assert_int_equal(class, 0);
    assert_int_equal(first->classes[0].hugepages_bytes, UINT64_C(5) << 30);
    assert_int_equal(node_store_view(world.store)->classes[0].hugepages_bytes, UINT64_C(4) << 30);
}

/* The place of a class that ended is passed over, and filled again. */
static void leaves_empty_places(void **state)
{
    AUTO(world_tear_down) struct world world;
    struct plain_node node = {.is_ready = true};
    const struct nodes *nodes;
    size_t class = 9;
    unsigned i;

    (void)state;
    world_set_up(&world);
    for (i = 0; i < POOLS; i++) {
        node.pool = i;
        assert_true(put(world.store, i, &node));
    }
    assert_true(node_store_remove(world.store, text_of("node-1")));
    nodes = node_store_view(world.store);
    assert_int_equal(nodes->class_count, 3);
    assert_int_equal(nodes->classes[1].node_count, 0);
    assert_true(nodes_find_class(nodes, text_of("node-2"), &class));
    assert_int_equal(class, 2);
    node.type = 1;
    assert_true(put(world.store, 4, &node));
    assert_true(nodes_find_class(node_store_view(world.store), text_of("node-4"), &class));
    assert_int_equal(class, 1);
}

/* Capacities cannot be left out: then there are more classes. */
static void has_more_classes_where_no_label_is_to_blame(void **state)
{
    AUTO(world_tear_down) struct world world;
    struct plain_node node = {.is_ready = true};
    size_t i;

    (void)state;
    world_set_up(&world);
    for (i = 0; i < 2 * NODE_CLASSES_MAX + 1; i++) {
        node.efa = (unsigned)i;
        assert_true(put(world.store, i, &node));
    }
    assert_int_equal(node_store_class_count(world.store), 2 * NODE_CLASSES_MAX + 1);
    assert_int_equal(node_store_view(world.store)->varied_count, 0);
}

static bool live_once(void *state, struct error *err)
{
    const struct cluster *cluster = state;
    AUTO(node_store_free) struct node_store *store = node_store_new(&cluster->catalogue, &cluster->policy);
    struct plain_node node = {.is_ready = true};
    char name[16];
    size_t i;

    if (store == NULL)
        return error_memory(err);
    for (i = 0; i < 20; i++) {
        node.efa = (unsigned)i;
        if (!put(store, i, &node) || node_store_view(store) == NULL)
            return error_memory(err);
    }
    node_store_reclaim(store);
    node.gigabytes = 1;
    if (!put(store, 3, &node) || !node_store_remove(store, node_name(name, 4)) ||
        node_store_view(store) == NULL)
        return error_memory(err);
    return true;
}

static void survives_each_failing_allocation(void **state)
{
    AUTO(world_tear_down) struct world world;

    (void)state;
    world_set_up(&world);
    assert_true(check_every_allocation(live_once, &world.cluster) >= 60);
}

static const struct check_test tests[] = {
    CHECK_TEST(shows_what_is_there_after_any_change),
    CHECK_TEST(says_whether_something_changed),
    CHECK_TEST(leaves_empty_places),
    CHECK_TEST(has_more_classes_where_no_label_is_to_blame),
    CHECK_TEST(survives_each_failing_allocation),
};

int main(void)
{
    return CHECK_TESTS("node_store", tests);
}
