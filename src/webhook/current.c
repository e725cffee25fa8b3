/* SPDX-License-Identifier: Apache-2.0 */
#include "current.h"

#include <sched.h>
#include <time.h>

enum {
    YIELDS = 50, /* a decision takes microseconds: look again soon, at first */
    PAUSE_NANOSECONDS = 200000,
};

/* The slot's epoch is written before the pointer is read, both in the one order that all threads agree on
 * (memory_order_seq_cst). So either the writer finds the epoch in the slot, or we find its pointer. */
static bool slot_take(struct current *current, struct current_slot *slot)
{
    uint_fast64_t nobody = 0;

    if (!atomic_compare_exchange_strong(&slot->epoch, &nobody, atomic_load(&current->epoch)))
        return false;
    slot->snapshot = atomic_load(&current->snapshot);
    return true;
}

struct current_slot *current_take(struct current *current)
{
    for (size_t i = 0; i < COUNT_OF(current->slots); i++) {
        if (slot_take(current, &current->slots[i]))
            return &current->slots[i];
    }
    return NULL;
}

void current_give_back(struct current_slot *slot)
{
    arena_reset(&slot->arena);
    slot->snapshot = NULL;
    atomic_store_explicit(&slot->epoch, 0, memory_order_release);
}

static void wait_until_newer(const struct current_slot *slot, uint_fast64_t epoch)
{
    const struct timespec pause = {.tv_nsec = PAUSE_NANOSECONDS};

    for (unsigned i = 0;; i++) {
        uint_fast64_t began = atomic_load(&slot->epoch);

        if (began == 0 || began >= epoch)
            return;
        if (i < YIELDS)
            (void)sched_yield();
        else
            (void)nanosleep(&pause, NULL);
    }
}

void current_publish(struct current *current, const struct snapshot *next)
{
    uint_fast64_t epoch;

    atomic_store(&current->snapshot, next);
    epoch = atomic_fetch_add(&current->epoch, 1) + 1;
    for (size_t i = 0; i < COUNT_OF(current->slots); i++)
        wait_until_newer(&current->slots[i], epoch);
}

void current_release(struct current *current)
{
    for (size_t i = 0; i < COUNT_OF(current->slots); i++)
        arena_release(&current->slots[i].arena);
}
