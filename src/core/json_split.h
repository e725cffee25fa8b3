/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a JSON value ends whose bytes come in pieces.
 *
 *     struct json_split split = {0};
 *     ...for each piece: length = json_split_take(&split, piece, &is_whole)
 *
 * It looks at brackets and quotes alone: whether the bytes are JSON is for a reader of the whole value.
 */
#ifndef CORE_JSON_SPLIT_H
#define CORE_JSON_SPLIT_H

#include "core/text.h"

struct json_split {
    size_t depth;
    bool has_begun;
    bool is_scalar; /* a number or a literal: what follows ends it */
    bool is_in_string;
    bool is_escaped; /* the byte before was a backslash of a string */
};

/* Whether a value can begin with that byte. */
bool json_split_begins(char byte);

/* How many bytes of the piece are the value's, which begins (or goes on) at its first one; `ret_is_whole`: it
   ends there. A scalar is whole when the byte after it was seen. */
size_t json_split_take(struct json_split *split, struct text piece, bool *ret_is_whole);

#endif
