/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The certificates of a PEM text, one after the other.
 *
 *     while (pem_next(&rest, &arena, &block, &err))
 *         ...
 *     if (err.kind != ERROR_NONE)
 *         return false;
 *
 * Source: RFC 7468. What stands between blocks, and blocks of other types, are passed over.
 */
#ifndef CORE_PEM_H
#define CORE_PEM_H

#include "core/arena.h"
#include "core/error.h"

struct pem_block {
    struct text pem; /* from its first line to the end of its last */
    struct text der; /* what identifies it: texts may differ in their newlines */
};

/* The next certificate; `rest` moves behind it. False at the end; `err` is written only where memory runs
 * out. */
bool pem_next(struct text *rest, struct arena *arena, struct pem_block *ret_block, struct error *err);

#endif
