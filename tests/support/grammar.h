/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random JSON by a table of rules.
 *
 *     ONE_OF("count", "'8'", "8", "null")             one of these, as likely as it is often there
 *     OBJECT("claim", "name|15|<name>", "other|2|1")  each member in so many of 16 cases, a few as null, and
 *                                                     members that nobody knows in between
 *     MAP("labels", "app|8|'x'")                      the same without unknown members: its keys are the
 * author's LIST("claims", "<claim>", "<claim>")            none up to all of these, from the first on
 *
 * In a value ' stands for " and <name> for what that rule makes. Rules are sorted by name.
 */
#ifndef SUPPORT_GRAMMAR_H
#define SUPPORT_GRAMMAR_H

#include "support/choices.h"

#include "core/buffer.h"

enum grammar_kind {
    GRAMMAR_ONE_OF,
    GRAMMAR_OBJECT,
    GRAMMAR_MAP,
    GRAMMAR_LIST,
};

struct grammar_rule {
    const char *name;
    enum grammar_kind kind;
    const char *const *items; /* ended by NULL */
};

#define GRAMMAR_ITEMS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define ONE_OF(name, ...)                                                                                    \
    {                                                                                                        \
        name, GRAMMAR_ONE_OF, GRAMMAR_ITEMS(__VA_ARGS__)                                                     \
    }
#define OBJECT(name, ...)                                                                                    \
    {                                                                                                        \
        name, GRAMMAR_OBJECT, GRAMMAR_ITEMS(__VA_ARGS__)                                                     \
    }
#define MAP(name, ...)                                                                                       \
    {                                                                                                        \
        name, GRAMMAR_MAP, GRAMMAR_ITEMS(__VA_ARGS__)                                                        \
    }
#define LIST(name, ...)                                                                                      \
    {                                                                                                        \
        name, GRAMMAR_LIST, GRAMMAR_ITEMS(__VA_ARGS__)                                                       \
    }

struct grammar {
    const struct grammar_rule *rules;
    size_t count;
};

/* Write what the rule makes; aborts on a name that has no rule, which is a mistake of the table's. */
void grammar_write(const struct grammar *grammar, const char *name, struct choices *choices,
                   struct buffer *buffer);

#endif
