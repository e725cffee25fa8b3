/* SPDX-License-Identifier: Apache-2.0 */
#include "io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    CHUNK_BYTES = 64 * 1024
};

static void descriptor_close(const int *descriptor)
{
    if (*descriptor > STDERR_FILENO)
        (void)close(*descriptor);
}

static bool refuse(const char *path, const char *reason, struct error *err)
{
    return error_set(err, ERROR_SYSTEM, "cannot read %.160s: %s", path, reason);
}

/* Up to `bytes` more; 0 at the end, negative on failure. */
static ssize_t read_some(int descriptor, char *room, size_t bytes)
{
    ssize_t got;

    do {
        got = read(descriptor, room, bytes);
    } while (got < 0 && errno == EINTR);
    return got;
}

/* What is there to read, at most `limit_bytes`; a byte above it is an error, never silently left out. */
static bool read_all(int descriptor, size_t limit_bytes, struct buffer *buffer, struct error *err)
{
    size_t total = 0;

    for (;;) {
        size_t wanted = limit_bytes - total < CHUNK_BYTES ? limit_bytes - total + 1 : CHUNK_BYTES;
        char *room = buffer_reserve(buffer, wanted);
        ssize_t got;

        if (room == NULL)
            return error_memory(err);
        got = read_some(descriptor, room, wanted);
        if (got < 0)
            return error_set(err, ERROR_SYSTEM, "%s", strerror(errno));
        if (got == 0)
            return true;
        total += (size_t)got;
        if (total > limit_bytes)
            return error_set(err, ERROR_INPUT, "larger than %zu bytes", limit_bytes);
        buffer->length += (size_t)got;
    }
}

bool file_load(const char *path, size_t limit_bytes, struct buffer *buffer, struct error *err)
{
    bool is_stdin = strcmp(path, "-") == 0;
    const char *name = is_stdin ? "standard input" : path;
    AUTO(descriptor_close) int descriptor = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    size_t length = buffer->length;
    struct stat status;

    if (descriptor < 0 || fstat(descriptor, &status) != 0)
        return refuse(name, strerror(errno), err);
    if (S_ISDIR(status.st_mode))
        return refuse(name, "it is a folder, not a file", err);
    if (read_all(descriptor, limit_bytes, buffer, err))
        return true;
    buffer->length = length;
    return err->kind == ERROR_SYSTEM ? error_wrap(err, "cannot read %.160s", name)
                                     : error_wrap(err, "%.160s", name);
}
