/* SPDX-License-Identifier: Apache-2.0 */
#include "io/tls_identity.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

static void release_certificate(gnutls_x509_crt_t *certificate)
{
    if (*certificate != NULL)
        gnutls_x509_crt_deinit(*certificate);
}

static void release_credentials(gnutls_certificate_credentials_t *credentials)
{
    if (*credentials != NULL)
        gnutls_certificate_free_credentials(*credentials);
}

/* The caller's limit on files keeps sizes far below the cut. */
static gnutls_datum_t datum_of(struct text text)
{
    return (gnutls_datum_t){.data = (unsigned char *)(uintptr_t)text.at, .size = (unsigned)text.length};
}

static bool library_failed(int code, struct error *err)
{
    if (code == GNUTLS_E_MEMORY_ERROR)
        return error_memory(err);
    return error_set(err, ERROR_SYSTEM, "the TLS library failed: %s", gnutls_strerror(code));
}

bool tls_identity_read(struct text certificate_pem, struct tls_identity *ret_identity, struct error *err)
{
    AUTO(release_certificate) gnutls_x509_crt_t certificate = NULL;
    const gnutls_datum_t pem = datum_of(certificate_pem);
    int code = gnutls_x509_crt_init(&certificate);

    if (code < 0)
        return library_failed(code, err);
    if (pem.size == 0 || gnutls_x509_crt_import(certificate, &pem, GNUTLS_X509_FMT_PEM) < 0) {
        return error_set(err, ERROR_INPUT,
                         "no certificate in PEM form: it must begin with -----BEGIN CERTIFICATE-----");
    }
    ret_identity->from_seconds = gnutls_x509_crt_get_activation_time(certificate);
    ret_identity->until_seconds = gnutls_x509_crt_get_expiration_time(certificate);
    return true;
}

/* Does what a server does with the two at its start. */
bool tls_identity_match(struct text certificate_pem, struct text key_pem, struct error *err)
{
    AUTO(release_credentials) gnutls_certificate_credentials_t credentials = NULL;
    const gnutls_datum_t certificate = datum_of(certificate_pem);
    const gnutls_datum_t key = datum_of(key_pem);
    int code = gnutls_certificate_allocate_credentials(&credentials);

    if (code < 0)
        return library_failed(code, err);
    code =
        gnutls_certificate_set_x509_key_mem2(credentials, &certificate, &key, GNUTLS_X509_FMT_PEM, NULL, 0);
    if (code == GNUTLS_E_CERTIFICATE_KEY_MISMATCH) {
        return error_set(
            err, ERROR_INPUT,
            "the key is not the certificate's: take both from the same Secret or run of `make certs`");
    }
    if (code == GNUTLS_E_MEMORY_ERROR)
        return error_memory(err);
    if (code < 0) {
        return error_set(
            err, ERROR_INPUT,
            "no private key in PEM form: it must begin with -----BEGIN PRIVATE KEY----- and need no "
            "passphrase");
    }
    return true;
}
