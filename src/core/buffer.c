/* SPDX-License-Identifier: Apache-2.0 */
#include "core/buffer.h"

#include "core/arena.h"

#include "json_scan.h"

#include <stdlib.h>

enum {
    CAPACITY_MIN = 1024
};

void buffer_release(struct buffer *buffer)
{
    free(buffer->at);
    *buffer = (struct buffer){0};
}

void buffer_wipe(struct buffer *buffer)
{
    if (buffer->at != NULL)
        memory_wipe(buffer->at, buffer->capacity);
    buffer_release(buffer);
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
static inline char *put_json(char *to, char byte)
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

/* Sixteen bytes are copied at once, of which those up to the next special one count: texts are short, and a
   status is half quotes. */
void buffer_add_json(struct buffer *buffer, struct text text)
{
    enum {
        STEP = sizeof(json_chunk),
        LONGEST = STEP * 6
    };
    const char *end = text.length > 0 ? text.at + text.length : text.at;
    const char *at = text.at;
    char *to = buffer_reserve(buffer, LONGEST);

    if (to == NULL)
        return;
    *to++ = '"';
    while (end - at >= STEP) {
        const char *special = json_scan_plain(at, at + STEP);

        memcpy(to, at, STEP);
        to += special - at;
        at = special;
        if (at < end)
            to = put_json(to, *at++);
        buffer->length = (size_t)(to - buffer->at);
        to = buffer_reserve(buffer, LONGEST);
        if (to == NULL)
            return;
    }
    while (at < end)
        to = put_json(to, *at++);
    *to++ = '"';
    buffer->length = (size_t)(to - buffer->at);
}

/* Between the order of this machine and the one in which the first byte is the highest. */
static inline uint64_t big_endian(uint64_t bits)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return __builtin_bswap64(bits);
#else
    return bits;
#endif
}

/* Sixteen numbers of six bits, one a byte. */
typedef uint64_t sextets __attribute__((vector_size(16)));

/* The first six of eight bytes as eight numbers of six bits, one a byte, in order. */
static inline uint64_t split_sextets(const unsigned char *from)
{
    uint64_t bits;

    memcpy(&bits, from, sizeof(bits));
    bits = big_endian(bits) >> 16;
    bits = (bits << 8 & 0x00ffffff00000000) | (bits & 0x0000000000ffffff);
    bits = (bits << 4 & 0x0fff00000fff0000) | (bits & 0x00000fff00000fff);
    bits = (bits << 2 & 0x3f003f003f003f00) | (bits & 0x003f003f003f003f);
    return big_endian(bits);
}

/* One that may lie anywhere. gcc 12's analyzer takes a vector that memcpy() reads for uninitialised. */
typedef json_chunk loose_chunk __attribute__((aligned(1), may_alias));

/* Sixteen digits: A to Z, a to z, 0 to 9, + and /; each comparison steps to the next range. */
static inline void put_digits(char *to, sextets both)
{
    json_chunk number = (json_chunk)both;

    number = number - ((number > 51) & 75) - ((number > 61) & 15) + ((number > 25) & 6) + ((number > 62) & 3);
    number += 'A';
    *(loose_chunk *)to = number;
}

void buffer_add_base64(struct buffer *buffer, struct text bytes)
{
    size_t length = (bytes.length + 2) / 3 * 4;
    const unsigned char *from = (const unsigned char *)bytes.at;
    char *to = buffer_reserve(buffer, length);
    size_t left = bytes.length;

    if (to == NULL)
        return;
    for (; left >= 14; left -= 12, from += 12, to += 16)
        put_digits(to, (sextets){split_sextets(from), split_sextets(from + 6)});
    if (left > 0) {
        unsigned char rest[20] = {0};
        char digits[32];

        memcpy(rest, from, left);
        put_digits(digits, (sextets){split_sextets(rest), split_sextets(rest + 6)});
        put_digits(digits + 16, (sextets){split_sextets(rest + 12), 0});
        memset(digits + (left * 4 + 2) / 3, '=', 2);
        memcpy(to, digits, (left + 2) / 3 * 4);
    }
    buffer->length += length;
}

static bool is_unreserved(unsigned char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
           byte == '-' || byte == '.' || byte == '_' || byte == '~';
}

void buffer_add_url(struct buffer *buffer, struct text text)
{
    static const char digits[] = "0123456789ABCDEF";

    for (size_t i = 0; i < text.length; i++) {
        unsigned char byte = (unsigned char)text.at[i];

        if (is_unreserved(byte)) {
            buffer_add_char(buffer, (char)byte);
            continue;
        }
        buffer_add_char(buffer, '%');
        buffer_add_char(buffer, digits[byte >> 4]);
        buffer_add_char(buffer, digits[byte & 15]);
    }
}
