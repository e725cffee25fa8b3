/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Small files below a folder such as /sys, by paths relative to it.
 *
 * A false says why in errno: ENOENT also where a device went while it was looked at. Nothing is read but the
 * first KiB of a file, and nothing waits, also where a FIFO stands in a file's place. Texts come with '?' for
 * what is no printable ASCII.
 */
#ifndef IO_NODE_ROOT_H
#define IO_NODE_ROOT_H

#include "core/inventory.h"

enum {
    NODE_PATH_BYTES = 1024,
    NODE_VALUE_BYTES = 1024,
};

struct node_root {
    const char *path; /* as sentences name it; borrowed */
    int folder;
    int open_errno; /* why it could not be opened; 0: it is open */
};

/* A line of a file, the first unless said otherwise, or what a link points to. */
struct node_value {
    char bytes[NODE_VALUE_BYTES];
    struct text text; /* of `bytes`, without spaces around it */
};

/* The names in a folder, sorted. */
struct node_names {
    const char **items;
    size_t count;
    bool is_cut; /* there are more than were asked for */
};

/* What cannot be opened answers everything with that errno. */
void node_root_open(struct node_root *root, const char *path);
void node_root_close(struct node_root *root);

bool node_read(const struct node_root *root, struct node_value *ret_value, const char *format, ...)
    PRINTF_LIKE(3, 4);
/* What follows `key`, with which a line begins; false with ENOENT where none does. */
bool node_read_after(const struct node_root *root, const char *key, struct node_value *ret_value,
                     const char *format, ...) PRINTF_LIKE(4, 5);
bool node_read_link(const struct node_root *root, struct node_value *ret_target, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* Whether there is such a file; a link is followed. */
bool node_has(const struct node_root *root, const char *format, ...) PRINTF_LIKE(2, 3);

/* The path below the root, cut at `path`'s size; false with ENAMETOOLONG where it was. */
bool node_path(char path[NODE_PATH_BYTES], const char *format, ...) PRINTF_LIKE(2, 3);

/* At most `limit` names that do not begin with a dot; without memory ENOMEM. */
bool node_list(const struct node_root *root, struct arena *arena, const char *folder, size_t limit,
               struct node_names *ret_names);

/*
 * Call `take` with each name of the folder that does not begin with a dot, in no order, until it returns
 * false; no memory is taken.
 */
bool node_each_name(const struct node_root *root, const char *folder,
                    bool (*take)(void *context, const char *name), void *context);

/* "0x1d0f" as a number; 0 where it is none. */
unsigned node_hexadecimal(struct text text);

/* What stands behind the last slash. */
struct text node_base_name(struct text path);

/* Text by printf's rules, in the inventory's arena. */
struct text node_say(struct inventory *inventory, const char *format, ...) PRINTF_LIKE(2, 3);

/* "cannot read /sys/<path>: <errno>", in the inventory's arena. */
struct text node_why(struct inventory *inventory, const struct node_root *root, const char *path);

/* A file's name for people; it points into `value`. */
struct text node_printable(struct node_value *value, const char *name);

/* A copy in the inventory's arena; absent where the text is empty. */
struct text node_keep(struct inventory *inventory, struct text text);

/* A file with a decimal number in it. */
struct reading node_read_number(struct inventory *inventory, const struct node_root *root, const char *format,
                                ...) PRINTF_LIKE(3, 4);

#endif
