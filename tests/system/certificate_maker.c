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

/* Seconds, perhaps behind a minus. */
static bool take_seconds(const char *word, int64_t now, int64_t *ret_seconds, struct error *err)
{
    bool is_ago = word[0] == '-';
    uint64_t number;

    if (!text_parse_unsigned(text_of(is_ago ? word + 1 : word), INT32_MAX, &number))
        return error_set(err, ERROR_INPUT, "%.40s: write seconds from now", word);
    *ret_seconds = is_ago ? now - (int64_t)number : now + (int64_t)number;
    return true;
}

static bool run(int count, char **arguments, struct error *err)
{
    AUTO(key_pair_release) struct key_pair signer = {0};
    AUTO(key_pair_release) struct key_pair pair = {0};
    int64_t now = time(NULL);
    struct certificate_request request = {
        .name = arguments[2],
        .hosts = (const char *const *)&arguments[FIRST_HOST],
        .host_count = (size_t)(count - FIRST_HOST),
    };

    if (!take_seconds(arguments[4], now, &request.from_seconds, err) ||
        !take_seconds(arguments[5], now, &request.until_seconds, err))
        return false;
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
