/* SPDX-License-Identifier: Apache-2.0 */
/*
 * XXH3 (libxxhash): lookups, group names and the patch digest in the audit annotations.
 *
 * Not for secrets. `xxhsum -H3` and `xxhsum -H2` print the same values, so an admin can check a digest.
 */
#ifndef CORE_HASH_H
#define CORE_HASH_H

#include "core/arena.h"

uint64_t hash_text(struct text text);

/* 32 lower-case hexadecimal digits of XXH3-128. */
void hash_digest(struct text text, char ret_digits[32]);

/* A set of texts that remembers where each was put; lookups do not slow down with their number. */
struct index {
    struct index_slot *slots;
    size_t capacity; /* a power of two */
};

/* An empty index for up to `count` texts; false without memory. */
MUST_CHECK bool index_init(struct index *index, struct arena *arena, size_t count);

/* Remember `position` under `key`, which is never absent. False when the key is there already (the first
 * position stays). */
bool index_add(struct index *index, struct text key, size_t position);

/* The position of `key`; false when it is not there. */
bool index_find(const struct index *index, struct text key, size_t *ret_position);

#endif
