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

/* Read the dates of the first certificate; ERROR_INPUT when there is none in PEM form. Being out of date is
 * no error. */
MUST_CHECK bool tls_identity_read(struct text certificate_pem, struct tls_identity *ret_identity,
                                  struct error *err);

/* Check that the key can be used and is the certificate's; ERROR_INPUT with a sentence on the key. */
MUST_CHECK bool tls_identity_match(struct text certificate_pem, struct text key_pem, struct error *err);

/* A certificate with its chain and key, ready for handshakes. */
struct tls_credentials;

/* ERROR_INPUT as tls_identity_match(). Copies what it needs of the two. */
MUST_CHECK bool tls_credentials_new(struct text certificate_pem, struct text key_pem,
                                    struct tls_credentials **ret_credentials, struct error *err);

/* Let a server's session (a gnutls_session_t) show these; call it before the handshake. They must outlive the
 * session. */
void tls_credentials_show(const struct tls_credentials *credentials, void *session);

void tls_credentials_free(struct tls_credentials *credentials);

#endif
