/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A taint of ours on a Node, and the JSON Patch that adds or removes it.
 *
 * Taints are one list that merges with nothing: others are neither moved nor written again, and a patch is
 * refused (422) where the Node has changed since it was read.
 *
 * Source: Kubernetes API v1 Taint; RFC 6902.
 */
#ifndef CORE_NODE_TAINT_H
#define CORE_NODE_TAINT_H

#include "core/buffer.h"
#include "core/json.h"

#define NODE_TAINT_EFFECT "NoSchedule"

struct node_taint {
    struct text resource_version;
    bool has_list;   /* there is a list to add to */
    bool is_there;   /* with our key and effect */
    size_t position; /* where it is */
};

/* Look for the taint of that key in a Node. ERROR_REMOTE, where the bytes are no Node. Texts point into the
 * bytes, or into the arena. */
MUST_CHECK bool node_taint_parse(struct text json, struct text key, struct arena *arena,
                                 struct node_taint *ret_taint, struct error *err);

/* The patch that adds the taint where it is not, or removes it where it is. */
void node_taint_format_patch(struct buffer *buffer, const struct node_taint *taint, struct text key);

#endif
