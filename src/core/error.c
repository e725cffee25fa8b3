/* SPDX-License-Identifier: Apache-2.0 */
#include "core/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* One line whatever came in: a sentence may quote what a user wrote. */
static void error_flatten(struct error *err)
{
    size_t i;

    for (i = 0; err->text[i] != '\0'; i++) {
        unsigned char byte = (unsigned char)err->text[i];

        if (byte < 0x20 || byte == 0x7f)
            err->text[i] = ' ';
    }
    /* do not end in half a UTF-8 sequence when the text was cut */
    if (i == sizeof(err->text) - 1) {
        while (i > 0 && ((unsigned char)err->text[i - 1] & 0xc0) == 0x80)
            i--;
        if (i > 0 && (unsigned char)err->text[i - 1] >= 0xc0)
            err->text[i - 1] = '\0';
    }
}

bool error_set(struct error *err, enum error_kind kind, const char *format, ...)
{
    va_list values;

    err->kind = kind;
    va_start(values, format);
    (void)vsnprintf(err->text, sizeof(err->text), format, values);
    va_end(values);
    error_flatten(err);
    return false;
}

bool error_wrap(struct error *err, const char *format, ...)
{
    char before[sizeof(err->text)];
    char sentence[sizeof(err->text)];
    va_list values;
    int length;

    va_start(values, format);
    length = vsnprintf(before, sizeof(before), format, values);
    va_end(values);
    if (length < 0)
        return false;
    memcpy(sentence, err->text, sizeof(sentence));
    return error_set(err, err->kind, "%s: %s", before, sentence);
}

bool error_memory(struct error *err)
{
    return error_set(err, ERROR_MEMORY, "out of memory");
}
