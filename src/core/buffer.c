/* SPDX-License-Identifier: Apache-2.0 */
#include "core/buffer.h"

#include <stdlib.h>

enum {
    CAPACITY_MIN = 1024
};

void buffer_release(struct buffer *buffer)
{
    free(buffer->at);
    *buffer = (struct buffer){0};
}

static bool buffer_enlarge(struct buffer *buffer, size_t wanted)
{
    size_t capacity = buffer->capacity > 0 ? buffer->capacity : CAPACITY_MIN;
    char *larger;

    while (capacity < wanted) {
        if (__builtin_mul_overflow(capacity, (size_t)2, &capacity))
            return false;
    }
    larger = realloc(buffer->at, capacity);
    if (larger == NULL)
        return false;
    buffer->at = larger;
    buffer->capacity = capacity;
    return true;
}

char *buffer_reserve(struct buffer *buffer, size_t bytes)
{
    size_t wanted;

    if (buffer->failed)
        return NULL;
    if (__builtin_add_overflow(buffer->length, bytes, &wanted) ||
        (wanted > buffer->capacity && !buffer_enlarge(buffer, wanted))) {
        buffer->failed = true;
        return NULL;
    }
    return buffer->at + buffer->length;
}

void buffer_add(struct buffer *buffer, struct text text)
{
    char *room = buffer_reserve(buffer, text.length);

    if (room == NULL || text.length == 0)
        return;
    memcpy(room, text.at, text.length);
    buffer->length += text.length;
}

void buffer_add_string(struct buffer *buffer, const char *string)
{
    buffer_add(buffer, text_of(string));
}

void buffer_add_char(struct buffer *buffer, char byte)
{
    char *room = buffer_reserve(buffer, 1);

    if (room == NULL)
        return;
    *room = byte;
    buffer->length++;
}

void buffer_add_unsigned(struct buffer *buffer, uint64_t number)
{
    char digits[20];
    size_t at = sizeof(digits);

    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    buffer_add(buffer, (struct text){.at = digits + at, .length = sizeof(digits) - at});
}

static bool needs_escape(char byte)
{
    return (unsigned char)byte < 0x20 || byte == '"' || byte == '\\';
}

static void buffer_add_escape(struct buffer *buffer, char byte)
{
    static const char digits[] = "0123456789abcdef";
    const char unicode[] = {
        '\\', 'u', '0', '0', digits[(unsigned char)byte >> 4], digits[(unsigned char)byte & 15]};
    const char quoted[] = {'\\', byte};

    if (byte == '"' || byte == '\\')
        buffer_add(buffer, (struct text){.at = quoted, .length = sizeof(quoted)});
    else
        buffer_add(buffer, (struct text){.at = unicode, .length = sizeof(unicode)});
}

void buffer_add_json(struct buffer *buffer, struct text text)
{
    size_t begin = 0;
    size_t i;

    buffer_add_char(buffer, '"');
    for (i = 0; i < text.length; i++) {
        if (!needs_escape(text.at[i]))
            continue;
        buffer_add(buffer, (struct text){.at = text.at + begin, .length = i - begin});
        buffer_add_escape(buffer, text.at[i]);
        begin = i + 1;
    }
    if (text.length > begin)
        buffer_add(buffer, text_after(text, begin));
    buffer_add_char(buffer, '"');
}

void buffer_add_base64(struct buffer *buffer, struct text bytes)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *from = (const unsigned char *)bytes.at;
    char *room = buffer_reserve(buffer, (bytes.length + 2) / 3 * 4);
    size_t i;

    if (room == NULL)
        return;
    for (i = 0; i + 2 < bytes.length; i += 3) {
        uint32_t group = (uint32_t)from[i] << 16 | (uint32_t)from[i + 1] << 8 | from[i + 2];

        *room++ = digits[group >> 18];
        *room++ = digits[group >> 12 & 63];
        *room++ = digits[group >> 6 & 63];
        *room++ = digits[group & 63];
    }
    if (i < bytes.length) {
        bool has_two = i + 1 < bytes.length;
        uint32_t group = (uint32_t)from[i] << 16 | (has_two ? (uint32_t)from[i + 1] << 8 : 0);

        *room++ = digits[group >> 18];
        *room++ = digits[group >> 12 & 63];
        *room++ = has_two ? digits[group >> 6 & 63] : '=';
        *room++ = '=';
    }
    buffer->length = (size_t)(room - buffer->at);
}
