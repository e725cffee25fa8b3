/* SPDX-License-Identifier: Apache-2.0 */
#include "io/log.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum {
    END_BYTES = 2, /* kept free for "}\n" */
    ESCAPE_BYTES = 6
};

static const char *const level_names[] = {
    [LOG_LEVEL_ERROR] = "error",
    [LOG_LEVEL_WARN] = "warn",
    [LOG_LEVEL_INFO] = "info",
    [LOG_LEVEL_DEBUG] = "debug",
};

/* Set once, before there are threads. */
static enum log_level level_wanted = LOG_LEVEL_INFO;

void log_set_level(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(level_names); i++) {
        if (strcmp(level_names[i], name) == 0)
            level_wanted = (enum log_level)i;
    }
}

static size_t room(const struct log_line *line)
{
    return sizeof(line->bytes) - END_BYTES - line->length;
}

static bool add(struct log_line *line, struct text text)
{
    if (text.length > room(line))
        return false;
    memcpy(line->bytes + line->length, text.at, text.length);
    line->length += text.length;
    return true;
}

static bool add_string(struct log_line *line, const char *string)
{
    return add(line, text_of(string));
}

static bool add_key(struct log_line *line, const char *key)
{
    return (line->length == 1 || add_string(line, ",")) && add_string(line, "\"") && add_string(line, key) &&
           add_string(line, "\":");
}

/* The first character as it stands in a JSON string; `taken` says how many bytes of the text it was. */
static struct text character_format(struct text text, char *escape, size_t *taken)
{
    size_t length = text_character_length(text);
    unsigned char byte = (unsigned char)text.at[0];

    *taken = length > 0 ? length : 1;
    if (length == 0)
        return (struct text)TEXT("?");
    if (byte == '"' || byte == '\\') {
        escape[0] = '\\';
        escape[1] = (char)byte;
        return (struct text){.at = escape, .length = 2};
    }
    if (byte < 0x20 || byte == 0x7f) {
        (void)snprintf(escape, ESCAPE_BYTES + 1, "\\u%04x", (unsigned)byte);
        return (struct text){.at = escape, .length = ESCAPE_BYTES};
    }
    return (struct text){.at = text.at, .length = length};
}

static bool add_quoted(struct log_line *line, struct text text)
{
    char escape[ESCAPE_BYTES + 1];
    size_t begin = line->length;

    if (!add_string(line, "\""))
        return false;
    while (text.length > 0) {
        size_t taken;
        struct text piece = character_format(text, escape, &taken);

        if (line->length - begin + piece.length > LOG_TEXT_BYTES) {
            if (!add_string(line, "..."))
                return false;
            break;
        }
        if (!add(line, piece))
            return false;
        text = text_after(text, taken);
    }
    return add_string(line, "\"");
}

/* What did not fit is left out whole, so that the line stays JSON. */
static void keep_if(struct log_line *line, bool ok, size_t begin)
{
    if (!ok)
        line->length = begin;
}

static void add_time(struct log_line *line)
{
    struct timespec now;
    struct tm parts;
    char text[40];
    size_t length;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    (void)gmtime_r(&now.tv_sec, &parts);
    length = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &parts);
    (void)snprintf(text + length, sizeof(text) - length, ".%06ldZ", now.tv_nsec / 1000);
    log_string(line, "time", text);
}

void log_begin(struct log_line *line, enum log_level level, const char *event)
{
    line->is_wanted = level <= level_wanted;
    line->length = 0;
    if (!line->is_wanted)
        return;
    (void)add_string(line, "{");
    add_time(line);
    log_string(line, "level", level_names[level]);
    log_string(line, "event", event);
}

void log_text(struct log_line *line, const char *key, struct text text)
{
    size_t begin = line->length;

    if (line->is_wanted)
        keep_if(line, add_key(line, key) && add_quoted(line, text), begin);
}

void log_string(struct log_line *line, const char *key, const char *string)
{
    log_text(line, key, text_of(string));
}

void log_number(struct log_line *line, const char *key, uint64_t number)
{
    char digits[24];
    size_t begin = line->length;

    (void)snprintf(digits, sizeof(digits), "%llu", (unsigned long long)number);
    if (line->is_wanted)
        keep_if(line, add_key(line, key) && add_string(line, digits), begin);
}

void log_bool(struct log_line *line, const char *key, bool value)
{
    size_t begin = line->length;

    if (line->is_wanted)
        keep_if(line, add_key(line, key) && add_string(line, value ? "true" : "false"), begin);
}

void log_texts(struct log_line *line, const char *key, const struct text *texts, size_t count)
{
    size_t begin = line->length;
    bool ok;

    if (!line->is_wanted)
        return;
    ok = add_key(line, key) && add_string(line, "[");
    for (size_t i = 0; i < count; i++)
        ok = ok && (i == 0 || add_string(line, ",")) && add_quoted(line, texts[i]);
    keep_if(line, ok && add_string(line, "]"), begin);
}

void log_end(struct log_line *line)
{
    struct text rest;

    if (!line->is_wanted)
        return;
    memcpy(line->bytes + line->length, "}\n", END_BYTES);
    rest = (struct text){.at = line->bytes, .length = line->length + END_BYTES};
    while (rest.length > 0) {
        ssize_t written = write(STDOUT_FILENO, rest.at, rest.length);

        if (written < 0 && errno != EINTR)
            return; /* nobody to tell */
        if (written > 0)
            rest = text_after(rest, (size_t)written);
    }
}
