/* SPDX-License-Identifier: Apache-2.0 */
/* New values in the manner of the file that they go into. */
#ifndef CORE_EDITS_RENDER_H
#define CORE_EDITS_RENDER_H

#include "core/tree.h"

struct manner {
    struct text newline;
    size_t step;        /* columns that a nested map is indented by */
    size_t dash;        /* columns that a list is indented by under its key: 0, or the step */
    bool is_json;       /* quotes everywhere */
    bool is_compact;    /* no blanks behind colons and commas */
    bool is_multi_line; /* JSON with a line for each member */
};

/* How a document is written. */
struct manner manner_of(const struct tree *root, struct text bytes, bool is_json);

void render_blanks(struct buffer *buffer, size_t count);

/* "key: value" or "- value" on lines of their own, each with its newline; the key absent for a list's item.
 */
void render_lines(struct buffer *buffer, const struct manner *manner, struct text key,
                  const struct tree *value, size_t column);

/* The members (or elements) of a collection, each on lines of its own. */
void render_members(struct buffer *buffer, const struct manner *manner, const struct tree *value,
                    size_t column);

/* A key and its value on one line: "key: {a: 1}"; the key absent for an element or a value alone. For JSON of
   many lines `column` is where the line begins that it stands on. */
void render_inline(struct buffer *buffer, const struct manner *manner, struct text key,
                   const struct tree *value, size_t column);

#endif
