/* SPDX-License-Identifier: Apache-2.0 */
#include "core/prometheus.h"

#include <inttypes.h>
#include <stdio.h>

enum {
    VALUE_SIZE = 64,
};

const char prometheus_content_type[] = "text/plain; version=0.0.4; charset=utf-8";

static void add_name(struct prometheus *out, const char *name)
{
    buffer_add_string(out->buffer, out->prefix);
    buffer_add_string(out->buffer, name);
}

void prometheus_describe(struct prometheus *out, const char *name, const char *type, const char *help)
{
    buffer_add_string(out->buffer, "# HELP ");
    add_name(out, name);
    buffer_add_char(out->buffer, ' ');
    buffer_add_string(out->buffer, help);
    buffer_add_string(out->buffer, "\n# TYPE ");
    add_name(out, name);
    buffer_add_char(out->buffer, ' ');
    buffer_add_string(out->buffer, type);
    buffer_add_char(out->buffer, '\n');
}

void prometheus_sample(struct prometheus *out, const char *name)
{
    add_name(out, name);
    out->has_label = false;
}

/* Backslash, quote and newline are written with a backslash before them. */
static void add_escaped(struct buffer *buffer, struct text value)
{
    for (size_t i = 0; i < value.length; i++) {
        char byte = value.at[i];

        if (byte == '\n') {
            buffer_add_string(buffer, "\\n");
            continue;
        }
        if (byte == '\\' || byte == '"')
            buffer_add_char(buffer, '\\');
        buffer_add_char(buffer, byte);
    }
}

void prometheus_label(struct prometheus *out, const char *key, struct text value)
{
    buffer_add_char(out->buffer, out->has_label ? ',' : '{');
    out->has_label = true;
    buffer_add_string(out->buffer, key);
    buffer_add_string(out->buffer, "=\"");
    add_escaped(out->buffer, value);
    buffer_add_char(out->buffer, '"');
}

static void end(struct prometheus *out, const char *value)
{
    buffer_add_string(out->buffer, out->has_label ? "} " : " ");
    buffer_add_string(out->buffer, value);
    buffer_add_char(out->buffer, '\n');
}

void prometheus_unsigned(struct prometheus *out, uint64_t value)
{
    char text[VALUE_SIZE];

    (void)snprintf(text, sizeof(text), "%" PRIu64, value);
    end(out, text);
}

void prometheus_signed(struct prometheus *out, int64_t value)
{
    char text[VALUE_SIZE];

    (void)snprintf(text, sizeof(text), "%" PRId64, value);
    end(out, text);
}

void prometheus_seconds(struct prometheus *out, double value)
{
    char text[VALUE_SIZE];

    (void)snprintf(text, sizeof(text), "%.9f", value);
    end(out, text);
}

static void add_single(struct prometheus *out, const char *name, const char *type, const char *help)
{
    prometheus_describe(out, name, type, help);
    prometheus_sample(out, name);
}

void prometheus_gauge(struct prometheus *out, const char *name, const char *help, uint64_t value)
{
    add_single(out, name, "gauge", help);
    prometheus_unsigned(out, value);
}

void prometheus_counter(struct prometheus *out, const char *name, const char *help, uint64_t value)
{
    add_single(out, name, "counter", help);
    prometheus_unsigned(out, value);
}
