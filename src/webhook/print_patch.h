/* SPDX-License-Identifier: Apache-2.0 */
/* `--print-patch`: the server's decision for a manifest or a review, offline. */
#ifndef WEBHOOK_PRINT_PATCH_H
#define WEBHOOK_PRINT_PATCH_H

#include "core/target.h"

#include <stdio.h>

struct print_options {
    const char *path;      /* "-" is standard input */
    const char *output;    /* patch, yaml, diff, review or explain */
    const char *namespace; /* of objects that name none; NULL: default */
    bool wants_colour;     /* for a diff */
    FILE *out;
    FILE *messages;
};

/* Print it. Returns the exit status: 0 patched or nothing to do, 2 bad input, 3 a pod is denied, 1 our own
   failure or `out` could not be written, which its ferror() shows and the caller reports. */
int print_patch(const struct print_options *options, const struct snapshot *snapshot);

#endif
