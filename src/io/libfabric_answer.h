/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the probe of io/libfabric.h writes, a line each:
 *
 *     libfabric-probe 1
 *     version 1.17.0
 *     device rdmap79s0      once a device; none is an answer too
 *     end 1                 how many there were
 *
 * or, in place of the last ones, "error <part of a sentence>".
 */
#ifndef IO_LIBFABRIC_ANSWER_H
#define IO_LIBFABRIC_ANSWER_H

#include "core/inventory.h"

#define LIBFABRIC_ANSWER_FIRST "libfabric-probe 1"
#define LIBFABRIC_ANSWER_VERSION "version "
#define LIBFABRIC_ANSWER_DEVICE "device "
#define LIBFABRIC_ANSWER_END "end "
#define LIBFABRIC_ANSWER_ERROR "error "

/* Take it into the inventory, as libfabric_read() does; what is not an answer to its end is not known. */
void libfabric_answer_read(struct text answer, struct inventory *inventory);

#endif
