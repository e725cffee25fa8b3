/* SPDX-License-Identifier: Apache-2.0 */
/* What nodes say of the type, the table labelTypes, and what else is not about the order of steps. */
#include "core/target.h"

#include "core/node_store.h"

#include "support/check.h"
#include "support/scene.h"

/* What nodes say of a p5.48xlarge that the annotation names. */
struct evidence_row {
    const char *name;
    const char *pod;
    const char *nodes;
    unsigned efa;
    unsigned accelerators;
    bool is_node_fewer;
    bool is_oversubscribed;
    enum hugepages_evidence hugepages;
    uint64_t hugepages_mib;
    const char *spelling;
};

#define NODE_WITH(name, labels, devices) NODE(name, "p5.48xlarge", labels, devices)

static const struct evidence_row evidence_rows[] = {
    {"offline", POD(""), NULL, 32, 8, false, false, HUGEPAGES_OFFLINE, 42240, "p5.48xlarge"},
    {"no node at all", POD(""), LIST(""), 32, 8, false, false, HUGEPAGES_NO_NODE, 42240, "p5.48xlarge"},
    {"nodes of another type", POD(""), LIST(P5EN_NODE), 32, 8, false, false, HUGEPAGES_NO_NODE, 42240,
     "p5.48xlarge"},
    {"a node", POD(""), LIST(P5_NODE), 32, 8, false, false, HUGEPAGES_KNOWN, 42240, "p5.48xlarge"},
    {"a node that offers less", POD(""), LIST(NODE_WITH("a", "", DEVICES("16", "8"))), 16, 8, true, false,
     HUGEPAGES_KNOWN, 42240, "p5.48xlarge"},
    {"a node with fewer GPUs", POD(""), LIST(NODE_WITH("a", "", DEVICES("32", "7"))), 32, 7, true, false,
     HUGEPAGES_KNOWN, 42240, "p5.48xlarge"},
    {"one sick node never shrinks a job", POD(""),
     LIST(P5_NODE ", " NODE_WITH("s", ", 'pool': 'gpu'", DEVICES("31", "7"))), 32, 8, false, false,
     HUGEPAGES_KNOWN, 42240, "p5.48xlarge"},
    {"never above the catalogue", POD(""), LIST(NODE_WITH("a", "", DEVICES("64", "8"))), 32, 8, false, false,
     HUGEPAGES_KNOWN, 42240, "p5.48xlarge"},
    {"time slicing", POD(""), LIST(NODE_WITH("a", "", DEVICES("32", "80"))), 32, 8, false, true,
     HUGEPAGES_KNOWN, 42240, "p5.48xlarge"},
    {"a device plugin that restarts", POD(""), LIST(NODE_WITH("a", "", DEVICES("0", "0"))), 32, 8, false,
     false, HUGEPAGES_KNOWN, 42240, "p5.48xlarge"},
    {"a node that is not ready", POD(""),
     LIST(NODE_IN("a", "p5.48xlarge", "", DEVICES("8", "4"), PAGES("1Gi"), "False")), 32, 8, false, false,
     HUGEPAGES_NO_NODE, 42240, "p5.48xlarge"},
    {"the smallest huge pages", POD(""),
     LIST(P5_NODE
          ", " NODE_IN("c", "p5.48xlarge", ", 'pool': 'x'", DEVICES("32", "8"), PAGES("2Gi"), "True")),
     32, 8, false, false, HUGEPAGES_KNOWN, 2048, "p5.48xlarge"},
    {"of matching nodes only", POD(SELECTOR("'pool': 'gpu'")),
     LIST(P5_NODE ", " NODE_IN("c", "p5.48xlarge", ", 'pool': 'x'", DEVICES("1", "1"), PAGES("2Gi"), "True")),
     32, 8, false, false, HUGEPAGES_KNOWN, 42240, "p5.48xlarge"},
    {"no matching node", POD(SELECTOR("'pool': 'none'")), LIST(NODE_WITH("a", "", DEVICES("16", "4"))), 32, 8,
     false, false, HUGEPAGES_NO_NODE, 42240, "p5.48xlarge"},
    {"Karpenter's node", POD(""), LIST(NODE_WITH("a", ", 'karpenter.sh/nodepool': 'x'", DEVICES("32", "8"))),
     32, 8, false, false, HUGEPAGES_PROVISIONED, 42240, "p5.48xlarge"},
    {"Karpenter's node of another type", POD(""),
     LIST(P5_NODE ", " NODE("k", "p5en.48xlarge", ", 'karpenter.sh/nodepool': 'x'", DEVICES("16", "8"))), 32,
     8, false, false, HUGEPAGES_KNOWN, 42240, "p5.48xlarge"},
    {"a constraint of Karpenter's, offline", POD(SELECTOR("'karpenter.sh/nodepool': 'x'")), NULL, 32, 8,
     false, false, HUGEPAGES_PROVISIONED, 42240, "p5.48xlarge"},
    {"Karpenter ruled out", POD(REQUIRED(TERM(ON("karpenter.sh/nodepool", "DoesNotExist", "")))),
     LIST(P5_NODE), 32, 8, false, false, HUGEPAGES_KNOWN, 42240, "p5.48xlarge"},
    {"Auto Mode demanded", POD(SELECTOR("'eks.amazonaws.com/compute-type': 'auto'")), NULL, 32, 8, false,
     false, HUGEPAGES_PROVISIONED, 42240, "p5.48xlarge"},
    {"Auto Mode not demanded", POD(SELECTOR("'eks.amazonaws.com/compute-type': 'ec2'")), NULL, 32, 8, false,
     false, HUGEPAGES_OFFLINE, 42240, "p5.48xlarge"},
    {"Auto Mode's family", POD(SELECTOR("'eks.amazonaws.com/instance-family': 'p5'")), NULL, 32, 8, false,
     false, HUGEPAGES_PROVISIONED, 42240, "p5.48xlarge"},
    {"a managed node group", POD(SELECTOR("'eks.amazonaws.com/nodegroup': 'x'")), NULL, 32, 8, false, false,
     HUGEPAGES_OFFLINE, 42240, "p5.48xlarge"},
    {"HyperPod's spelling", POD(""), LIST(NODE("a", "ml.p5.48xlarge", "", DEVICES("32", "8"))), 32, 8, false,
     false, HUGEPAGES_KNOWN, 42240, "ml.p5.48xlarge"},
};

