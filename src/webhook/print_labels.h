/* SPDX-License-Identifier: Apache-2.0 */
/* What the controller of a template adds to its pods, where a decision depends on it. */
#ifndef WEBHOOK_PRINT_LABELS_H
#define WEBHOOK_PRINT_LABELS_H

#include "print_run.h"

/* Add labels, annotations and the owner to the template's pod, for deciding only. False without memory. */
MUST_CHECK bool print_add_labels(struct print_run *run, struct print_template *template);

#endif
