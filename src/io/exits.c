/* SPDX-License-Identifier: Apache-2.0 */
#include "io/exits.h"

#include <stdio.h>

int exit_status(enum error_kind kind)
{
    switch (kind) {
    case ERROR_NONE:
        return 0;
    case ERROR_INPUT:
        return 2;
    case ERROR_REMOTE:
        return 3;
    case ERROR_SYSTEM:
    case ERROR_MEMORY:
        break;
    }
    return 1;
}

int exit_with(const char *program, const struct error *err)
{
    fprintf(stderr, "%s: %s\n", program, err->text);
    return exit_status(err->kind);
}
