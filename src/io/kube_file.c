/* SPDX-License-Identifier: Apache-2.0 */
#include "kube_file.h"

#include "kube_secret.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static void descriptor_close(const int *descriptor)
{
    if (*descriptor >= 0)
        (void)close(*descriptor);
}

static void room_wipe(char (*room)[4096])
{
    explicit_bzero(*room, sizeof(*room));
}

static bool refuse(const char *path, const char *reason, struct error *err)
{
    return error_set(err, ERROR_INPUT, "cannot read %.150s: %s", path, reason);
}

/* All of it, and a NUL. */
static bool read_all(int descriptor, const char *path, struct buffer *bytes, struct error *err)
{
    AUTO(room_wipe) char room[4096];

    for (;;) {
        ssize_t got = read(descriptor, room, sizeof(room));

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return refuse(path, strerror(errno), err);
        if (got == 0)
            return secret_finish(bytes, err);
        secret_add(bytes, (struct text){.at = room, .length = (size_t)got});
        if (bytes->length > KUBE_FILE_BYTES_LIMIT)
            return refuse(path, "it is larger than 1 MiB", err);
    }
}

static bool is_same(const struct stat *left, const struct stat *right)
{
    return left->st_dev == right->st_dev && left->st_ino == right->st_ino &&
           left->st_size == right->st_size && left->st_mtim.tv_sec == right->st_mtim.tv_sec &&
           left->st_mtim.tv_nsec == right->st_mtim.tv_nsec;
}

bool kube_file_look(struct kube_file *file, bool is_forced, struct kube_file *ret_next, bool *ret_is_new,
                    struct error *err)
{
    AUTO(kube_file_release) struct kube_file next = {.path = file->path};
    AUTO(descriptor_close) int descriptor = -1;

    *ret_is_new = false;
    if (file->path == NULL)
        return true;
    if (stat(file->path, &next.seen) != 0)
        return refuse(file->path, strerror(errno), err);
    if (!is_forced && file->bytes.at != NULL && is_same(&next.seen, &file->seen))
        return true;
    descriptor = open(file->path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return refuse(file->path, strerror(errno), err);
    if (!read_all(descriptor, file->path, &next.bytes, err))
        return false;
    if (file->bytes.at != NULL && text_is(buffer_text(&file->bytes), buffer_text(&next.bytes))) {
        file->seen = next.seen;
        return true;
    }
    *ret_is_new = true;
    *ret_next = next;
    memset(&next, 0, sizeof(next));
    return true;
}

void kube_file_take(struct kube_file *file, struct kube_file *next)
{
    buffer_wipe(&file->bytes);
    *file = *next;
    *next = (struct kube_file){0};
}

void kube_file_release(struct kube_file *file)
{
    buffer_wipe(&file->bytes);
    *file = (struct kube_file){0};
}
