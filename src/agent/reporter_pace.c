/* SPDX-License-Identifier: Apache-2.0 */
#include "reporter_pace.h"

#include "core/hash.h"

enum {
    RETRY_SECONDS_MIN = 2,
    DOUBLINGS_MAX = 8 /* after which 5 minutes are reached */
};

#define NEVER INT64_MIN

bool reporter_window_init(struct reporter_window *window, struct arena *arena, size_t limit,
                          int64_t period_seconds)
{
    *window = (struct reporter_window){
        .moments = arena_alloc(arena, limit * sizeof(*window->moments)),
        .limit = limit,
        .period_seconds = period_seconds,
    };
    if (window->moments == NULL)
        return false;
    for (size_t i = 0; i < limit; i++)
        window->moments[i] = NEVER;
    return true;
}

bool reporter_window_is_open(const struct reporter_window *window, int64_t now)
{
    int64_t oldest = window->moments[window->next];

    return oldest == NEVER || reporter_has_come(oldest + window->period_seconds, window->period_seconds, now);
}

void reporter_window_note(struct reporter_window *window, int64_t now)
{
    window->moments[window->next] = now;
    window->next = (window->next + 1) % window->limit;
}

/* The longest wait: what a server asks for, and a quarter of it. */
bool reporter_retry_is_waiting(const struct reporter_retry *retry, int64_t now)
{
    return retry->failures > 0 &&
           !reporter_has_come(retry->at, REPORTER_RETRY_SECONDS_MAX + REPORTER_RETRY_SECONDS_MAX / 4, now);
}

static uint64_t mix(uint64_t spread, unsigned failures, int64_t now)
{
    const uint64_t parts[] = {spread, failures, (uint64_t)now};

    return hash_text((struct text){.at = (const char *)parts, .length = sizeof(parts)});
}

void reporter_retry_fail(struct reporter_retry *retry, unsigned retry_after_seconds, uint64_t spread,
                         int64_t now)
{
    unsigned doublings = retry->failures < DOUBLINGS_MAX ? retry->failures : DOUBLINGS_MAX;
    uint64_t longest = (uint64_t)RETRY_SECONDS_MIN << doublings;
    uint64_t asked = retry_after_seconds;
    uint64_t random;
    uint64_t wait;

    retry->failures += retry->failures < UINT32_MAX ? 1 : 0;
    random = mix(spread, retry->failures, now);
    longest = longest < REPORTER_RETRY_SECONDS_MAX ? longest : REPORTER_RETRY_SECONDS_MAX;
    asked = asked < REPORTER_RETRY_SECONDS_MAX ? asked : REPORTER_RETRY_SECONDS_MAX;
    wait = longest / 2 + random % (longest / 2 + 1);
    if (asked > 0 && wait < asked + random % (asked / 4 + 1))
        wait = asked + random % (asked / 4 + 1);
    retry->at = now + (int64_t)wait;
}

bool reporter_has_come(int64_t at, int64_t longest, int64_t now)
{
    return now >= at || at - now > longest;
}

int64_t reporter_own_moment(uint64_t spread, int64_t period_seconds, int64_t earliest)
{
    int64_t own = (int64_t)(spread % (uint64_t)period_seconds);
    int64_t ahead = (own - earliest % period_seconds) % period_seconds;

    return earliest + (ahead >= 0 ? ahead : ahead + period_seconds);
}
