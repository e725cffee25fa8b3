/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The certificate and key that a server shows, as the TLS library that will use them sees them.
 *
 * (io/certificate.h makes certificates. Serving looks at them here instead, so that what is refused is what
 * the handshake would refuse, and so that a server need not carry a second cryptographic library in memory.)
 */
#ifndef IO_TLS_IDENTITY_H
#define IO_TLS_IDENTITY_H

#include "core/error.h"
#include "core/text.h"

struct tls_identity {
    int64_t from_seconds; /* since 1970; of the first certificate, which is the server's own */
    int64_t until_seconds;
};

/*
 * Check that both are PEM and belong together, and read the dates.
 *
 * ERROR_INPUT with a sentence that says which of the two is wrong and what it must be; being out of date is
 * no error.
 */
MUST_CHECK bool tls_identity_read(struct text certificate_pem, struct text key_pem,
                                  struct tls_identity *ret_identity, struct error *err);

#endif
