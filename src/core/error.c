/* SPDX-License-Identifier: Apache-2.0 */
#include "core/error.h"

#include "core/text.h"

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
    err->text[text_drop_part((struct text){.at = err->text, .length = i}).length] = '\0';
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

    va_start(values, format);
    (void)vsnprintf(before, sizeof(before), format, values);
    va_end(values);
    memcpy(sentence, err->text, sizeof(sentence));
    return error_set(err, err->kind, "%s: %s", before, sentence);
}

bool error_memory(struct error *err)
{
    return error_set(err, ERROR_MEMORY, "out of memory");
}
