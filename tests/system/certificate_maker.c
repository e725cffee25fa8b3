/* SPDX-License-Identifier: Apache-2.0 */
/*
 * certificate_maker FOLDER NAME SIGNER FROM UNTIL [HOST...]
 *
 * Writes NAME.crt and NAME.key: an authority where SIGNER is -, else a server's certificate, signed by the
 * SIGNER of an earlier call. FROM and UNTIL are seconds from now.
 */
#include "io/certificate.h"
#include "io/file.h"
#include "io/file_save.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    FIRST_HOST = 6,
    LIMIT_BYTES = 65536,
};

static bool load(const char *folder, const char *name, struct key_pair *pair, struct error *err)
{
    char path[4096];

    (void)snprintf(path, sizeof(path), "%s/%s.crt", folder, name);
    if (!file_load(path, LIMIT_BYTES, &pair->certificate, err))
        return false;
    (void)snprintf(path, sizeof(path), "%s/%s.key", folder, name);
    return file_load(path, LIMIT_BYTES, &pair->key, err);
}

static bool save(const char *folder, const char *name, const struct key_pair *pair, struct error *err)
{
    char path[4096];

    (void)snprintf(path, sizeof(path), "%s/%s.crt", folder, name);
    if (!file_save(path, 0644, buffer_text(&pair->certificate), err))
        return false;
    (void)snprintf(path, sizeof(path), "%s/%s.key", folder, name);
    return file_save(path, 0600, buffer_text(&pair->key), err);
}

static bool run(int count, char **arguments, struct error *err)
{
    AUTO(key_pair_release) struct key_pair signer = {0};
    AUTO(key_pair_release) struct key_pair pair = {0};
    int64_t now = time(NULL);
    const struct certificate_request request = {
        .name = arguments[2],
        .hosts = (const char *const *)&arguments[FIRST_HOST],
        .host_count = (size_t)(count - FIRST_HOST),
        .from_seconds = now + strtol(arguments[4], NULL, 10),
        .until_seconds = now + strtol(arguments[5], NULL, 10),
    };

    if (strcmp(arguments[3], "-") == 0) {
        if (!certificate_make_authority(&request, &pair, err))
            return false;
    } else if (!load(arguments[1], arguments[3], &signer, err) ||
               !certificate_make_leaf(&request, &signer, &pair, err)) {
        return false;
    }
    return save(arguments[1], arguments[2], &pair, err);
}

int main(int count, char **arguments)
{
    struct error err = {.kind = ERROR_NONE};

    if (count < FIRST_HOST) {
        fprintf(stderr, "usage: certificate_maker FOLDER NAME SIGNER FROM UNTIL [HOST...]\n");
        return 2;
    }
    if (!run(count, arguments, &err)) {
        fprintf(stderr, "certificate_maker: %s\n", err.text);
        return 1;
    }
    return 0;
}
