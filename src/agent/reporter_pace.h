/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When something may be written: so many in a while, later after a failure, each node at its own moment.
 *
 * Moments are seconds since 1970. One that lies further ahead than it was ever set is of a clock that was put
 * back since, and counts as come.
 */
#ifndef AGENT_REPORTER_PACE_H
#define AGENT_REPORTER_PACE_H

#include "core/arena.h"

enum {
    REPORTER_RETRY_SECONDS_MAX = 300
};

/* At most `limit` in any `period_seconds`. */
struct reporter_window {
    int64_t *moments; /* the last `limit`, as a ring */
    size_t limit;
    size_t next;
    int64_t period_seconds;
};

/* An open window; false without memory. */
MUST_CHECK bool reporter_window_init(struct reporter_window *window, struct arena *arena, size_t limit,
                                     int64_t period_seconds);

bool reporter_window_is_open(const struct reporter_window *window, int64_t now);

/* One was written now. */
void reporter_window_note(struct reporter_window *window, int64_t now);

/* What failed is tried again later; zeroed, nothing has failed. */
struct reporter_retry {
    unsigned failures; /* in a row */
    int64_t at;
};

bool reporter_retry_is_waiting(const struct reporter_retry *retry, int64_t now);

/* It failed: wait twice as long as the last time, from 2 seconds to 5 minutes, or what the server asked for
 * if that is longer; `spread` keeps those that failed together apart. */
void reporter_retry_fail(struct reporter_retry *retry, unsigned retry_after_seconds, uint64_t spread,
                         int64_t now);

/* Whether `at`, which was set at most `longest` seconds ahead, has come. */
bool reporter_has_come(int64_t at, int64_t longest, int64_t now);

/* The first moment from `earliest` on that is `spread`'s own in each period. */
int64_t reporter_own_moment(uint64_t spread, int64_t period_seconds, int64_t earliest);

#endif
