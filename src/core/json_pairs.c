/* SPDX-License-Identifier: Apache-2.0 */
#include "core/hash.h"
#include "json_scan.h"

enum {
    COMPARED_PAIRS_MAX = 12
}; /* up to here each with each costs less than hashing */

/* The first pair whose key an earlier one has; `count` when there is none. */
static size_t find_twin_by_comparing(const struct pair *pairs, size_t count)
{
    size_t i;
    size_t other;

    for (i = 1; i < count; i++) {
        for (other = 0; other < i; other++) {
            if (text_is(pairs[i].key, pairs[other].key))
                return i;
        }
    }
    return count;
}

static size_t find_twin(struct json *json, const struct pair *pairs, size_t count)
{
    struct index index;
    size_t i;

    if (count <= COMPARED_PAIRS_MAX)
        return find_twin_by_comparing(pairs, count);
    if (!index_init(&index, json->arena, count)) {
        json_fail_memory(json);
        return count;
    }
    for (i = 0; i < count; i++) {
        if (!index_add(&index, pairs[i].key, i))
            return i;
    }
    return count;
}

/* Stop at the key itself where it lies in the body; one that held an escape is in the arena. */
static void fail_twin(struct json *json, struct text key)
{
    uintptr_t at = (uintptr_t)key.at;

    if (at >= (uintptr_t)json->begin && at < (uintptr_t)json->at) {
        json_stop(json, key.at + key.length + 1, "comes twice");
    } else {
        json_stop(json, json->at, "holds a name twice");
    }
}

/* Absent where it is null. */
static struct text read_value(struct json *json)
{
    if (json_skip_null(json))
        return (struct text){0};
    return json_text(json);
}

/* All members in order; the value of a null one is absent. */
static struct pair *read_members(struct json *json, size_t *ret_count)
{
    struct pair *pairs = NULL;
    struct pair pair;
    size_t count = 0;

    while (json_next_member(json, &pair.key)) {
        struct pair *larger = arena_grow(json->arena, pairs, count, sizeof(*pairs));

        if (larger == NULL) {
            json_fail_memory(json);
            return NULL;
        }
        pairs = larger;
        pair.value = read_value(json);
        pairs[count++] = pair;
    }
    *ret_count = count;
    return pairs;
}

enum member json_read_pairs(struct json *json, struct pair **ret_pairs, size_t *ret_count)
{
    struct pair *pairs;
    size_t read = 0;
    size_t kept = 0;
    size_t twin;
    size_t span;
    size_t i;

    if (json_skip_null(json))
        return MEMBER_NULL;
    span = json_span_begin(json, json->at);
    json_object_start(json);
    pairs = read_members(json, &read);
    json_span_end(json, span);
    if (json->failure != ERROR_NONE)
        return MEMBER_ABSENT;
    twin = find_twin(json, pairs, read);
    if (twin < read)
        fail_twin(json, pairs[twin].key);
    if (json->failure != ERROR_NONE)
        return MEMBER_ABSENT;
    for (i = 0; i < read; i++) {
        if (pairs[i].value.at != NULL)
            pairs[kept++] = pairs[i];
    }
    *ret_pairs = pairs;
    *ret_count = kept;
    return MEMBER_PRESENT;
}
