/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files, folders and links below a folder, by paths relative to it; missing folders on the way are made.
 *
 * The first trouble is remembered, and everything after it is passed over:
 *
 *     AUTO(fake_tree_close) struct fake_tree tree = {.root = -1};
 *
 *     fake_tree_open(&tree, "/tmp/node");
 *     fake_tree_write(&tree, "0x1d0f", "sys/devices/%s/vendor", address);
 *     return fake_tree_finish(&tree, err);
 */
#ifndef SUPPORT_FAKE_TREE_H
#define SUPPORT_FAKE_TREE_H

#include "core/error.h"

enum {
    FAKE_PATH_BYTES = 512
};

struct fake_tree {
    int root;
    struct error err;
};

/* Open the folder, which is made where it is missing. */
void fake_tree_open(struct fake_tree *tree, const char *root);

/* A file with the line `value`; "" makes an empty line, as sysfs shows what is not set. */
void fake_tree_write(struct fake_tree *tree, const char *value, const char *format, ...) PRINTF_LIKE(3, 4);

/* The same by a new file that takes the old one's place at once. */
void fake_tree_replace(struct fake_tree *tree, const char *value, const char *path);

void fake_tree_number(struct fake_tree *tree, unsigned long long value, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* An empty file of this mode. */
void fake_tree_node(struct fake_tree *tree, unsigned mode, const char *path);

void fake_tree_folder(struct fake_tree *tree, const char *format, ...) PRINTF_LIKE(2, 3);

/* A symbolic link to `target`, a path relative to the root as well; what is stored is relative to the link.
 */
void fake_tree_link(struct fake_tree *tree, const char *target, const char *format, ...) PRINTF_LIKE(3, 4);

/* Move a file or folder; one that is not there is trouble. */
void fake_tree_move(struct fake_tree *tree, const char *from, const char *to);

/* Remove a file, a link, or a folder with all that is in it; one that is not there is no trouble. */
void fake_tree_erase(struct fake_tree *tree, const char *format, ...) PRINTF_LIKE(2, 3);

/* The first line of a file, or what a link points to; false where there is none, which is no trouble. */
bool fake_tree_read(const struct fake_tree *tree, const char *path, char *line, size_t size);
bool fake_tree_read_link(const struct fake_tree *tree, const char *path, char *target, size_t size);

bool fake_tree_has(const struct fake_tree *tree, const char *path);

/* Remember a trouble of the caller's. */
void fake_tree_fail(struct fake_tree *tree, const char *format, ...) PRINTF_LIKE(2, 3);

/* Whether all went well. */
bool fake_tree_is_good(const struct fake_tree *tree);
MUST_CHECK bool fake_tree_finish(const struct fake_tree *tree, struct error *err);

void fake_tree_close(struct fake_tree *tree);

#endif
