/* SPDX-License-Identifier: Apache-2.0 */
#include "io/file_save.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool write_all(int descriptor, struct text bytes)
{
    while (bytes.length > 0) {
        ssize_t written = write(descriptor, bytes.at, bytes.length);

        if (written < 0 && errno != EINTR)
            return false;
        if (written > 0)
            bytes = text_after(bytes, (size_t)written);
    }
    return true;
}

static bool fill(int descriptor, unsigned mode, struct text bytes)
{
    return fchmod(descriptor, (mode_t)mode) == 0 && write_all(descriptor, bytes) && fsync(descriptor) == 0;
}

bool file_save(const char *path, unsigned mode, struct text bytes, struct error *err)
{
    char beside[PATH_MAX];
    int length = snprintf(beside, sizeof(beside), "%s.XXXXXX", path);
    int descriptor;
    bool ok;
    int reason;

    if (length < 0 || (size_t)length >= sizeof(beside))
        return error_set(err, ERROR_SYSTEM, "cannot write %.80s...: the path is too long", path);
    descriptor = mkostemp(beside, O_CLOEXEC);
    if (descriptor < 0)
        return error_set(err, ERROR_SYSTEM, "cannot write %s: %s", path, strerror(errno));
    ok = fill(descriptor, mode, bytes);
    reason = errno;
    if (close(descriptor) != 0 && ok) {
        reason = errno;
        ok = false;
    }
    if (ok && rename(beside, path) == 0)
        return true;
    if (ok)
        reason = errno;
    (void)unlink(beside);
    return error_set(err, ERROR_SYSTEM, "cannot write %s: %s", path, strerror(reason));
}
