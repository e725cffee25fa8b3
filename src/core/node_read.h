/* SPDX-License-Identifier: Apache-2.0 */
/* Reading what we look at of a Node, wherever it stands. */
#ifndef CORE_NODE_READ_H
#define CORE_NODE_READ_H

#include "core/node_store.h"

struct node_reader {
    struct arena *arena;
    struct node_facts facts;
    bool has_metadata;
    struct text resource_version;
    struct pair *labels; /* room for labels, used again for the next node */
    size_t label_limit;  /* how many were ever in it */
    struct text condition;
    struct text condition_status;
};

/* Forget the node that was read last. */
void node_reader_clear(struct node_reader *reader);

/* The arena was emptied: forget what was in it, too. */
void node_reader_reset(struct node_reader *reader);

/* For tables: the members `metadata` and `status` of what begins with a struct node_reader. */
void node_read_metadata(struct json *json, void *into);
void node_read_status(struct json *json, void *into);

/* A whole Node, or null, which leaves the facts empty. */
enum member node_read_item(struct json *json, struct node_reader *reader);

#endif
