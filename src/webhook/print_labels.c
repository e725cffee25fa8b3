/* SPDX-License-Identifier: Apache-2.0 */
#include "print_labels.h"

enum what {
    LABEL,
    ANNOTATION,
    OWNER,
};

/*
 * What a controller does to the pods of a template. `path` is the end of the template's pointer, a * standing
 * for any one step. Values: $name, $namespace and $kind of the object; $uid, which only the cluster knows;
 * $step and $.member of what the * stands for; $annotation, the object's own of that key.
 *
 * Source: the pods that each of these controllers makes (their label constants).
 */
struct row {
    const char *group;   /* of the object's apiVersion */
    const char *version; /* NULL: any */
    const char *kind;    /* NULL: any */
    const char *path;
    enum what what;
    const char *key;
    const char *value;
    const char *only_if; /* a member of the object's spec that must be true; NULL: always */
};

#define KUBEFLOW "training.kubeflow.org/"
#define JOBSET "jobset.sigs.k8s.io/"
#define JOBSET_PATH "/replicatedJobs/*/template/spec/template"
#define LWS "leaderworkerset.sigs.k8s.io/"

/* clang-format off */
static const struct row rows[] = {
    {"apps", NULL, "Deployment", "/spec/template", OWNER, "ReplicaSet", "$uid", NULL},

    {"batch", NULL, NULL, "/spec/template", LABEL, "batch.kubernetes.io/job-name", "$name", NULL},
    {"batch", NULL, NULL, "/spec/template", LABEL, "batch.kubernetes.io/controller-uid", "$uid", NULL},
    {"batch", NULL, NULL, "/spec/template", OWNER, "Job", "$uid", NULL},

    {"kubeflow.org", "v2beta1", "MPIJob", "/*/template", LABEL, KUBEFLOW "job-name", "$name", NULL},
    {"kubeflow.org", "v2beta1", "MPIJob", "/*/template", LABEL, KUBEFLOW "operator-name", "mpi-operator", NULL},
    {"kubeflow.org", "v2beta1", "MPIJob", "/*/template", LABEL, KUBEFLOW "job-role", "$step", NULL},
    {"kubeflow.org", "v2beta1", "MPIJob", "/Worker/template", LABEL, KUBEFLOW "replica-index", "0", NULL},
    {"kubeflow.org", "v2beta1", "MPIJob", "/Launcher/template", LABEL, KUBEFLOW "replica-index", "0",
     "runLauncherAsWorker"},
    {"kubeflow.org", "v2beta1", "MPIJob", "/Launcher/template", OWNER, "Job", "$uid", NULL},

    {"kubeflow.org", "v1", NULL, "/*/template", LABEL, KUBEFLOW "job-name", "$name", NULL},
    {"kubeflow.org", "v1", NULL, "/*/template", LABEL, KUBEFLOW "replica-type", "$step", NULL},
    {"kubeflow.org", "v1", NULL, "/*/template", LABEL, KUBEFLOW "replica-index", "0", NULL},
    {"kubeflow.org", "v1", NULL, "/*/template", LABEL, KUBEFLOW "operator-name", "$kind-controller", NULL},

    {"jobset.x-k8s.io", NULL, NULL, JOBSET_PATH, LABEL, JOBSET "jobset-name", "$name", NULL},
    {"jobset.x-k8s.io", NULL, NULL, JOBSET_PATH, LABEL, JOBSET "jobset-uid", "$uid", NULL},
    {"jobset.x-k8s.io", NULL, NULL, JOBSET_PATH, LABEL, JOBSET "replicatedjob-name", "$.name", NULL},
    {"jobset.x-k8s.io", NULL, NULL, JOBSET_PATH, ANNOTATION, "alpha.jobset.sigs.k8s.io/exclusive-topology",
     "$annotation", NULL},
    {"jobset.x-k8s.io", NULL, NULL, JOBSET_PATH, OWNER, "Job", "$uid", NULL},

    {"trainer.kubeflow.org", NULL, NULL, JOBSET_PATH, LABEL, JOBSET "jobset-name", "$uid", NULL},
    {"trainer.kubeflow.org", NULL, NULL, JOBSET_PATH, LABEL, JOBSET "jobset-uid", "$uid", NULL},
    {"trainer.kubeflow.org", NULL, NULL, JOBSET_PATH, LABEL, JOBSET "replicatedjob-name", "$.name", NULL},
    {"trainer.kubeflow.org", NULL, NULL, JOBSET_PATH, OWNER, "Job", "$uid", NULL},

    {"leaderworkerset.x-k8s.io", NULL, NULL, "", LABEL, LWS "name", "$name", NULL},
    {"leaderworkerset.x-k8s.io", NULL, NULL, "", LABEL, LWS "group-key", "$uid", NULL},
    {"leaderworkerset.x-k8s.io", NULL, NULL, "/leaderTemplate", LABEL, LWS "worker-index", "0", NULL},
    {"leaderworkerset.x-k8s.io", NULL, NULL, "", ANNOTATION, LWS "exclusive-topology", "$annotation", NULL},
    {"leaderworkerset.x-k8s.io", NULL, NULL, "", OWNER, "StatefulSet", "$uid", NULL},

    {"ray.io", NULL, "RayCluster", "/headGroupSpec/template", LABEL, "ray.io/cluster", "$name", NULL},
    {"ray.io", NULL, "RayCluster", "/workerGroupSpecs/*/template", LABEL, "ray.io/cluster", "$name", NULL},
    {"ray.io", NULL, NULL, "/headGroupSpec/template", LABEL, "ray.io/cluster", "$uid", NULL},
    {"ray.io", NULL, NULL, "/workerGroupSpecs/*/template", LABEL, "ray.io/cluster", "$uid", NULL},
    {"ray.io", NULL, NULL, "/headGroupSpec/template", LABEL, "ray.io/node-type", "head", NULL},
    {"ray.io", NULL, NULL, "/headGroupSpec/template", LABEL, "ray.io/group", "headgroup", NULL},
    {"ray.io", NULL, NULL, "/workerGroupSpecs/*/template", LABEL, "ray.io/node-type", "worker", NULL},
    {"ray.io", NULL, NULL, "/workerGroupSpecs/*/template", LABEL, "ray.io/group", "$.groupName", NULL},
    {"ray.io", NULL, NULL, "/headGroupSpec/template", OWNER, "RayCluster", "$uid", NULL},
    {"ray.io", NULL, NULL, "/workerGroupSpecs/*/template", OWNER, "RayCluster", "$uid", NULL},
    {"ray.io", NULL, "RayJob", "/submitterPodTemplate", LABEL, "ray.io/originated-from-crd", "RayJob", NULL},
    {"ray.io", NULL, "RayJob", "/submitterPodTemplate", OWNER, "Job", "$uid", NULL},

    {"batch.volcano.sh", NULL, NULL, "/tasks/*/template", LABEL, "volcano.sh/job-name", "$name", NULL},
    {"batch.volcano.sh", NULL, NULL, "/tasks/*/template", LABEL, "volcano.sh/job-namespace", "$namespace", NULL},
    {"batch.volcano.sh", NULL, NULL, "/tasks/*/template", LABEL, "volcano.sh/task-spec", "$.name", NULL},
    {"batch.volcano.sh", NULL, NULL, "/tasks/*/template", ANNOTATION, "scheduling.k8s.io/group-name", "$uid",
     NULL},

    {"sagemaker.amazonaws.com", NULL, "HyperPodPyTorchJob", "/*/template", LABEL, "HPJob", "$name", NULL},
    {"nvidia.com", NULL, "DynamoGraphDeployment", "", LABEL, "nvidia.com/dynamo-graph-deployment-name", "$name",
     NULL},

    {NULL, NULL, NULL, "", OWNER, "$kind", "$uid", NULL}, /* whatever it is, it owns its pods */
};
/* clang-format on */

