/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A TCP socket that listens, from "ADDRESS:PORT".
 *
 *     struct listener listener;
 *     if (!listener_open("[::]:8443", &listener, err))
 *         ...
 *     http_server_start() takes listener.descriptor
 *
 * The address is numeric, an IPv6 one in brackets; nothing before the colon means every address. Port 0 is
 * any free one. "[::]" takes IPv4 too, and falls back to 0.0.0.0 where the machine has no IPv6.
 *
 * ERROR_INPUT: not of that form. ERROR_SYSTEM: the address or port cannot be had.
 */
#ifndef IO_LISTENER_H
#define IO_LISTENER_H

#include "core/error.h"

#include <stdint.h>

struct listener {
    int descriptor; /* the caller closes it or hands it on */
    uint16_t port;
    char address[64]; /* as bound, "127.0.0.1:40123" */
};

MUST_CHECK bool listener_open(const char *endpoint, struct listener *ret_listener, struct error *err);

#endif
