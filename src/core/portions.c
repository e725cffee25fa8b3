/* SPDX-License-Identifier: Apache-2.0 */
#include "core/rules.h"

/* Enough for any node, and small enough that total times weight fits 64 bits. */
enum {
    WEIGHT_MAX = 1 << 20
};

struct portion *portions_new(struct decision *decision)
{
    const struct subject *subject = &decision->subject;
    struct portion *portions = arena_alloc(decision->arena, subject->recipient_count * sizeof(*portions));
    size_t i;

    if (portions == NULL) {
        decision->failed = true;
        return NULL;
    }
    for (i = 0; i < subject->recipient_count; i++) {
        const struct container *container = subject->recipients[i].container;

        portions[i].is_before = container->is_init && !container->is_sidecar;
    }
    return portions;
}

static uint64_t weight_of(const struct portion *portion, bool are_equal)
{
    if (!portion->is_counted || portion->is_before)
        return 0;
    if (are_equal)
        return 1;
    return portion->weight < WEIGHT_MAX ? portion->weight : WEIGHT_MAX;
}

static uint64_t total_weight(const struct portion *portions, size_t count, bool are_equal)
{
    uint64_t sum = 0;
    size_t i;

    for (i = 0; i < count; i++)
        sum += weight_of(&portions[i], are_equal);
    return sum;
}

/* The one that was rounded down most and did not get its remainder yet; the first of equals. */
static struct portion *largest_remainder(struct portion *portions, size_t count, uint64_t total,
                                         uint64_t weights)
{
    struct portion *found = NULL;
    uint64_t largest = 0;
    size_t i;

    for (i = 0; i < count; i++) {
        uint64_t weight = weight_of(&portions[i], false);
        uint64_t exact = total * weight / weights;
        uint64_t remainder = total * weight % weights;

        if (weight == 0 || portions[i].units != exact || remainder <= largest)
            continue;
        found = &portions[i];
        largest = remainder;
    }
    return found;
}

static uint64_t divide_down(struct portion *portions, size_t count, uint64_t total, uint64_t weights,
                            bool are_equal)
{
    uint64_t given = 0;
    size_t i;

    for (i = 0; i < count; i++) {
        portions[i].units = total * weight_of(&portions[i], are_equal) / weights;
        given += portions[i].units;
    }
    return total - given;
}

/* Equal shares: what is left goes to the first ones. */
static void give_first(struct portion *portions, size_t count, uint64_t left)
{
    size_t i;

    for (i = 0; i < count && left > 0; i++) {
        if (weight_of(&portions[i], true) == 0)
            continue;
        portions[i].units++;
        left--;
    }
}

void portions_divide(struct portion *portions, size_t count, uint64_t total)
{
    bool are_equal = total_weight(portions, count, false) == 0;
    uint64_t weights = total_weight(portions, count, are_equal);
    struct portion *next;
    uint64_t left;

    if (weights > 0) {
        left = divide_down(portions, count, total, weights, are_equal);
        if (are_equal)
            give_first(portions, count, left);
        for (; !are_equal && left > 0; left--) {
            next = largest_remainder(portions, count, total, weights);
            if (next == NULL)
                break;
            next->units++;
        }
    }
}

void portions_split(struct portion *portions, size_t count, uint64_t total)
{
    uint64_t weights = total_weight(portions, count, true);
    uint64_t left;
    size_t i;

    if (weights == 0)
        return;
    left = divide_down(portions, count, total, weights, true);
    for (i = 0; i < count; i++) {
        if (weight_of(&portions[i], true) == 0)
            continue;
        portions[i].units += left;
        return;
    }
}

void portions_repeat(struct portion *portions, size_t count, uint64_t total)
{
    uint64_t running = 0;
    size_t i;

    for (i = 0; i < count; i++) {
        if (!portions[i].is_before)
            running += portions[i].asked + portions[i].units;
        else if (portions[i].is_counted)
            portions[i].units = total > running ? total - running : 0;
    }
}
