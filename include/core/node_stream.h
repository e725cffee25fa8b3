/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nodes as an API server sends them, read as the bytes come in: pages of a NodeList, and a watch.
 *
 *     AUTO(node_page_free) struct node_page *page = node_page_new(store);
 *     ...node_page_take(page, bytes, err) for each piece...
 *     if (!node_page_finish(page, err))
 *         return false;
 *     ...node_page_continue(page), node_page_version(page)...
 *
 * Each node goes into the store as soon as it is whole; kept is at most one that is not, of
 * NODE_OBJECT_BYTES_MAX. How the bytes are cut makes no difference. What is not JSON, cut off, too large or
 * no list of nodes (no watch event) is ERROR_REMOTE; what came before it is in the store.
 *
 * Source: Kubernetes API v1 NodeList; Kubernetes API concepts, "Efficient detection of changes".
 */
#ifndef CORE_NODE_STREAM_H
#define CORE_NODE_STREAM_H

#include "core/error.h"
#include "core/node_store.h"

enum {
    NODE_OBJECT_BYTES_MAX = 4 * 1024 * 1024, /* etcd takes 1.5 MiB, by default */
    NODE_COUNT_MAX = 1000 * 1000
};

struct node_page;

/* NULL without memory. */
MUST_CHECK struct node_page *node_page_new(struct node_store *store);

MUST_CHECK bool node_page_take(struct node_page *page, struct text bytes, struct error *err);

/* There are no more bytes: the list must be whole. */
MUST_CHECK bool node_page_finish(struct node_page *page, struct error *err);

/* metadata.continue: where the next page begins; empty when this is the last. Borrowed. */
struct text node_page_continue(const struct node_page *page);

/* metadata.resourceVersion. Borrowed. */
struct text node_page_version(const struct node_page *page);

void node_page_free(struct node_page **page);

struct node_events;

MUST_CHECK struct node_events *node_events_new(struct node_store *store);

/* An ERROR event is ERROR_REMOTE, too: node_events_status() says which. */
MUST_CHECK bool node_events_take(struct node_events *events, struct text bytes, struct error *err);

/* There are no more bytes: none of an event may be missing. */
MUST_CHECK bool node_events_finish(struct node_events *events, struct error *err);

/* How many events were read, bookmarks included. */
size_t node_events_count(const struct node_events *events);

/* From where to watch on: of the last event; empty before the first. Borrowed. */
struct text node_events_version(const struct node_events *events);

/* The code of the ERROR event; 0: there was none. */
unsigned node_events_status(const struct node_events *events);

void node_events_free(struct node_events **events);

#endif
