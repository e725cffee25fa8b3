/* SPDX-License-Identifier: Apache-2.0 */
#include "io/certificate.h"

#include <arpa/inet.h>
#include <limits.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <time.h>

enum {
    VERSION_3 = 2,    /* as X.509 counts */
    SERIAL_BITS = 127 /* positive, and at most the 20 bytes of RFC 5280 */
};

static void release_bio(BIO **bio)
{
    BIO_free_all(*bio);
}

static void release_key(EVP_PKEY **key)
{
    EVP_PKEY_free(*key);
}

static void release_certificate(X509 **certificate)
{
    X509_free(*certificate);
}

static void release_names(GENERAL_NAMES **names)
{
    GENERAL_NAMES_free(*names);
}

void key_pair_release(struct key_pair *pair)
{
    buffer_release(&pair->certificate);
    buffer_wipe(&pair->key);
}

static bool library_failed(struct error *err, const char *what)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());

    ERR_clear_error();
    return error_set(err, ERROR_SYSTEM, "cannot %s: %s", what, reason != NULL ? reason : "no memory");
}

static BIO *text_open(struct text text)
{
    return text.length <= INT_MAX ? BIO_new_mem_buf(text.at != NULL ? text.at : "", (int)text.length) : NULL;
}

/* A key behind a passphrase is refused rather than asked about on the terminal. */
/* NOLINTNEXTLINE(readability-non-const-parameter): the library's type */
static int refuse_passphrase(char *room, int size, int is_writing, void *context)
{
    (void)room;
    (void)size;
    (void)is_writing;
    (void)context;
    return -1;
}

static X509 *certificate_parse(struct text pem, struct error *err)
{
    AUTO(release_bio) BIO *bio = text_open(pem);
    X509 *certificate = bio != NULL ? PEM_read_bio_X509(bio, NULL, refuse_passphrase, NULL) : NULL;

    ERR_clear_error();
    if (certificate == NULL)
        (void)error_set(err, ERROR_INPUT,
                        "is no certificate in PEM form: it must begin with -----BEGIN CERTIFICATE-----");
    return certificate;
}

static EVP_PKEY *key_parse(struct text pem, struct error *err)
{
    AUTO(release_bio) BIO *bio = text_open(pem);
    EVP_PKEY *key = bio != NULL ? PEM_read_bio_PrivateKey(bio, NULL, refuse_passphrase, NULL) : NULL;

    ERR_clear_error();
    if (key == NULL) {
        (void)error_set(err, ERROR_INPUT,
                        "is no private key in PEM form without a passphrase: it must begin with "
                        "-----BEGIN PRIVATE KEY----- or -----BEGIN EC PRIVATE KEY-----");
    }
    return key;
}

/* What was written to `bio`, and a NUL. */
static bool buffer_fill(struct buffer *buffer, BIO *bio, struct error *err)
{
    const char *bytes = NULL;
    long length = BIO_get_mem_data(bio, &bytes);

    buffer_add(buffer, (struct text){.at = bytes, .length = (size_t)length});
    buffer_add_char(buffer, '\0');
    if (buffer->failed)
        return error_memory(err);
    buffer->length--;
    return true;
}

static bool pair_format(X509 *certificate, EVP_PKEY *key, struct key_pair *ret_pair, struct error *err)
{
    AUTO(release_bio) BIO *certificate_bio = BIO_new(BIO_s_mem());
    AUTO(release_bio) BIO *key_bio = BIO_new(BIO_s_secmem());
    AUTO(key_pair_release) struct key_pair pair = {0};

    if (certificate_bio == NULL || key_bio == NULL || PEM_write_bio_X509(certificate_bio, certificate) != 1 ||
        PEM_write_bio_PrivateKey(key_bio, key, NULL, NULL, 0, NULL, NULL) != 1)
        return library_failed(err, "write a certificate");
    if (!buffer_fill(&pair.certificate, certificate_bio, err) || !buffer_fill(&pair.key, key_bio, err))
        return false;
    *ret_pair = pair;
    memset(&pair, 0, sizeof(pair));
    return true;
}

