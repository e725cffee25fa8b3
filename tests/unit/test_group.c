/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"

#include "core/group.h"
#include "support/subject.h"

/* The hashes are what `printf <the comment above> | xxhsum -H3` prints: these values may never change. */
static const struct group_row {
    const char *name;
    const char *pod;
    const char *annotation; /* group; NULL for none */
    const char *hash;       /* NULL: unknown */
    const char *source;     /* NULL: none */
} rows[] = {
    {"nothing", "{'metadata': {'namespace': 'team-a'}}", NULL, NULL, NULL},
    /* team-a/annotation/run-7 */
    {"annotation before all",
     "{'metadata': {'namespace': 'team-a', 'labels': {'training.kubeflow.org/job-name': 'nccl-test'}}}",
     "run-7", "9928df0628b34c52", "annotation group"},
    /* team-a/kubeflow/nccl-test */
    {"empty annotation value counts as none",
     "{'metadata': {'namespace': 'team-a', 'labels': {'training.kubeflow.org/job-name': 'nccl-test'}}}", "",
     "33ca873ed6782350", "label training.kubeflow.org/job-name"},
    /* team-a/dynamo/g */
    {"dynamo before all frameworks",
     "{'metadata': {'namespace': 'team-a', 'labels': {'batch.kubernetes.io/controller-uid': 'u-2', "
     "'ray.io/cluster': 'c', 'leaderworkerset.sigs.k8s.io/group-key': 'k', "
     "'nvidia.com/dynamo-graph-deployment-name': 'g'}, 'ownerReferences': [{'kind': 'StatefulSet', 'uid': "
     "'u-3', 'controller': true}]}}",
     NULL, "3108402fe411479e", "label nvidia.com/dynamo-graph-deployment-name"},
    /* team-a/lws/k */
    {"leader worker set",
     "{'metadata': {'namespace': 'team-a', 'labels': {'batch.kubernetes.io/controller-uid': 'u-2', "
     "'leaderworkerset.sigs.k8s.io/name': 'set', 'leaderworkerset.sigs.k8s.io/group-key': 'k'}, "
     "'ownerReferences': [{'kind': 'StatefulSet', 'uid': 'u-3', 'controller': true}]}}",
     NULL, "829861f53b0cfd66", "label leaderworkerset.sigs.k8s.io/group-key"},
    {"leader worker set before its key",
     "{'metadata': {'namespace': 'team-a', 'labels': {'batch.kubernetes.io/controller-uid': 'u-2', "
     "'leaderworkerset.sigs.k8s.io/name': 'set'}, 'ownerReferences': [{'kind': 'StatefulSet', 'uid': 'u-3', "
     "'controller': true}]}}",
     NULL, NULL, "label leaderworkerset.sigs.k8s.io/name"},
    /* team-a/jobset/u-1 */
    {"job set before its jobs",
     "{'metadata': {'namespace': 'team-a', 'labels': {'batch.kubernetes.io/controller-uid': 'u-2', "
     "'jobset.sigs.k8s.io/jobset-name': 'j', 'jobset.sigs.k8s.io/jobset-uid': 'u-1'}, 'ownerReferences': "
     "[{'kind': 'StatefulSet', 'uid': 'u-3', 'controller': true}]}}",
     NULL, "cc866c3ec0cd808a", "label jobset.sigs.k8s.io/jobset-uid"},
    /* team-a/jobset-name/j */
    {"job set that writes no uid",
     "{'metadata': {'namespace': 'team-a', 'labels': {'batch.kubernetes.io/controller-uid': 'u-2', "
     "'jobset.sigs.k8s.io/jobset-name': 'j'}, 'ownerReferences': [{'kind': 'StatefulSet', 'uid': 'u-3', "
     "'controller': true}]}}",
     NULL, "622bed0599754104", "label jobset.sigs.k8s.io/jobset-name"},
    /* team-a/kubeflow/nccl-test */
    {"kubeflow worker",
     "{'metadata': {'namespace': 'team-a', 'labels': {'batch.kubernetes.io/controller-uid': 'u-2', "
     "'training.kubeflow.org/job-name': 'nccl-test'}, 'ownerReferences': [{'kind': 'StatefulSet', 'uid': "
     "'u-3', 'controller': true}]}}",
     NULL, "33ca873ed6782350", "label training.kubeflow.org/job-name"},
    /* team-a/ray/c */
    {"ray",
     "{'metadata': {'namespace': 'team-a', 'labels': {'batch.kubernetes.io/controller-uid': 'u-2', "
     "'volcano.sh/job-name': 'v', 'ray.io/cluster': 'c'}, 'ownerReferences': [{'kind': 'StatefulSet', 'uid': "
     "'u-3', 'controller': true}]}}",
     NULL, "6dbc58eed8f1fc29", "label ray.io/cluster"},
    /* team-a/volcano/v */
    {"volcano",
     "{'metadata': {'namespace': 'team-a', 'labels': {'batch.kubernetes.io/controller-uid': 'u-2', 'HPJob': "
     "'h', 'volcano.sh/job-name': 'v'}, 'ownerReferences': [{'kind': 'StatefulSet', 'uid': 'u-3', "
     "'controller': true}]}}",
     NULL, "2c7a6e3d0353707e", "label volcano.sh/job-name"},
    /* team-a/hyperpod/h */
    {"hyperpod",
     "{'metadata': {'namespace': 'team-a', 'labels': {'batch.kubernetes.io/controller-uid': 'u-2', "
     "'skypilot-cluster': 's', 'HPJob': 'h'}, 'ownerReferences': [{'kind': 'StatefulSet', 'uid': 'u-3', "
     "'controller': true}]}}",
     NULL, "383b388bbbe3f0e8", "label HPJob"},
    /* team-a/skypilot/s */
    {"skypilot",
     "{'metadata': {'namespace': 'team-a', 'labels': {'batch.kubernetes.io/controller-uid': 'u-2', "
     "'kueue.x-k8s.io/pod-group-name': 'k', 'skypilot-cluster': 's'}, 'ownerReferences': [{'kind': "
     "'StatefulSet', 'uid': 'u-3', 'controller': true}]}}",
     NULL, "7925d552fe2043a1", "label skypilot-cluster"},
    /* team-a/skypilot/s */
    {"later skypilot",
     "{'metadata': {'namespace': 'team-a', 'labels': {'batch.kubernetes.io/controller-uid': 'u-2', "
     "'skypilot-cluster-name': 's'}, 'ownerReferences': [{'kind': 'StatefulSet', 'uid': 'u-3', 'controller': "
     "true}]}}",
     NULL, "7925d552fe2043a1", "label skypilot-cluster-name"},
    /* team-a/kueue/k */
    {"kueue pod group",
     "{'metadata': {'namespace': 'team-a', 'labels': {'batch.kubernetes.io/controller-uid': 'u-2', "
     "'kueue.x-k8s.io/pod-group-name': 'k'}, 'ownerReferences': [{'kind': 'StatefulSet', 'uid': 'u-3', "
     "'controller': true}]}, 'spec': {'schedulingGroup': {'podGroupName': 'p'}}}",
     NULL, "ac953a9d6a62ec2a", "label kueue.x-k8s.io/pod-group-name"},
    /* team-a/pod-group/p */
    {"scheduling group",
     "{'metadata': {'namespace': 'team-a', 'labels': {'batch.kubernetes.io/controller-uid': 'u-2'}, "
     "'ownerReferences': [{'kind': 'StatefulSet', 'uid': 'u-3', 'controller': true}], 'annotations': "
     "{'scheduling.k8s.io/group-name': 'a'}}, 'spec': {'schedulingGroup': {'podGroupName': 'p'}}}",
     NULL, "96e239fb9957650f", "spec.schedulingGroup.podGroupName"},
    /* team-a/group-name/a */
    {"group name annotation",
     "{'metadata': {'namespace': 'team-a', 'labels': {'batch.kubernetes.io/controller-uid': 'u-2', "
     "'scheduling.x-k8s.io/pod-group': 'x'}, 'ownerReferences': [{'kind': 'StatefulSet', 'uid': 'u-3', "
     "'controller': true}], 'annotations': {'scheduling.k8s.io/group-name': 'a'}}}",
     NULL, "7d02919be7069eff", "annotation scheduling.k8s.io/group-name"},
    /* team-a/coscheduling/x */
    {"coscheduling",
     "{'metadata': {'namespace': 'team-a', 'labels': {'batch.kubernetes.io/controller-uid': 'u-2', "
     "'scheduling.x-k8s.io/pod-group': 'x'}, 'ownerReferences': [{'kind': 'StatefulSet', 'uid': 'u-3', "
     "'controller': true}]}}",
     NULL, "45e119c2e0f665e5", "label scheduling.x-k8s.io/pod-group"},
    /* team-a/job/u-2 */
    {"plain job before its owner",
     "{'metadata': {'namespace': 'team-a', 'labels': {'batch.kubernetes.io/controller-uid': 'u-2'}, "
     "'ownerReferences': [{'kind': 'StatefulSet', 'uid': 'u-3', 'controller': true}]}}",
     NULL, "b68736e1efe30368", "label batch.kubernetes.io/controller-uid"},
    /* team-a/owner/u-3 */
    {"controller",
     "{'metadata': {'namespace': 'team-a', 'ownerReferences': [{'kind': 'StatefulSet', 'uid': 'u-3', "
     "'controller': true}]}}",
     NULL, "711ec09c5a7d7ae0", "uid of the controller in ownerReferences"},
    {"owner that is no controller",
     "{'metadata': {'namespace': 'team-a', 'ownerReferences': [{'kind': 'StatefulSet', 'uid': 'u-3'}]}}",
     NULL, NULL, NULL},
    /* team-b/kubeflow/nccl-test */
    {"same name in another namespace",
     "{'metadata': {'namespace': 'team-b', 'labels': {'training.kubeflow.org/job-name': 'nccl-test'}}}", NULL,
     "2d98ed8e9d328be5", "label training.kubeflow.org/job-name"},
    /* team-a/ray/c */
    {"empty label counts as none",
     "{'metadata': {'namespace': 'team-a', 'labels': {'training.kubeflow.org/job-name': '', "
     "'ray.io/cluster': 'c'}}}",
     NULL, "6dbc58eed8f1fc29", "label ray.io/cluster"},
    {"null labels",
     "{'metadata': {'namespace': 'team-a', 'labels': null, 'annotations': null, 'ownerReferences': null}}",
     NULL, NULL, NULL},
};

