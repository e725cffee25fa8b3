/* SPDX-License-Identifier: Apache-2.0 */
#include "columns.h"

#include "core/printable.h"

enum {
    CELL_MAX = 200
};

static const struct text gap = TEXT("  ");

void columns_add(struct columns *columns, struct text cell)
{
    AUTO(buffer_release) struct buffer printable = {0};
    struct text *cells;

    buffer_add_string(&printable, "");
    printable_add(&printable, cell, CELL_MAX);
    cell = printable.failed ? ((struct text){0}) : arena_copy(&columns->arena, buffer_text(&printable));
    cells = arena_grow(&columns->arena, columns->cells, columns->cell_count, sizeof(*cells));
    if (cell.at == NULL || cells == NULL) {
        columns->failed = true;
        return;
    }
    columns->cells = cells;
    cells[columns->cell_count++] = cell;
}

/* In characters, as a terminal shows them. */
static size_t get_width(struct text cell)
{
    size_t width = 0;
    size_t i;

    for (i = 0; i < cell.length; i++)
        width += !text_is_continuation(cell.at[i]);
    return width;
}

static void add_spaces(struct buffer *buffer, size_t count)
{
    for (; count > 0; count--)
        buffer_add_char(buffer, ' ');
}

static void add_row(const struct columns *columns, const struct text *row, const size_t *widths,
                    struct buffer *buffer)
{
    size_t begin = buffer->length;
    size_t i;

    for (i = 0; i < columns->count; i++) {
        size_t room = widths[i] - get_width(row[i]);
        bool is_right = (columns->right >> i & 1) != 0;

        buffer_add(buffer, i > 0 ? gap : (struct text){0});
        add_spaces(buffer, is_right ? room : 0);
        buffer_add(buffer, row[i]);
        add_spaces(buffer, is_right ? 0 : room);
    }
    while (buffer->length > begin && buffer->at[buffer->length - 1] == ' ')
        buffer->length--;
    buffer_add_char(buffer, '\n');
}

void columns_format(const struct columns *columns, struct buffer *buffer)
{
    size_t widths[COLUMNS_MAX] = {0};
    size_t i;

    buffer->failed = buffer->failed || columns->failed;
    for (i = 0; i < columns->cell_count; i++) {
        size_t width = get_width(columns->cells[i]);

        if (width > widths[i % columns->count])
            widths[i % columns->count] = width;
    }
    for (i = 0; i + columns->count <= columns->cell_count; i += columns->count)
        add_row(columns, &columns->cells[i], widths, buffer);
}

void columns_release(struct columns *columns)
{
    arena_release(&columns->arena);
}
