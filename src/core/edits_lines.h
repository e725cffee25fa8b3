/* SPDX-License-Identifier: Apache-2.0 */
/* Where in a manifest's text something can be put. Places are byte offsets. */
#ifndef CORE_EDITS_LINES_H
#define CORE_EDITS_LINES_H

#include "core/tree.h"

/* The last scalar of a collection, as written; NULL where that is an alias. */
const struct tree *lines_last_leaf(const struct tree *tree);

/* Whether a letter is in a block text's header: "|+", ">-2". */
bool lines_has_in_header(struct text bytes, const struct tree *leaf, char letter);

/* Behind the comments at `at` that are indented like what they follow: they go with it. */
size_t lines_behind_comments(struct text bytes, size_t at, size_t column);

/* Where a new line begins behind a value that ends at `end`, and whose last scalar is `leaf` (or unknown). */
size_t lines_next(struct text bytes, size_t end, const struct tree *leaf);

/* Where the colon behind a key is; false where there is none ("{a}"), and where an
   anchor or a tag stands in place of the value. */
bool lines_find_colon(struct text bytes, const struct tree_item *item, size_t *ret_at);

/* The indentation of the line that a value stands on. */
size_t lines_indentation(struct text bytes, size_t at);

#endif
