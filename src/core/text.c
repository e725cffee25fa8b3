/* SPDX-License-Identifier: Apache-2.0 */
#include "core/text.h"

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

/* How many bytes the character takes that begins with this one; 1 for what begins none. */
static size_t character_length(unsigned char lead)
{
    if (lead >= 0xf0)
        return 4;
    if (lead >= 0xe0)
        return 3;
    return lead >= 0xc0 ? 2 : 1;
}

static bool is_continuation(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80;
}

/* The bytes of the character that are there. */
static size_t count_present(const char *at, size_t left)
{
    size_t wanted = character_length((unsigned char)at[0]);
    size_t present = 1;

    while (present < wanted && present < left && is_continuation(at[present]))
        present++;
    return present;
}

/* C0 and DEL; C1 (U+0080 to U+009F) and U+2028, U+2029, which break lines. */
static bool is_unprintable(const char *at, size_t length)
{
    const unsigned char *byte = (const unsigned char *)at;

    if (length == 1)
        return byte[0] < 0x20 || byte[0] == 0x7f;
    if (length == 2)
        return byte[0] == 0xc2 && byte[1] < 0xa0;
    return length == 3 && byte[0] == 0xe2 && byte[1] == 0x80 && (byte[2] & 0xfe) == 0xa8;
}

size_t text_flatten(char *line, size_t length)
{
    size_t kept = 0;
    size_t at = 0;

    while (at < length) {
        size_t present = count_present(line + at, length - at);
        bool is_whole = present == character_length((unsigned char)line[at]) && !is_continuation(line[at]);

        if (is_whole && is_unprintable(line + at, present)) {
            line[kept++] = ' ';
        } else if (is_whole) {
            memmove(line + kept, line + at, present);
            kept += present;
        }
        at += present;
    }
    return kept;
}
