/* SPDX-License-Identifier: Apache-2.0 */
/* Whole files into memory, with a limit. */
#ifndef IO_FILE_H
#define IO_FILE_H

#include "core/buffer.h"
#include "core/error.h"

/*
 * Read a file ("-" is standard input) behind what `buffer` holds.
 *
 * Not there, not readable or a folder is ERROR_SYSTEM with path and reason; more than `limit_bytes` is
 * ERROR_INPUT.
 */
MUST_CHECK bool file_load(const char *path, size_t limit_bytes, struct buffer *buffer, struct error *err);

#endif
