/* SPDX-License-Identifier: Apache-2.0 */
#include "core/printable.h"

#include <assert.h>

static const struct text dots = TEXT("...");

/* U+0000 to U+001F, U+007F to U+009F, U+2028 and U+2029, which end lines, each with its length. */
static bool is_control(const char *at, size_t length)
{
    unsigned char first = (unsigned char)at[0];

    if (length == 1)
        return first < 0x20 || first == 0x7f;
    if (length == 2)
        return first == 0xc2 && (unsigned char)at[1] < 0xa0;
    return length == 3 && (memcmp(at, "\xe2\x80\xa8", 3) == 0 || memcmp(at, "\xe2\x80\xa9", 3) == 0);
}

void printable_cut(struct buffer *buffer, size_t begin, size_t limit)
{
    size_t length = begin + limit - dots.length;

    assert(limit >= dots.length);
    if (buffer->failed || buffer->length - begin <= limit)
        return;
    while (length > begin && text_is_continuation(buffer->at[length]))
        length--;
    buffer->length = length;
    buffer_add(buffer, dots);
}

void printable_add(struct buffer *buffer, struct text text, size_t limit)
{
    size_t begin = buffer->length;

    while (text.length > 0 && !buffer->failed && buffer->length - begin <= limit) {
        size_t length = text_character_length(text);

        if (length == 0)
            buffer_add_char(buffer, '?');
        else if (is_control(text.at, length))
            buffer_add_char(buffer, ' ');
        else
            buffer_add(buffer, (struct text){.at = text.at, .length = length});
        text = text_after(text, length > 0 ? length : 1);
    }
    printable_cut(buffer, begin, limit);
}
