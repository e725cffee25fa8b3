/* SPDX-License-Identifier: Apache-2.0 */
/* Annotations where the webhook would never see them, and how to write them so that it does. */
#ifndef WEBHOOK_PRINT_MISPLACED_H
#define WEBHOOK_PRINT_MISPLACED_H

#include "print_run.h"

/* Refuse our annotations on the object, or between it and its templates (those from `first` on), where none
   of the templates below has any. */
void print_find_misplaced(struct print_run *run, const struct print_object *object, size_t first);

/* Refuse what only looks right in an opted-in template: values that are not strings, annotations of
   ours without a value, placeholders that something was to replace. */
void print_check_values(struct print_run *run, const struct print_template *template);

#endif
