/* SPDX-License-Identifier: Apache-2.0 */
#include "print_misplaced.h"

#include "core/asks.h"
#include "print_dynamo.h"

/* Whether a template is at or below a pointer. */
static bool is_below(struct text pointer, struct text base)
{
    return text_has_prefix(pointer, base) &&
           (pointer.length == base.length || base.length == 0 || pointer.at[base.length] == '/');
}

static bool asks_for_devices(const struct print_template *template)
{
    const struct tree *containers = tree_find(tree_find(template->tree, "spec"), "containers");
    size_t i;
    size_t j;

    for (i = 0; containers != NULL && i < containers->count; i++) {
        const struct tree *limits = tree_find(tree_find(containers->items[i].value, "resources"), "limits");

        for (j = 0; limits != NULL && j < limits->count; j++) {
            if (vendor_of_resource(limits->items[j].key) != VENDOR_NONE ||
                text_is(limits->items[j].key, efa_resource))
                return true;
        }
    }
    return false;
}

/* The template that the author most likely means: the first that asks for devices, else the last one. */
static const struct print_template *find_meant(const struct print_run *run, struct text base, size_t first)
{
    const struct print_template *meant = NULL;
    size_t i;

    for (i = first; i < run->template_count; i++) {
        const struct print_template *template = &run->templates[i];

        if (!is_below(template->pointer, base))
            continue;
        if (asks_for_devices(template))
            return template;
        meant = template;
    }
    return meant;
}

/* Kinds that make pods without holding a template of them: where their annotations belong. */
static void refuse_without_templates(struct print_run *run, const struct print_object *object, size_t line)
{
    static const struct {
        const char *kind;
        const char *where;
    } kinds[] = {
        {"TrainJob", "its pods come from the runtime that it names: write it there, at spec.template.spec."
                     "replicatedJobs[].template.spec.template.metadata.annotations of the TrainingRuntime or "
                     "ClusterTrainingRuntime (in the job whose container is \"node\")"},
        {"DynamoGraphDeployment", "the operator makes a pod for each service: write it at spec.services.NAME."
                                  "extraPodMetadata.annotations of the worker services"},
        {"DynamoComponentDeployment", "the operator makes the pods: write it at "
                                      "spec.extraPodMetadata.annotations"},
    };
    size_t i;

    for (i = 0; i < COUNT_OF(kinds); i++) {
        if (!text_is_string(object->kind, kinds[i].kind))
            continue;
        print_refuse(run, line, "metadata.annotations of this %s is never seen by the webhook: %s",
                     kinds[i].kind, kinds[i].where);
        return;
    }
    print_refuse(run, line,
                 "this %.*s holds no pod template, so the webhook never sees the annotation: write it at "
                 "metadata.annotations of the pod template",
                 TEXT_ARGS(object->kind));
}

static bool is_any_marked(const struct print_run *run, struct text pointer, size_t first)
{
    const struct tree_item *ignored;
    size_t i;

    for (i = first; i < run->template_count; i++) {
        if (is_below(run->templates[i].pointer, pointer) &&
            print_is_marked(run, run->templates[i].tree, &ignored))
            return true;
    }
    return false;
}

/* `pointer` is that of what holds the annotation. */
static void refuse_mark(struct print_run *run, const struct print_template *meant, struct text pointer,
                        const struct tree_item *item)
{
    const struct print_object *object = &meant->object;

    print_refuse(run, item->value->line,
                 "%.*s at %.*s of this %.*s is never seen by the webhook: write it at %.*s.%s.annotations",
                 TEXT_ARGS(item->key),
                 TEXT_ARGS(print_path(run, text_after(pointer, object->pointer.length))),
                 TEXT_ARGS(object->kind),
                 TEXT_ARGS(print_path(run, text_after(meant->pointer, object->pointer.length))),
                 meant->maker != NULL ? meant->maker->metadata : "metadata");
}

static void check_mark(struct print_run *run, const struct print_object *object, struct text pointer,
                       const struct tree_item *item, size_t first)
{
    const struct print_template *meant = find_meant(run, pointer, first);

    if (is_any_marked(run, pointer, first))
        return;
    if (meant == NULL)
        refuse_without_templates(run, object, item->value->line);
    else
        refuse_mark(run, meant, tree_pointer(&run->arena, pointer, text_of("metadata")), item);
}

static bool is_any_template(const struct print_run *run, const struct tree *tree, size_t first)
{
    size_t i;

    for (i = first; i < run->template_count; i++) {
        if (run->templates[i].tree == tree)
            return true;
    }
    return false;
}

static void search(struct print_run *run, const struct print_object *object, const struct tree *tree,
                   struct text pointer, size_t first)
{
    const struct tree_item *item;
    size_t i;

    if (is_any_template(run, tree, first) || run->failed)
        return;
    if (print_is_marked(run, tree, &item))
        check_mark(run, object, pointer, item, first);
    for (i = 0; i < tree->count; i++) {
        const struct tree_item *next = &tree->items[i];
        struct text key = next->key;

        if (next->value->kind != TREE_MAP && next->value->kind != TREE_LIST)
            continue;
        if (tree->kind == TREE_LIST)
            key = arena_format(&run->arena, "%zu", i);
        if (tree_find(next->value, "apiVersion") == NULL)
            search(run, object, next->value, tree_pointer(&run->arena, pointer, key), first);
    }
}