struct matched {
    struct print_run *run;
    struct print_template *template;
    struct text step;        /* what the * stands for */
    const struct tree *star; /* the value there */
};

static bool last_step(struct text *pointer, struct text *ret_step)
{
    size_t at = pointer->length;

    if (at == 0)
        return false;
    while (pointer->at[at - 1] != '/')
        at--;
    *ret_step = text_after(*pointer, at);
    pointer->length = at - 1;
    return true;
}

/* Compare from the end, step by step. */
static bool path_matches(struct matched *matched, const char *path)
{
    struct text pattern = text_of(path);
    struct text pointer = matched->template->pointer;
    struct text wanted;
    struct text step;
    struct tree *ignored_parent;
    struct text ignored_key;

    while (last_step(&pattern, &wanted)) {
        struct text here = pointer;

        if (!last_step(&pointer, &step))
            return false;
        if (text_is_string(wanted, "*")) {
            struct tree *root = matched->run->documents.items[matched->template->object.document].root;
            const struct tree_item *item =
                tree_resolve(root, here, &matched->run->arena, &ignored_parent, &ignored_key);

            matched->step = step;
            matched->star = item != NULL ? item->value : NULL;
        } else if (!text_is(wanted, step)) {
            return false;
        }
    }
    return true;
}

static bool group_matches(struct text api_version, const char *group, const char *version)
{
    struct text rest = api_version;
    struct text part = {0};

    if (group == NULL)
        return true;
    return text_split(&rest, '/', &part) && text_is_string(part, group) && rest.at != NULL &&
           (version == NULL || text_is_string(rest, version));
}

static bool row_matches(const struct row *row, struct matched *matched)
{
    const struct print_object *object = &matched->template->object;
    const struct tree *condition;

    if (!group_matches(object->api_version, row->group, row->version) ||
        (row->kind != NULL && !text_is_string(object->kind, row->kind)) || !path_matches(matched, row->path))
        return false;
    if (row->only_if == NULL)
        return true;
    condition = tree_find(tree_find(object->tree, "spec"), row->only_if);
    return condition != NULL && condition->kind == TREE_BOOL && text_is_string(condition->text, "true");
}

