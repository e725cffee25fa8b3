/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether some files hold something else than they did.
 *
 *     struct files files = {.paths = {"tls.crt", "tls.key"}};
 *     files_look(&files);
 *     files_settle(&files);                  what is there is what we are about to load
 *     ...
 *     if (files_have_news(&files)) {         once a second or so
 *         ...load them, or refuse them...
 *         files_settle(&files);              either way: not again before they change
 *     }
 *
 * Contents are compared, so a symlink that leads elsewhere (volumes of Secrets and ConfigMaps) and a file
 * written in place are both seen. What changed must have been the same at two looks in a row, so that a file
 * or a pair that is half written is not taken for news. A file that cannot be read is news like others. Pipes
 * and standard input, which can be read only once, never have news.
 */
#ifndef WEBHOOK_FILES_H
#define WEBHOOK_FILES_H

#include "core/macros.h"

#include <stdbool.h>
#include <sys/stat.h>

enum {
    FILES_LIMIT = 3,
    FILES_DIGEST_BYTES = 32,
};

struct files_digests {
    char bytes[FILES_LIMIT][FILES_DIGEST_BYTES];
};

struct files {
    const char *paths[FILES_LIMIT]; /* NULL: none */
    struct stat states[FILES_LIMIT];
    struct files_digests seen;    /* at the last look */
    struct files_digests settled; /* what the program has loaded or refused */
};

/* Look without asking for news. */
void files_look(struct files *files);

/* Look; whether there are contents that were there at the last look too, and are not the settled ones. */
MUST_CHECK bool files_have_news(struct files *files);

/* What was seen at the last look is no news any more. */
void files_settle(struct files *files);

#endif
