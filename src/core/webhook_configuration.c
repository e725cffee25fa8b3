/* SPDX-License-Identifier: Apache-2.0 */
#include "core/webhook_configuration.h"

static void read_meta(struct json *json, void *into)
{
    struct webhook_configuration *configuration = into;

    object_meta_read(json, &configuration->meta);
}

static void read_service(struct json *json, void *into)
{
    static const struct json_field fields[] = {
        JSON_FIELD_TEXT("name", struct webhook_entry, service_name),
        JSON_FIELD_TEXT("namespace", struct webhook_entry, service_namespace),
    };

    (void)json_read_object(json, fields, COUNT_OF(fields), into);
}

static void read_client(struct json *json, void *into)
{
    static const struct json_field fields[] = {
        JSON_FIELD_TEXT("caBundle", struct webhook_entry, bundle),
        JSON_FIELD_TEXT("url", struct webhook_entry, url),
        JSON_FIELD("service", read_service),
    };

    (void)json_read_object(json, fields, COUNT_OF(fields), into);
}

static void read_webhook(struct json *json, void *into)
{
    static const struct json_field fields[] = {
        JSON_FIELD_TEXT("name", struct webhook_entry, name),
        JSON_FIELD("clientConfig", read_client),
    };
    struct webhook_configuration *configuration = into;
    struct webhook_entry *larger =
        arena_grow(json->arena, configuration->entries, configuration->count, sizeof(*larger));

    if (larger == NULL) {
        json_fail_memory(json);
        return;
    }
    configuration->entries = larger;
    larger += configuration->count++;
    *larger = (struct webhook_entry){.name = {0}};
    (void)json_read_object(json, fields, COUNT_OF(fields), larger);
}

static void read_webhooks(struct json *json, void *into)
{
    (void)json_read_array(json, read_webhook, into);
}

bool webhook_configuration_read(struct text bytes, struct arena *arena,
                                struct webhook_configuration *ret_configuration, struct error *err)
{
    static const struct json_field fields[] = {
        JSON_FIELD("metadata", read_meta),
        JSON_FIELD("webhooks", read_webhooks),
    };
    struct webhook_configuration configuration = {.count = 0};
    struct json json;

    json_init(&json, bytes, arena);
    if (json_read_object(&json, fields, COUNT_OF(fields), &configuration) != MEMBER_PRESENT)
        json_fail(&json, "must be an object");
    if (!json_finish(&json, err))
        return false;
    if (configuration.meta.resource_version.at == NULL)
        return error_set(err, ERROR_INPUT, "metadata.resourceVersion is missing");
    for (size_t i = 0; i < configuration.count; i++) {
        if (configuration.entries[i].name.at == NULL)
            return error_set(err, ERROR_INPUT, "webhooks[%zu].name is missing", i);
    }
    *ret_configuration = configuration;
    return true;
}

void webhook_configuration_format(struct buffer *buffer, const char *name,
                                  const struct webhook_configuration *configuration, struct text bundle,
                                  const struct pair *annotation)
{
    buffer_add_string(buffer, "{\"apiVersion\":\"admissionregistration.k8s.io/v1\","
                              "\"kind\":\"MutatingWebhookConfiguration\",\"metadata\":{\"name\":");
    buffer_add_json(buffer, text_of(name));
    buffer_add_string(buffer, ",\"resourceVersion\":");
    buffer_add_json(buffer, configuration->meta.resource_version);
    buffer_add_string(buffer, ",\"annotations\":");
    object_meta_format_pairs(buffer, annotation, 1);
    buffer_add_string(buffer, "},\"webhooks\":[");
    for (size_t i = 0; i < configuration->count; i++) {
        buffer_add_string(buffer, i > 0 ? ",{\"name\":" : "{\"name\":");
        buffer_add_json(buffer, configuration->entries[i].name);
        buffer_add_string(buffer, ",\"clientConfig\":{\"caBundle\":\"");
        buffer_add_base64(buffer, bundle);
        buffer_add_string(buffer, "\"}}");
    }
    buffer_add_string(buffer, "]}");
}
