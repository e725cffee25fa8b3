/* SPDX-License-Identifier: Apache-2.0 */
#include "core/pod_promise.h"

#include "core/json.h"
#include "promised_status.h"

/* What is passed through the reader's tables. */
struct list {
    struct arena *arena; /* of the expectation */
    struct text status_key;
    struct pod_promise *pods; /* those that were there before, too */
    size_t count;
    struct text kind;
    struct text next;
    bool has_items;
};

struct item {
    const struct list *list;
    struct pod_promise pod;
    struct text status;
};

static void read_annotations(struct json *json, void *into)
{
    struct item *item = into;
    const struct json_field fields[] = {
        {.name = item->list->status_key, .kind = JSON_INTO_TEXT, .offset = offsetof(struct item, status)},
    };

    (void)json_read_object(json, fields, COUNT_OF(fields), item);
}

static void read_metadata(struct json *json, void *into)
{
    static const struct json_field fields[] = {
        JSON_FIELD_TEXT("namespace", struct item, pod.namespace),
        JSON_FIELD_TEXT("name", struct item, pod.name),
        JSON_FIELD_TEXT("uid", struct item, pod.uid),
        JSON_FIELD("annotations", read_annotations),
    };

    (void)json_read_object(json, fields, COUNT_OF(fields), into);
}

static bool keep_item(struct list *list, struct item *item)
{
    struct error ignored;
    struct pod_promise *pods;

    if (!arena_keep(list->arena, &item->pod.namespace) || !arena_keep(list->arena, &item->pod.name) ||
        !arena_keep(list->arena, &item->pod.uid) ||
        !promised_status_read(item->status, list->arena, &item->pod, &ignored))
        return false;
    pods = arena_grow(list->arena, list->pods, list->count, sizeof(*pods));
    if (pods == NULL)
        return false;
    pods[list->count++] = item->pod;
    list->pods = pods;
    return true;
}

static void read_item(struct json *json, void *into)
{
    static const struct json_field fields[] = {JSON_FIELD("metadata", read_metadata)};
    struct list *list = into;
    struct item item = {.list = list};

    (void)json_read_object(json, fields, COUNT_OF(fields), &item);
    if (json->failure != ERROR_NONE)
        return;
    if (item.pod.name.length == 0 || item.pod.uid.length == 0)
        json_fail(json, "must have a name and a uid");
    else if (list->count == POD_PROMISES_MAX)
        json_fail(json, "is one pod too many for a node");
    else if (!keep_item(list, &item))
        json_fail_memory(json);
}

static void read_items(struct json *json, void *into)
{
    struct list *list = into;

    list->has_items = true;
    (void)json_read_array(json, read_item, list);
}

static void read_list_metadata(struct json *json, void *into)
{
    static const struct json_field fields[] = {JSON_FIELD_TEXT("continue", struct list, next)};

    (void)json_read_object(json, fields, COUNT_OF(fields), into);
}

static bool read_list(struct json *json, struct list *list, struct error *err)
{
    static const struct json_field fields[] = {
        JSON_FIELD_TEXT("kind", struct list, kind),
        JSON_FIELD("metadata", read_list_metadata),
        JSON_FIELD("items", read_items),
    };

    (void)json_read_object(json, fields, COUNT_OF(fields), list);
    if (!json_finish(json, err)) {
        if (err->kind == ERROR_INPUT)
            err->kind = ERROR_REMOTE;
        return error_wrap(err, "the list of pods");
    }
    if (!text_is_string(list->kind, "PodList") && !text_is_string(list->kind, "PartialObjectMetadataList"))
        return error_set(err, ERROR_REMOTE, "what came is no list of pods: its kind is '%.*s'",
                         TEXT_ARGS_SHORT(list->kind));
    return list->has_items || error_set(err, ERROR_REMOTE, "the list of pods has no items");
}

bool pod_promises_parse(struct text json, struct text prefix, struct expectation *expectation,
                        struct text *ret_next, struct error *err)
{
    AUTO(arena_release) struct arena scratch = {0};
    const struct text key[] = {prefix, TEXT("/status")};
    struct list list = {
        .arena = &expectation->arena,
        .status_key = arena_join(&scratch, key, COUNT_OF(key)),
        .pods = expectation->promises,
        .count = expectation->promise_count,
    };
    struct json reader;

    if (list.status_key.at == NULL)
        return error_memory(err);
    json_init(&reader, json, &scratch);
    if (!read_list(&reader, &list, err))
        return false;
    if (list.next.length == 0)
        list.next = (struct text){0};
    if (!arena_keep(list.arena, &list.next))
        return error_memory(err);
    expectation->promises = list.pods;
    expectation->promise_count = list.count;
    expectation->pods = reading_known(list.count);
    *ret_next = list.next;
    return true;
}
