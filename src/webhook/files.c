/* SPDX-License-Identifier: Apache-2.0 */
#include "files.h"

#include "core/buffer.h"
#include "core/hash.h"
#include "io/file.h"

#include <time.h>

enum {
    BYTES_LIMIT = 512 * 1024 * 1024, /* the largest that the loaders take */
    YOUNG_SECONDS = 3,               /* a file that changed just now may change again within its timestamp */
};

static bool is_same_time(struct timespec one, struct timespec other)
{
    return one.tv_sec == other.tv_sec && one.tv_nsec == other.tv_nsec;
}

/* The same file, untouched for a while: then nobody need read it (lists of nodes are large). */
static bool is_untouched(const struct stat *before, const struct stat *now)
{
    return before->st_ino == now->st_ino && before->st_dev == now->st_dev &&
           before->st_size == now->st_size && is_same_time(before->st_mtim, now->st_mtim) &&
           is_same_time(before->st_ctim, now->st_ctim) && now->st_ctim.tv_sec + YOUNG_SECONDS < time(NULL);
}

/* Contents, or the sentence on why there are none. */
static void digest_file(const char *path, char digest[FILES_DIGEST_BYTES])
{
    AUTO(buffer_release) struct buffer bytes = {0};
    struct error err = {0};

    if (file_load(path, BYTES_LIMIT, &bytes, &err))
        hash_digest(buffer_text(&bytes), digest);
    else
        hash_digest(text_of(err.text), digest);
    if (bytes.at != NULL)
        explicit_bzero(bytes.at, bytes.length); /* it may have been a key */
}

static void look_at(struct files *files, size_t i)
{
    struct stat now = {0};

    if (stat(files->paths[i], &now) != 0)
        now = (struct stat){0};
    else if (!S_ISREG(now.st_mode) || is_untouched(&files->states[i], &now))
        return; /* a pipe can be read only once, and the loader does that */
    files->states[i] = now;
    digest_file(files->paths[i], files->seen.bytes[i]);
}

void files_look(struct files *files)
{
    for (size_t i = 0; i < FILES_LIMIT; i++) {
        if (files->paths[i] != NULL && strcmp(files->paths[i], "-") != 0)
            look_at(files, i);
    }
}

bool files_have_news(struct files *files)
{
    struct files_digests before = files->seen;

    files_look(files);
    return memcmp(&files->seen, &before, sizeof(before)) == 0 &&
           memcmp(&files->seen, &files->settled, sizeof(before)) != 0;
}

void files_settle(struct files *files)
{
    files->settled = files->seen;
}
