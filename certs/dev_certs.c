/* SPDX-License-Identifier: Apache-2.0 */
/* efa-dev-certs FOLDER: an authority and a server certificate for trying things out, made with our own code.
 */
#include "io/certificate.h"
#include "io/file.h"
#include "io/file_save.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

enum {
    PEM_LIMIT_BYTES = 64 * 1024,
    DAY_SECONDS = 24 * 60 * 60,
    VALID_DAYS = 365,
    RENEW_DAYS = 30, /* what is valid for longer is left alone */
    HOUR_SECONDS = 60 * 60,
};

static const char *const hosts[] = {
    "localhost",
    "127.0.0.1",
    "::1",
    "efa-injector.efa-injector.svc",
};

struct paths {
    char authority[4096];
    char certificate[4096];
    char key[4096];
};

static bool path_join(char *room, size_t size, const char *folder, const char *name, struct error *err)
{
    int length = snprintf(room, size, "%s/%s", folder, name);

    if (length < 0 || (size_t)length >= size)
        return error_set(err, ERROR_INPUT, "the folder's path is too long: %.80s...", folder);
    return true;
}

static bool paths_join(const char *folder, struct paths *paths, struct error *err)
{
    return path_join(paths->authority, sizeof(paths->authority), folder, "ca.crt", err) &&
           path_join(paths->certificate, sizeof(paths->certificate), folder, "tls.crt", err) &&
           path_join(paths->key, sizeof(paths->key), folder, "tls.key", err);
}

/* Whether the files of an earlier run are there, belong together and are valid for a while. */
static bool are_good(const struct paths *paths, int64_t now)
{
    AUTO(buffer_release) struct buffer authority = {0};
    AUTO(key_pair_release) struct key_pair pair = {0};
    struct certificate_facts facts;
    struct error err;

    return file_load(paths->authority, PEM_LIMIT_BYTES, &authority, &err) &&
           file_load(paths->certificate, PEM_LIMIT_BYTES, &pair.certificate, &err) &&
           file_load(paths->key, PEM_LIMIT_BYTES, &pair.key, &err) &&
           certificate_match(buffer_text(&pair.certificate), buffer_text(&pair.key), &err) &&
           certificate_verify(buffer_text(&pair.certificate), buffer_text(&authority), &err) &&
           certificate_read(buffer_text(&pair.certificate), &facts, &err) && facts.from_seconds <= now &&
           facts.until_seconds > now + (int64_t)RENEW_DAYS * DAY_SECONDS;
}

/* The authority's key is thrown away: nothing else can ever be signed in its name. */
static bool make(const struct paths *paths, int64_t now, struct error *err)
{
    AUTO(key_pair_release) struct key_pair authority = {0};
    AUTO(key_pair_release) struct key_pair leaf = {0};
    struct certificate_request request = {
        .name = "efa-injector development authority",
        .from_seconds = now - HOUR_SECONDS, /* clocks differ */
        .until_seconds = now + (int64_t)VALID_DAYS * DAY_SECONDS,
    };

    if (!certificate_make_authority(&request, &authority, err))
        return false;
    request.name = "efa-injector development server";
    request.hosts = hosts;
    request.host_count = COUNT_OF(hosts);
    return certificate_make_leaf(&request, &authority, &leaf, err) &&
           file_save(paths->authority, 0644, buffer_text(&authority.certificate), err) &&
           file_save(paths->key, 0600, buffer_text(&leaf.key), err) &&
           file_save(paths->certificate, 0644, buffer_text(&leaf.certificate), err);
}

static bool folder_make(const char *folder, struct error *err)
{
    if (mkdir(folder, 0755) == 0 || errno == EEXIST)
        return true;
    return error_set(err, ERROR_SYSTEM, "cannot make the folder %.80s: %s", folder, strerror(errno));
}

static bool run(const char *folder, struct error *err)
{
    struct paths paths;
    int64_t now = time(NULL);

    if (!folder_make(folder, err) || !paths_join(folder, &paths, err))
        return false;
    if (are_good(&paths, now)) {
        printf("%s, %s and %s are good for %d days and more\n", paths.authority, paths.certificate, paths.key,
               RENEW_DAYS);
        return true;
    }
    if (!make(&paths, now, err))
        return false;
    printf("wrote %s, %s and %s, good for %d days\n", paths.authority, paths.certificate, paths.key,
           VALID_DAYS);
    return true;
}

int main(int count, char **arguments)
{
    struct error err;

    if (count != 2 || arguments[1][0] == '-') {
        fprintf(stderr,
                "usage: efa-dev-certs FOLDER\n"
                "Writes ca.crt, tls.crt and tls.key there, unless they are good for %d more days.\n",
                RENEW_DAYS);
        return 2;
    }
    if (run(arguments[1], &err))
        return 0;
    fprintf(stderr, "efa-dev-certs: %s\n", err.text);
    return err.kind == ERROR_INPUT ? 2 : 1;
}
