/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A borrowed run of bytes: not terminated, may hold any byte.
 *
 * `at` NULL means absent, which differs from empty. A text lives as long as what it points into:
 * the request body, an arena, or a string literal.
 */
#ifndef CORE_TEXT_H
#define CORE_TEXT_H

#include "core/macros.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct text {
    const char *at;
    size_t length;
};

struct pair {
    struct text key;
    struct text value;
};

/* A text of a string literal; usable in static initialisers. */
#define TEXT(literal)                                                                                        \
    {                                                                                                        \
        .at = (literal), .length = sizeof(literal) - 1                                                       \
    }

/* For printf: "%.*s", TEXT_ARGS(text). What is longer is cut, between characters. */
#define TEXT_ARGS(text) TEXT_ARGS_MAX(text, 200)
#define TEXT_ARGS_SHORT(text) TEXT_ARGS_MAX(text, 40) /* in a warning, which has 120 characters */
#define TEXT_ARGS_MAX(text, limit) text_print_length((text), (limit)), text_print_bytes(text)

int text_print_length(struct text text, size_t limit);
const char *text_print_bytes(struct text text);

static inline struct text text_of(const char *string)
{
    return (struct text){.at = string, .length = string != NULL ? strlen(string) : 0};
}

static inline bool text_is(struct text left, struct text right)
{
    return left.length == right.length && (left.length == 0 || memcmp(left.at, right.at, left.length) == 0);
}

static inline bool text_is_string(struct text text, const char *string)
{
    return text_is(text, text_of(string));
}

static inline bool text_has_prefix(struct text text, struct text prefix)
{
    return text.length >= prefix.length &&
           (prefix.length == 0 || memcmp(text.at, prefix.at, prefix.length) == 0);
}

/* What follows the first `count` bytes; `count` is at most the length. */
static inline struct text text_after(struct text text, size_t count)
{
    return (struct text){.at = text.at + count, .length = text.length - count};
}

/* Whether the byte goes on with a UTF-8 character that began before it. */
static inline bool text_is_continuation(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80;
}

/* How many bytes the first character has; 0 where what is there is not UTF-8. The text is not empty. */
size_t text_character_length(struct text text);

/* Byte order, a prefix first: -1, 0 or 1. */
int text_compare(struct text left, struct text right);

/* Split off the part before `separator`; `rest` moves behind it, and becomes absent after the last part.
   Returns false when `rest` is absent. */
bool text_split(struct text *rest, char separator, struct text *ret_part);

/* Without spaces, tabs and newlines at both ends. */
struct text text_trim(struct text text);

/* Without the part of a character that a cut left at its end; the text is UTF-8 otherwise. */
struct text text_drop_part(struct text text);

/* Decimal digits alone, at most `limit`; false (nothing written) otherwise. */
MUST_CHECK bool text_parse_unsigned(struct text text, uint64_t limit, uint64_t *ret_number);

#endif