/* NULL stands for absent. */
static bool is_text(struct text text, const char *string)
{
    if (text.at == NULL || string == NULL)
        return text.at == string;
    return text_is_string(text, string);
}

static void finds_the_group(void **state)
{
    const struct group_row *row = *state;
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};
    struct group group;

    subject_fixture_init(&fixture, row->pod);
    fixture.annotations.group = text_of(row->annotation);
    assert_true(group_find(&fixture.pod, &fixture.annotations, &fixture.arena, &group));
    assert_true(is_text(group.hash, row->hash));
    assert_true(is_text(group.source, row->source));
    assert_int_equal(group.value.at != NULL, row->source != NULL);
}

static void keeps_the_result_when_memory_runs_out(void **state)
{
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};
    AUTO(arena_release) struct arena full = {.limit_bytes = 1};
    struct group group = {.value = text_of("untouched")};

    (void)state;
    subject_fixture_init(&fixture, "{'metadata': {'labels': {'ray.io/cluster': 'c'}}}");
    assert_false(group_find(&fixture.pod, &fixture.annotations, &full, &group));
    assert_true(text_is_string(group.value, "untouched"));
}

int main(void)
{
    static const struct check_test tests[] = {
        CHECK_TEST(keeps_the_result_when_memory_runs_out),
    };

    return CHECK_ROWS("group_find", rows, finds_the_group) | CHECK_TESTS("group_find without memory", tests);
}
