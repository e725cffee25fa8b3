/* SPDX-License-Identifier: Apache-2.0 */
#include "core/group.h"

#include "core/hash.h"

enum place {
    PLACE_GROUP_ANNOTATION, /* ours, read already */
    PLACE_LABEL,
    PLACE_ANNOTATION,
    PLACE_SCHEDULING_GROUP,
    PLACE_CONTROLLER,
};

struct source {
    struct text kind; /* part of the hash; never change one */
    struct text key;  /* of a label or annotation */
    struct text name; /* for people */
    enum place place;
    bool is_too_early; /* what would name the group is not written yet */
};

#define LABEL_SOURCE(kind, key)                                                                              \
    {                                                                                                        \
        TEXT(kind), TEXT(key), TEXT("label " key), PLACE_LABEL, false                                        \
    }

/* In order: the first that the pod has wins. Frameworks come before the batch Jobs that they are made of: a
 * JobSet has several, and the launcher of an MPIJob is one while its workers are not. */
static const struct source sources[] = {
    {TEXT("annotation"), TEXT(""), TEXT("annotation group"), PLACE_GROUP_ANNOTATION, false},
    LABEL_SOURCE("dynamo", "nvidia.com/dynamo-graph-deployment-name"),
    LABEL_SOURCE("lws", "leaderworkerset.sigs.k8s.io/group-key"),
    {TEXT("lws-name"), TEXT("leaderworkerset.sigs.k8s.io/name"),
     TEXT("label leaderworkerset.sigs.k8s.io/name"), PLACE_LABEL, true},
    LABEL_SOURCE("jobset", "jobset.sigs.k8s.io/jobset-uid"),
    LABEL_SOURCE("jobset-name", "jobset.sigs.k8s.io/jobset-name"), /* releases that write no uid */
    LABEL_SOURCE("kubeflow", "training.kubeflow.org/job-name"),
    LABEL_SOURCE("ray", "ray.io/cluster"),
    LABEL_SOURCE("volcano", "volcano.sh/job-name"),
    LABEL_SOURCE("hyperpod", "HPJob"),
    LABEL_SOURCE("skypilot", "skypilot-cluster"),
    LABEL_SOURCE("skypilot", "skypilot-cluster-name"), /* later releases */
    LABEL_SOURCE("kueue", "kueue.x-k8s.io/pod-group-name"),
    {TEXT("pod-group"), TEXT(""), TEXT("spec.schedulingGroup.podGroupName"), PLACE_SCHEDULING_GROUP, false},
    {TEXT("group-name"), TEXT("scheduling.k8s.io/group-name"),
     TEXT("annotation scheduling.k8s.io/group-name"), PLACE_ANNOTATION, false},
    LABEL_SOURCE("coscheduling", "scheduling.x-k8s.io/pod-group"),
    LABEL_SOURCE("job", "batch.kubernetes.io/controller-uid"),
    {TEXT("owner"), TEXT(""), TEXT("uid of the controller in ownerReferences"), PLACE_CONTROLLER, false},
};

static struct text controller_uid(const struct pod *pod)
{
    const struct owner *controller = pod_find_controller(pod);

    return controller != NULL ? controller->uid : (struct text){0};
}

static struct text source_value(const struct source *source, const struct pod *pod,
                                const struct annotations *annotations)
{
    switch (source->place) {
    case PLACE_GROUP_ANNOTATION:
        return annotations->group;
    case PLACE_LABEL:
        return pairs_find(&pod->labels, source->key);
    case PLACE_ANNOTATION:
        return pairs_find(&pod->annotations, source->key);
    case PLACE_SCHEDULING_GROUP:
        return pod->pod_group;
    case PLACE_CONTROLLER:
        return controller_uid(pod);
    }
    return (struct text){0};
}

/* Absent without memory. */
static struct text group_hash(struct text namespace, struct text kind, struct text value, struct arena *arena)
{
    static const char digits[] = "0123456789abcdef";
    const struct text parts[] = {namespace, TEXT("/"), kind, TEXT("/"), value};
    struct text name = arena_join(arena, parts, COUNT_OF(parts));
    char hash_digits[16];
    uint64_t hash;
    unsigned i;

    if (name.at == NULL)
        return name;
    hash = hash_text(name);
    for (i = 0; i < COUNT_OF(hash_digits); i++)
        hash_digits[i] = digits[hash >> (60 - 4 * i) & 15];
    return arena_copy(arena, (struct text){.at = hash_digits, .length = COUNT_OF(hash_digits)});
}

bool group_find(const struct pod *pod, const struct annotations *annotations, struct arena *arena,
                struct group *ret_group)
{
    struct group group = {0};
    size_t i;

    for (i = 0; i < COUNT_OF(sources) && group.source.at == NULL; i++) {
        struct text value = source_value(&sources[i], pod, annotations);

        if (value.length == 0)
            continue;
        group.source = sources[i].name;
        group.value = value;
        if (sources[i].is_too_early)
            continue;
        group.hash = group_hash(pod->namespace, sources[i].kind, value, arena);
        if (group.hash.at == NULL)
            return false;
    }
    *ret_group = group;
    return true;
}
