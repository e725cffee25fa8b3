/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows of cells as aligned columns.
 *
 *     AUTO(columns_release) struct columns columns = {.count = 3, .right = 1 << 1};
 *
 *     columns_add(&columns, text_of("sysfs"));
 *     ...three cells a row...
 *     columns_format(&columns, buffer);
 */
#ifndef CORE_COLUMNS_H
#define CORE_COLUMNS_H

#include "core/arena.h"
#include "core/buffer.h"

enum {
    COLUMNS_MAX = 16
};

struct columns {
    struct arena arena;
    size_t count;   /* of columns; at most COLUMNS_MAX */
    unsigned right; /* bits of the columns whose cells stand at their right edge */
    struct text *cells;
    size_t cell_count;
    bool failed;
};

/* The next cell of the row; absent is empty. What cannot be printed is replaced. */
void columns_add(struct columns *columns, struct text cell);

void columns_format(const struct columns *columns, struct buffer *buffer);

void columns_release(struct columns *columns);

#endif
