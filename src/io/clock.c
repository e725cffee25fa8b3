/* SPDX-License-Identifier: Apache-2.0 */
#include "io/clock.h"

#include <time.h>

uint64_t clock_nanoseconds(void)
{
    struct timespec now = {0};

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

int64_t clock_ms(void)
{
    return (int64_t)(clock_nanoseconds() / 1000000);
}
