/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of nodes and the class of each: a table in shards, of which a view keeps what it saw.
 *
 * A change copies one shard, unless no view has it yet. What it replaces goes to `retired`, a list of blocks
 * to be freed when no view shows them any more.
 */
#ifndef CORE_NODE_NAMES_H
#define CORE_NODE_NAMES_H

#include "core/nodes.h"

enum {
    NODE_SHARDS = 1024 /* a power of two */
};

/* The first member of all that views show, each an allocation of its own. */
struct retired {
    struct retired *next;
};

void retired_add(struct retired **list, struct retired *block);
void retired_free(struct retired **list);

/* What follows `class` is the store's alone: views do not look at it, so it may change under them. */
struct node_record {
    struct retired link;
    unsigned class;
    unsigned name_length;
    bool is_ready;
    uint64_t hugepages_bytes;
    char name[];
};

struct name_entry {
    uint64_t hash;
    struct node_record *node;
};

struct name_shard {
    struct retired link;
    uint64_t generation; /* of the view that will show it first */
    size_t count;
    size_t capacity;
    struct name_entry entries[]; /* by hash */
};

struct node_names {
    struct name_shard *shards[NODE_SHARDS];
};

/* NULL when no node has that name. */
struct node_record *node_names_find(const struct node_names *names, struct text name);

/* What changes the table: views up to the one before `generation` are out. */
struct names_change {
    struct node_names *names;
    uint64_t generation;
    struct retired **retired;
};

/* Take the record in, in place of one of its name; false without memory (the record is then the caller's). */
MUST_CHECK bool node_names_put(const struct names_change *change, struct node_record *record);

/* Take out the record of that name; false without memory. */
MUST_CHECK bool node_names_remove(const struct names_change *change, struct text name);

/* Free all shards and records. */
void node_names_release(struct node_names *names);

#endif
