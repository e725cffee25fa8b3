/* SPDX-License-Identifier: Apache-2.0 */
#include "core/buffer.h"

#include "json_scan.h"

#include <endian.h>
#include <stdlib.h>

enum {
    CAPACITY_MIN = 1024
};

void buffer_release(struct buffer *buffer)
{
    free(buffer->at);
    *buffer = (struct buffer){0};
}

char *buffer_enlarge(struct buffer *buffer, size_t bytes)
{
    size_t capacity = buffer->capacity > 0 ? buffer->capacity : CAPACITY_MIN;
    char *larger = NULL;
    size_t wanted;

    if (buffer->failed)
        return NULL;
    if (!__builtin_add_overflow(buffer->length, bytes, &wanted) && wanted <= SIZE_MAX / 2) {
        while (capacity < wanted)
            capacity *= 2;
        larger = realloc(buffer->at, capacity);
    }
    if (larger == NULL) {
        buffer->failed = true;
        buffer->capacity = buffer->length; /* nothing more fits */
        return NULL;
    }
    buffer->at = larger;
    buffer->capacity = capacity;
    return larger + buffer->length;
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

/* One byte, escaped where JSON wants it; returns the place behind it, at most 6 further. */
static char *put_json(char *to, char byte)
{
    static const char digits[] = "0123456789abcdef";

    if (byte == '"' || byte == '\\') {
        *to++ = '\\';
        *to++ = byte;
    } else if ((unsigned char)byte < 0x20) {
        memcpy(to, "\\u00", 4);
        to[4] = digits[(unsigned char)byte >> 4];
        to[5] = digits[(unsigned char)byte & 15];
        to += 6;
    } else {
        *to++ = byte;
    }
    return to;
}

/* Texts are short, and a status is half quotes: steps of sixteen bytes, whole where nothing is to be escaped. */
void buffer_add_json(struct buffer *buffer, struct text text)
{
    enum {
        STEP = sizeof(json_chunk)
    };
    size_t at = 0;
    size_t count;
    size_t i;

    buffer_add_char(buffer, '"');
    for (; at < text.length; at += count) {
        char *room = buffer_reserve(buffer, (size_t)STEP * 6);
        char *to = room;

        count = text.length - at < STEP ? text.length - at : STEP;
        if (room == NULL)
            return;
        if (count == STEP && json_scan_plain(text.at + at, text.at + at + STEP) == text.at + at + STEP) {
            memcpy(room, text.at + at, STEP);
            to += STEP;
        } else {
            for (i = 0; i < count; i++)
                to = put_json(to, text.at[at + i]);
        }
        buffer->length += (size_t)(to - room);
    }
    buffer_add_char(buffer, '"');
}

static const char base64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Four digits for the 24 bits from `shift` on. */
static inline char *put_base64(char *to, uint64_t bits, unsigned shift)
{
    to[0] = base64_digits[bits >> (shift + 18) & 63];
    to[1] = base64_digits[bits >> (shift + 12) & 63];
    to[2] = base64_digits[bits >> (shift + 6) & 63];
    to[3] = base64_digits[bits >> shift & 63];
    return to + 4;
}

void buffer_add_base64(struct buffer *buffer, struct text bytes)
{
    const unsigned char *from = (const unsigned char *)bytes.at;
    char *to = buffer_reserve(buffer, (bytes.length + 2) / 3 * 4);
    size_t left = bytes.length;
    uint64_t bits;

    if (to == NULL)
        return;
    for (; left >= sizeof(bits); left -= 6, from += 6) {
        memcpy(&bits, from, sizeof(bits));
        bits = be64toh(bits); /* the first six bytes count */
        to = put_base64(to, bits, 40);
        to = put_base64(to, bits, 16);
    }
    for (; left > 0; left -= left < 3 ? left : 3, from += 3) {
        bits = (uint64_t)from[0] << 16 | (left > 1 ? (uint64_t)from[1] << 8 : 0) | (left > 2 ? from[2] : 0);
        to = put_base64(to, bits, 0);
        if (left < 3)
            to[-1] = '=';
        if (left < 2)
            to[-2] = '=';
    }
    buffer->length = (size_t)(to - buffer->at);
}
