/* SPDX-License-Identifier: Apache-2.0 */
#include "json_out.h"

#include "core/printable.h"

/* A comma, unless it is the first of its object or array, and the key. */
static void begin(struct buffer *buffer, const char *key)
{
    char last = buffer->length > 0 ? buffer->at[buffer->length - 1] : '{';

    if (last != '{' && last != '[' && last != '\n')
        buffer_add_char(buffer, ',');
    if (key == NULL)
        return;
    buffer_add_json(buffer, text_of(key));
    buffer_add_char(buffer, ':');
}

void json_out_open(struct buffer *buffer, const char *key, char bracket)
{
    begin(buffer, key);
    buffer_add_char(buffer, bracket);
}

void json_out_close(struct buffer *buffer, char bracket)
{
    buffer_add_char(buffer, bracket);
}

void json_out_null(struct buffer *buffer, const char *key)
{
    begin(buffer, key);
    buffer_add_string(buffer, "null");
}

void json_out_text(struct buffer *buffer, const char *key, struct text value)
{
    AUTO(buffer_release) struct buffer printable = {0};

    if (value.at == NULL) {
        json_out_null(buffer, key);
        return;
    }
    buffer_add_string(&printable, ""); /* so that it is not absent */
    printable_add(&printable, value, SIZE_MAX);
    begin(buffer, key);
    buffer_add_json(buffer, buffer_text(&printable));
    buffer->failed = buffer->failed || printable.failed;
}

void json_out_number(struct buffer *buffer, const char *key, uint64_t value)
{
    begin(buffer, key);
    buffer_add_unsigned(buffer, value);
}

void json_out_bool(struct buffer *buffer, const char *key, bool value)
{
    begin(buffer, key);
    buffer_add_string(buffer, value ? "true" : "false");
}

void json_out_reading(struct buffer *buffer, const char *key, struct reading value)
{
    if (value.is_known)
        json_out_number(buffer, key, value.number);
    else
        json_out_null(buffer, key);
}

void json_out_fact(struct buffer *buffer, const char *key, enum fact value)
{
    if (value == FACT_UNKNOWN)
        json_out_null(buffer, key);
    else
        json_out_bool(buffer, key, value == FACT_YES);
}
