/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The snapshot that requests see, exchanged while they run and without a lock.
 *
 *     struct current_slot *slot = current_take(&current);      a request begins
 *     ...decide by slot->snapshot, with memory of slot->arena...
 *     current_give_back(slot);                                 and ends
 *
 *     current_publish(&current, &next);                        the one writer
 *     ...what was published before may go...
 *
 * How: a request writes the epoch into its slot, then reads the pointer. The writer exchanges the pointer,
 * raises the epoch, and waits until no slot holds an older one: whoever saw the old snapshot has ended.
 *
 * Thread: many take and give back; one publishes.
 */
#ifndef WEBHOOK_CURRENT_H
#define WEBHOOK_CURRENT_H

#include "core/target.h"

#include <stdatomic.h>

enum {
    CURRENT_THREADS_LIMIT = 64,                      /* for reviews */
    CURRENT_SLOTS_LIMIT = CURRENT_THREADS_LIMIT + 1, /* and one of the plain port */
    CURRENT_LINE_BYTES = 64,                         /* of a processor's cache: slots do not share one */
};

struct current_slot {
    _Alignas(CURRENT_LINE_BYTES) atomic_uint_fast64_t epoch; /* 0: free */
    const struct snapshot *snapshot;
    struct arena arena;
};

/* Zeroed, it holds no snapshot: publish the first before the first is taken. */
struct current {
    _Atomic(const struct snapshot *) snapshot;
    atomic_uint_fast64_t epoch; /* how many were published */
    struct current_slot slots[CURRENT_SLOTS_LIMIT];
};

/* A slot with the snapshot of now, which stays whole until it is given back; NULL when all are taken. */
MUST_CHECK struct current_slot *current_take(struct current *current);

/* Empties the arena. */
void current_give_back(struct current_slot *slot);

/* Show `next` from now on. Borrows it; on return nobody sees what was published before. */
void current_publish(struct current *current, const struct snapshot *next);

/* When nothing is taken any more. */
void current_release(struct current *current);

#endif
