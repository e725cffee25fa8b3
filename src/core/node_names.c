/* SPDX-License-Identifier: Apache-2.0 */
#include "node_names.h"

#include <stdlib.h>

enum {
    SPARE_ENTRIES = 4
};

void retired_add(struct retired **list, struct retired *block)
{
    if (block == NULL)
        return;
    block->next = *list;
    *list = block;
}

void retired_free(struct retired **list)
{
    while (*list != NULL) {
        struct retired *block = *list;

        *list = block->next;
        free(block);
    }
}

static struct text record_name(const struct node_record *record)
{
    return (struct text){.at = record->name, .length = record->name_length};
}

/* The entries are in the order of the hash, whose last bits chose the shard. */
static size_t shard_of(uint64_t hash)
{
    return (size_t)hash & (NODE_SHARDS - 1);
}

/* The first entry whose hash is not below. Hashes are spread evenly, so it is near where it ought to be. */
static size_t lower_bound(const struct name_shard *shard, uint64_t hash)
{
    size_t at = (size_t)((hash >> 32) * shard->count >> 32);

    while (at > 0 && shard->entries[at - 1].hash >= hash)
        at--;
    while (at < shard->count && shard->entries[at].hash < hash)
        at++;
    return at;
}

/* Where a name is, or where it belongs. */
struct entry_place {
    uint64_t hash;
    size_t at;
    struct node_record *node; /* NULL: it is not there */
};

static struct entry_place find_place(const struct node_names *names, struct text name)
{
    struct entry_place place = {.hash = hash_text(name)};
    const struct name_shard *shard = names->shards[shard_of(place.hash)];

    if (shard == NULL)
        return place;
    place.at = lower_bound(shard, place.hash);
    while (place.at < shard->count && shard->entries[place.at].hash == place.hash) {
        struct node_record *node = shard->entries[place.at].node;

        if (text_is(record_name(node), name)) {
            place.node = node;
            break;
        }
        place.at++;
    }
    return place;
}

struct node_record *node_names_find(const struct node_names *names, struct text name)
{
    return find_place(names, name).node;
}

/* The shard of the hash, that no view shows and that has room for one more; NULL without memory. */
static struct name_shard *open_shard(const struct names_change *change, uint64_t hash)
{
    struct name_shard **place = &change->names->shards[shard_of(hash)];
    struct name_shard *old = *place;
    size_t count = old != NULL ? old->count : 0;
    bool is_ours = old != NULL && old->generation == change->generation;
    size_t capacity = count + (is_ours ? count : 0) + SPARE_ENTRIES;
    struct name_shard *shard;

    if (is_ours && count < old->capacity)
        return old;
    shard = malloc(sizeof(*shard) + capacity * sizeof(shard->entries[0]));
    if (shard == NULL)
        return NULL;
    shard->generation = change->generation;
    shard->count = count;
    shard->capacity = capacity;
    if (count > 0)
        memcpy(shard->entries, old->entries, count * sizeof(shard->entries[0]));
    *place = shard;
    if (is_ours)
        free(old);
    else if (old != NULL)
        retired_add(change->retired, &old->link);
    return shard;
}

bool node_names_put(const struct names_change *change, struct node_record *record)
{
    struct entry_place place = find_place(change->names, record_name(record));
    struct name_shard *shard = open_shard(change, place.hash);

    if (shard == NULL)
        return false;
    if (place.node != NULL) {
        retired_add(change->retired, &place.node->link);
    } else {
        memmove(&shard->entries[place.at + 1], &shard->entries[place.at],
                (shard->count - place.at) * sizeof(shard->entries[0]));
        shard->count++;
    }
    shard->entries[place.at] = (struct name_entry){.hash = place.hash, .node = record};
    return true;
}

bool node_names_remove(const struct names_change *change, struct text name)
{
    struct entry_place place = find_place(change->names, name);
    struct name_shard *shard;

    if (place.node == NULL)
        return true;
    shard = open_shard(change, place.hash);
    if (shard == NULL)
        return false;
    retired_add(change->retired, &place.node->link);
    shard->count--;
    memmove(&shard->entries[place.at], &shard->entries[place.at + 1],
            (shard->count - place.at) * sizeof(shard->entries[0]));
    return true;
}

static void free_shard(struct name_shard *shard)
{
    size_t i;

    if (shard == NULL)
        return;
    for (i = 0; i < shard->count; i++)
        free(shard->entries[i].node);
    free(shard);
}

void node_names_release(struct node_names *names)
{
    size_t i;

    for (i = 0; i < NODE_SHARDS; i++) {
        free_shard(names->shards[i]);
        names->shards[i] = NULL;
    }
}
