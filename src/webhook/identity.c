/* SPDX-License-Identifier: Apache-2.0 */
#include "identity.h"

#include "io/file.h"
#include "io/log.h"

#include <time.h>

enum {
    PEM_LIMIT_BYTES = 1024 * 1024,
    EXPIRES_SOON_SECONDS = 7 * 24 * 60 * 60,
};

void identity_release(struct identity *identity)
{
    buffer_wipe(&identity->key_pem);
    buffer_release(&identity->certificate_pem);
}

void identity_warn(const struct identity *identity, const char *path)
{
    const struct tls_identity *dates = &identity->dates;
    int64_t now = time(NULL);
    const char *sentence = dates->until_seconds <= now ? "the certificate has expired"
                           : dates->from_seconds > now ? "the certificate is not valid yet"
                           : dates->until_seconds - now <= EXPIRES_SOON_SECONDS
                               ? "the certificate expires soon"
                               : NULL;
    struct log_line line;

    if (sentence == NULL)
        return;
    log_begin(&line, LOG_LEVEL_WARN, "certificate");
    log_string(&line, "error", sentence);
    log_string(&line, "file", path);
    log_end(&line);
}

static bool pem_load(const char *option, const char *path, struct buffer *buffer, struct error *err)
{
    if (!file_load(path, PEM_LIMIT_BYTES, buffer, err))
        return error_wrap(err, "%s", option);
    buffer_add_char(buffer, '\0');
    if (buffer->failed)
        return error_memory(err);
    buffer->length--;
    return true;
}

static bool identity_fill(struct identity *identity, const struct options *options, struct error *err)
{
    if (!pem_load("--tls-cert", options->tls_cert, &identity->certificate_pem, err) ||
        !pem_load("--tls-key", options->tls_key, &identity->key_pem, err))
        return false;
    if (!tls_identity_read(buffer_text(&identity->certificate_pem), &identity->dates, err))
        return error_wrap(err, "--tls-cert %s", options->tls_cert);
    if (!tls_identity_match(buffer_text(&identity->certificate_pem), buffer_text(&identity->key_pem), err))
        return error_wrap(err, "--tls-key %s", options->tls_key);
    return true;
}

bool identity_load(const struct options *options, struct identity *ret_identity, struct error *err)
{
    struct identity identity = {0};

    if (!identity_fill(&identity, options, err)) {
        identity_release(&identity);
        return false;
    }
    *ret_identity = identity;
    return true;
}
