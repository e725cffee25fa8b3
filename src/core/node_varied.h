/* SPDX-License-Identifier: Apache-2.0 */
/* Doing without a label of which nodes have too many values. */
#ifndef CORE_NODE_VARIED_H
#define CORE_NODE_VARIED_H

#include "node_classes.h"

/*
 * The label of which classes have most values, borrowed from one of them; those of the type are not meant.
 * Absent where none has two values. False without memory.
 */
MUST_CHECK bool node_varied_find(const struct node_classes *classes, struct text *ret_key);

/*
 * Keep the label no more: classes that are alike without it become one. `ret_moved` says for each place which
 * class its nodes are in now; the caller frees it. False without memory.
 */
MUST_CHECK bool node_varied_drop(struct node_classes *classes, struct text key, struct retired **retired,
                                 size_t **ret_moved);

#endif
