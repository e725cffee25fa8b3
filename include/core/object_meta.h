/* SPDX-License-Identifier: Apache-2.0 */
/* The `metadata` of a Kubernetes object, as far as who changes an object has to know it. */
#ifndef CORE_OBJECT_META_H
#define CORE_OBJECT_META_H

#include "core/buffer.h"
#include "core/json.h"

struct object_meta {
    struct text resource_version;
    struct text created; /* creationTimestamp */
    struct pair *annotations;
    size_t annotation_count;
    struct pair *labels;
    size_t label_count;
    struct text controller_kind; /* of the owner that controls it; absent: none does */
    struct text controller_name;
};

/* Reads what comes next into the `struct object_meta` at `into`: a reader for JSON_FIELD tables. */
void object_meta_read(struct json *json, void *into);

/* Absent where there is no such annotation. */
struct text object_meta_annotation(const struct object_meta *meta, const char *key);

/*
 * Who else fills certificates in: cert-manager or another program that marks what it manages, or the
 * controller that owns the object ("Certificate efa-webhook"). Absent where nobody does.
 */
struct text object_meta_manager(const struct object_meta *meta, struct arena *arena);

/* Labels or annotations as an object of strings: {"key":"value"}. */
void object_meta_format_pairs(struct buffer *buffer, const struct pair *pairs, size_t count);

#endif
