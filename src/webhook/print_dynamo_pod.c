/* SPDX-License-Identifier: Apache-2.0 */
#include "print_dynamo_pod.h"

struct making {
    struct print_run *run;
    const struct print_object *object;
    const struct tree *graph; /* the object's spec */
    const struct tree *service;
    struct text name;
};

static struct tree *new_tree(const struct making *making, enum tree_kind kind)
{
    struct tree *tree = arena_alloc(&making->run->arena, sizeof(*tree));

    if (tree == NULL) {
        making->run->failed = true;
        return NULL;
    }
    *tree = (struct tree){.kind = kind, .line = making->service->line};
    return tree;
}

static struct tree *new_string(const struct making *making, struct text text)
{
    struct tree *tree = new_tree(making, TREE_STRING);

    if (tree != NULL)
        tree->text = text;
    return tree;
}

static void add_item(const struct making *making, struct tree *tree, struct text key, struct tree *value)
{
    struct tree_item *items;

    if (tree == NULL || value == NULL)
        return;
    items = arena_grow(&making->run->arena, tree->items, tree->count, sizeof(*items));
    if (items == NULL) {
        making->run->failed = true;
        return;
    }
    items[tree->count++] = (struct tree_item){.key = key, .value = value};
    tree->items = items;
}

/* A member, in place of one of the same name. A value that is NULL is none. */
static void set(const struct making *making, struct tree *map, const char *key, struct tree *value)
{
    struct tree_item *item = tree_find_item(map, text_of(key));

    if (item != NULL && value != NULL)
        item->value = value;
    else
        add_item(making, map, text_of(key), value);
}

static void set_string(const struct making *making, struct tree *map, const char *key, struct text text)
{
    if (text.at != NULL)
        set(making, map, key, new_string(making, text));
}

/* The same, but no member where the list is empty. */
static void set_list(const struct making *making, struct tree *map, const char *key, struct tree *list)
{
    if (list != NULL && list->count > 0)
        set(making, map, key, list);
}

/* All members of a map, over those that are there. */
static void set_all(const struct making *making, struct tree *map, const struct tree *from)
{
    size_t i;

    for (i = 0; from != NULL && from->kind == TREE_MAP && i < from->count; i++) {
        struct tree_item *item = tree_find_item(map, from->items[i].key);

        if (item != NULL)
            item->value = from->items[i].value;
        else
            add_item(making, map, from->items[i].key, from->items[i].value);
    }
}

static struct tree_item *find_named(const struct tree *list, const char *member, struct text name)
{
    size_t i;

    for (i = 0; list != NULL && i < list->count; i++) {
        if (text_is(tree_find_text(list->items[i].value, member), name))
            return &list->items[i];
    }
    return NULL;
}

/* All elements of a list, but those that `map` has by that name already are replaced. */
static void append_all(const struct making *making, struct tree *list, const struct tree *from,
                       const char *name)
{
    size_t i;

    for (i = 0; from != NULL && from->kind == TREE_LIST && i < from->count; i++) {
        struct tree *value = from->items[i].value;
        struct text key = name != NULL ? tree_find_text(value, name) : (struct text){0};
        struct tree_item *item = key.at != NULL ? find_named(list, name, key) : NULL;

        if (item != NULL)
            item->value = value;
        else
            add_item(making, list, (struct text){0}, value);
    }
}

/* Elements of a list but those that would be in the way of /dev/shm. */
static void append_without(const struct making *making, struct tree *list, const struct tree *from,
                           const char *member, struct text value)
{
    size_t i;

    for (i = 0; from != NULL && from->kind == TREE_LIST && i < from->count; i++) {
        if (!text_is(tree_find_text(from->items[i].value, member), value))
            add_item(making, list, (struct text){0}, from->items[i].value);
    }
}

/* Graph, service, extraPodMetadata: the later wins. */
static struct tree *merge_metadata(const struct making *making, const char *member)
{
    struct tree *merged = new_tree(making, TREE_MAP);

