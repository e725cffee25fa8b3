/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was told of late, in a table of fixed size.
 *
 * Where more is told than it holds, what may be told again soonest is forgotten, and may be told twice.
 */
#ifndef AGENT_REPORTER_MEMORY_H
#define AGENT_REPORTER_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    REPORTER_MEMORY_SETS = 128,
    REPORTER_MEMORY_WAYS = 4
};

struct reporter_memo {
    uint64_t key; /* 0: free */
    int64_t at;   /* when it may be told again */
    bool is_told; /* the last try was no failure */
    bool is_held; /* it was counted as held back */
};

struct reporter_memory {
    struct reporter_memo memos[REPORTER_MEMORY_SETS][REPORTER_MEMORY_WAYS];
};

/* NULL where it was not told, or forgotten. */
struct reporter_memo *reporter_memory_find(struct reporter_memory *memory, uint64_t key);

/* The memo of the key, made where there is none. */
struct reporter_memo *reporter_memory_put(struct reporter_memory *memory, uint64_t key);

#endif
