/* SPDX-License-Identifier: Apache-2.0 */
/* kube_client_certificate FOLDER NAME: client.crt for a client of that name, signed by itself, and
 * client.key. */
#include "core/macros.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

enum {
    VALID_SECONDS = 3600
};

static bool add_use(X509 *certificate)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, NID_ext_key_usage, "clientAuth");
    bool is_ok = extension != NULL && X509_add_ext(certificate, extension, -1) == 1;

    X509_EXTENSION_free(extension);
    return is_ok;
}

static bool fill(X509 *certificate, EVP_PKEY *key, const char *name)
{
    X509_NAME *subject = X509_get_subject_name(certificate);

    return X509_set_version(certificate, 2) == 1 &&
           ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1) == 1 &&
           X509_gmtime_adj(X509_getm_notBefore(certificate), -VALID_SECONDS) != NULL &&
           X509_gmtime_adj(X509_getm_notAfter(certificate), VALID_SECONDS) != NULL &&
           X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)name, -1, -1, 0) ==
               1 &&
           X509_set_issuer_name(certificate, subject) == 1 && X509_set_pubkey(certificate, key) == 1 &&
           add_use(certificate) && X509_sign(certificate, key, EVP_sha256()) > 0;
}

static FILE *open_in(const char *folder, const char *name)
{
    char path[4096];

    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    return fopen(path, "w");
}

static bool save(const char *folder, X509 *certificate, EVP_PKEY *key)
{
    FILE *certificate_file = open_in(folder, "client.crt");
    FILE *key_file = open_in(folder, "client.key");
    bool is_ok = certificate_file != NULL && key_file != NULL &&
                 PEM_write_X509(certificate_file, certificate) == 1 &&
                 PEM_write_PrivateKey(key_file, key, NULL, NULL, 0, NULL, NULL) == 1;

    if (certificate_file != NULL)
        is_ok = fclose(certificate_file) == 0 && is_ok;
    if (key_file != NULL)
        is_ok = fclose(key_file) == 0 && is_ok;
    return is_ok;
}

int main(int count, char **arguments)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    bool is_ok = count == 3 && key != NULL && certificate != NULL && fill(certificate, key, arguments[2]) &&
                 save(arguments[1], certificate, key);

    X509_free(certificate);
    EVP_PKEY_free(key);
    return is_ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
