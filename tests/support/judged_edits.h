/* SPDX-License-Identifier: Apache-2.0 */
/* What judged_edits.c needs of judged_node.c. */
#ifndef SUPPORT_JUDGED_EDITS_H
#define SUPPORT_JUDGED_EDITS_H

#include "support/judged_node.h"

const struct instance_type *judged_find_type(struct text name);

/* That many EFA devices, with which nothing is wrong. */
void judged_set_devices(struct judged_node *node, unsigned count);

void judged_set_accelerators(struct judged_node *node, enum vendor vendor, unsigned count);

/* The pod at that place, made where there is none yet. */
struct pod_promise *judged_get_pod(struct judged_node *node, size_t i);

#endif
