/* SPDX-License-Identifier: Apache-2.0 */
/* Pod templates by their shape: whatever holds `spec.containers`, in whatever kind of object. */
#ifndef WEBHOOK_PRINT_FIND_H
#define WEBHOOK_PRINT_FIND_H

#include "print_run.h"

/* Find all templates of all documents, and refuse what would never be seen: documents that are no objects,
   and annotations on objects whose templates lack them. */
void print_find(struct print_run *run);

#endif
