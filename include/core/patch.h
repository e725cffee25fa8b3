/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A decision as a JSON Patch (RFC 6902): only `add`, the smallest thing, in the order of the document.
 *
 * A parent that is missing (or null) is created once, whole; so no operation lies within another's value, and
 * the path of every operation's parent exists in the pod as it came.
 */
#ifndef CORE_PATCH_H
#define CORE_PATCH_H

#include "core/buffer.h"
#include "core/decision.h"

struct operation {
    struct text path;  /* an RFC 6901 pointer */
    struct text value; /* JSON */
};

struct patch {
    struct operation *operations;
    size_t count;
};

/* The operations of a decision; none where nothing is to be changed. Texts are the arena's. */
MUST_CHECK bool patch_build(const struct decision *decision, struct arena *arena, struct patch *ret_patch,
                            struct error *err);

/* [{"op":"add","path":…,"value":…},…] without white space; "[]" for none. */
void patch_format(const struct patch *patch, struct buffer *buffer);

/* The same for people, one operation a line and a newline at the end; "[]\n" for none. */
void patch_format_lines(const struct patch *patch, struct buffer *buffer);

/*
 * Resolve each operation's path again over the pod's bytes, as the API server will: the parent must be there
 * and of the right type. A miss is our mistake: ERROR_SYSTEM with the path.
 *
 * The bytes were checked when the pod was read: the walk ends where the last operation's parent is found.
 * `spans` are what the reader of these very bytes noted; NULL where nobody did.
 */
MUST_CHECK bool patch_check(const struct patch *patch, struct text pod, const struct json_spans *spans,
                            struct arena *arena, struct error *err);

#endif