static void weighs_row(void **state)
{
    const struct evidence_row *row = *state;
    AUTO(scene_release) struct scene scene;
    struct target target;

    scene_init(&scene, row->pod, row->nodes);
    scene.fixture.annotations.instance_type = text_of("p5.48xlarge");
    scene_find(&scene, &target);
    assert_int_equal(target.outcome, TARGET_FOUND);
    assert_int_equal(target.efa, row->efa);
    assert_int_equal(target.accelerators, row->accelerators);
    assert_int_equal(target.is_node_fewer, row->is_node_fewer);
    assert_int_equal(target.is_oversubscribed, row->is_oversubscribed);
    assert_int_equal(target.hugepages, row->hugepages);
    assert_int_equal(target.hugepages_bytes, row->hugepages_mib << 20);
    assert_true(text_is_string(target.spelling, row->spelling));
    scene_check_again(&scene, &target);
    scene.fixture.annotations.wants_pin = true;
    scene_find(&scene, &target);
    scene_check_again(&scene, &target);
}

/* By scene_add_label_types(). */
struct label_row {
    const char *name;
    const char *pod;
    const char *zone;
    enum target_outcome outcome;
    const char *type;
};

static const struct label_row label_rows[] = {
    {"nodeSelector", POD(SELECTOR("'" NODEPOOL "': 'gpu'")), NULL, TARGET_FOUND, "p5.48xlarge"},
    {"another value", POD(SELECTOR("'" NODEPOOL "': 'cpu'")), NULL, TARGET_UNRESOLVED, NULL},
    {"In of one", POD(REQUIRED(TERM(ON(NODEPOOL, "In", "'gpu'")))), NULL, TARGET_FOUND, "p5.48xlarge"},
    {"In of two", POD(REQUIRED(TERM(ON(NODEPOOL, "In", "'gpu', 'cpu'")))), NULL, TARGET_UNRESOLVED, NULL},
    {"Exists", POD(REQUIRED(TERM(ON(NODEPOOL, "Exists", "")))), NULL, TARGET_UNRESOLVED, NULL},
    {"every term",
     POD(REQUIRED(TERM(ON(NODEPOOL, "In", "'gpu'")) ", {}, " TERM(
         ON("x", "In", "'y'") ", " ON(NODEPOOL, "In", "'gpu'")))),
     NULL, TARGET_FOUND, "p5.48xlarge"},
    {"not every term", POD(REQUIRED(TERM(ON(NODEPOOL, "In", "'gpu'")) ", " TERM(ON("x", "In", "'y'")))), NULL,
     TARGET_UNRESOLVED, NULL},
    {"twice in one term",
     POD(REQUIRED(
         TERM(ON(NODEPOOL, "In", "'gpu'") ", " ON(NODEPOOL, "In", "'gpu'")) ", " TERM(ON("x", "In", "'y'")))),
     NULL, TARGET_UNRESOLVED, NULL},
    {"selector and term together", POD(SELECTOR("'team': 'b'") ", " REQUIRED(TERM(ON("room", "In", "'1'")))),
     NULL, TARGET_FOUND, "p4de.24xlarge"},
    {"one label of two", POD(SELECTOR("'team': 'b'")), NULL, TARGET_UNRESOLVED, NULL},
    {"two entries that differ", POD(SELECTOR("'" NODEPOOL "': 'gpu', 'team': 'a'")), NULL, TARGET_AMBIGUOUS,
     NULL},
    {"narrowed by the pod's own",
     POD(SELECTOR("'" NODEPOOL "': 'gpu', 'team': 'a', '" IT "': 'p5en.48xlarge'")), NULL, TARGET_FOUND,
     "p5en.48xlarge"},
    {"against the pod's own", POD(SELECTOR("'" NODEPOOL "': 'gpu', '" IT "': 'p5en.48xlarge'")), NULL,
     TARGET_UNRESOLVED, NULL},
    {"a zone that the annotation names", POD(""), "z1", TARGET_FOUND, "p4d.24xlarge"},
    {"the author's zone stands", POD(SELECTOR("'topology.kubernetes.io/zone': 'z2'")), "z1",
     TARGET_UNRESOLVED, NULL},
};

