/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Buffers that hold tokens and keys: overwritten also when they grow (and by buffer_wipe() in the end); and
 * sentences that must not hold them.
 */
#ifndef IO_KUBE_SECRET_H
#define IO_KUBE_SECRET_H

#include "core/buffer.h"
#include "core/error.h"

/* As buffer_add(), for a buffer that nothing else adds to. */
void secret_add(struct buffer *buffer, struct text text);

/* End it with a NUL that the length does not count; false without memory. */
MUST_CHECK bool secret_finish(struct buffer *buffer, struct error *err);

/* Overwrite each place among the bytes where the secret stands with asterisks. Secrets shorter than
   SECRET_BYTES_MIN are let stand: they would be found in every second word. */
enum {
    SECRET_BYTES_MIN = 4
};
void secret_hide(char *room, size_t length, struct text secret);

/* Overwrite what looks like a token or key: long words of letters and digits mixed. For what another program
   printed. */
void secret_hide_words(char *room);

#endif
