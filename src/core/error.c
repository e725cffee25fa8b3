/* SPDX-License-Identifier: Apache-2.0 */
#include "core/error.h"

#include "core/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool error_set(struct error *err, enum error_kind kind, const char *format, ...)
{
    va_list values;

    err->kind = kind;
    va_start(values, format);
    (void)vsnprintf(err->text, sizeof(err->text), format, values);
    va_end(values);
    /* one line whatever came in: a sentence may quote what a user wrote */
    err->text[text_flatten(err->text, strlen(err->text))] = '\0';
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
