/* SPDX-License-Identifier: Apache-2.0 */
/* How the program ends: the one place that maps error kinds to exit codes. */
#ifndef WEBHOOK_EXITS_H
#define WEBHOOK_EXITS_H

#include "core/error.h"

/* 0 for ERROR_NONE. */
int exit_status(enum error_kind kind);

/* Print "efa-webhook: <sentence>" on standard error; returns the exit status. */
int exit_with(const struct error *err);

#endif
