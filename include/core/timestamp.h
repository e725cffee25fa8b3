/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Moments as Kubernetes writes them: "2026-11-23T16:00:00Z".
 *
 * Source: RFC 3339, section 5.6.
 */
#ifndef CORE_TIMESTAMP_H
#define CORE_TIMESTAMP_H

#include "core/text.h"

enum {
    TIMESTAMP_BYTES = 21 /* with the NUL; years 0 to 9999 */
};

/*
 * Seconds since 1970 of a moment with any offset; a fraction of a second is dropped. False, and nothing
 * written, where the text is no such moment, also for a 30th of February.
 */
MUST_CHECK bool timestamp_parse(struct text text, int64_t *ret_seconds);

/* The moment in UTC, to the second; a year beyond 9999 is shown as the end of 9999, one before 0 as its
 * beginning. */
void timestamp_format(int64_t seconds, char room[TIMESTAMP_BYTES]);

#endif
