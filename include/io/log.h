/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One JSON line an event, on standard output.
 *
 *     struct log_line line;
 *     log_begin(&line, LOG_LEVEL_INFO, "mutate");
 *     log_text(&line, "uid", review.uid);
 *     log_end(&line);
 *
 * A line is at most 4096 bytes and written by one write(2), so lines never interleave, not even in a pipe
 * that processes share. Texts are escaped, cut, and cleaned of what is not UTF-8. Keys are literals of ours.
 * Never hand in a body, an environment variable's value or a token.
 */
#ifndef IO_LOG_H
#define IO_LOG_H

#include "core/error.h"
#include "core/text.h"

enum log_level {
    LOG_LEVEL_ERROR,
    LOG_LEVEL_WARN,
    LOG_LEVEL_INFO,
    LOG_LEVEL_DEBUG,
};

enum {
    LOG_LINE_BYTES = 4096, /* PIPE_BUF: what a pipe takes in one piece */
    LOG_TEXT_BYTES = 256,  /* a text longer than this, once escaped, is cut */
};

struct log_line {
    char bytes[LOG_LINE_BYTES];
    size_t length;
    bool is_wanted; /* false: below the level, and nothing is written */
};

/* "error", "warn", "info" or "debug"; anything else leaves it at info. */
void log_set_level(const char *name);

void log_begin(struct log_line *line, enum log_level level, const char *event);
void log_text(struct log_line *line, const char *key, struct text text);
void log_string(struct log_line *line, const char *key, const char *string);
void log_number(struct log_line *line, const char *key, uint64_t number);
void log_bool(struct log_line *line, const char *key, bool value);
void log_texts(struct log_line *line, const char *key, const struct text *texts, size_t count);
void log_end(struct log_line *line);

#endif
