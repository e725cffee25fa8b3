/* SPDX-License-Identifier: Apache-2.0 */
/* The decision for a template: the server's own, with what the cluster would add. */
#ifndef WEBHOOK_PRINT_DECIDE_H
#define WEBHOOK_PRINT_DECIDE_H

#include "print_run.h"

/* Decide and build the patch. Denials and warnings go to the messages stream. False on bad input (which has
   been refused) and without memory. */
MUST_CHECK bool print_decide(struct print_run *run, struct print_template *template);

/* Whether the pod asked for anything. */
bool print_is_opted_in(const struct print_template *template);

#endif