static void looks_up_row(void **state)
{
    const struct label_row *row = *state;
    AUTO(scene_release) struct scene scene;
    struct target target;

    scene_init(&scene, row->pod, NULL);
    scene_add_label_types(&scene);
    if (row->zone != NULL) {
        scene.fixture.annotations.zone = ZONE_NAMED;
        scene.fixture.annotations.zone_name = text_of(row->zone);
    }
    scene_find(&scene, &target);
    assert_int_equal(target.outcome, row->outcome);
    if (row->outcome != TARGET_FOUND) {
        scene_check_message(target.message, "efa-injector.io/");
        return;
    }
    assert_true(text_is_string(target.type->name, row->type));
    assert_int_equal(target.source, TARGET_BY_CONSTRAINTS);
    assert_true(target.is_constrained);
    scene_check_again(&scene, &target);
}

static void names_the_other_of_p5_and_p5e(void **state)
{
    AUTO(scene_release) struct scene scene;
    struct target target;

    (void)state;
    scene_init(&scene, POD(""), LIST(NODE("e", "p5e.48xlarge", "", DEVICES("32", "8")) ", " P5_NODE));
    scene_find(&scene, &target);
    assert_int_equal(target.outcome, TARGET_FOUND);
    assert_true(text_is_string(target.type->name, "p5.48xlarge"));
    assert_non_null(target.other);
    assert_true(text_is_string(target.other->name, "p5e.48xlarge"));
    scene_check_again(&scene, &target);
}

/* A class whose last node has gone leaves a place that says nothing. */
static void passes_over_an_empty_place(void **state)
{
    AUTO(scene_release) struct scene scene;
    struct node_store *store;
    struct target target;

    (void)state;
    scene_init(&scene, POD(""), LIST(NODE("m", "ml.p5.48xlarge", "", DEVICES("16", "8")) ", " CPU_NODE));
    scene.fixture.annotations.instance_type = text_of("p5.48xlarge");
    scene_find(&scene, &target);
    assert_int_equal(target.efa, 16);
    store = scene.cluster.nodes.store;
    assert_true(node_store_remove(store, text_of("m")));
    scene.cluster.nodes = *node_store_view(store);
    scene.cluster.nodes.store = store;
    assert_int_equal(scene.cluster.nodes.class_count, 2);
    scene_find(&scene, &target);
    assert_int_equal(target.efa, 32);
    assert_false(target.is_node_fewer);
    assert_int_equal(target.hugepages, HUGEPAGES_NO_NODE);
    assert_true(text_is_string(target.spelling, "p5.48xlarge"));
}

/* The pin leaves one type and one spelling: nodes of the others are no evidence any more. */
static void pins_to_one_type_and_spelling(void **state)
{
    AUTO(scene_release) struct scene scene;
    struct target target;

    (void)state;
    scene_init(&scene, POD(""),
               LIST(NODE("m", "ml.p5.48xlarge", "", DEVICES("16", "8")) ", " P5_NODE ", " NODE(
                   "e", "p5e.48xlarge", "", DEVICES("32", "8"))));
    scene.fixture.annotations.wants_pin = true;
    scene_find(&scene, &target);
    assert_int_equal(target.outcome, TARGET_FOUND);
    assert_true(text_is_string(target.spelling, "ml.p5.48xlarge"));
    assert_null(target.other);
    assert_int_equal(target.efa, 16);
    assert_false(target.is_constrained);
    scene_check_again(&scene, &target);
}

