/* SPDX-License-Identifier: Apache-2.0 */
#include "core/pod.h"

#include "pod_read.h"

static void read_name(struct json *json, void *into)
{
    ((struct pod *)into)->name = pod_read_text(json);
}

static void read_generate_name(struct json *json, void *into)
{
    ((struct pod *)into)->generate_name = pod_read_text(json);
}

static void read_namespace(struct json *json, void *into)
{
    ((struct pod *)into)->namespace = pod_read_text(json);
}

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

static void read_owner_api_version(struct json *json, void *into)
{
    ((struct owner *)into)->api_version = pod_read_text(json);
}

static void read_owner_kind(struct json *json, void *into)
{
    ((struct owner *)into)->kind = pod_read_text(json);
}

static void read_owner_name(struct json *json, void *into)
{
    ((struct owner *)into)->name = pod_read_text(json);
}

static void read_owner_uid(struct json *json, void *into)
{
    ((struct owner *)into)->uid = pod_read_text(json);
}

static void read_owner_controller(struct json *json, void *into)
{
    ((struct owner *)into)->is_controller = pod_read_bool(json);
}

static void read_owner(struct json *json, void *into)
{
    static const struct json_field fields[] = {
        {TEXT("apiVersion"), read_owner_api_version},
        {TEXT("kind"), read_owner_kind},
        {TEXT("name"), read_owner_name},
        {TEXT("uid"), read_owner_uid},
        {TEXT("controller"), read_owner_controller},
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
        {TEXT("name"), read_name},
        {TEXT("generateName"), read_generate_name},
        {TEXT("namespace"), read_namespace},
        {TEXT("labels"), read_labels},
        {TEXT("annotations"), read_annotations},
        {TEXT("ownerReferences"), read_owners},
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
        {TEXT("metadata"), read_metadata},
        {TEXT("spec"), read_spec},
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

const struct owner *pod_find_controller(const struct pod *pod)
{
    size_t i;

    for (i = 0; i < pod->owner_count; i++) {
        if (pod->owners[i].is_controller)
            return &pod->owners[i];
    }
    return NULL;
}
