/* SPDX-License-Identifier: Apache-2.0 */
/* How a program ends: the one place that maps error kinds to exit codes. */
#ifndef IO_EXITS_H
#define IO_EXITS_H

#include "core/error.h"

/* 0 for ERROR_NONE. */
int exit_status(enum error_kind kind);

/* Print "<program>: <sentence>" on standard error; returns the exit status. */
int exit_with(const char *program, const struct error *err);

#endif
