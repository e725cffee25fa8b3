/* SPDX-License-Identifier: Apache-2.0 */
#include "core/object_meta.h"

struct owner {
    struct text kind;
    struct text name;
    bool is_controller;
};

static void read_owner(struct json *json, void *into)
{
    static const struct json_field fields[] = {
        JSON_FIELD_TEXT("kind", struct owner, kind),
        JSON_FIELD_TEXT("name", struct owner, name),
        JSON_FIELD_BOOL("controller", struct owner, is_controller),
    };
    struct object_meta *meta = into;
    struct owner owner = {.is_controller = false};

    (void)json_read_object(json, fields, COUNT_OF(fields), &owner);
    if (owner.is_controller) {
        meta->controller_kind = owner.kind;
        meta->controller_name = owner.name;
    }
}

static void read_owners(struct json *json, void *into)
{
    (void)json_read_array(json, read_owner, into);
}

static void read_annotations(struct json *json, void *into)
{
    struct object_meta *meta = into;

    (void)json_read_pairs(json, &meta->annotations, &meta->annotation_count);
}

static void read_labels(struct json *json, void *into)
{
    struct object_meta *meta = into;

    (void)json_read_pairs(json, &meta->labels, &meta->label_count);
}

void object_meta_read(struct json *json, void *into)
{
    static const struct json_field fields[] = {
        JSON_FIELD_TEXT("resourceVersion", struct object_meta, resource_version),
        JSON_FIELD_TEXT("creationTimestamp", struct object_meta, created),
        JSON_FIELD("annotations", read_annotations),
        JSON_FIELD("labels", read_labels),
        JSON_FIELD("ownerReferences", read_owners),
    };

    (void)json_read_object(json, fields, COUNT_OF(fields), into);
}

struct text object_meta_annotation(const struct object_meta *meta, const char *key)
{
    for (size_t i = 0; i < meta->annotation_count; i++) {
        if (text_is_string(meta->annotations[i].key, key))
            return meta->annotations[i].value;
    }
    return (struct text){0};
}

static bool has_key_under(const struct pair *pairs, size_t count, struct text prefix)
{
    for (size_t i = 0; i < count; i++) {
        if (text_has_prefix(pairs[i].key, prefix))
            return true;
    }
    return false;
}

struct text object_meta_manager(const struct object_meta *meta, struct arena *arena)
{
    /* The annotations and labels by which those who fill in Secrets and bundles mark them, in their own docs.
     */
    static const struct {
        struct text prefix;
        struct text who;
    } marks[] = {
        {TEXT("cert-manager.io/"), TEXT("cert-manager")},
        {TEXT("controller.cert-manager.io/"), TEXT("cert-manager")},
        {TEXT("service.beta.openshift.io/"), TEXT("OpenShift's service CA")},
        {TEXT("service.alpha.openshift.io/"), TEXT("OpenShift's service CA")},
        {TEXT("reconcile.external-secrets.io/"), TEXT("External Secrets")},
    };

    for (size_t i = 0; i < COUNT_OF(marks); i++) {
        if (has_key_under(meta->annotations, meta->annotation_count, marks[i].prefix) ||
            has_key_under(meta->labels, meta->label_count, marks[i].prefix))
            return marks[i].who;
    }
    if (meta->controller_kind.at == NULL)
        return (struct text){0};
    return arena_format(arena, "%.*s %.*s", TEXT_ARGS_MAX(meta->controller_kind, 60),
                        TEXT_ARGS_MAX(meta->controller_name, 60));
}

void object_meta_format_pairs(struct buffer *buffer, const struct pair *pairs, size_t count)
{
    buffer_add_char(buffer, '{');
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buffer_add_char(buffer, ',');
        buffer_add_json(buffer, pairs[i].key);
        buffer_add_char(buffer, ':');
        buffer_add_json(buffer, pairs[i].value);
    }
    buffer_add_char(buffer, '}');
}
