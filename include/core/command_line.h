/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program's command line: one table of options, from which parsing and --help come.
 *
 *     static const struct option table[] = {
 *         {.name = "threads", .kind = OPTION_NUMBER, .argument = "N", .standard = "2", .limit = 64,
 *          .offset = offsetof(struct options, threads), .modes = OPTION_FOR(MODE_SERVE), .help = "..."},
 *     };
 *     const struct command_line line = {.program = "efa-webhook", .options = table, ...};
 *     struct options options = {0};
 *
 *     if (!command_line_parse(&line, count, arguments, &options, err))
 *
 * An option that is unknown, lacks its argument, has a bad one or does not go with what is to be done is
 * ERROR_INPUT with a sentence that names it. Of two the last counts.
 */
#ifndef CORE_COMMAND_LINE_H
#define CORE_COMMAND_LINE_H

#include "core/buffer.h"
#include "core/error.h"

/* And the type of the member that takes the value. */
enum option_kind {
    OPTION_MODE,   /* chooses what is done; takes a file (const char *) where the table names an argument */
    OPTION_FLAG,   /* bool: true where it is given */
    OPTION_STRING, /* const char *: any text but an empty one */
    OPTION_CHOICE, /* const char *: one of the words in `accepted` */
    OPTION_NUMBER, /* unsigned: digits, from `least` to `limit` */
    OPTION_PATH,   /* const char *: of a URL */
    OPTION_NAMESPACE, /* const char *: a DNS label */
    OPTION_OBJECT,    /* const char *: an object's name, a DNS subdomain */
};

#define OPTION_FOR(mode) (1u << (mode))

struct option {
    const char *name;
    char letter;
    enum option_kind kind;
    const char *argument;
    const char *standard; /* the default, parsed as if it had been given; NULL: none */
    size_t offset;        /* of the member that takes the value */
    unsigned modes;       /* what it goes with */
    unsigned mode;
    unsigned least;
    unsigned limit;
    const char *accepted; /* "table|json" */
    const char *group;    /* heading that begins here */
    const char *help;
    bool is_hidden;    /* not in --help */
    bool may_be_empty; /* the value of an OPTION_STRING */
};

enum {
    OPTIONS_LIMIT = 64
};

struct command_line {
    const char *program;
    const char *opening; /* of --help: a line on what the program is, examples */
    const char *ending;  /* exit codes */
    const char *stray;   /* the option that was meant where a word stands alone; NULL: no option takes one */
    const char *stray_purpose; /* "to patch a file" */
    const struct option *options;
    size_t option_count;   /* at most OPTIONS_LIMIT */
    size_t mode_offset;    /* of the member that says what is to be done: an enum of the program's */
    unsigned mode_without; /* what is done without an option that says so */
    unsigned mode_help;
    /* Whether the values go together; NULL: always. */
    bool (*check)(const void *options, struct error *err);
};

/* Fill a struct that is zeroed; the first word is the program's name. Texts in it are borrowed from the words
 * and the table. After a failure it is half filled. */
MUST_CHECK bool command_line_parse(const struct command_line *line, int count, char *const *words,
                                   void *options, struct error *err);

/* The text of --help. */
void command_line_help(const struct command_line *line, struct buffer *buffer);

#endif
