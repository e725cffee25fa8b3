/* SPDX-License-Identifier: Apache-2.0 */
/* config/policy.yaml and config/instance-types.yaml as they were when the program was built. */
#ifndef IO_BUILTIN_CONFIG_H
#define IO_BUILTIN_CONFIG_H

#include "core/text.h"

struct text builtin_policy(void);
struct text builtin_instance_types(void);

#endif
