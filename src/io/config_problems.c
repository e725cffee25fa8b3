/* SPDX-License-Identifier: Apache-2.0 */
/* Problems: where they are, what they say, how many are told. */
#include "config_reader.h"

#include <stdarg.h>
#include <stdio.h>

void problems_release(struct problems *problems)
{
    if (problems == NULL)
        return;
    buffer_release(&problems->lines);
    *problems = (struct problems){0};
}

static bool is_telling(const struct problems *problems)
{
    return problems->count < PROBLEMS_TOLD_LIMIT;
}

bool reader_is_telling(const struct config_reader *reader)
{
    return is_telling(reader->problems);
}

/* One line whatever a key or value held. */
static void flatten(char *at, size_t length)
{
    size_t i;

    for (i = 0; i < length; i++) {
        if ((unsigned char)at[i] < 0x20 || at[i] == 0x7f)
            at[i] = ' ';
    }
}

void problems_add(struct problems *problems, enum error_kind kind, const char *sentence)
{
    size_t begin = problems->lines.length;
    bool is_told = is_telling(problems);

    if (problems->count++ == 0)
        problems->kind = kind;
    if (!is_told)
        return;
    buffer_add_string(&problems->lines, sentence);
    if (problems->lines.failed)
        return;
    flatten(problems->lines.at + begin, problems->lines.length - begin);
    buffer_add_char(&problems->lines, '\n');
}

void reader_problem(struct config_reader *reader, uint32_t node, const char *accepts, const char *format, ...)
{
    struct mark mark = {.line = 1, .column = 1};
    char sentence[512];
    char line[2048];
    va_list values;

    if (node < reader->tree->count)
        mark = reader->tree->nodes[node].mark;
    va_start(values, format);
    (void)vsnprintf(sentence, sizeof(sentence), format, values);
    va_end(values);
    (void)snprintf(line, sizeof(line), "%.255s:%u:%u: %.*s%s%s%s%.900s", reader->file, mark.line, mark.column,
                   (int)reader->path_length, reader->path, reader->path_length > 0 ? ": " : "", sentence,
                   accepts != NULL ? "; accepted: " : "", accepts != NULL ? accepts : "");
    problems_add(reader->problems, ERROR_INPUT, line);
}

void reader_memory(struct config_reader *reader)
{
    problems_add(reader->problems, ERROR_MEMORY, "out of memory");
}

static void path_add(struct config_reader *reader, struct text text)
{
    size_t room = sizeof(reader->path) - reader->path_length;
    size_t length = text.length < room ? text.length : room;

    if (length > 0)
        memcpy(reader->path + reader->path_length, text.at, length);
    reader->path_length += length;
}

size_t reader_enter(struct config_reader *reader, struct text key)
{
    static const struct text dot = TEXT(".");
    size_t mark = reader->path_length;

    if (mark > 0)
        path_add(reader, dot);
    if (key.length > 80)
        key.length = 80;
    path_add(reader, key);
    return mark;
}

size_t reader_enter_item(struct config_reader *reader, size_t position)
{
    size_t mark = reader->path_length;
    char text[32];

    (void)snprintf(text, sizeof(text), "[%zu]", position);
    path_add(reader, text_of(text));
    return mark;
}

void reader_leave(struct config_reader *reader, size_t mark)
{
    reader->path_length = mark;
}
