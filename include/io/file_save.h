/* SPDX-License-Identifier: Apache-2.0 */
/* Whole files out of memory, so that a reader sees the old one or the new one and nothing between. */
#ifndef IO_FILE_SAVE_H
#define IO_FILE_SAVE_H

#include "core/error.h"
#include "core/text.h"

/*
 * Write `bytes` to a file beside `path`, flush it to the disk and rename it into place.
 *
 * The file gets exactly `mode`, whatever the umask. ERROR_SYSTEM with path and reason; nothing is left
 * behind.
 */
MUST_CHECK bool file_save(const char *path, unsigned mode, struct text bytes, struct error *err);

#endif
