/* SPDX-License-Identifier: Apache-2.0 */
#include "core/secret.h"

#include "core/base64.h"

static void read_meta(struct json *json, void *into)
{
    struct secret *secret = into;

    object_meta_read(json, &secret->meta);
}

static void read_data(struct json *json, void *into)
{
    struct secret *secret = into;

    (void)json_read_pairs(json, &secret->data, &secret->data_count);
}

bool secret_read(struct text bytes, struct arena *arena, struct secret *ret_secret, struct error *err)
{
    static const struct json_field fields[] = {
        JSON_FIELD("metadata", read_meta),
        JSON_FIELD("data", read_data),
        JSON_FIELD_TEXT("type", struct secret, type),
    };
    struct secret secret = {.data_count = 0};
    struct json json;

    json_init(&json, bytes, arena);
    if (json_read_object(&json, fields, COUNT_OF(fields), &secret) != MEMBER_PRESENT)
        json_fail(&json, "must be an object");
    if (!json_finish(&json, err))
        return false;
    if (secret.meta.resource_version.at == NULL)
        return error_set(err, ERROR_INPUT, "metadata.resourceVersion is missing");
    *ret_secret = secret;
    return true;
}

bool secret_find(const struct secret *secret, const char *key, struct arena *arena, struct text *ret_bytes,
                 struct error *err)
{
    struct text bytes = {0};

    for (size_t i = 0; i < secret->data_count; i++) {
        struct error trouble = {.kind = ERROR_NONE};

        if (!text_is_string(secret->data[i].key, key))
            continue;
        if (!base64_parse(secret->data[i].value, arena, &bytes, &trouble) || bytes.length == 0)
            bytes = (struct text){0};
        if (trouble.kind == ERROR_MEMORY)
            return error_memory(err);
    }
    *ret_bytes = bytes;
    return true;
}

static void format_data(struct buffer *buffer, const struct pair *data, size_t count)
{
    buffer_add_char(buffer, '{');
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buffer_add_char(buffer, ',');
        buffer_add_json(buffer, data[i].key);
        buffer_add_string(buffer, ":\"");
        buffer_add_base64(buffer, data[i].value);
        buffer_add_char(buffer, '"');
    }
    buffer_add_char(buffer, '}');
}

void secret_format(struct buffer *buffer, const struct secret_apply *apply)
{
    buffer_add_string(buffer, "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"name\":");
    buffer_add_json(buffer, text_of(apply->name));
    buffer_add_string(buffer, ",\"namespace\":");
    buffer_add_json(buffer, text_of(apply->namespace));
    buffer_add_string(buffer, ",\"resourceVersion\":");
    buffer_add_json(buffer, apply->resource_version);
    buffer_add_string(buffer, ",\"labels\":");
    object_meta_format_pairs(buffer, apply->labels, apply->label_count);
    buffer_add_string(buffer, ",\"annotations\":");
    object_meta_format_pairs(buffer, apply->annotations, apply->annotation_count);
    buffer_add_string(buffer, "},\"type\":");
    buffer_add_json(buffer, apply->type);
    buffer_add_string(buffer, ",\"data\":");
    format_data(buffer, apply->data, apply->data_count);
    buffer_add_char(buffer, '}');
}
