/* SPDX-License-Identifier: Apache-2.0 */
/*
 * X.509 certificates with ECDSA P-256 keys: make an authority, make a server's, look into those we are given.
 *
 *     AUTO(key_pair_release) struct key_pair authority = {0};
 *     AUTO(key_pair_release) struct key_pair leaf = {0};
 *     struct certificate_request request = {.name = "localhost", .hosts = hosts, .host_count = 2, ...};
 *     if (!certificate_make_authority(&ca_request, &authority, err) ||
 *         !certificate_make_leaf(&request, &authority, &leaf, err))
 *         ...
 *
 * Everything is PEM in memory, ended by a NUL that the buffer's length does not count. ERROR_INPUT: what was
 * given is not PEM, or does not belong together. ERROR_SYSTEM: the library failed us.
 *
 * Source: RFC 5280.
 */
#ifndef IO_CERTIFICATE_H
#define IO_CERTIFICATE_H

#include "core/buffer.h"
#include "core/error.h"

struct key_pair {
    struct buffer certificate;
    struct buffer key; /* wiped when released */
};

struct certificate_request {
    const char *name;         /* common name */
    const char *const *hosts; /* DNS names and IP addresses it is good for */
    size_t host_count;
    int64_t from_seconds; /* since 1970 */
    int64_t until_seconds;
};

struct certificate_facts {
    int64_t from_seconds;
    int64_t until_seconds;
    bool is_authority; /* it may sign others' certificates */
};

/* A self-signed authority that may sign servers' certificates and nothing else; hosts are not looked at. */
MUST_CHECK bool certificate_make_authority(const struct certificate_request *request,
                                           struct key_pair *ret_authority, struct error *err);

/* A server's certificate, signed by `authority`. */
MUST_CHECK bool certificate_make_leaf(const struct certificate_request *request,
                                      const struct key_pair *authority, struct key_pair *ret_leaf,
                                      struct error *err);

/* When the first certificate of a PEM text is valid, and what it may do. */
MUST_CHECK bool certificate_read(struct text certificate_pem, struct certificate_facts *ret_facts,
                                 struct error *err);

/* That the key is the one that the (first) certificate was made for. */
MUST_CHECK bool certificate_match(struct text certificate_pem, struct text key_pem, struct error *err);

/* That `authority_pem` signed the (first) certificate of `certificate_pem` and may have done so. */
MUST_CHECK bool certificate_verify(struct text certificate_pem, struct text authority_pem, struct error *err);

/* Whether the (first) certificate is good for that DNS name, as a client that calls it checks. */
MUST_CHECK bool certificate_is_for(struct text certificate_pem, const char *host);

void key_pair_release(struct key_pair *pair);

#endif
