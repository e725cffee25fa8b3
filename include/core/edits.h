/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A JSON Patch as changes to the text of a manifest, so that its comments, order and quoting stay.
 *
 *     struct edits edits = {.bytes = bytes, .is_json = documents.is_json, .arena = &arena};
 *     if (!edits_add(&edits, root, pointer, value, err) || ...)
 *         return false;
 *     edits_apply(&edits, &buffer);
 *
 * Block and flow style, both ways of indenting lists, CRLF, a missing last newline and JSON's own indentation
 * are kept. What is reached through an alias, or stands behind an anchor that an alias names, is not changed:
 * ERROR_INPUT.
 */
#ifndef CORE_EDITS_H
#define CORE_EDITS_H

#include "core/tree.h"

struct edit {
    size_t begin; /* these bytes go ... */
    size_t end;
    struct text text; /* ... and this comes */
    size_t rank;      /* among edits at one place the deepest comes first, ... */
    size_t order;     /* ... then the one that was added first */
    size_t new_begin; /* where `text` stands in the result; set by edits_apply() */
};

struct edits {
    struct text bytes;
    bool is_json;
    struct arena *arena;
    struct edit *items;
    size_t count;
    size_t line; /* of what edits_add() was last about, for messages */
};

/*
 * Add an operation: `add` of JSON text at a pointer into a document that was read from the bytes. A map's
 * member that is there already is replaced where it is null or a scalar. `ret_line` is written on
 * ERROR_INPUT.
 */
MUST_CHECK bool edits_add(struct edits *edits, struct tree *root, struct text pointer, struct text json,
                          struct error *err);

/* The changed text, behind what the buffer holds. Sorts the edits by place. */
void edits_apply(struct edits *edits, struct buffer *buffer);

#endif
