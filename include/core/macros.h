/* SPDX-License-Identifier: Apache-2.0 */
/* The four macros of the tree; everything else is plain C. */
#ifndef CORE_MACROS_H
#define CORE_MACROS_H

#include <stddef.h>

/* Calls `release(&variable)` when the variable goes out of scope. */
#define AUTO(release) __attribute__((cleanup(release)))

/* The result says whether it worked, and may not be dropped. */
#define MUST_CHECK __attribute__((warn_unused_result))

/* Lets the compiler check a format string against its values. */
#define PRINTF_LIKE(text_at, values_at) __attribute__((format(printf, text_at, values_at)))

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#endif
