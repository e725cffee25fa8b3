/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nodes of a large cluster as an API server sends them: some 8 KB each, with the labels of EKS, conditions,
 * images and managedFields. They fall into NODE_MAKER_CLASSES classes.
 */
#ifndef SUPPORT_NODE_MAKER_H
#define SUPPORT_NODE_MAKER_H

#include "core/buffer.h"

enum {
    NODE_MAKER_CLASSES = 50
};

struct made_node {
    size_t number;  /* its name follows from it */
    size_t class;   /* its type, zone and node group follow from it */
    size_t version; /* of the object */
    bool is_unready;
};

/* "ip-10-1-134-159.us-west-2.compute.internal" */
struct text node_maker_name(size_t number, char room[64]);

/* The node as JSON, without white space, added to what is there. */
void node_maker_add(const struct made_node *node, struct buffer *json);

/* One line of a watch. */
void node_maker_add_event(const char *type, const struct made_node *node, struct buffer *json);

/* What stands in a page before its nodes, and after them; an empty `place` makes it the last. */
void node_maker_begin_page(const char *place, struct buffer *json);
void node_maker_end_page(struct buffer *json);

#endif
