/* SPDX-License-Identifier: Apache-2.0 */
#include "pod_read.h"

#include "core/hash.h"

bool pod_grow(struct json *json, void **array, size_t count, size_t size)
{
    void *larger = json->failure == ERROR_NONE ? arena_grow(json->arena, *array, count, size) : NULL;

    if (larger == NULL) {
        json_fail_memory(json);
        return false;
    }
    *array = larger;
    return true;
}

struct text pod_read_amount(struct json *json)
{
    if (json_skip_null(json))
        return (struct text){0};
    if (json_peek(json) == JSON_NEXT_NUMBER)
        return json_number(json);
    return json_text(json);
}

static void read_text_element(struct json *json, void *into)
{
    struct texts *texts = into;
    struct text text = json_text_or_null(json);

    if (!POD_GROW(json, &texts->items, texts->count))
        return;
    texts->items[texts->count++] = text;
}

void pod_read_texts(struct json *json, struct texts *texts)
{
    (void)json_read_array(json, read_text_element, texts);
}

/* A resource list may be long only by mistake, yet must stay linear. */
static void check_names(struct json *json, const struct resource_list *list)
{
    struct index names;
    size_t i;

    if (list->count < 2)
        return;
    if (!index_init(&names, json->arena, list->count)) {
        json_fail_memory(json);
        return;
    }
    for (i = 0; i < list->count; i++) {
        if (!index_add(&names, list->items[i].name, i))
            json_fail(json, "names a resource twice");
    }
}

void pod_read_resources(struct json *json, struct resource_list *list)
{
    struct text name;

    if (json_skip_null(json)) {
        list->member = MEMBER_NULL;
        return;
    }
    list->member = MEMBER_PRESENT;
    json_object_start(json);
    while (json_next_member(json, &name)) {
        struct text amount = pod_read_amount(json);

        if (!POD_GROW(json, &list->items, list->count))
            return;
        list->items[list->count++] =
            (struct resource){.name = name, .amount = amount, .is_null = amount.at == NULL};
    }
    check_names(json, list);
}

static void read_limits(struct json *json, void *into)
{
    pod_read_resources(json, &((struct container *)into)->limits);
}

static void read_requests(struct json *json, void *into)
{
    pod_read_resources(json, &((struct container *)into)->requests);
}

static void read_claim(struct json *json, void *into)
{
    static const struct json_field fields[] = {
        JSON_FIELD_TEXT("name", struct pair, key),
        JSON_FIELD_TEXT("request", struct pair, value),
    };
    struct container *container = into;

    if (!POD_GROW(json, &container->claims, container->claim_count))
        return;
    (void)json_read_object(json, fields, COUNT_OF(fields), &container->claims[container->claim_count++]);
}

static void read_claims(struct json *json, void *into)
{
    (void)json_read_array(json, read_claim, into);
}

static void read_container_resources(struct json *json, void *into)
{
    static const struct json_field fields[] = {
        JSON_FIELD("limits", read_limits),
        JSON_FIELD("requests", read_requests),
        JSON_FIELD("claims", read_claims),
    };

    ((struct container *)into)->resources = json_read_object(json, fields, COUNT_OF(fields), into);
}

static void read_variable(struct json *json, void *into)
{
    static const struct json_field fields[] = {
        JSON_FIELD_TEXT("name", struct variable, name),
        JSON_FIELD_TEXT("value", struct variable, value),
    };
    struct container *container = into;

    if (!POD_GROW(json, &container->variables, container->variable_count))
        return;
    (void)json_read_object(json, fields, COUNT_OF(fields),
                           &container->variables[container->variable_count++]);
}

static void read_env(struct json *json, void *into)
{
    ((struct container *)into)->env = json_read_array(json, read_variable, into);
}

static void read_env_source(struct json *json, void *into)
{
    ((struct container *)into)->has_env_from = true;
    (void)json_skip(json);
}

static void read_env_from(struct json *json, void *into)
{
    (void)json_read_array(json, read_env_source, into);
}

static void read_mount(struct json *json, void *into)
{
    static const struct json_field fields[] = {
        JSON_FIELD_TEXT("name", struct mount, volume),
        JSON_FIELD_TEXT("mountPath", struct mount, path),
    };
    struct container *container = into;

    if (!POD_GROW(json, &container->mounts, container->mount_count))
        return;
    (void)json_read_object(json, fields, COUNT_OF(fields), &container->mounts[container->mount_count++]);
}

static void read_mounts(struct json *json, void *into)
{
    ((struct container *)into)->volume_mounts = json_read_array(json, read_mount, into);
}

static void read_container_restart(struct json *json, void *into)
{
    ((struct container *)into)->is_sidecar = text_is_string(json_text_or_null(json), "Always");
}

void pod_read_container(struct json *json, struct container *container)
{
    static const struct json_field fields[] = {
        JSON_FIELD_TEXT("name", struct container, name),
        JSON_FIELD("resources", read_container_resources),
        JSON_FIELD("env", read_env),
        JSON_FIELD("envFrom", read_env_from),
        JSON_FIELD("volumeMounts", read_mounts),
        JSON_FIELD("restartPolicy", read_container_restart),
    };

    (void)json_read_object(json, fields, COUNT_OF(fields), container);
}
