/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kubernetes quantities: "8", "32000m", "3.2e1", "5120Mi", 64Gi.
 *
 * Source: k8s.io/apimachinery resource.Quantity (the whole grammar: sign, decimal point, suffixes
 * n u m k M G T P E, Ki Mi Gi Ti Pi Ei, exponents e and E; white space around it). Its parser also takes
 * ".", "-" and "Gi" for zero, which its grammar does not: they are refused here.
 */
#ifndef CORE_QUANTITY_H
#define CORE_QUANTITY_H

#include "core/error.h"
#include "core/text.h"

struct quantity {
    uint64_t units; /* rounded up, as Kubernetes does; UINT64_MAX where it does not fit */
    bool whole;     /* false: a fraction was rounded away */
};

/*
 * Read a quantity. Not a quantity, or negative, is ERROR_INPUT with the text named.
 */
MUST_CHECK bool quantity_parse(struct text text, struct quantity *ret_quantity, struct error *err);

/* Write bytes as the largest of Gi, Mi, Ki or plain bytes that is exact; at most 24 characters. */
struct text quantity_format_bytes(uint64_t bytes, char room[24]);

/* Write bytes in Mi, the unit of huge pages: 5368709120 is "5120Mi"; rounds down. */
struct text quantity_format_mebibytes(uint64_t bytes, char room[24]);

#endif
