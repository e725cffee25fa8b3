/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 6902 as the API server applies it, for tests: `add` alone, since our patches hold nothing else. */
#ifndef SUPPORT_JSON_PATCH_H
#define SUPPORT_JSON_PATCH_H

#include <jansson.h>

/*
 * Apply a patch (a list of operations) to a document in place. NULL when all went well, else a sentence on
 * what did not fit, which is static; the document may be half changed then.
 */
const char *json_patch_apply(json_t *document, const json_t *patch);

/*
 * Whether what was in `before` is still in `after`: every member of every object, every element of every list
 * at its place. Nulls may have become anything, and so may the text at one of the `replaceable` pointers
 * (which end with a NULL). NULL, or a sentence; `ret_path` (of `size` bytes) then names the place.
 */
const char *json_patch_loss(const json_t *before, const json_t *after, const char *const *replaceable,
                            char *ret_path, size_t size);

#endif
