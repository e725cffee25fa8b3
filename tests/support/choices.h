/* SPDX-License-Identifier: Apache-2.0 */
/* Where a generator's decisions come from: a seed, or the bytes of a fuzzer, which are all 0 at their end. */
#ifndef SUPPORT_CHOICES_H
#define SUPPORT_CHOICES_H

#include "core/text.h"

struct choices {
    struct text bytes; /* absent: random numbers from `state` */
    uint64_t state;    /* never 0; one step of xorshift64 each */
};

static inline struct choices choices_of_seed(uint64_t seed)
{
    return (struct choices){.state = seed * 0x9e3779b97f4a7c15 + 0x2545f4914f6cdd1d};
}

/* A number below `limit`, at most 256. */
static inline unsigned choices_below(struct choices *choices, unsigned limit)
{
    if (limit < 2)
        return 0;
    if (choices->bytes.at != NULL) {
        unsigned byte = choices->bytes.length > 0 ? (unsigned char)choices->bytes.at[0] : 0;

        if (choices->bytes.length > 0)
            choices->bytes = text_after(choices->bytes, 1);
        return byte % limit;
    }
    choices->state ^= choices->state << 13;
    choices->state ^= choices->state >> 7;
    choices->state ^= choices->state << 17;
    return (unsigned)(choices->state >> 33) % limit;
}

#endif
