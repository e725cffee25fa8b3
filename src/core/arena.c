/* SPDX-License-Identifier: Apache-2.0 */
#include "core/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    BLOCK_BYTES_MIN = 16 * 1024,
    KEPT_BYTES_MAX = 256 * 1024,
    ALIGNMENT = 16,
};

struct arena_block {
    struct arena_block *older;
    size_t bytes;
    _Alignas(ALIGNMENT) char memory[];
};

static bool arena_add_block(struct arena *arena, size_t bytes)
{
    size_t last = arena->blocks != NULL ? arena->blocks->bytes : BLOCK_BYTES_MIN / 2;
    size_t wanted = last * 2 > bytes ? last * 2 : bytes;
    struct arena_block *block;

    if (wanted > SIZE_MAX - sizeof(*block))
        return false;
    block = malloc(sizeof(*block) + wanted);
    if (block == NULL)
        return false;
    block->older = arena->blocks;
    block->bytes = wanted;
    arena->blocks = block;
    arena->at = block->memory;
    arena->end = block->memory + wanted;
    return true;
}

void *arena_alloc(struct arena *arena, size_t bytes)
{
    void *memory;

    if (bytes > SIZE_MAX / 4)
        return NULL;
    bytes = (bytes > 0 ? bytes + ALIGNMENT - 1 : ALIGNMENT) & ~(size_t)(ALIGNMENT - 1);
    if (arena->limit_bytes != 0 && bytes > arena->limit_bytes - arena->used_bytes)
        return NULL;
    if ((size_t)(arena->end - arena->at) < bytes && !arena_add_block(arena, bytes))
        return NULL;
    memory = arena->at;
    arena->at += bytes;
    arena->used_bytes += bytes;
    return memset(memory, 0, bytes);
}

void *arena_grow(struct arena *arena, void *array, size_t count, size_t size)
{
    size_t bytes;
    void *larger;

    if (count != 0 && (count & (count - 1)) != 0)
        return array;
    if (count == 0)
        return arena_alloc(arena, size);
    if (__builtin_mul_overflow(count, size * 2, &bytes))
        return NULL;
    larger = arena_alloc(arena, bytes);
    return larger != NULL ? memcpy(larger, array, count * size) : NULL;
}

struct text arena_copy(struct arena *arena, struct text text)
{
    return arena_join(arena, &text, 1);
}

bool arena_keep(struct arena *arena, struct text *text)
{
    struct text copy;

    if (text->at == NULL)
        return true;
    copy = arena_copy(arena, *text);
    if (copy.at == NULL)
        return false;
    *text = copy;
    return true;
}

struct text arena_join(struct arena *arena, const struct text *parts, size_t count)
{
    size_t length = 0;
    size_t at = 0;
    size_t i;
    char *memory;

    for (i = 0; i < count; i++)
        length += parts[i].length;
    memory = arena_alloc(arena, length + 1);
    if (memory == NULL)
        return (struct text){0};
    for (i = 0; i < count; i++) {
        if (parts[i].length > 0)
            memcpy(memory + at, parts[i].at, parts[i].length);
        at += parts[i].length;
    }
    return (struct text){.at = memory, .length = length};
}

struct text arena_format(struct arena *arena, const char *format, ...)
{
    char room[1024];
    va_list values;

    va_start(values, format);
    (void)vsnprintf(room, sizeof(room), format, values);
    va_end(values);
    return arena_copy(arena, text_drop_part(text_of(room)));
}

static void blocks_free(struct arena_block *block)
{
    while (block != NULL) {
        struct arena_block *older = block->older;

        free(block);
        block = older;
    }
}

void arena_reset(struct arena *arena)
{
    struct arena_block *kept = arena->blocks;

    arena->used_bytes = 0;
    if (kept == NULL)
        return;
    if (kept->bytes > KEPT_BYTES_MAX) {
        blocks_free(kept);
        arena->blocks = NULL;
        arena->at = NULL;
        arena->end = NULL;
        return;
    }
    blocks_free(kept->older);
    kept->older = NULL;
    arena->at = kept->memory;
    arena->end = kept->memory + kept->bytes;
}

void arena_release(struct arena *arena)
{
    blocks_free(arena->blocks);
    *arena = (struct arena){.limit_bytes = arena->limit_bytes};
}

void memory_wipe(void *memory, size_t bytes)
{
    memset(memory, 0, bytes);
    __asm__ volatile("" : : "r"(memory) : "memory");
}

void arena_wipe(struct arena *arena)
{
    for (struct arena_block *block = arena->blocks; block != NULL; block = block->older)
        memory_wipe(block->memory, block->bytes);
    arena_release(arena);
}
