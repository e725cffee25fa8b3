/* SPDX-License-Identifier: Apache-2.0 */
#include "builtin_config.h"

/* Where the compiler, which runs at the top of the tree, finds the files; the Makefile lets this object
 * depend on them. */
#ifndef EFA_CONFIG_DIR
#define EFA_CONFIG_DIR "config"
#endif

#define EMBED(symbol, file)                                                                                  \
    __asm__(".pushsection .rodata\n"                                                                         \
            ".hidden " symbol "_begin\n"                                                                     \
            ".global " symbol "_begin\n" symbol "_begin:\n"                                                  \
            ".incbin \"" EFA_CONFIG_DIR "/" file "\"\n"                                                      \
            ".hidden " symbol "_end\n"                                                                       \
            ".global " symbol "_end\n" symbol "_end:\n"                                                      \
            ".byte 0\n"                                                                                      \
            ".popsection\n")

EMBED("builtin_policy", "policy.yaml");
EMBED("builtin_types", "instance-types.yaml");

extern const char builtin_policy_begin[];
extern const char builtin_policy_end[];
extern const char builtin_types_begin[];
extern const char builtin_types_end[];

struct text builtin_policy(void)
{
    return (struct text){.at = builtin_policy_begin,
                         .length = (uintptr_t)builtin_policy_end - (uintptr_t)builtin_policy_begin};
}

struct text builtin_instance_types(void)
{
    return (struct text){.at = builtin_types_begin,
                         .length = (uintptr_t)builtin_types_end - (uintptr_t)builtin_types_begin};
}
