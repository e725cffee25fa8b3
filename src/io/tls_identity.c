/* SPDX-License-Identifier: Apache-2.0 */
#include "io/tls_identity.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdlib.h>

struct tls_credentials {
    gnutls_certificate_credentials_t library;
};

static void release_certificate(gnutls_x509_crt_t *certificate)
{
    if (*certificate != NULL)
        gnutls_x509_crt_deinit(*certificate);
}

static void release_credentials(struct tls_credentials **credentials)
{
    tls_credentials_free(*credentials);
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

static bool credentials_fill(struct tls_credentials *credentials, struct text certificate_pem,
                             struct text key_pem, struct error *err)
{
    const gnutls_datum_t certificate = datum_of(certificate_pem);
    const gnutls_datum_t key = datum_of(key_pem);
    int code = gnutls_certificate_allocate_credentials(&credentials->library);

    if (code < 0)
        return library_failed(code, err);
    code = gnutls_certificate_set_x509_key_mem2(credentials->library, &certificate, &key, GNUTLS_X509_FMT_PEM,
                                                NULL, 0);
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

bool tls_credentials_new(struct text certificate_pem, struct text key_pem,
                         struct tls_credentials **ret_credentials, struct error *err)
{
    AUTO(release_credentials) struct tls_credentials *credentials = calloc(1, sizeof(*credentials));

    if (credentials == NULL)
        return error_memory(err);
    if (!credentials_fill(credentials, certificate_pem, key_pem, err))
        return false;
    *ret_credentials = credentials;
    credentials = NULL;
    return true;
}

/* A session that has credentials of this kind takes others without allocating, so this cannot fail. */
void tls_credentials_show(const struct tls_credentials *credentials, void *session)
{
    (void)gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials->library);
}

void tls_credentials_free(struct tls_credentials *credentials)
{
    if (credentials == NULL)
        return;
    if (credentials->library != NULL)
        gnutls_certificate_free_credentials(credentials->library);
    free(credentials);
}

bool tls_identity_match(struct text certificate_pem, struct text key_pem, struct error *err)
{
    AUTO(release_credentials) struct tls_credentials *credentials = NULL;

    return tls_credentials_new(certificate_pem, key_pem, &credentials, err);
}
