/* SPDX-License-Identifier: Apache-2.0 */
/* What users and devices say, as text that can be shown: in an object of the cluster, a table, a sentence. */
#ifndef CORE_PRINTABLE_H
#define CORE_PRINTABLE_H

#include "core/buffer.h"

/*
 * Add a text as part of a line: a byte that is not UTF-8 becomes "?", a control character and what ends a
 * line becomes a space. What has more than `limit` bytes is cut between characters and ends in "..."; the
 * limit, of 3 at least, counts those.
 */
void printable_add(struct buffer *buffer, struct text text, size_t limit);

/* Cut what was added since `begin` to `limit` bytes in the same way; it is UTF-8. */
void printable_cut(struct buffer *buffer, size_t begin, size_t limit);

#endif
