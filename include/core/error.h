/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How every fallible function of the tree says why it failed.
 *
 *     if (!thing_parse(text, &thing, err))
 *         return error_wrap(err, "container %zu", i);
 *
 * The kind answers whose fault it was and whether to try again; it maps once, at the top, to an HTTP
 * status, an exit code and a metrics label. The text is for people: one sentence, no newline, no secret.
 */
#ifndef CORE_ERROR_H
#define CORE_ERROR_H

#include "core/macros.h"

#include <stdbool.h>

enum error_kind {
    ERROR_NONE,
    ERROR_INPUT,  /* what we were given is wrong: HTTP 400, exit 2, do not retry */
    ERROR_REMOTE, /* another machine failed us:   HTTP 502, exit 3, retry        */
    ERROR_SYSTEM, /* this machine failed us:      HTTP 500, exit 1, retry        */
    ERROR_MEMORY, /* allocation failed:           HTTP 500, exit 1, retry        */
};

struct error {
    enum error_kind kind;
    char text[256];
};

/* Fill `err` with a kind and a sentence (cut at its size, control characters made spaces); returns false. */
bool error_set(struct error *err, enum error_kind kind, const char *format, ...) PRINTF_LIKE(3, 4);

/* Put "<what>: " before the sentence, keeping the kind; returns false. */
bool error_wrap(struct error *err, const char *format, ...) PRINTF_LIKE(2, 3);

/* The one sentence for ERROR_MEMORY; returns false. */
bool error_memory(struct error *err);

#endif
