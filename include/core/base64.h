/* SPDX-License-Identifier: Apache-2.0 */
/* Reading base64, as Kubernetes' `data` fields hold it; buffer_add_base64() writes it. */
#ifndef CORE_BASE64_H
#define CORE_BASE64_H

#include "core/arena.h"
#include "core/error.h"

/*
 * The bytes that a text of base64 stands for, in the arena and followed by a NUL that the length does not
 * count.
 *
 * Newlines may stand anywhere. Any other foreign character, padding that is missing, and bits behind the last
 * byte are ERROR_INPUT.
 *
 * Source: RFC 4648, section 4.
 */
MUST_CHECK bool base64_parse(struct text text, struct arena *arena, struct text *ret_bytes,
                             struct error *err);

#endif
