/* SPDX-License-Identifier: Apache-2.0 */
/* A MutatingWebhookConfiguration: whom API servers call, and whose certificates they trust there. */
#ifndef CORE_WEBHOOK_CONFIGURATION_H
#define CORE_WEBHOOK_CONFIGURATION_H

#include "core/buffer.h"
#include "core/object_meta.h"

/* One webhook. The URL is absent where a Service is called, and the other way about. */
struct webhook_entry {
    struct text name;
    struct text bundle; /* caBundle, in base64 */
    struct text url;
    struct text service_name;
    struct text service_namespace;
};

struct webhook_configuration {
    struct object_meta meta;
    struct webhook_entry *entries;
    size_t count;
};

MUST_CHECK bool webhook_configuration_read(struct text bytes, struct arena *arena,
                                           struct webhook_configuration *ret_configuration,
                                           struct error *err);

/*
 * The body of a server-side apply that gives every webhook this bundle (PEM) and the object these
 * annotations; it names nothing else, so nothing else changes.
 */
void webhook_configuration_format(struct buffer *buffer, const char *name,
                                  const struct webhook_configuration *configuration, struct text bundle,
                                  const struct pair *annotation);

#endif
