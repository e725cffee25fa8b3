/* SPDX-License-Identifier: Apache-2.0 */
/* Snapshots exchanged while threads read them; a system test, since those run under the thread sanitizer. */
#include "webhook/current.h"

#include "support/check.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum {
    READERS = 4,
    STAMPS = 64,
    CHANGES_WANTED = 100, /* that each reader sees */
    LONG_READ_EVERY = 20000,
    WAIT_MS = 50,
};

/* A snapshot that shows whether it is whole. */
struct stamped {
    struct snapshot snapshot; /* first, so that a pointer to it is one to all */
    size_t stamps[STAMPS];
};

static struct stamped *stamped_new(size_t stamp)
{
    struct stamped *stamped = calloc(1, sizeof(*stamped));

    assert_non_null(stamped);
    for (size_t i = 0; i < STAMPS; i++)
        stamped->stamps[i] = stamp;
    return stamped;
}

static void stamped_free(struct stamped *stamped)
{
    memset(stamped, 0, sizeof(*stamped));
    free(stamped);
}

/* The stamp that all of it has; 0 where they differ. */
static size_t stamp_of(const struct snapshot *snapshot)
{
    const struct stamped *stamped = (const struct stamped *)(const void *)snapshot;

    for (size_t i = 1; i < STAMPS; i++) {
        if (stamped->stamps[i] != stamped->stamps[0])
            return 0;
    }
    return stamped->stamps[0];
}

static void pause_ms(long ms)
{
    (void)nanosleep(&(struct timespec){.tv_nsec = ms * 1000000}, NULL);
}

struct reader {
    struct current *current;
    const atomic_bool *is_over;
    size_t reads;
    atomic_size_t changes;
    size_t mistakes; /* torn, gone, or older than one seen before */
    pthread_t thread;
};

static void read_once(struct reader *reader, size_t *last)
{
    struct current_slot *slot = current_take(reader->current);
    size_t stamp;

    if (slot == NULL) {
        reader->mistakes++;
        return;
    }
    stamp = stamp_of(slot->snapshot);
    if (++reader->reads % LONG_READ_EVERY == 0) {
        pause_ms(1);
        reader->mistakes += stamp_of(slot->snapshot) != stamp;
    }
    current_give_back(slot);
    reader->mistakes += stamp < *last || stamp == 0;
    (void)atomic_fetch_add(&reader->changes, stamp > *last);
    *last = stamp;
}

static void *read_on(void *context)
{
    struct reader *reader = context;
    size_t last = 0;

    while (!atomic_load(reader->is_over))
        read_once(reader, &last);
    return NULL;
}

static bool have_seen_enough(struct reader *readers)
{
    for (size_t i = 0; i < READERS; i++) {
        if (atomic_load(&readers[i].changes) < CHANGES_WANTED)
            return false;
    }
    return true;
}

static void exchanges_under_readers(void **state)
{
    static struct current current;
    static struct reader readers[READERS];
    atomic_bool is_over = false;
    struct stamped *shown = stamped_new(1);

    (void)state;
    current_publish(&current, &shown->snapshot);
    for (size_t i = 0; i < READERS; i++) {
        readers[i].current = &current;
        readers[i].is_over = &is_over;
        assert_int_equal(pthread_create(&readers[i].thread, NULL, read_on, &readers[i]), 0);
    }
    for (size_t stamp = 2; !have_seen_enough(readers); stamp++) {
        struct stamped *next = stamped_new(stamp);

        current_publish(&current, &next->snapshot);
        stamped_free(shown); /* whoever still reads it finds a mistake */
        shown = next;
    }
    atomic_store(&is_over, true);
    for (size_t i = 0; i < READERS; i++) {
        assert_int_equal(pthread_join(readers[i].thread, NULL), 0);
        assert_int_equal(readers[i].mistakes, 0);
    }
    stamped_free(shown);
    current_release(&current);
}

struct publication {
    struct current *current;
    const struct snapshot *next;
    atomic_bool is_done;
};

static void *publish(void *context)
{
    struct publication *publication = context;

    current_publish(publication->current, publication->next);
    atomic_store(&publication->is_done, true);
    return NULL;
}

static void waits_for_who_sees_the_old_one(void **state)
{
    static struct current current;
    const struct snapshot first = {0};
    const struct snapshot second = {0};
    struct publication publication = {.current = &current, .next = &second};
    struct current_slot *old;
    const struct snapshot *seen;
    pthread_t writer;

    (void)state;
    current_publish(&current, &first);
    old = current_take(&current);
    assert_non_null(old);
    assert_int_equal(pthread_create(&writer, NULL, publish, &publication), 0);
    do { /* those that come now see the new one, although it waits */
        struct current_slot *new = current_take(&current);

        assert_non_null(new);
        seen = new->snapshot;
        current_give_back(new);
    } while (seen != &second);
    pause_ms(WAIT_MS);
    assert_false(atomic_load(&publication.is_done));
    assert_ptr_equal(old->snapshot, &first);
    current_give_back(old);
    assert_int_equal(pthread_join(writer, NULL), 0);
    current_release(&current);
}

static void gives_each_a_slot_of_its_own(void **state)
{
    static struct current current;
    const struct snapshot snapshot = {0};
    struct current_slot *slots[CURRENT_SLOTS_LIMIT];

    (void)state;
    current_publish(&current, &snapshot);
    for (size_t i = 0; i < CURRENT_SLOTS_LIMIT; i++) {
        slots[i] = current_take(&current);
        assert_non_null(slots[i]);
        assert_ptr_equal(slots[i]->snapshot, &snapshot);
        for (size_t j = 0; j < i; j++)
            assert_ptr_not_equal(slots[i], slots[j]);
    }
    assert_null(current_take(&current));
    current_give_back(slots[7]);
    assert_ptr_equal(current_take(&current), slots[7]);
    for (size_t i = 0; i < CURRENT_SLOTS_LIMIT; i++)
        current_give_back(slots[i]);
    current_release(&current);
}

static void empties_the_arena(void **state)
{
    static struct current current;
    const struct snapshot snapshot = {0};
    struct current_slot *slot;

    (void)state;
    current_publish(&current, &snapshot);
    slot = current_take(&current);
    assert_non_null(slot);
    assert_non_null(arena_alloc(&slot->arena, 1000));
    current_give_back(slot);
    assert_ptr_equal(current_take(&current), slot);
    assert_int_equal(slot->arena.used_bytes, 0);
    current_give_back(slot);
    current_release(&current);
}

static const struct check_test tests[] = {
    CHECK_TEST(exchanges_under_readers),
    CHECK_TEST(waits_for_who_sees_the_old_one),
    CHECK_TEST(gives_each_a_slot_of_its_own),
    CHECK_TEST(empties_the_arena),
};

int main(void)
{
    return CHECK_TESTS("current", tests);
}
