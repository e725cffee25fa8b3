/* SPDX-License-Identifier: Apache-2.0 */
/* What a file looks like that is no manifest. */
#ifndef WEBHOOK_PRINT_GUESS_H
#define WEBHOOK_PRINT_GUESS_H

#include "core/text.h"

/* A sentence with what it looks like and what to do; NULL when nothing is recognised. `ret_line` says where,
   and is untouched then. */
const char *print_guess(struct text bytes, size_t *ret_line);

#endif