static bool set_serial(X509 *certificate)
{
    BIGNUM *number = BN_new();
    bool ok = number != NULL && BN_rand(number, SERIAL_BITS, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
              BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != NULL;

    BN_free(number);
    return ok;
}

static bool set_name(X509_NAME *name, const char *common_name)
{
    return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)common_name, -1, -1,
                                      0) == 1;
}

static bool set_validity(X509 *certificate, const struct certificate_request *request)
{
    return ASN1_TIME_set(X509_getm_notBefore(certificate), (time_t)request->from_seconds) != NULL &&
           ASN1_TIME_set(X509_getm_notAfter(certificate), (time_t)request->until_seconds) != NULL;
}

static bool add_extension(X509 *certificate, X509 *issuer, int id, const char *value)
{
    X509V3_CTX context;
    X509_EXTENSION *extension;
    bool ok;

    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    extension = X509V3_EXT_conf_nid(NULL, &context, id, value);
    ok = extension != NULL && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return ok;
}

/* A host as an alternative name: four or sixteen bytes for an address, else a DNS name. */
static GENERAL_NAME *name_of_host(const char *host)
{
    unsigned char address[sizeof(struct in6_addr)];
    bool is_v4 = inet_pton(AF_INET, host, address) == 1;
    bool is_address = is_v4 || inet_pton(AF_INET6, host, address) == 1;
    GENERAL_NAME *name = GENERAL_NAME_new();
    ASN1_STRING *value = ASN1_STRING_type_new(is_address ? V_ASN1_OCTET_STRING : V_ASN1_IA5STRING);
    int length = is_v4 ? (int)sizeof(struct in_addr) : (int)sizeof(struct in6_addr);

    if (name == NULL || value == NULL ||
        ASN1_STRING_set(value, is_address ? (const void *)address : host, is_address ? length : -1) != 1) {
        ASN1_STRING_free(value);
        GENERAL_NAME_free(name);
        return NULL;
    }
    GENERAL_NAME_set0_value(name, is_address ? GEN_IPADD : GEN_DNS, value);
    return name;
}

static bool add_hosts(X509 *certificate, const struct certificate_request *request)
{
    AUTO(release_names) GENERAL_NAMES *names = GENERAL_NAMES_new();

    for (size_t i = 0; names != NULL && i < request->host_count; i++) {
        GENERAL_NAME *name = name_of_host(request->hosts[i]);

        if (name == NULL || sk_GENERAL_NAME_push(names, name) == 0) {
            GENERAL_NAME_free(name);
            return false;
        }
    }
    return names != NULL && X509_add1_ext_i2d(certificate, NID_subject_alt_name, names, 0, 0) == 1;
}

static bool set_body(X509 *certificate, EVP_PKEY *key, const struct certificate_request *request)
{
    return X509_set_version(certificate, VERSION_3) == 1 && set_serial(certificate) &&
           set_validity(certificate, request) && X509_set_pubkey(certificate, key) == 1 &&
           set_name(X509_get_subject_name(certificate), request->name);
}

static bool sign_authority(X509 *certificate, EVP_PKEY *key)
{
    return X509_set_issuer_name(certificate, X509_get_subject_name(certificate)) == 1 &&
           add_extension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
           add_extension(certificate, certificate, NID_key_usage, "critical,keyCertSign,cRLSign") &&
           add_extension(certificate, certificate, NID_subject_key_identifier, "hash") &&
           X509_sign(certificate, key, EVP_sha256()) > 0;
}

