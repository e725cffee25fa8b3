/* SPDX-License-Identifier: Apache-2.0 */
/* The certificate and key that the options name, read and checked against each other. */
#ifndef WEBHOOK_IDENTITY_H
#define WEBHOOK_IDENTITY_H

#include "core/buffer.h"
#include "io/tls_identity.h"
#include "options.h"

struct identity {
    struct buffer certificate_pem; /* each ends in a NUL that its length does not count */
    struct buffer key_pem;
    struct tls_identity dates;
};

/* ERROR_INPUT or ERROR_SYSTEM with a sentence that names option and file. */
MUST_CHECK bool identity_load(const struct options *options, struct identity *ret_identity,
                              struct error *err);

/* Log it if the certificate has expired, soon will, or is not valid yet: which is no reason not to serve. */
void identity_warn(const struct identity *identity, const char *path);

/* Wipes the key. */
void identity_release(struct identity *identity);

#endif
