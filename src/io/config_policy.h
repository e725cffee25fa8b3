/* SPDX-License-Identifier: Apache-2.0 */
/* The policy file: its table of keys, and what a table cannot say. */
#ifndef IO_CONFIG_POLICY_H
#define IO_CONFIG_POLICY_H

#include "config_reader.h"

extern const struct field_list config_policy_keys;

/* Read the file over what `policy` holds already, key by key. */
void config_policy_read(struct config_reader *reader, struct policy *policy);

/* The value of `environment`: sets of the same name are replaced, others stay. */
void config_environment_read(struct config_reader *reader, uint32_t node, const struct field *field,
                             void *target);

#endif
