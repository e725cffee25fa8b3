/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The node condition EFAReady: read from a Node, and formatted for server-side apply.
 *
 * A type of our own: EKS's node auto repair acts upon others, such as AcceleratedHardwareReady.
 *
 * Source: Kubernetes API v1 NodeCondition, whose list merges by type.
 */
#ifndef CORE_NODE_CONDITION_H
#define CORE_NODE_CONDITION_H

#include "core/buffer.h"
#include "core/json.h"

#define NODE_CONDITION_TYPE "EFAReady"

struct node_condition {
    struct text status; /* "True", "False", "Unknown"; absent: there is no such condition */
    struct text reason;
    struct text message;
    int64_t transition_seconds; /* lastTransitionTime; 0: none, or none that can be read */
    int64_t heartbeat_seconds;  /* lastHeartbeatTime; the same */
};

/*
 * Read the list `status.conditions` that comes next into the `struct node_condition` at `into`: a reader for
 * JSON_FIELD tables. Other conditions are passed over. Texts point into the JSON.
 */
void node_condition_read(struct json *json, void *into);

/* Replace the texts by copies; false without memory. */
MUST_CHECK bool node_condition_keep(struct node_condition *condition, struct arena *arena);

/* The body that applies it to the status of a Node. */
void node_condition_format(struct buffer *buffer, const char *node_name,
                           const struct node_condition *condition);

#endif
