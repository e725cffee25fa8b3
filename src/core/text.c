/* SPDX-License-Identifier: Apache-2.0 */
#include "core/text.h"

int text_print_length(struct text text, size_t limit)
{
    if (text.length <= limit)
        return (int)text.length;
    while (limit > 0 && text_is_continuation(text.at[limit]))
        limit--;
    return (int)limit;
}

const char *text_print_bytes(struct text text)
{
    return text.at != NULL ? text.at : "";
}

/* How many bytes a character has that begins with `first`; 0 where none does. */
static size_t sequence_length(unsigned char first)
{
    if (first < 0x80)
        return 1;
    if (first < 0xc2 || first > 0xf4)
        return 0;
    return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/* Neither longer than need be, nor a surrogate, nor beyond U+10FFFF. */
static bool is_second_byte(unsigned char first, unsigned char second)
{
    unsigned char low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    unsigned char high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;

    return second >= low && second <= high;
}

size_t text_character_length(struct text text)
{
    const unsigned char *bytes = (const unsigned char *)text.at;
    size_t length = sequence_length(bytes[0]);

    if (length < 2)
        return length;
    if (length > text.length || !is_second_byte(bytes[0], bytes[1]))
        return 0;
    for (size_t i = 2; i < length; i++) {
        if (!text_is_continuation(text.at[i]))
            return 0;
    }
    return length;
}

int text_compare(struct text left, struct text right)
{
    size_t shared = left.length < right.length ? left.length : right.length;
    int order = shared > 0 ? memcmp(left.at, right.at, shared) : 0;

    if (order != 0)
        return order < 0 ? -1 : 1;
    if (left.length == right.length)
        return 0;
    return left.length < right.length ? -1 : 1;
}

bool text_split(struct text *rest, char separator, struct text *ret_part)
{
    const char *end;

    if (rest->at == NULL)
        return false;
    end = rest->length > 0 ? memchr(rest->at, separator, rest->length) : NULL;
    if (end == NULL) {
        *ret_part = *rest;
        *rest = (struct text){0};
        return true;
    }
    *ret_part = (struct text){.at = rest->at, .length = (size_t)(end - rest->at)};
    *rest = text_after(*rest, ret_part->length + 1);
    return true;
}

static bool is_space(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

struct text text_trim(struct text text)
{
    while (text.length > 0 && is_space(text.at[0]))
        text = text_after(text, 1);
    while (text.length > 0 && is_space(text.at[text.length - 1]))
        text.length--;
    return text;
}

struct text text_drop_part(struct text text)
{
    size_t tail = 0;
    size_t wanted = 0;
    unsigned char lead;

    while (tail < 3 && tail < text.length && text_is_continuation(text.at[text.length - 1 - tail]))
        tail++;
    if (tail == text.length)
        return text;
    lead = (unsigned char)text.at[text.length - 1 - tail];
    if (lead >= 0xc0)
        wanted = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
    if (tail < wanted)
        text.length -= tail + 1;
    return text;
}

bool text_parse_unsigned(struct text text, uint64_t limit, uint64_t *ret_number)
{
    uint64_t number = 0;
    size_t i;

    if (text.length == 0)
        return false;
    for (i = 0; i < text.length; i++) {
        char byte = text.at[i];

        if (byte < '0' || byte > '9')
            return false;
        if (__builtin_mul_overflow(number, 10U, &number) ||
            __builtin_add_overflow(number, (uint64_t)(byte - '0'), &number) || number > limit)
            return false;
    }
    *ret_number = number;
    return true;
}
