/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader of core/json.h and jansson, side by side on the same bytes.
 *
 * Both have to accept, or both refuse, and each value has to be the same; where they may differ, and only
 * there, a bit says so. The fuzz target holds them to it on any bytes, test_json.c shows each difference.
 */
#ifndef SUPPORT_TWIN_H
#define SUPPORT_TWIN_H

#include "core/error.h"
#include "core/text.h"

enum {
    TWIN_LARGE_NUMBER = 1 << 0, /* jansson refuses what neither 64 bits nor a double can hold */
    TWIN_NUL_IN_NAME = 1 << 1,  /* jansson refuses "\u0000" in a member's name */
    TWIN_DEEP_SCALAR = 1 << 2,  /* jansson counts a scalar as a level, the reader does not */
    TWIN_MEMBER_TWICE = 1 << 3, /* jansson keeps the last one, the reader shows each */
    TWIN_NUL_BYTE = 1 << 4,     /* jansson overlooks a NUL byte behind a number, true, false or null */
    TWIN_REFUSED_BY_JANSSON = TWIN_LARGE_NUMBER | TWIN_NUL_IN_NAME | TWIN_DEEP_SCALAR,
};

struct twin {
    bool is_accepted; /* by the reader */
    bool is_accepted_by_jansson;
    unsigned differences; /* TWIN_..., those met */
    const char *mismatch; /* what should not be; NULL when all is well */
    struct error err;     /* the reader's */
};

struct twin twin_read(struct text bytes);

#endif
