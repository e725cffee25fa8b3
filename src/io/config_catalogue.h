/* SPDX-License-Identifier: Apache-2.0 */
/* The catalogue file: its table of keys, and what a table cannot say. */
#ifndef IO_CONFIG_CATALOGUE_H
#define IO_CONFIG_CATALOGUE_H

#include "config_reader.h"

void config_catalogue_read(struct config_reader *reader, struct catalogue *catalogue);

#endif