    set_all(making, merged, tree_find(making->graph, member));
    set_all(making, merged, tree_find(making->service, member));
    set_all(making, merged, tree_find(tree_find(making->service, "extraPodMetadata"), member));
    return merged;
}

static struct tree *make_metadata(const struct making *making)
{
    struct tree *metadata = new_tree(making, TREE_MAP);
    struct tree *labels = merge_metadata(making, "labels");
    struct text name = making->object->name;

    set_string(making, labels, "nvidia.com/dynamo-graph-deployment-name",
               name.at != NULL ? name : print_placeholder);
    set_string(making, labels, "nvidia.com/dynamo-component", making->name);
    set_string(making, labels, "nvidia.com/dynamo-component-type",
               tree_find_text(making->service, "componentType"));
    set_string(making, labels, "nvidia.com/dynamo-sub-component-type",
               tree_find_text(making->service, "subComponentType"));
    set(making, metadata, "labels", labels);
    set(making, metadata, "annotations", merge_metadata(making, "annotations"));
    return metadata;
}

/* Limits or requests: the container's own, below what the service says. */
static struct tree *make_quantities(const struct making *making, const struct tree *main, const char *which)
{
    static const char *const plain[] = {"cpu", "memory"};
    const struct tree *items = tree_find(tree_find(making->service, "resources"), which);
    struct text gpu = tree_find_text(items, "gpuType");
    struct tree *made = new_tree(making, TREE_MAP);
    struct tree *one = new_tree(making, TREE_MAP);
    struct tree *count = tree_find(items, "gpu");
    size_t i;

    set_all(making, made, tree_find(tree_find(main, "resources"), which));
    for (i = 0; i < COUNT_OF(plain); i++)
        set(making, made, plain[i], tree_find(items, plain[i]));
    add_item(making, one, gpu.length > 0 ? gpu : text_of("nvidia.com/gpu"), count);
    set_all(making, made, one);
    set_all(making, made, tree_find(items, "custom"));
    return made;
}

static struct tree *make_resources(const struct making *making, const struct tree *main)
{
    struct tree *resources = new_tree(making, TREE_MAP);
    struct tree *claims = new_tree(making, TREE_LIST);

    set(making, resources, "limits", make_quantities(making, main, "limits"));
    set(making, resources, "requests", make_quantities(making, main, "requests"));
    append_all(making, claims, tree_find(tree_find(main, "resources"), "claims"), NULL);
    append_all(making, claims, tree_find(tree_find(making->service, "resources"), "claims"), NULL);
    set_list(making, resources, "claims", claims);
    return resources;
}

static struct tree *new_pair(const struct making *making, const char *first, struct text text,
                             const char *second, struct tree *value)
{
    struct tree *pair = new_tree(making, TREE_MAP);

    set_string(making, pair, first, text);
    set(making, pair, second, value);
    return pair;
}

/* The operator's own variable, the container's, the graph's, the service's: the later wins. */
static struct tree *make_env(const struct making *making, const struct tree *main)
{
    struct tree *env = new_tree(making, TREE_LIST);
    struct text name = making->object->name;

    if (name.at == NULL)
        name = print_placeholder;
    add_item(making, env, (struct text){0},
             new_pair(making, "name", text_of("DYN_PARENT_DGD_K8S_NAME"), "value", new_string(making, name)));
    append_all(making, env, tree_find(main, "env"), "name");
    append_all(making, env, tree_find(making->graph, "envs"), "name");
    append_all(making, env, tree_find(making->service, "envs"), "name");
    return env;
}

static struct tree *make_env_from(const struct making *making, const struct tree *main)
{
    struct tree *list = new_tree(making, TREE_LIST);
    struct text secret = tree_find_text(making->service, "envFromSecret");
    struct tree *source = new_tree(making, TREE_MAP);
    struct tree *reference = new_tree(making, TREE_MAP);

