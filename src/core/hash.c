/* SPDX-License-Identifier: Apache-2.0 */
#include "core/hash.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

struct index_slot {
    struct text key; /* absent: free */
    uint64_t hash;
    size_t position;
};

uint64_t hash_text(struct text text)
{
    return XXH3_64bits(text.at != NULL ? text.at : "", text.length);
}

void hash_digest(struct text text, char ret_digits[32])
{
    static const char digits[] = "0123456789abcdef";
    XXH128_hash_t hash = XXH3_128bits(text.at != NULL ? text.at : "", text.length);
    unsigned i;

    for (i = 0; i < 16; i++) {
        ret_digits[i] = digits[hash.high64 >> (60 - 4 * i) & 15];
        ret_digits[16 + i] = digits[hash.low64 >> (60 - 4 * i) & 15];
    }
}

bool index_init(struct index *index, struct arena *arena, size_t count)
{
    size_t capacity = 4;

    while (capacity < count * 2)
        capacity *= 2;
    index->slots = arena_alloc(arena, capacity * sizeof(*index->slots));
    index->capacity = index->slots != NULL ? capacity : 0;
    return index->slots != NULL;
}

/* The slot that holds the key, or the free one where it belongs. */
static struct index_slot *index_slot(const struct index *index, struct text key, uint64_t hash)
{
    size_t at = (size_t)hash & (index->capacity - 1);

    while (index->slots[at].key.at != NULL &&
           (index->slots[at].hash != hash || !text_is(index->slots[at].key, key)))
        at = (at + 1) & (index->capacity - 1);
    return &index->slots[at];
}

bool index_add(struct index *index, struct text key, size_t position)
{
    uint64_t hash = hash_text(key);
    struct index_slot *slot = index_slot(index, key, hash);

    if (slot->key.at != NULL)
        return false;
    *slot = (struct index_slot){.key = key, .hash = hash, .position = position};
    return true;
}

bool index_find(const struct index *index, struct text key, size_t *ret_position)
{
    const struct index_slot *slot;

    if (index->capacity == 0)
        return false;
    slot = index_slot(index, key, hash_text(key));
    if (slot->key.at == NULL)
        return false;
    *ret_position = slot->position;
    return true;
}