static void check_made(struct print_run *run, const struct print_object *object, struct text pointer,
                       const struct tree_item *item, size_t first)
{
    size_t i;

    for (i = first; i < run->template_count; i++) {
        if (run->templates[i].maker == NULL || !is_below(pointer, run->templates[i].pointer))
            continue;
        refuse_mark(run, &run->templates[i], pointer, item);
        return;
    }
    if (!is_any_marked(run, object->pointer, first))
        refuse_mark(run, find_meant(run, object->pointer, first), pointer, item);
}

/* Where an operator makes the pods, only what it copies to them is seen. */
static void search_made(struct print_run *run, const struct print_object *object, const struct tree *tree,
                        struct text pointer, size_t first)
{
    const struct tree_item *item = print_find_mark(run, tree);
    size_t i;

    if (item != NULL && !print_dynamo_copies(object, tree))
        check_made(run, object, pointer, item, first);
    for (i = 0; i < tree->count && !run->failed; i++) {
        struct text key = tree->items[i].key;

        if (tree->kind == TREE_LIST)
            key = arena_format(&run->arena, "%zu", i);
        search_made(run, object, tree->items[i].value, tree_pointer(&run->arena, pointer, key), first);
    }
}

void print_find_misplaced(struct print_run *run, const struct print_object *object, size_t first)
{
    if (text_is_string(object->kind, "Namespace") || run->failed)
        return;
    if (first < run->template_count && run->templates[first].maker != NULL &&
        run->templates[first].object.tree == object->tree)
        search_made(run, object, object->tree, object->pointer, first);
    else
        search(run, object, object->tree, object->pointer, first);
}

static bool is_placeholder(struct text text)
{
    size_t i;

    for (i = 0; i + 1 < text.length; i++) {
        if ((text.at[i] == '$' && text.at[i + 1] == '{') || (text.at[i] == '{' && text.at[i + 1] == '{'))
            return true;
    }
    return false;
}

static void refuse_placeholders(struct print_run *run, const struct tree *tree)
{
    size_t i;

    if (tree == NULL)
        return;
    if (tree->kind == TREE_STRING && is_placeholder(tree->text)) {
        print_refuse(
            run, tree->line,
            "'%.*s' is a placeholder, and the decision needs the value: fill it in first, for example "
            "envsubst < FILE | efa-webhook --print-patch -",
            TEXT_ARGS(tree->text));
    }
    for (i = 0; i < tree->count; i++)
        refuse_placeholders(run, tree->items[i].value);
}

static void refuse_list_placeholders(struct print_run *run, const struct tree *list, const char *member)
{
    size_t i;

    for (i = 0; list != NULL && i < list->count; i++)
        refuse_placeholders(run, tree_find(list->items[i].value, member));
}

/* To the server a null is an annotation that is not there, which its author hardly meant. */
static void refuse_null(struct print_run *run, struct text key, size_t line, const char *where)
{
    static const struct text status = TEXT("status");
    static const struct text inject = TEXT("inject");
    struct text name = print_own_name(run, key);

    if (name.at == NULL || text_is(name, status))
        return;
    print_refuse(run, line, "metadata.%s: %.*s has no value; %s", where, TEXT_ARGS(key),
                 text_is(name, inject) ? "write \"true\"" : "give it one or remove it");
}

static void refuse_other_types(struct print_run *run, const struct tree *pairs, const char *where)
{
    size_t i;

    for (i = 0; pairs != NULL && pairs->kind == TREE_MAP && i < pairs->count; i++) {
        const struct tree *value = pairs->items[i].value;
        struct text key = pairs->items[i].key;

        if (value->kind == TREE_BOOL || value->kind == TREE_NUMBER) {
            print_refuse(run, value->line, "metadata.%s: %.*s must be a string; write it in quotes: \"%.*s\"",
                         where, TEXT_ARGS(key), TEXT_ARGS(value->text));
        } else if (value->kind == TREE_NULL) {
            refuse_null(run, key, value->line, where);
        } else if (value->kind != TREE_STRING) {
            print_refuse(run, value->line, "metadata.%s: %.*s must be a string", where, TEXT_ARGS(key));
        }
    }
}

void print_check_values(struct print_run *run, const struct print_template *template)
{
    const struct tree *metadata = tree_find(template->tree, "metadata");
    const struct tree *spec = tree_find(template->tree, "spec");
    const struct tree *annotations = tree_find(metadata, "annotations");
    size_t i;

    refuse_other_types(run, annotations, "annotations");
    refuse_other_types(run, tree_find(metadata, "labels"), "labels");
    refuse_placeholders(run, tree_find(spec, "nodeSelector"));
    refuse_placeholders(run, tree_find(spec, "affinity"));
    refuse_list_placeholders(run, tree_find(spec, "containers"), "resources");
    refuse_list_placeholders(run, tree_find(spec, "initContainers"), "resources");
    refuse_list_placeholders(run, tree_find(spec, "volumes"), "emptyDir");
    for (i = 0; annotations != NULL && i < annotations->count; i++) {
        if (text_has_prefix(annotations->items[i].key, run->snapshot->policy->prefix))
            refuse_placeholders(run, annotations->items[i].value);
    }
}
