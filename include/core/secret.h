/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A Kubernetes Secret: read what the API server sends, write what is applied to it.
 *
 * Texts point into what was read, or into the arena; what holds a key is the caller's to wipe.
 */
#ifndef CORE_SECRET_H
#define CORE_SECRET_H

#include "core/buffer.h"
#include "core/object_meta.h"

struct secret {
    struct object_meta meta;
    struct text type;
    struct pair *data; /* values in base64 */
    size_t data_count;
};

/* What is applied; all texts as they are, not in base64. */
struct secret_apply {
    const char *name;
    const char *namespace;
    struct text type;
    struct text resource_version;
    const struct pair *labels;
    size_t label_count;
    const struct pair *annotations;
    size_t annotation_count;
    const struct pair *data;
    size_t data_count;
};

MUST_CHECK bool secret_read(struct text bytes, struct arena *arena, struct secret *ret_secret,
                            struct error *err);

/*
 * The bytes of a key of `data`, followed by a NUL. Absent where there is none, or it is empty or no base64;
 * false only where memory runs out.
 */
MUST_CHECK bool secret_find(const struct secret *secret, const char *key, struct arena *arena,
                            struct text *ret_bytes, struct error *err);

/* The body of a server-side apply. */
void secret_format(struct buffer *buffer, const struct secret_apply *apply);

#endif