    append_all(making, list, tree_find(main, "envFrom"), NULL);
    set_string(making, reference, "name", secret);
    set(making, source, "secretRef", reference);
    if (secret.at != NULL)
        add_item(making, list, (struct text){0}, source);
    return list;
}

static const struct text shm_volume = TEXT("shared-memory");
static const struct text shm_path = TEXT("/dev/shm");

static bool has_shm(const struct making *making)
{
    const struct tree *disabled = tree_find(tree_find(making->service, "sharedMemory"), "disabled");

    return disabled == NULL || disabled->kind != TREE_BOOL || !text_is_string(disabled->text, "true");
}

static struct tree *make_mounts(const struct making *making, const struct tree *main)
{
    const struct tree *own = tree_find(main, "volumeMounts");
    struct tree *kept = new_tree(making, TREE_LIST);
    struct tree *mounts = new_tree(making, TREE_LIST);

    if (!has_shm(making)) {
        append_all(making, mounts, own, NULL);
        return mounts;
    }
    append_without(making, kept, own, "name", shm_volume);
    append_without(making, mounts, kept, "mountPath", shm_path);
    add_item(making, mounts, (struct text){0},
             new_pair(making, "name", shm_volume, "mountPath", new_string(making, shm_path)));
    return mounts;
}

static struct tree *make_volumes(const struct making *making, const struct tree *extra)
{
    struct tree *volumes = new_tree(making, TREE_LIST);
    struct tree *size = tree_find(tree_find(making->service, "sharedMemory"), "size");

    if (!has_shm(making)) {
        append_all(making, volumes, tree_find(extra, "volumes"), NULL);
        return volumes;
    }
    if (size == NULL || size->kind == TREE_NULL)
        size = new_string(making, text_of("8Gi"));
    append_without(making, volumes, tree_find(extra, "volumes"), "name", shm_volume);
    add_item(making, volumes, (struct text){0},
             new_pair(making, "name", shm_volume, "emptyDir",
                      new_pair(making, "medium", text_of("Memory"), "sizeLimit", size)));
    return volumes;
}

static struct tree *make_container(const struct making *making, const struct tree *main)
{
    struct tree *container = new_tree(making, TREE_MAP);

    set_string(making, container, "name", text_of("main"));
    set_all(making, container, main);
    set(making, container, "resources", make_resources(making, main));
    set(making, container, "env", make_env(making, main));
    set_list(making, container, "envFrom", make_env_from(making, main));
    set_list(making, container, "volumeMounts", make_mounts(making, main));
    return container;
}

static struct tree *make_spec(const struct making *making)
{
    const struct tree *extra = tree_find(making->service, "extraPodSpec");
    struct tree *spec = new_tree(making, TREE_MAP);
    struct tree *containers = new_tree(making, TREE_LIST);
    size_t i;

    for (i = 0; extra != NULL && extra->kind == TREE_MAP && i < extra->count; i++) {
        if (!text_is_string(extra->items[i].key, "mainContainer"))
            add_item(making, spec, extra->items[i].key, extra->items[i].value);
    }
    append_all(making, containers, tree_find(extra, "containers"), NULL);
    add_item(making, containers, (struct text){0}, make_container(making, tree_find(extra, "mainContainer")));
    set(making, spec, "containers", containers);
    set_list(making, spec, "volumes", make_volumes(making, extra));
    return spec;
}

const struct tree *print_dynamo_pod(struct print_run *run, const struct print_object *object,
                                    const struct tree_item *service)
{
    const struct making making = {
        .run = run,
        .object = object,
        .graph = tree_find(object->tree, "spec"),
        .service = service->value,
        .name = service->key,
    };
    struct tree *pod = new_tree(&making, TREE_MAP);

    set(&making, pod, "metadata", make_metadata(&making));
    set(&making, pod, "spec", make_spec(&making));
    return run->failed ? NULL : pod;
}
