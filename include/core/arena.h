/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that is given back all at once: what one request, or one loaded file, needs.
 *
 *     AUTO(arena_release) struct arena arena = {0};
 *     struct item *items = arena_alloc(&arena, count * sizeof(*items));
 *     ...
 *     arena_reset(&arena);    keep the memory for the next request
 *
 * Thread: one at a time.
 */
#ifndef CORE_ARENA_H
#define CORE_ARENA_H

#include "core/text.h"

struct arena_block;

struct arena {
    struct arena_block *blocks; /* newest first */
    char *at;
    char *end;
    size_t limit_bytes; /* 0: no limit; allocations above it fail like malloc */
    size_t used_bytes;
};

/* Zeroed memory for any type, or NULL when there is none left. */
MUST_CHECK void *arena_alloc(struct arena *arena, size_t bytes);

/*
 * Make room for one more element behind `count` of `size` bytes each; capacities are powers of two, so
 * the array moves only when `count` is 0 or a power of two. Returns the (new) array, NULL without memory.
 */
MUST_CHECK void *arena_grow(struct arena *arena, void *array, size_t count, size_t size);

/* A copy; absent without memory. */
struct text arena_copy(struct arena *arena, struct text text);

/* Replace a text by a copy; absent stays absent. False, and nothing replaced, without memory. */
MUST_CHECK bool arena_keep(struct arena *arena, struct text *text);

/* The parts one after the other; absent without memory. */
struct text arena_join(struct arena *arena, const struct text *parts, size_t count);

/* Text by printf's rules, cut between characters at 1023 bytes; absent without memory. Not for the hot path.
 */
struct text arena_format(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);

/* Empty it, keeping one block of memory for reuse (at most 256 KiB). */
void arena_reset(struct arena *arena);

void arena_release(struct arena *arena);

/* Overwrite memory, also where nobody reads it again and a compiler would leave it out. */
void memory_wipe(void *memory, size_t bytes);

/* As arena_release(), and what was in it is overwritten first: for keys and tokens. */
void arena_wipe(struct arena *arena);

#endif
