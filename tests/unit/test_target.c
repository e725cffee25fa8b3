/* SPDX-License-Identifier: Apache-2.0 */
/* Which instance type, and from what. Each that is found is asked for again, as patched. */
#include "core/target.h"

#include "support/check.h"
#include "support/scene.h"

struct target_row {
    const char *name;
    const char *pod;
    const char *nodes;      /* NULL: offline */
    const char *annotation; /* instance-type; NULL: none */
    const char *standard;   /* the policy's default; NULL: none */
    const char *may_exist;  /* clusterTypes; NULL: not said */
    bool wants_pin;
    enum target_outcome outcome;
    enum target_source source;
    const char *type; /* or a part of the message */
    unsigned efa;
    unsigned accelerators;
};

#define BY(by) TARGET_FOUND, TARGET_BY_##by

static const struct target_row step_rows[] = {
    {"annotation", POD(""), NULL, "p5.48xlarge", NULL, NULL, false, BY(ANNOTATION), "p5.48xlarge", 32, 8},
    {"annotation of HyperPod", POD(""), NULL, "ml.p4d.24xlarge", NULL, NULL, true, BY(ANNOTATION),
     "p4d.24xlarge", 4, 8},
    {"annotation and constraints agree", POD(TYPE("p5.48xlarge")), NULL, "p5.48xlarge", NULL, NULL, false,
     BY(ANNOTATION), "p5.48xlarge", 32, 8},
    {"annotation picks one of several", POD(REQUIRED(TERM(ON(IT, "In", "'p5.48xlarge', 'p5en.48xlarge'")))),
     NULL, "p5en.48xlarge", NULL, NULL, true, BY(ANNOTATION), "p5en.48xlarge", 16, 8},
    {"annotation against constraints", POD(TYPE("p5en.48xlarge")), NULL, "p5.48xlarge", NULL, NULL, false,
     TARGET_CONTRADICTION, TARGET_BY_ANNOTATION,
     "annotation efa-injector.io/instance-type says p5.48xlarge, but nodeSelector "
     "node.kubernetes.io/instance-type: p5en.48xlarge leaves p5en.48xlarge (16 EFA, 8 nvidia.com/gpu)",
     0, 0},
    {"annotation against a type without EFA", POD(TYPE("m5.large")), NULL, "p5.48xlarge", NULL, NULL, false,
     TARGET_CONTRADICTION, TARGET_BY_ANNOTATION, "m5.large leaves no type with EFA", 0, 0},
    {"annotation that the catalogue lacks", POD(""), NULL, "p5.48xlarg", NULL, NULL, false, TARGET_UNKNOWN,
     TARGET_BY_ANNOTATION, "names p5.48xlarg, which has no EFA", 0, 0},
    {"annotation over two lines", POD(""), NULL, "p5\n\x7f", NULL, NULL, false, TARGET_UNKNOWN,
     TARGET_BY_ANNOTATION, "names p5  , which", 0, 0},

    {"nodeSelector", POD(TYPE("p4de.24xlarge")), NULL, NULL, NULL, NULL, true, BY(CONSTRAINTS),
     "p4de.24xlarge", 4, 8},
    {"nodeSelector of HyperPod", POD(TYPE("ml.p5.48xlarge")), NULL, NULL, NULL, NULL, false, BY(CONSTRAINTS),
     "p5.48xlarge", 32, 8},
    {"the beta label", POD(SELECTOR("'beta.kubernetes.io/instance-type': 'p5.48xlarge'")), NULL, NULL, NULL,
     NULL, true, BY(CONSTRAINTS), "p5.48xlarge", 32, 8},
    {"constraints come before nodes", POD(TYPE("p5.48xlarge")), LIST(P5EN_NODE), NULL, NULL, NULL, false,
     BY(CONSTRAINTS), "p5.48xlarge", 32, 8},
    {"a type without EFA", POD(TYPE("m5.large")), LIST(P5_NODE), NULL, "p5.48xlarge", NULL, false,
     TARGET_UNRESOLVED, TARGET_BY_NOTHING,
     "nodeSelector node.kubernetes.io/instance-type: m5.large names a type that has no EFA", 0, 0},
    {"constraints that exclude each other",
     POD(TYPE("p5.48xlarge") ", " REQUIRED(TERM(ON(IT, "In", "'p5en.48xlarge'")))), NULL, NULL, "p5.48xlarge",
     NULL, false, TARGET_UNRESOLVED, TARGET_BY_NOTHING, "leave no instance type with EFA", 0, 0},
    {"a term that is empty", POD(REQUIRED("{}")), NULL, NULL, "p5.48xlarge", NULL, false, TARGET_UNRESOLVED,
     TARGET_BY_NOTHING, "no term of which can match", 0, 0},
    {"In of one and one without EFA", POD(REQUIRED(TERM(ON(IT, "In", "'m5.large', 'p5.48xlarge'")))), NULL,
     NULL, NULL, NULL, false, BY(CONSTRAINTS), "p5.48xlarge", 32, 8},
    {"In without NotIn",
     POD(REQUIRED(
         TERM(ON(IT, "In", "'p5en.48xlarge', 'p5.48xlarge'") ", " ON(IT, "NotIn", "'p5en.48xlarge'")))),
     NULL, NULL, NULL, NULL, false, BY(CONSTRAINTS), "p5.48xlarge", 32, 8},
    {"terms that agree",
     POD(REQUIRED(TERM(ON(IT, "In", "'p4d.24xlarge'")) ", {}, " TERM(ON(FAMILY, "In", "'p4de'")))), NULL,
     NULL, NULL, NULL, false, BY(CONSTRAINTS), "p4d.24xlarge", 4, 8},
    {"terms that differ",
     POD(REQUIRED(TERM(ON(IT, "In", "'p4d.24xlarge'")) ", " TERM(ON(IT, "In", "'p5.48xlarge'")))), NULL, NULL,
     "p5.48xlarge", NULL, false, TARGET_AMBIGUOUS, TARGET_BY_CONSTRAINTS,
     "p4d.24xlarge (4 EFA, 8 nvidia.com/gpu), p5.48xlarge (32 EFA, 8 nvidia.com/gpu): set annotation "
     "efa-injector.io/instance-type",
     0, 0},
    {"a term that says nothing of types",
     POD(REQUIRED(TERM(ON(IT, "In", "'p4d.24xlarge'")) ", " TERM(ON("pool", "In", "'gpu'")))), NULL, NULL,
     "p5.48xlarge", NULL, false, BY(DEFAULT), "p5.48xlarge", 32, 8},
    {"labels that say nothing of types", POD(SELECTOR("'kubernetes.io/arch': 'amd64'")), NULL, NULL, NULL,
     NULL, false, TARGET_UNRESOLVED, TARGET_BY_NOTHING,
     "nothing says which instance type this pod is for: set annotation efa-injector.io/instance-type, for "
     "example p5.48xlarge",
     0, 0},
    {"p5 with p5e", POD(REQUIRED(TERM(ON(FAMILY, "In", "'p5', 'p5e'") ", " ON(SIZE, "In", "'48xlarge'")))),
     NULL, NULL, NULL, NULL, true, BY(CONSTRAINTS), "p5.48xlarge", 32, 8},
    {"a family of two sizes", POD(SELECTOR("'" FAMILY "': 'p5'")), NULL, NULL, NULL, NULL, false,
     TARGET_AMBIGUOUS, TARGET_BY_CONSTRAINTS, "p5.48xlarge (32 EFA, 8 nvidia.com/gpu), p5.4xlarge (1 EFA, 1",
     0, 0},
    {"a family of two sizes, one too small", POD(SELECTOR("'" FAMILY "': 'p5'") ", " GPUS("8")), NULL, NULL,
     NULL, NULL, true, BY(CONSTRAINTS), "p5.48xlarge", 32, 8},
    {"a family that the catalogue lacks", POD(SELECTOR("'" FAMILY "': 'm5'")), NULL, NULL, NULL, NULL, false,
     TARGET_UNRESOLVED, TARGET_BY_NOTHING, "instance-family: m5 and the pod's other constraints leave no", 0,
     0},
    {"a GPU's name and number", POD(SELECTOR("'" GPU_NAME "': 'h100', '" GPU_COUNT "': '8'")), NULL, NULL,
     NULL, NULL, false, BY(CONSTRAINTS), "p5.48xlarge", 32, 8},
    {"more GPUs than", POD(REQUIRED(TERM(ON(GPU_COUNT, "Gt", "'7'") ", " ON(GPU_NAME, "In", "'h100'")))),
     NULL, NULL, NULL, NULL, false, BY(CONSTRAINTS), "p5.48xlarge", 32, 8},
    {"fewer GPUs than", POD(REQUIRED(TERM(ON(GPU_COUNT, "Lt", "'4'")))), NULL, NULL, NULL, NULL, false,
     BY(CONSTRAINTS), "p5.4xlarge", 1, 1},
    {"no GPU", POD(REQUIRED(TERM(ON(PRODUCT, "DoesNotExist", "") ", " ON(GPU_NAME, "Exists", "")))), NULL,
     NULL, NULL, NULL, false, BY(CONSTRAINTS), "dl1.24xlarge", 4, 8},
    {"an H100 by its product", POD(SELECTOR("'" PRODUCT "': 'NVIDIA-H100-80GB-HBM3'") ", " GPUS("8")), NULL,
     NULL, NULL, NULL, false, BY(CONSTRAINTS), "p5.48xlarge", 32, 8},
    {"an H200 by its product", POD(SELECTOR("'" PRODUCT "': 'NVIDIA-H200'")), NULL, NULL, NULL, NULL, false,
     TARGET_AMBIGUOUS, TARGET_BY_CONSTRAINTS, "p5e.48xlarge (32 EFA, 8 nvidia.com/gpu), p5en.48xlarge (16", 0,
     0},
    {"a GB200 by its product", POD(SELECTOR("'" PRODUCT "': 'NVIDIA-GB200'")), NULL, NULL, NULL, NULL, false,
     BY(CONSTRAINTS), "p6e-gb200.36xlarge", 4, 4},
    {"an RTX PRO by its product",
     POD(SELECTOR("'" PRODUCT "': 'NVIDIA-RTX-PRO-6000-Blackwell-Server-Edition'")), NULL, NULL, NULL, NULL,
     false, BY(CONSTRAINTS), "g7e.48xlarge", 4, 8},
    {"A100s agree", POD(SELECTOR("'" PRODUCT "': 'NVIDIA-A100-SXM4-40GB'")), NULL, NULL, NULL, NULL, false,
     BY(CONSTRAINTS), "p4d.24xlarge", 4, 8},
    {"ruling out leaves the default", POD(REQUIRED(TERM(ON(IT, "NotIn", "'p4d.24xlarge'")))), NULL, NULL,
     "p5.48xlarge", NULL, false, BY(DEFAULT), "p5.48xlarge", 32, 8},
    {"ruling out the default", POD(REQUIRED(TERM(ON(IT, "NotIn", "'p5.48xlarge'")))), NULL, NULL,
     "p5.48xlarge", NULL, false, TARGET_UNRESOLVED, TARGET_BY_NOTHING, "nothing says", 0, 0},
    {"an operation that nobody knows", POD(REQUIRED(TERM(ON(IT, "Like", "'p5'")))), NULL, NULL, "p5.48xlarge",
     NULL, false, BY(DEFAULT), "p5.48xlarge", 32, 8},

    {"the only nodes", POD(""), LIST(P5_NODE), NULL, NULL, NULL, true, BY(NODES), "p5.48xlarge", 32, 8},
    {"the matching nodes", POD(SELECTOR("'pool': 'en'")), LIST(P5_NODE ", " P5EN_NODE), NULL, NULL, NULL,
     true, BY(NODES), "p5en.48xlarge", 16, 8},
    {"nodes that differ", POD(""), LIST(P5_NODE ", " P5EN_NODE), NULL, "p5.48xlarge", NULL, false,
     TARGET_AMBIGUOUS, TARGET_BY_NODES, "p5.48xlarge (32 EFA", 0, 0},
    {"nodes of which some cannot run it", POD(GPUS("8")), LIST(CPU_NODE ", " P5_NODE), NULL, NULL, NULL,
     false, BY(NODES), "p5.48xlarge", 32, 8},
    {"nodes none of which can run it", POD(GPUS("16")), LIST(P5_NODE), NULL, NULL, NULL, false, BY(NODES),
     "p5.48xlarge", 32, 8},
    {"nodeName", POD("'nodeName': 'b'"), LIST(P5_NODE ", " P5EN_NODE), NULL, NULL, NULL, false, BY(NODES),
     "p5en.48xlarge", 16, 8},
    {"matchFields", POD(REQUIRED("{'matchFields': [" ON("metadata.name", "In", "'b'") "]}")),
     LIST(P5_NODE ", " P5EN_NODE), NULL, NULL, NULL, false, BY(NODES), "p5en.48xlarge", 16, 8},
    {"nodes that constraints rule out", POD(REQUIRED(TERM(ON(IT, "NotIn", "'p5en.48xlarge'")))),
     LIST(P5_NODE ", " P5EN_NODE), NULL, NULL, NULL, false, BY(NODES), "p5.48xlarge", 32, 8},
    {"nodes that are not ready still exist", POD(""),
     LIST(NODE_IN("a", "p5.48xlarge", "", DEVICES("32", "8"), PAGES("1Gi"), "False")), NULL, NULL, NULL,
     false, BY(NODES), "p5.48xlarge", 32, 8},
    {"the type that nodes have", POD(SELECTOR("'" PRODUCT "': 'NVIDIA-A100-SXM4-80GB'")),
     LIST(NODE("a", "p4de.24xlarge", ", '" PRODUCT "': 'NVIDIA-A100-SXM4-80GB'", DEVICES("4", "8"))), NULL,
     NULL, NULL, true, BY(CONSTRAINTS), "p4de.24xlarge", 4, 8},

    {"a count that one type has", POD(GPUS("4")), NULL, NULL, NULL, NULL, true, BY(CONTAINERS),
     "p6e-gb200.36xlarge", 4, 4},
    {"another vendor's", POD(ASKS("'aws.amazon.com/neuron': 16")), NULL, NULL, NULL, NULL, false,
     BY(CONTAINERS), "trn2.48xlarge", 16, 16},
    {"accelerators and EFA", POD(ASKS("'nvidia.com/gpu': 8, 'vpc.amazonaws.com/efa': 16")), NULL, NULL, NULL,
     NULL, true, BY(CONTAINERS), "p5en.48xlarge", 16, 8},
    {"EFA alone", POD(ASKS("'vpc.amazonaws.com/efa': 2")), NULL, NULL, NULL, NULL, true, BY(CONTAINERS),
     "c6in.32xlarge", 2, 0},
    {"EFA that p5 and p5e have", POD(ASKS("'vpc.amazonaws.com/efa': 32")), NULL, NULL, NULL, NULL, true,
     BY(CONTAINERS), "p5.48xlarge", 32, 8},
    {"EFA of which one type has more", POD(ASKS("'vpc.amazonaws.com/efa': 8")), NULL, NULL, NULL,
     "p4d.24xlarge,p5en.48xlarge", false, BY(CONTAINERS), "p5en.48xlarge", 16, 8},
    {"a count that several have", POD(GPUS("8")), NULL, NULL, NULL, NULL, false, TARGET_AMBIGUOUS,
     TARGET_BY_CONTAINERS, "g6e.48xlarge (4 EFA, 8 nvidia.com/gpu), g7e.48xlarge", 0, 0},
    {"a count among what may exist", POD(GPUS("8")), NULL, NULL, NULL, "p5en.48xlarge,c6in.32xlarge", false,
     BY(CONTAINERS), "p5en.48xlarge", 16, 8},
    {"a part of the only type", POD(GPUS("2")), NULL, NULL, NULL, "p5en.48xlarge,p5.4xlarge", true,
     BY(CONTAINERS), "p5en.48xlarge", 16, 8},
    {"among the cluster's types too", POD(SELECTOR("'pool': 'new'") ", " GPUS("8")), LIST(P5_NODE), NULL,
     NULL, "c6in.32xlarge", true, BY(CONTAINERS), "p5.48xlarge", 32, 8},
    {"shares are not counted", POD(ASKS("'nvidia.com/mig-1g.10gb': 8")), NULL, NULL, NULL, NULL, false,
     TARGET_UNRESOLVED, TARGET_BY_NOTHING, "nothing says", 0, 0},
    {"two vendors", POD(ASKS("'nvidia.com/gpu': 4, 'aws.amazon.com/neuron': 16")), NULL, NULL, "p5.48xlarge",
     NULL, false, BY(DEFAULT), "p5.48xlarge", 32, 8},

    {"the default", POD(""), NULL, NULL, "p5.48xlarge", NULL, true, BY(DEFAULT), "p5.48xlarge", 32, 8},
    {"the default where several have the count", POD(GPUS("8")), NULL, NULL, "p5.48xlarge", NULL, true,
     BY(DEFAULT), "p5.48xlarge", 32, 8},
    {"the default of another count", POD(""), NULL, NULL, "p5.48xlarge", "p5.4xlarge", false, BY(DEFAULT),
     "p5.48xlarge", 32, 8},
    {"a count comes before the default", POD(GPUS("8")), NULL, NULL, "p5.48xlarge", "p5en.48xlarge", false,
     BY(CONTAINERS), "p5en.48xlarge", 16, 8},
    {"the default has too few", POD(ASKS("'vpc.amazonaws.com/efa': 16")), NULL, NULL, "p4d.24xlarge",
     "p5en.48xlarge", false, BY(CONTAINERS), "p5en.48xlarge", 16, 8},
    {"nothing has as many", POD(GPUS("64")), NULL, NULL, NULL, NULL, false, TARGET_UNRESOLVED,
     TARGET_BY_NOTHING, "nothing says", 0, 0},
};