static void counts_the_zone_that_is_named(void **state)
{
    AUTO(scene_release) struct scene scene;
    struct target target;

    (void)state;
    scene_init(
        &scene, POD(""),
        LIST(NODE("a", "p5.48xlarge", ", 'topology.kubernetes.io/zone': 'z1'", DEVICES("32", "8")) ", " NODE(
            "b", "p5en.48xlarge", ", 'topology.kubernetes.io/zone': 'z2'", DEVICES("8", "8"))));
    scene.fixture.annotations.zone = ZONE_NAMED;
    scene.fixture.annotations.zone_name = text_of("z2");
    scene_find(&scene, &target);
    assert_int_equal(target.outcome, TARGET_FOUND);
    assert_true(text_is_string(target.type->name, "p5en.48xlarge"));
    assert_int_equal(target.efa, 8);
    scene_check_again(&scene, &target);
}

/* `accelerators: full` adds what the default has; other types with that count must not answer then. */
static void keeps_the_default_when_accelerators_are_added(void **state)
{
    AUTO(scene_release) struct scene scene;
    struct target target;

    (void)state;
    scene_init(&scene, POD(""), NULL);
    scene.cluster.policy.default_type = cluster_type(&scene.cluster, "p5.48xlarge");
    scene.cluster.policy.cluster_types = cluster_types(&scene.cluster, "p4d.24xlarge");
    scene.fixture.annotations.accelerators = AMOUNT_FULL;
    scene_find(&scene, &target);
    assert_int_equal(target.source, TARGET_BY_DEFAULT);
    scene_check_again(&scene, &target);
}

static void takes_the_smallest_pool_of_several(void **state)
{
    AUTO(scene_release) struct scene scene;
    struct target target;

    (void)state;
    scene_init(&scene, POD(SELECTOR("'" GPU_NAME "': 'a100'")), NULL);
    scene_find(&scene, &target);
    assert_true(text_is_string(target.type->name, "p4d.24xlarge"));
    assert_int_equal(target.hugepages_bytes, UINT64_C(20000) << 20);
}

static void lists_five_types_at_most(void **state)
{
    AUTO(scene_release) struct scene scene;
    struct target target;

    (void)state;
    scene_init(&scene, POD(SELECTOR("'" GPU_COUNT "': '8'")), NULL);
    scene_find(&scene, &target);
    assert_int_equal(target.outcome, TARGET_AMBIGUOUS);
    scene_check_message(target.message, "dl1.24xlarge (4 EFA, 8 habana.ai/gaudi), g6e.48xlarge");
    scene_check_message(target.message, "p4de.24xlarge (4 EFA, 8 nvidia.com/gpu) and 3 more: set annotation "
                                        "efa-injector.io/instance-type to one of them");
}

static void cuts_a_message_between_characters(void **state)
{
    AUTO(scene_release) struct scene scene;
    struct target target;
    char name[2000];
    size_t i;

    (void)state;
    scene_init(&scene, POD(""), NULL);
    for (i = 0; i < sizeof(name); i++)
        name[i] = "x\xe2\x82\xac"[i == 0 ? 0 : 1 + (i - 1) % 3];
    scene.fixture.annotations.instance_type = (struct text){.at = name, .length = sizeof(name)};
    scene_find(&scene, &target);
    assert_int_equal(target.outcome, TARGET_UNKNOWN);
    scene_check_message(target.message, "\xe2\x82\xac...");
}

static bool find_once(void *state, struct error *err)
{
    struct target_question question = scene_question(state);
    AUTO(arena_release) struct arena arena = {0};
    struct target target;

    return target_find(&question, &arena, &target) || error_memory(err);
}

static void survives_each_failing_allocation(void **state)
{
    AUTO(scene_release) struct scene scene;

    (void)state;
    scene_init(&scene, POD(SELECTOR("'" NODEPOOL "': 'gpu', 'team': 'a'")), LIST(P5_NODE));
    scene_add_label_types(&scene);
    assert_true(check_every_allocation(find_once, &scene) >= 1);
}

static const struct check_test tests[] = {
    CHECK_TEST(passes_over_an_empty_place),
    CHECK_TEST(names_the_other_of_p5_and_p5e),
    CHECK_TEST(pins_to_one_type_and_spelling),
    CHECK_TEST(counts_the_zone_that_is_named),
    CHECK_TEST(keeps_the_default_when_accelerators_are_added),
    CHECK_TEST(takes_the_smallest_pool_of_several),
    CHECK_TEST(lists_five_types_at_most),
    CHECK_TEST(cuts_a_message_between_characters),
    CHECK_TEST(survives_each_failing_allocation),
};

int main(void)
{
    return CHECK_ROWS("target_find: evidence", evidence_rows, weighs_row) |
           CHECK_ROWS("target_find: labelTypes", label_rows, looks_up_row) |
           CHECK_TESTS("target_find", tests);
}
