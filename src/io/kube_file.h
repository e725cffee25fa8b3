/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes of a configuration that may be a file which others replace: a token, an authority, a certificate.
 *
 *     if (kube_file_look(&file, false, &next, &is_new, err) && is_new && ...next can be used...)
 *         kube_file_take(&file, &next);
 *
 * What a mounted Secret or projected token is replaced by is seen by the file's identity and time.
 */
#ifndef IO_KUBE_FILE_H
#define IO_KUBE_FILE_H

#include "core/buffer.h"
#include "core/error.h"

#include <sys/stat.h>

enum {
    KUBE_FILE_BYTES_LIMIT = 1024 * 1024
};

struct kube_file {
    const char *path;    /* NULL: `bytes` came otherwise and never change */
    struct buffer bytes; /* ended by a NUL that the length does not count */
    struct stat seen;    /* of the file when it was read; zeroed before */
};

/*
 * Read the file into `ret_next` if it is another one than was read, or if `is_forced`. `ret_is_new` says
 * whether the bytes differ; where it is false `ret_next` is not written.
 *
 * ERROR_INPUT with path and reason when it cannot be read.
 */
MUST_CHECK bool kube_file_look(struct kube_file *file, bool is_forced, struct kube_file *ret_next,
                               bool *ret_is_new, struct error *err);

/* Put `next` in its place, and leave that empty. */
void kube_file_take(struct kube_file *file, struct kube_file *next);

void kube_file_release(struct kube_file *file);

#endif
