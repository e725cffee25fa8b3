/* SPDX-License-Identifier: Apache-2.0 */
#include "reporter_memory.h"

/* 0 is a free place. */
static uint64_t key_of(uint64_t key)
{
    return key != 0 ? key : 1;
}

struct reporter_memo *reporter_memory_find(struct reporter_memory *memory, uint64_t key)
{
    struct reporter_memo *set = memory->memos[key_of(key) % REPORTER_MEMORY_SETS];

    for (size_t i = 0; i < REPORTER_MEMORY_WAYS; i++) {
        if (set[i].key == key_of(key))
            return &set[i];
    }
    return NULL;
}

struct reporter_memo *reporter_memory_put(struct reporter_memory *memory, uint64_t key)
{
    struct reporter_memo *found = reporter_memory_find(memory, key);
    struct reporter_memo *set = memory->memos[key_of(key) % REPORTER_MEMORY_SETS];

    if (found != NULL)
        return found;
    found = &set[0];
    for (size_t i = 0; i < REPORTER_MEMORY_WAYS && found->key != 0; i++) {
        if (set[i].key == 0 || set[i].at < found->at)
            found = &set[i];
    }
    *found = (struct reporter_memo){.key = key_of(key)};
    return found;
}
