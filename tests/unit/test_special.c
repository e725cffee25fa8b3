/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"
#include "support/subject.h"

#include "core/rules.h"

#define LABELS(labels) "{'metadata': {'labels': {" labels "}}}"
#define ASKING(labels)                                                                                       \
    "{'metadata': {'labels': {" labels                                                                       \
    "}}, 'spec': {'containers': [{'resources': {'limits': {'nvidia.com/gpu': 1}}}]}}"
#define ROLE "'training.kubeflow.org/job-role': 'launcher'"
#define TYPE "'training.kubeflow.org/replica-type': 'launcher'"
#define INDEX "'training.kubeflow.org/replica-index': '0'"
#define SUBMITTER(labels, kind, controller)                                                                  \
    "{'metadata': {'labels': {" labels "}, 'ownerReferences': [{'kind': '" kind                              \
    "', 'controller': " controller "}]}}"

static const struct special_row {
    const char *name;
    const char *pod;
    const char *reason; /* NULL: not special */
} rows[] = {
    {"a pod", "{}", NULL},
    {"MPIJob launcher", LABELS(ROLE), "launcher"},
    {"launcher of v1", LABELS(TYPE), "launcher"},
    {"launcher of v1 that works too", LABELS(TYPE ", " INDEX), NULL},
    {"launcher that works too", LABELS(ROLE ", " INDEX), NULL},
    {"launcher with GPUs", ASKING(ROLE), NULL},
    {"worker", LABELS("'training.kubeflow.org/job-role': 'worker'"), NULL},
    {"Ray head", LABELS("'ray.io/node-type': 'head'"), "ray-head"},
    {"Ray head with GPUs", ASKING("'ray.io/node-type': 'head'"), NULL},
    {"Ray worker", LABELS("'ray.io/node-type': 'worker', 'ray.io/originated-from-crd': 'RayJob'"), NULL},
    {"RayJob submitter", SUBMITTER("'ray.io/originated-from-crd': 'RayJob'", "Job", "true"), "ray-head"},
    {"RayJob submitter's owner is no controller",
     SUBMITTER("'ray.io/originated-from-crd': 'RayJob'", "Job", "false"), NULL},
    {"of a RayJob, but not of a Job",
     SUBMITTER("'ray.io/originated-from-crd': 'RayJob'", "RayCluster", "true"), NULL},
    {"of a RayJob, without an owner", LABELS("'ray.io/originated-from-crd': 'RayJob'"), NULL},
    {"a Job's pod of a RayCluster", SUBMITTER("'ray.io/originated-from-crd': 'RayCluster'", "Job", "true"),
     NULL},
    {"dataset initializer", LABELS("'jobset.sigs.k8s.io/replicatedjob-name': 'dataset-initializer'"),
     "initializer"},
    {"model initializer", LABELS("'jobset.sigs.k8s.io/replicatedjob-name': 'model-initializer'"),
     "initializer"},
    {"initializer with GPUs", ASKING("'jobset.sigs.k8s.io/replicatedjob-name': 'model-initializer'"),
     "initializer"},
    {"node of a JobSet", LABELS("'jobset.sigs.k8s.io/replicatedjob-name': 'node'"), NULL},
};

static void finds(void **state)
{
    const struct special_row *row = *state;
    AUTO(subject_fixture_release) struct subject_fixture fixture = {0};
    struct asks asks;
    struct error err = {0};
    enum reason reason = REASON_COUNT;

    subject_fixture_init(&fixture, row->pod);
    assert_true(asks_of_pod(&fixture.pod, &fixture.policy, &asks, &err));
    assert_int_equal(special_find(&fixture.pod, &asks, &reason), row->reason != NULL);
    check_text(reason_label(reason), row->reason);
}

int main(void)
{
    return CHECK_ROWS("special_find", rows, finds);
}
