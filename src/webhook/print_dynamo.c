/* SPDX-License-Identifier: Apache-2.0 */
#include "print_dynamo.h"

#include "print_dynamo_pod.h"

static const struct print_maker dynamo = {
    .name = "the Dynamo operator",
    .metadata = "extraPodMetadata",
    .term_note = "The same-zone term is for the pods of Grove or of a LeaderWorkerSet. Where the operator "
                 "makes a Deployment of this service, its pods get none unless same-zone is \"required\": "
                 "the pods of a ReplicaSet may serve from several zones.",
};

static const struct tree *services_of(const struct print_object *object)
{
    const struct tree *services = tree_find(tree_find(object->tree, "spec"), "services");
    bool is_graph = text_is_string(object->kind, "DynamoGraphDeployment") &&
                    text_has_prefix(object->api_version, text_of("nvidia.com/"));

    return is_graph && services != NULL && services->kind == TREE_MAP ? services : NULL;
}

/* What changes a pod in ways that depend on the cluster. */
static void tell_limits(const struct print_run *run, const struct print_object *object,
                        const struct tree_item *service)
{
    static const char *const features[] = {"gpuMemoryService", "failover"};
    size_t i;

    for (i = 0; i < COUNT_OF(features); i++) {
        const struct tree *feature = tree_find(service->value, features[i]);
        const struct tree *enabled = tree_find(feature, "enabled");

        if (enabled == NULL || !text_is_string(enabled->text, "true"))
            continue;
        print_tell(run, feature->line,
                   "%.*s %.*s: %s makes the operator change the pod of service %.*s further, which is not "
                   "foreseen here; the webhook decides on the pod as it is made",
                   TEXT_ARGS(object->kind), TEXT_ARGS(object->name), features[i], TEXT_ARGS(service->key));
    }
}

static void add_service(struct print_run *run, const struct print_object *object,
                        const struct tree_item *service)
{
    struct print_template template = {.source = PRINT_NESTED, .object = *object, .maker = &dynamo};
    const struct tree_item *ignored;
    struct text pointer = tree_pointer(&run->arena, object->pointer, text_of("spec"));

    pointer = tree_pointer(&run->arena, pointer, text_of("services"));
    template.pointer = tree_pointer(&run->arena, pointer, service->key);
    template.tree = print_dynamo_pod(run, object, service);
    run->failed = run->failed || template.pointer.at == NULL;
    if (run->failed)
        return;
    if (print_is_marked(run, template.tree, &ignored))
        tell_limits(run, object, service);
    print_add_template(run, &template);
}

void print_add_dynamo(struct print_run *run, const struct print_object *object)
{
    const struct tree *services = services_of(object);
    size_t i;

    for (i = 0; services != NULL && i < services->count && !run->failed; i++) {
        if (services->items[i].value->kind == TREE_MAP)
            add_service(run, object, &services->items[i]);
    }
}

bool print_dynamo_copies(const struct print_object *object, const struct tree *tree)
{
    const struct tree *services = services_of(object);
    size_t i;

    if (tree == tree_find(object->tree, "spec"))
        return true;
    for (i = 0; services != NULL && i < services->count; i++) {
        const struct tree *service = services->items[i].value;

        if (tree == service || tree == tree_find(service, "extraPodMetadata"))
            return true;
    }
    return false;
}