static void check_found(const struct target_row *row, const struct target *target)
{
    if (target->outcome != TARGET_FOUND)
        fail_msg("%.*s", TEXT_ARGS(target->message));
    assert_int_equal(target->source, row->source);
    assert_true(text_is_string(target->type->name, row->type));
    assert_int_equal(target->efa, row->efa);
    assert_int_equal(target->accelerators, row->accelerators);
    assert_null(target->message.at);
}

static void finds_row(void **state)
{
    const struct target_row *row = *state;
    AUTO(scene_release) struct scene scene;
    struct target target;

    scene_init(&scene, row->pod, row->nodes);
    scene.fixture.annotations.instance_type = text_of(row->annotation);
    scene.fixture.annotations.wants_pin = row->wants_pin;
    if (row->standard != NULL)
        scene.cluster.policy.default_type = cluster_type(&scene.cluster, row->standard);
    if (row->may_exist != NULL)
        scene.cluster.policy.cluster_types = cluster_types(&scene.cluster, row->may_exist);
    scene_find(&scene, &target);
    if (row->outcome == TARGET_FOUND) {
        check_found(row, &target);
        scene_check_again(&scene, &target);
        return;
    }
    assert_int_equal(target.outcome, row->outcome);
    assert_int_equal(target.source, row->source);
    assert_null(target.type);
    scene_check_message(target.message, row->type);
}

int main(void)
{
    return CHECK_ROWS("target_find: steps", step_rows, finds_row);
}