static struct text lower(struct text text, const char *suffix, struct arena *arena)
{
    const struct text parts[] = {text, text_of(suffix)};
    struct text joined = arena_join(arena, parts, COUNT_OF(parts));
    char *copy = joined.at != NULL ? arena_alloc(arena, joined.length + 1) : NULL;
    size_t i;

    for (i = 0; copy != NULL && i < joined.length; i++) {
        char byte = joined.at[i];

        copy[i] = byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
    }
    return (struct text){.at = copy, .length = joined.length};
}

static struct text annotation_of(const struct matched *matched, const char *key)
{
    const struct tree *metadata = tree_find(matched->template->object.tree, "metadata");
    struct text value = tree_find_text(tree_find(metadata, "annotations"), key);

    if (value.at != NULL)
        return value;
    metadata = tree_find(tree_find(matched->star, "template"), "metadata");
    return tree_find_text(tree_find(metadata, "annotations"), key);
}

/* Absent where there is nothing to write. */
static struct text value_of(const struct row *row, const struct matched *matched)
{
    struct arena *arena = &matched->run->arena;
    const struct print_object *object = &matched->template->object;
    struct text value = text_of(row->value);

    if (text_is_string(value, "$name"))
        return object->name.at != NULL ? object->name : print_placeholder;
    if (text_is_string(value, "$uid"))
        return print_placeholder;
    if (text_is_string(value, "$namespace"))
        return matched->template->review.pod.namespace;
    if (text_is_string(value, "$step"))
        return lower(matched->step, "", arena);
    if (text_is_string(value, "$kind-controller"))
        return lower(object->kind, "-controller", arena);
    if (text_is_string(value, "$annotation"))
        return annotation_of(matched, row->key);
    if (value.at[0] == '$')
        return tree_find_text(matched->star, row->value + 2);
    return value;
}

static bool add_pair(struct pairs *pairs, struct text key, struct text value, struct arena *arena)
{
    struct pair *items;

    if (value.at == NULL || pairs_find(pairs, key).at != NULL)
        return true;
    items = arena_alloc(arena, (pairs->count + 1) * sizeof(*items));
    if (items == NULL)
        return false;
    if (pairs->count > 0)
        memcpy(items, pairs->items, pairs->count * sizeof(*items));
    items[pairs->count++] = (struct pair){.key = key, .value = value};
    pairs->items = items; /* `member` stays: a patch must know what the file has */
    return true;
}

/* The first row that names an owner says it. */
static bool add_owner(const struct row *row, const struct matched *matched)
{
    struct pod *pod = &matched->template->review.pod;
    const struct print_object *object = &matched->template->object;
    bool is_object = text_is_string(text_of(row->key), "$kind");

    if (pod->owner_count > 0)
        return true;
    pod->owners = arena_alloc(&matched->run->arena, sizeof(*pod->owners));
    if (pod->owners == NULL)
        return false;
    pod->owners[pod->owner_count++] = (struct owner){
        .api_version = object->api_version,
        .kind = is_object ? object->kind : text_of(row->key),
        .name = object->name.at != NULL ? object->name : print_placeholder,
        .uid = print_placeholder,
        .is_controller = true,
    };
    return true;
}

static bool add_row(const struct row *row, const struct matched *matched)
{
    struct pod *pod = &matched->template->review.pod;

    switch (row->what) {
    case LABEL:
        return add_pair(&pod->labels, text_of(row->key), value_of(row, matched), &matched->run->arena);
    case ANNOTATION:
        return add_pair(&pod->annotations, text_of(row->key), value_of(row, matched), &matched->run->arena);
    case OWNER:
        break;
    }
    return add_owner(row, matched);
}

static bool add_members(struct pairs *pairs, const struct tree *members, struct arena *arena)
{
    size_t i;

    for (i = 0; members != NULL && members->kind == TREE_MAP && i < members->count; i++) {
        const struct tree *value = members->items[i].value;

        if (value->kind == TREE_STRING && !add_pair(pairs, members->items[i].key, value->text, arena))
            return false;
    }
    return true;
}

/* Dynamo's operator copies these to all pods, below what their templates say. */
static bool add_graph_metadata(struct print_run *run, struct print_template *template)
{
    const struct print_object *object = &template->object;
    const struct tree *spec = tree_find(object->tree, "spec");
    struct pod *pod = &template->review.pod;

    if (!group_matches(object->api_version, "nvidia.com", "v1beta1") ||
        !text_is_string(object->kind, "DynamoGraphDeployment"))
        return true;
    return add_members(&pod->annotations, tree_find(spec, "annotations"), &run->arena) &&
           add_members(&pod->labels, tree_find(spec, "labels"), &run->arena);
}

bool print_add_labels(struct print_run *run, struct print_template *template)
{
    size_t i;

    if (!add_graph_metadata(run, template))
        return false;

    for (i = 0; i < COUNT_OF(rows); i++) {
        struct matched matched = {.run = run, .template = template};

        if (row_matches(&rows[i], &matched) && !add_row(&rows[i], &matched))
            return false;
    }
    return true;
}
