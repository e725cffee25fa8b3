/* SPDX-License-Identifier: Apache-2.0 */
/* The table of all options, from which parsing and --help come. */
#ifndef WEBHOOK_OPTIONS_TABLE_H
#define WEBHOOK_OPTIONS_TABLE_H

#include "core/command_line.h"
#include "options.h"

extern const struct option option_table[];
extern const size_t option_count;

#endif