static bool sign_leaf(X509 *certificate, const struct certificate_request *request, X509 *issuer,
                      EVP_PKEY *issuer_key)
{
    return X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1 &&
           add_extension(certificate, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
           add_extension(certificate, issuer, NID_key_usage, "critical,digitalSignature") &&
           add_extension(certificate, issuer, NID_ext_key_usage, "serverAuth") &&
           add_extension(certificate, issuer, NID_subject_key_identifier, "hash") &&
           add_extension(certificate, issuer, NID_authority_key_identifier, "keyid:always") &&
           add_hosts(certificate, request) && X509_sign(certificate, issuer_key, EVP_sha256()) > 0;
}

bool certificate_make_authority(const struct certificate_request *request, struct key_pair *ret_authority,
                                struct error *err)
{
    AUTO(release_key) EVP_PKEY *key = EVP_EC_gen("P-256");
    AUTO(release_certificate) X509 *certificate = X509_new();

    if (key == NULL || certificate == NULL || !set_body(certificate, key, request) ||
        !sign_authority(certificate, key))
        return library_failed(err, "make a certificate authority");
    return pair_format(certificate, key, ret_authority, err);
}

bool certificate_make_leaf(const struct certificate_request *request, const struct key_pair *authority,
                           struct key_pair *ret_leaf, struct error *err)
{
    AUTO(release_certificate) X509 *issuer = certificate_parse(buffer_text(&authority->certificate), err);
    AUTO(release_key) EVP_PKEY *issuer_key = NULL;
    AUTO(release_key) EVP_PKEY *key = NULL;
    AUTO(release_certificate) X509 *certificate = NULL;

    if (issuer == NULL)
        return error_wrap(err, "the authority's certificate");
    issuer_key = key_parse(buffer_text(&authority->key), err);
    if (issuer_key == NULL)
        return error_wrap(err, "the authority's key");
    key = EVP_EC_gen("P-256");
    certificate = X509_new();
    if (key == NULL || certificate == NULL || !set_body(certificate, key, request) ||
        !sign_leaf(certificate, request, issuer, issuer_key))
        return library_failed(err, "make a certificate");
    return pair_format(certificate, key, ret_leaf, err);
}

static bool time_read(const ASN1_TIME *time, int64_t *ret_seconds)
{
    struct tm parts = {0};

    if (time == NULL || ASN1_TIME_to_tm(time, &parts) != 1)
        return false;
    *ret_seconds = timegm(&parts);
    return true;
}

bool certificate_read(struct text certificate_pem, struct certificate_facts *ret_facts, struct error *err)
{
    AUTO(release_certificate) X509 *certificate = certificate_parse(certificate_pem, err);
    struct certificate_facts facts;

    if (certificate == NULL)
        return false;
    if (!time_read(X509_get0_notBefore(certificate), &facts.from_seconds) ||
        !time_read(X509_get0_notAfter(certificate), &facts.until_seconds))
        return error_set(err, ERROR_INPUT, "holds no readable dates of validity");
    facts.is_authority = X509_check_ca(certificate) == 1;
    ERR_clear_error();
    *ret_facts = facts;
    return true;
}

bool certificate_is_for(struct text certificate_pem, const char *host)
{
    struct error ignored;
    AUTO(release_certificate) X509 *certificate = certificate_parse(certificate_pem, &ignored);
    unsigned flags = X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS;
    bool is_for = certificate != NULL && X509_check_host(certificate, host, 0, flags, NULL) == 1;

    ERR_clear_error();
    return is_for;
}

bool certificate_match(struct text certificate_pem, struct text key_pem, struct error *err)
{
    AUTO(release_certificate) X509 *certificate = certificate_parse(certificate_pem, err);
    AUTO(release_key) EVP_PKEY *key = NULL;
    bool is_match;

    if (certificate == NULL)
        return error_wrap(err, "the certificate");
    key = key_parse(key_pem, err);
    if (key == NULL)
        return error_wrap(err, "the key");
    is_match = X509_check_private_key(certificate, key) == 1;
    ERR_clear_error();
    return is_match || error_set(err, ERROR_INPUT,
                                 "the key is not the one that the certificate was made for: take both from "
                                 "the same Secret or the same run of `make certs`");
}

bool certificate_verify(struct text certificate_pem, struct text authority_pem, struct error *err)
{
    AUTO(release_certificate) X509 *certificate = certificate_parse(certificate_pem, err);
    AUTO(release_certificate) X509 *authority = NULL;
    bool is_signed;

    if (certificate == NULL)
        return error_wrap(err, "the certificate");
    authority = certificate_parse(authority_pem, err);
    if (authority == NULL)
        return error_wrap(err, "the authority");
    is_signed = X509_check_issued(authority, certificate) == X509_V_OK &&
                X509_verify(certificate, X509_get0_pubkey(authority)) == 1;
    ERR_clear_error();
    return is_signed || error_set(err, ERROR_INPUT, "the authority did not sign the certificate");
}
