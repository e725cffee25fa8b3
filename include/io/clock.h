/* SPDX-License-Identifier: Apache-2.0 */
/* The time that only goes forward (CLOCK_MONOTONIC). */
#ifndef IO_CLOCK_H
#define IO_CLOCK_H

#include <stdint.h>

uint64_t clock_nanoseconds(void);

int64_t clock_ms(void);

#endif
