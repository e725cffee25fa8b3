/* SPDX-License-Identifier: Apache-2.0 */
/* What a file looks like that is no manifest. */
#ifndef WEBHOOK_PRINT_GUESS_H
#define WEBHOOK_PRINT_GUESS_H

#include "core/text.h"

/* A sentence with what it looks like and what to do; NULL when nothing is recognised. `line` is where reading
   failed, and then where the sentence is about. */
const char *print_guess(struct text bytes, size_t *line);

#endif
