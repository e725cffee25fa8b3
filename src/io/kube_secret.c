/* SPDX-License-Identifier: Apache-2.0 */
#include "kube_secret.h"

#include <ctype.h>
#include <stdlib.h>

enum {
    CAPACITY_MIN = 4096,
    MIXED_BYTES_MIN = 20, /* a word this long with small, capital letters and digits is no word */
    WORD_BYTES_MAX = 32,  /* one this long with digits and without a slash or colon neither */
};

/* Where a word ends, as other programs print them: key=value, "value", {value}. */
static const char separators[] = " \t\"'`,;()[]{}<>=&?";

static bool enlarge(struct buffer *buffer, size_t bytes)
{
    size_t capacity = buffer->capacity > 0 ? buffer->capacity : CAPACITY_MIN;
    size_t wanted;
    char *larger;

    if (__builtin_add_overflow(buffer->length, bytes, &wanted) || wanted > SIZE_MAX / 2)
        return false;
    while (capacity < wanted)
        capacity *= 2;
    larger = malloc(capacity);
    if (larger == NULL)
        return false;
    if (buffer->at != NULL) {
        memcpy(larger, buffer->at, buffer->length);
        explicit_bzero(buffer->at, buffer->capacity);
        free(buffer->at);
    }
    buffer->at = larger;
    buffer->capacity = capacity;
    return true;
}

void secret_add(struct buffer *buffer, struct text text)
{
    bool has_room = buffer->at != NULL && text.length <= buffer->capacity - buffer->length;

    if (buffer->failed)
        return;
    if (!has_room && !enlarge(buffer, text.length)) {
        buffer->failed = true;
        return;
    }
    if (text.length > 0)
        memcpy(buffer->at + buffer->length, text.at, text.length);
    buffer->length += text.length;
}

bool secret_finish(struct buffer *buffer, struct error *err)
{
    static const struct text end = {.at = "", .length = 1};

    secret_add(buffer, end);
    if (buffer->failed)
        return error_memory(err);
    buffer->length--;
    return true;
}

void secret_hide(char *room, size_t length, struct text secret)
{
    char *found;

    if (secret.length < SECRET_BYTES_MIN || room == NULL)
        return;
    while ((found = memmem(room, length, secret.at, secret.length)) != NULL) {
        memset(found, '*', secret.length);
        length -= (size_t)(found - room) + secret.length;
        room = found + secret.length;
    }
}

static bool is_secretive(struct text word)
{
    bool has_small = false;
    bool has_capital = false;
    bool has_digit = false;
    bool has_steps = false;

    for (size_t i = 0; i < word.length; i++) {
        unsigned char byte = (unsigned char)word.at[i];

        has_small = has_small || islower(byte);
        has_capital = has_capital || isupper(byte);
        has_digit = has_digit || isdigit(byte);
        has_steps = has_steps || byte == '/' || byte == ':';
    }
    if (word.length >= MIXED_BYTES_MIN && has_small && has_capital && has_digit)
        return true;
    return word.length >= WORD_BYTES_MAX && has_digit && !has_steps;
}

void secret_hide_words(char *room)
{
    char *at = room;

    while (*at != '\0') {
        struct text word = {.at = at, .length = strcspn(at, separators)};

        if (is_secretive(word))
            memset(at, '*', word.length);
        at += word.length;
        at += strspn(at, separators);
    }
}
