/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A node's files, and what node_files_read() finds in them; whatever goes wrong fails the test.
 *
 *     AUTO(found_node_release) struct found_node found;
 *
 *     found_node_init(&found, &plan);
 *     check_reading(found.inventory.sysfs, 32);
 *     check_done(fake_node_unbind(found.node.root, "rdmap79s0", &err), &err);
 *     found_node_read(&found);
 */
#ifndef SUPPORT_FOUND_NODE_H
#define SUPPORT_FOUND_NODE_H

#include "io/node_files.h"
#include "support/fake_node.h"

struct found_node {
    struct fake_node node;
    struct node_roots roots;
    struct inventory inventory;
};

void found_node_init(struct found_node *found, const struct fake_node_plan *plan);

/* Read it again. */
void found_node_read(struct found_node *found);

void found_node_release(struct found_node *found);

/* Write a line to a file below the node's root. */
void found_node_set(struct found_node *found, const char *path, const char *line);
void found_node_erase(struct found_node *found, const char *path);

/* Put a symbolic link to itself in a file's or folder's place: reading it is ELOOP, for root too. */
void found_node_loop(struct found_node *found, const char *path);

/* The reading is known, and this. */
void check_reading(struct reading reading, uint64_t expected);

/* It is not known, and says where and why. */
void check_reading_missed(struct reading reading, const char *where, const char *why);

void check_done(bool is_done, const struct error *err);

#endif
