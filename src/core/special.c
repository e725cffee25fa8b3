/* SPDX-License-Identifier: Apache-2.0 */
/* Pods that a controller makes beside the workers and that need no device: they get the status alone. */
#include "core/rules.h"

static bool label_is(const struct pod *pod, const char *key, const char *value)
{
    return text_is_string(pairs_find_string(&pod->labels, key), value);
}

/* mpi-operator v2 labels job-role, v1 replica-type. A launcher that also works (runLauncherAsWorker) carries
 * a replica index. */
static bool is_launcher(const struct pod *pod)
{
    bool is_named = label_is(pod, "training.kubeflow.org/job-role", "launcher") ||
                    label_is(pod, "training.kubeflow.org/replica-type", "launcher");

    return is_named && pairs_find_string(&pod->labels, "training.kubeflow.org/replica-index").at == NULL;
}

/* The head of a Ray cluster, and the pod that submits a RayJob (a batch Job's, named after the RayJob). */
static bool is_ray_head(const struct pod *pod)
{
    const struct owner *owner = pod_find_controller(pod);

    if (label_is(pod, "ray.io/node-type", "head"))
        return true;
    if (pairs_find_string(&pod->labels, "ray.io/node-type").at != NULL)
        return false;
    return (label_is(pod, "ray.io/originated-from-crd", "RayJob") && owner != NULL &&
            text_is_string(owner->kind, "Job"));
}

static bool is_initializer(const struct pod *pod)
{
    return label_is(pod, "jobset.sigs.k8s.io/replicatedjob-name", "dataset-initializer") ||
           label_is(pod, "jobset.sigs.k8s.io/replicatedjob-name", "model-initializer");
}

bool special_find(const struct pod *pod, const struct asks *asks, enum reason *ret_reason)
{
    static const struct {
        bool (*matches)(const struct pod *pod);
        enum reason reason;
        bool with_accelerators; /* is special even when it asks for accelerators */
    } specials[] = {
        {is_launcher, REASON_LAUNCHER, false},
        {is_ray_head, REASON_RAY_HEAD, false},
        {is_initializer, REASON_INITIALIZER, true},
    };
    size_t i;

    for (i = 0; i < COUNT_OF(specials); i++) {
        if (!specials[i].matches(pod) || (asks_has_accelerators(asks) && !specials[i].with_accelerators))
            continue;
        *ret_reason = specials[i].reason;
        return true;
    }
    return false;
}
