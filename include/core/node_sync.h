/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What to ask an API server next, so that a store holds the cluster's nodes, and how long to wait before.
 *
 *     for (;;) {
 *         node_sync_next(&sync, random, &request, err)           a page of a list, or a watch
 *         ...ask; the bytes of the answer go to a node_page or node_events...
 *         node_sync_listed(&sync, place, version) or node_sync_watched(&sync, version)
 *         step = node_sync_after(&sync, &outcome, random);
 *         if (step.begins_again)
 *             ...the next page is the first of a new list: it goes into a new store...
 *         ...wait step.wait_ms...
 *     }
 *
 * First a list that the server reads consistently, in pages; then a watch from its version on, which goes on
 * from the last event when it ends. A list that takes so long that the server forgets its version (410) is
 * asked for in one piece. A watch whose version the server has forgotten, or that fails again and again with
 * an answer, makes a new list. A server that is away, busy or not willing is asked again after 1, 2, 4, ...
 * 30 seconds, of which up to a half is left out by chance, and after Retry-After at least.
 *
 * Asked for are nodes whose label node.kubernetes.io/instance-type is a type of the catalogue, also as
 * HyperPod spells it ("ml.p5.48xlarge"). The older beta label is not: it is the same wherever Kubernetes is
 * 1.17 or later. Where something between us and the server finds that address too long (400, 414, 431), all
 * nodes that have the label are asked for.
 *
 * `random`: any number, each time another. Time and waiting are the caller's.
 *
 * Source: Kubernetes API concepts, "Efficient detection of changes", "Retrieving large results sets in
 * chunks"; client-go tools/cache/reflector.go.
 */
#ifndef CORE_NODE_SYNC_H
#define CORE_NODE_SYNC_H

#include "core/buffer.h"
#include "core/catalogue.h"
#include "core/error.h"

enum node_sync_phase {
    NODE_SYNC_LIST,
    NODE_SYNC_WATCH,
};

struct node_sync {
    enum node_sync_phase phase; /* of the next request */
    enum node_sync_phase asked; /* of the last one */
    bool is_in_one_piece;       /* the list */
    bool is_unselected;         /* every type is asked for */
    unsigned failures;          /* in a row */
    unsigned refusals;          /* of the watch, in a row, each with an answer */
    struct buffer selector;     /* of the catalogue's types */
    struct buffer place;        /* metadata.continue; empty: the first page */
    struct buffer version;      /* to watch from */
    struct buffer path;         /* of the request */
};

struct node_sync_request {
    const char *path; /* borrowed until the next */
    unsigned deadline_seconds;
    unsigned idle_seconds;
    size_t limit_bytes;
};

/* How a request ended. */
struct node_sync_outcome {
    bool is_well;    /* the answer was whole */
    unsigned status; /* HTTP's, or that of an ERROR event; 0: no answer came */
    unsigned retry_after_seconds;
    size_t event_count;
    unsigned lasted_ms;
};

struct node_sync_step {
    bool is_failure; /* worth a word */
    bool begins_again;
    unsigned wait_ms;
};

/* The catalogue is borrowed during the call. Release it also when there was no memory (false). */
MUST_CHECK bool node_sync_init(struct node_sync *sync, const struct catalogue *catalogue, struct error *err);

void node_sync_release(struct node_sync *sync);

MUST_CHECK bool node_sync_next(struct node_sync *sync, uint64_t random, struct node_sync_request *ret_request,
                               struct error *err);

/* A page was read; `place` is where the next begins. Without one the list is whole: ERROR_REMOTE if it has no
   version then. */
MUST_CHECK bool node_sync_listed(struct node_sync *sync, struct text place, struct text version,
                                 struct error *err);

/* An event was read (or is absent: none was). */
MUST_CHECK bool node_sync_watched(struct node_sync *sync, struct text version, struct error *err);

/* Whatever was asked last, the next is the first page of a new list, which goes into a new store. */
void node_sync_restart(struct node_sync *sync);

struct node_sync_step node_sync_after(struct node_sync *sync, const struct node_sync_outcome *outcome,
                                      uint64_t random);

#endif
