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

/* Room for `bytes` more; NULL when there is no memory. The caller writes there and raises `length`. */
char *buffer_reserve(struct buffer *buffer, size_t bytes);

void buffer_add(struct buffer *buffer, struct text text);
void buffer_add_string(struct buffer *buffer, const char *string);
void buffer_add_char(struct buffer *buffer, char byte);
void buffer_add_unsigned(struct buffer *buffer, uint64_t number);

/* The text as a JSON string with its quotes. Invalid UTF-8 must not come in: the reader checked it. */
void buffer_add_json(struct buffer *buffer, struct text text);

/* RFC 4648 base64 with padding, no quotes. */
void buffer_add_base64(struct buffer *buffer, struct text bytes);

/* What is in it; borrowed until the next addition. */
static inline struct text buffer_text(const struct buffer *buffer)
{
    return (struct text){.at = buffer->at, .length = buffer->length};
}

#endif
