/* SPDX-License-Identifier: Apache-2.0 */
#include "core/node_taint.h"

#include "core/object_meta.h"

struct entry {
    struct text key;
    struct text effect;
};

struct node {
    struct text kind;
    struct object_meta meta;
    struct text key; /* that is looked for */
    size_t count;    /* of taints so far */
    struct node_taint taint;
};

static void read_taint(struct json *json, void *into)
{
    static const struct json_field fields[] = {
        JSON_FIELD_TEXT("key", struct entry, key),
        JSON_FIELD_TEXT("effect", struct entry, effect),
    };
    struct node *node = into;
    struct entry entry = {.key = {0}};

    (void)json_read_object(json, fields, COUNT_OF(fields), &entry);
    if (text_is(entry.key, node->key) && text_is_string(entry.effect, NODE_TAINT_EFFECT)) {
        node->taint.is_there = true;
        node->taint.position = node->count;
    }
    node->count++;
}

static void read_taints(struct json *json, void *into)
{
    struct node *node = into;

    node->taint.has_list = json_read_array(json, read_taint, node) == MEMBER_PRESENT;
}

static void read_spec(struct json *json, void *into)
{
    static const struct json_field fields[] = {JSON_FIELD("taints", read_taints)};

    (void)json_read_object(json, fields, COUNT_OF(fields), into);
}

static void read_meta(struct json *json, void *into)
{
    struct node *node = into;

    object_meta_read(json, &node->meta);
}

bool node_taint_parse(struct text json, struct text key, struct arena *arena, struct node_taint *ret_taint,
                      struct error *err)
{
    static const struct json_field fields[] = {
        JSON_FIELD_TEXT("kind", struct node, kind),
        JSON_FIELD("metadata", read_meta),
        JSON_FIELD("spec", read_spec),
    };
    struct node node = {.key = key};
    struct json reader;

    json_init(&reader, json, arena);
    (void)json_read_object(&reader, fields, COUNT_OF(fields), &node);
    if (!json_finish(&reader, err)) {
        err->kind = err->kind == ERROR_INPUT ? ERROR_REMOTE : err->kind;
        return error_wrap(err, "the Node");
    }
    if (!text_is_string(node.kind, "Node") || node.meta.resource_version.length == 0)
        return error_set(err, ERROR_REMOTE, "what came is no Node with a resourceVersion");
    node.taint.resource_version = node.meta.resource_version;
    *ret_taint = node.taint;
    return true;
}

void node_taint_format_patch(struct buffer *buffer, const struct node_taint *taint, struct text key)
{
    buffer_add_string(buffer, "[{\"op\":\"test\",\"path\":\"/metadata/resourceVersion\",\"value\":");
    buffer_add_json(buffer, taint->resource_version);
    if (taint->is_there) {
        buffer_add_string(buffer, "},{\"op\":\"remove\",\"path\":\"/spec/taints/");
        buffer_add_unsigned(buffer, taint->position);
        buffer_add_string(buffer, "\"}]");
        return;
    }
    buffer_add_string(buffer, "},{\"op\":\"add\",\"path\":\"/spec/taints");
    buffer_add_string(buffer, taint->has_list ? "/-\",\"value\":" : "\",\"value\":[");
    buffer_add_string(buffer, "{\"key\":");
    buffer_add_json(buffer, key);
    buffer_add_string(buffer, ",\"effect\":\"" NODE_TAINT_EFFECT "\"}");
    buffer_add_string(buffer, taint->has_list ? "}]" : "]}]");
}
