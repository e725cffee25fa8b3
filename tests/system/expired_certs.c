/* SPDX-License-Identifier: Apache-2.0 */
/* expired_certs FOLDER: ca.crt, tls.crt and tls.key of a server whose certificate ended yesterday. */
#include "io/certificate.h"
#include "io/file_save.h"

#include <stdio.h>
#include <time.h>

enum {
    DAY_SECONDS = 24 * 60 * 60,
};

static bool save(const char *folder, const char *name, const struct buffer *pem, struct error *err)
{
    char path[4096];

    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    return file_save(path, 0600, buffer_text(pem), err);
}

static bool make(const char *folder, struct error *err)
{
    static const char *const hosts[] = {"localhost", "127.0.0.1"};
    AUTO(key_pair_release) struct key_pair authority = {0};
    AUTO(key_pair_release) struct key_pair leaf = {0};
    int64_t now = time(NULL);
    struct certificate_request request = {
        .name = "an authority",
        .hosts = hosts,
        .host_count = COUNT_OF(hosts),
        .from_seconds = now - DAY_SECONDS - DAY_SECONDS,
        .until_seconds = now + DAY_SECONDS,
    };

    if (!certificate_make_authority(&request, &authority, err))
        return false;
    request.name = "a server";
    request.until_seconds = now - DAY_SECONDS;
    return certificate_make_leaf(&request, &authority, &leaf, err) &&
           save(folder, "ca.crt", &authority.certificate, err) &&
           save(folder, "tls.crt", &leaf.certificate, err) && save(folder, "tls.key", &leaf.key, err);
}

int main(int count, char **arguments)
{
    struct error err = {0};

    if (count != 2)
        return 2;
    if (make(arguments[1], &err))
        return 0;
    (void)fprintf(stderr, "expired_certs: %s\n", err.text);
    return 1;
}
