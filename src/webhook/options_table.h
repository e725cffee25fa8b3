/* SPDX-License-Identifier: Apache-2.0 */
/* The table of all options, from which parsing and --help come. */
#ifndef WEBHOOK_OPTIONS_TABLE_H
#define WEBHOOK_OPTIONS_TABLE_H

#include "options.h"

enum option_kind {
    OPTION_MODE,      /* chooses what is done; takes a file where the table names an argument */
    OPTION_FLAG,      /* true where it is given */
    OPTION_STRING,    /* any text but an empty one */
    OPTION_CHOICE,    /* one of the words in `accepted` */
    OPTION_NUMBER,    /* digits, at most `limit` */
    OPTION_PATH,      /* of a URL */
    OPTION_NAMESPACE, /* a DNS label */
    OPTION_OBJECT,    /* an object's name: a DNS subdomain */
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
    enum mode mode;
    unsigned limit;
    const char *accepted;
    const char *group; /* heading that begins here */
    const char *help;
};

enum {
    OPTIONS_LIMIT = 64
};

extern const struct option option_table[];
extern const size_t option_count;

#endif
