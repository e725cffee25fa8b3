/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cluster's nodes, listed and then watched, for as long as the caller wants.
 *
 * node_watch_run() returns when `tick` says so (shutting down, or a new catalogue or policy). It never gives
 * up by itself: an API server that is away, refuses or talks nonsense is asked again, later and later, and
 * what was published last stays.
 *
 * Thread: all in the caller's; `tick` and `publish` are called from it.
 */
#ifndef WEBHOOK_NODE_WATCH_H
#define WEBHOOK_NODE_WATCH_H

#include "core/nodes.h"
#include "io/kube_client.h"

struct node_watch {
    struct kube_client *client;
    const struct catalogue *catalogue;
    const struct policy *policy;
    /* About every second; false ends the watch. */
    bool (*tick)(void *context);
    /* Show requests these nodes; on return nobody sees those that were published before, also by an earlier
       watch. At the first call the list is whole. */
    void (*publish)(void *context, const struct nodes *nodes);
    /* The list or the watch failed, and is tried again in `again_seconds`; one sentence, nothing secret. */
    void (*fail)(void *context, const struct error *err, unsigned again_seconds);
    /* A list is whole and published: the view is of now. */
    void (*listed)(void *context, size_t node_count, size_t class_count);
    /* The watch has said something (an event, a bookmark): the view is of now. */
    void (*freshen)(void *context, size_t node_count, size_t class_count);
    void *context;
};

/* What owns the nodes that were published last: requests go on seeing them when the watch has ended. */
struct node_view;

/* Returns NULL where nothing was published. Free it when nobody sees its nodes any more. */
MUST_CHECK struct node_view *node_watch_run(const struct node_watch *watch);

/* NULL does nothing. */
void node_view_free(struct node_view *view);

#endif
