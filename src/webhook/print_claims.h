/* SPDX-License-Identifier: Apache-2.0 */
/* What the ResourceClaimTemplates of a file say about claims, which the server cannot see. */
#ifndef WEBHOOK_PRINT_CLAIMS_H
#define WEBHOOK_PRINT_CLAIMS_H

#include "print_run.h"

/* Add the file's templates that stand for neither EFA nor accelerators to the names that `policy` ignores.
   The new list is the run's. False without memory. */
MUST_CHECK bool print_ignore_claims(struct print_run *run, struct policy *policy);

/* Tell, and note for -o explain, which templates only this file made known: the server would decide
   otherwise. False without memory. */
MUST_CHECK bool print_tell_claims(struct print_run *run, struct print_template *template);

#endif
