/* SPDX-License-Identifier: Apache-2.0 */
#include "support/scene.h"

#include "support/check.h"

void scene_release(struct scene *scene)
{
    cluster_release(&scene->cluster);
    subject_fixture_release(&scene->fixture);
}

void scene_init(struct scene *scene, const char *pod, const char *nodes)
{
    struct error err = {0};

    *scene = (struct scene){.asks = {.efa = 0}};
    cluster_init(&scene->cluster);
    subject_fixture_init(&scene->fixture, pod);
    scene->fixture.snapshot.catalogue = &scene->cluster.catalogue;
    scene->fixture.snapshot.policy = &scene->cluster.policy;
    if (nodes != NULL) {
        cluster_read(&scene->cluster, nodes);
        scene->fixture.snapshot.nodes = &scene->cluster.nodes;
    }
    assert_true(asks_of_pod(&scene->fixture.pod, &scene->cluster.policy, &scene->asks, &err));
}

struct target_question scene_question(const struct scene *scene)
{
    return (struct target_question){
        .pod = &scene->fixture.pod,
        .annotations = &scene->fixture.annotations,
        .asks = &scene->asks,
        .snapshot = &scene->fixture.snapshot,
    };
}

void scene_find(struct scene *scene, struct target *target)
{
    struct target_question question = scene_question(scene);

    assert_true(target_find(&question, &scene->fixture.arena, target));
}

static void scene_select(struct scene *scene, struct text key, struct text value)
{
    struct pairs *selector = &scene->fixture.pod.node_selector;
    struct pair *items = arena_alloc(&scene->fixture.arena, (selector->count + 1) * sizeof(*items));

    assert_non_null(items);
    if (selector->count > 0)
        memcpy(items, selector->items, selector->count * sizeof(*items));
    items[selector->count] = (struct pair){.key = key, .value = value};
    selector->items = items;
    selector->count++;
}

static void check_same(const struct target *one, const struct target *two)
{
    assert_int_equal(two->outcome, TARGET_FOUND);
    assert_ptr_equal(one->type, two->type);
    assert_ptr_equal(one->other, two->other);
    assert_int_equal(one->efa, two->efa);
    assert_int_equal(one->accelerators, two->accelerators);
    assert_int_equal(one->is_node_fewer, two->is_node_fewer);
    assert_int_equal(one->is_oversubscribed, two->is_oversubscribed);
    assert_int_equal(one->hugepages, two->hugepages);
    assert_int_equal(one->hugepages_bytes, two->hugepages_bytes);
    assert_true(text_is(one->spelling, two->spelling));
}

void scene_check_again(struct scene *scene, const struct target *target)
{
    const struct annotations *annotations = &scene->fixture.annotations;
    bool is_certain = target->source != TARGET_BY_CONTAINERS && target->source != TARGET_BY_DEFAULT;
    uint64_t asked = scene->asks.efa;
    struct target again;
    unsigned efa;

    if (annotations->wants_pin && !target->is_constrained)
        scene_select(scene, text_of(IT), target->spelling);
    if (annotations->zone == ZONE_NAMED)
        scene_select(scene, text_of("topology.kubernetes.io/zone"), annotations->zone_name);
    if ((is_certain || annotations->wants_pin || annotations->accelerators == AMOUNT_FULL) &&
        scene->asks.vendor == VENDOR_NONE && target->accelerators > 0) {
        scene->asks.vendor = target->type->vendor;
        scene->asks.accelerators = target->accelerators;
    }
    for (efa = 0; efa <= target->efa; efa++) {
        scene->asks.efa = asked > 0 ? asked : efa;
        scene_find(scene, &again);
        check_same(target, &again);
        assert_true(!annotations->wants_pin || again.is_constrained);
    }
    scene->asks.efa = asked;
}

void scene_add_label_types(struct scene *scene)
{
    static const struct pair gpu[] = {{TEXT(NODEPOOL), TEXT("gpu")}};
    static const struct pair team_a[] = {{TEXT("team"), TEXT("a")}, {TEXT(NODEPOOL), TEXT("gpu")}};
    static const struct pair team_b[] = {{TEXT("team"), TEXT("b")}, {TEXT("room"), TEXT("1")}};
    static const struct pair zone[] = {{TEXT("topology.kubernetes.io/zone"), TEXT("z1")}};
    struct label_type *entries = arena_alloc(&scene->cluster.arena, 5 * sizeof(*entries));

    assert_non_null(entries);
    entries[0] = (struct label_type){gpu, 1, cluster_type(&scene->cluster, "p5.48xlarge")};
    entries[1] = (struct label_type){team_a, 2, cluster_type(&scene->cluster, "p5en.48xlarge")};
    entries[2] = (struct label_type){team_b, 2, cluster_type(&scene->cluster, "p4de.24xlarge")};
    entries[3] = (struct label_type){zone, 1, cluster_type(&scene->cluster, "p4d.24xlarge")};
    entries[4] = (struct label_type){zone, 0, cluster_type(&scene->cluster, "trn2.48xlarge")}; /* no label */
    scene->cluster.policy.label_types = entries;
    scene->cluster.policy.label_type_count = 5;
}

void scene_check_message(struct text message, const char *words)
{
    size_t i;

    assert_true(message.length > 0 && message.length <= 900);
    for (i = 0; i < message.length; i++)
        assert_true((unsigned char)message.at[i] >= 0x20 && message.at[i] != 0x7f);
    if (memmem(message.at, message.length, words, strlen(words)) == NULL)
        fail_msg("'%.*s' lacks '%s'", (int)message.length, message.at, words);
}
