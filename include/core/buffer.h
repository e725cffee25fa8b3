/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A growing string for what we write: patches, answers, status.
 *
 * Additions never fail visibly; `failed` remembers that memory ran out and is asked once, at the end.
 */
#ifndef CORE_BUFFER_H
#define CORE_BUFFER_H

#include "core/text.h"

struct buffer {
    char *at;
    size_t length;
    size_t capacity;
    bool failed;
};

void buffer_release(struct buffer *buffer);

/* The same, and all its room is overwritten first: for keys and tokens. */
void buffer_wipe(struct buffer *buffer);

/* Make it larger, so that `bytes` more fit; NULL when there is no memory. */
char *buffer_enlarge(struct buffer *buffer, size_t bytes);

/* Room for `bytes` more; NULL when there is no memory. The caller writes there and raises `length`. Inline,
   as those below: what is added is short, and the length of a literal is known when compiling. */
static inline char *buffer_reserve(struct buffer *buffer, size_t bytes)
{
    if (bytes > buffer->capacity - buffer->length || buffer->at == NULL)
        return buffer_enlarge(buffer, bytes);
    return buffer->at + buffer->length;
}

static inline void buffer_add(struct buffer *buffer, struct text text)
{
    char *room = buffer_reserve(buffer, text.length);

    if (room == NULL || text.length == 0)
        return;
    memcpy(room, text.at, text.length);
    buffer->length += text.length;
}

static inline void buffer_add_string(struct buffer *buffer, const char *string)
{
    buffer_add(buffer, text_of(string));
}

static inline void buffer_add_char(struct buffer *buffer, char byte)
{
    char *room = buffer_reserve(buffer, 1);

    if (room == NULL)
        return;
    *room = byte;
    buffer->length++;
}

void buffer_add_unsigned(struct buffer *buffer, uint64_t number);

/* The text as a JSON string with its quotes. Invalid UTF-8 must not come in: the reader checked it. */
void buffer_add_json(struct buffer *buffer, struct text text);

/* The text as part of a URL's path or query: all but letters, digits and "-._~" is written as %XX (RFC 3986).
 */
void buffer_add_url(struct buffer *buffer, struct text text);

/* RFC 4648 base64 with padding, no quotes. */
void buffer_add_base64(struct buffer *buffer, struct text bytes);

/* What is in it; borrowed until the next addition. */
static inline struct text buffer_text(const struct buffer *buffer)
{
    return (struct text){.at = buffer->at, .length = buffer->length};
}

#endif
