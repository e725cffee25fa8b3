/* SPDX-License-Identifier: Apache-2.0 */
#include "core/pod.h"

#include "pod_read.h"

static void read_labels(struct json *json, void *into)
{
    struct pairs *labels = &((struct pod *)into)->labels;

    labels->member = json_read_pairs(json, &labels->items, &labels->count);
}

static void read_annotations(struct json *json, void *into)
{
    struct pairs *annotations = &((struct pod *)into)->annotations;

    annotations->member = json_read_pairs(json, &annotations->items, &annotations->count);
}

static void read_owner(struct json *json, void *into)
{
    static const struct json_field fields[] = {
        JSON_FIELD_TEXT("apiVersion", struct owner, api_version),
        JSON_FIELD_TEXT("kind", struct owner, kind),
        JSON_FIELD_TEXT("name", struct owner, name),
        JSON_FIELD_TEXT("uid", struct owner, uid),
        JSON_FIELD_BOOL("controller", struct owner, is_controller),
    };
    struct pod *pod = into;
    struct owner *owner;

    if (!POD_GROW(json, &pod->owners, pod->owner_count))
        return;
    owner = &pod->owners[pod->owner_count++];
    (void)json_read_object(json, fields, COUNT_OF(fields), owner);
}

static void read_owners(struct json *json, void *into)
{
    (void)json_read_array(json, read_owner, into);
}

static void read_metadata(struct json *json, void *into)
{
    static const struct json_field fields[] = {
        JSON_FIELD_TEXT("name", struct pod, name),
        JSON_FIELD_TEXT("generateName", struct pod, generate_name),
        JSON_FIELD_TEXT("namespace", struct pod, namespace),
        JSON_FIELD("labels", read_labels),
        JSON_FIELD("annotations", read_annotations),
        JSON_FIELD("ownerReferences", read_owners),
    };

    ((struct pod *)into)->metadata = json_read_object(json, fields, COUNT_OF(fields), into);
}

static void read_spec(struct json *json, void *into)
{
    pod_read_spec(json, into);
}

void pod_read(struct json *json, struct pod *ret_pod)
{
    static const struct json_field fields[] = {
        JSON_FIELD("metadata", read_metadata),
        JSON_FIELD("spec", read_spec),
    };

    *ret_pod = (struct pod){0};
    (void)json_read_object(json, fields, COUNT_OF(fields), ret_pod);
}

struct text pairs_find(const struct pairs *pairs, struct text key)
{
    size_t i;

    for (i = 0; i < pairs->count; i++) {
        if (text_is(pairs->items[i].key, key))
            return pairs->items[i].value;
    }
    return (struct text){0};
}

struct text pairs_find_string(const struct pairs *pairs, const char *key)
{
    return pairs_find(pairs, text_of(key));
}

const struct resource *resource_find(const struct resource_list *list, struct text name)
{
    size_t i;

    for (i = 0; i < list->count; i++) {
        if (text_is(list->items[i].name, name))
            return &list->items[i];
    }
    return NULL;
}

bool container_names(const struct container *container, struct text resource)
{
    return resource_find(&container->limits, resource) != NULL ||
           resource_find(&container->requests, resource) != NULL;
}

const struct mount *container_find_mount(const struct container *container, const char *path)
{
    size_t i;

    for (i = 0; i < container->mount_count; i++) {
        if (path_is(container->mounts[i].path, path))
            return &container->mounts[i];
    }
    return NULL;
}

const struct owner *pod_find_controller(const struct pod *pod)
{
    size_t i;

    for (i = 0; i < pod->owner_count; i++) {
        if (pod->owners[i].is_controller)
            return &pod->owners[i];
    }
    return NULL;
}
