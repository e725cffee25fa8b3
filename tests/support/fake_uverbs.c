/* SPDX-License-Identifier: Apache-2.0 */
#include "support/fake_uverbs.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include <linux/netlink.h>

enum {
    MAJOR = 231, /* of uverbs in every kernel */
    MINOR_BASE = 192,
    DESCRIPTORS_MAX = 4096,
    DEVICES_MAX = 255,
};

/* What a path is to us; a device's number otherwise. */
enum {
    NOT_OURS = -1,
    ABSENT = -2,
    FOLDER = -3,
};

static const char folder[] = "/infiniband";
static const char device_prefix[] = "/uverbs";

/* The device that a descriptor is open on, and 1; 0: none of ours. */
static _Atomic unsigned char opened[DESCRIPTORS_MAX];

/* The next definition of a function, for a pointer to it. */
static void find_real(const char *name, void *ret_function)
{
    void *at = dlsym(RTLD_NEXT, name);

    memcpy(ret_function, &at, sizeof(at));
}

static long number_of(const char *variable)
{
    const char *text = getenv(variable);

    return text != NULL ? (long)strtoul(text, NULL, 10) : 0;
}

/* What follows "/infiniband" below a folder of devices; NULL: the path is another. */
static const char *after_folder(const char *path, const char *dev)
{
    size_t length = dev != NULL ? strlen(dev) : 0;

    if (length == 0 || strncmp(path, dev, length) != 0)
        return NULL;
    path += length;
    if (strncmp(path, folder, sizeof(folder) - 1) != 0)
        return NULL;
    path += sizeof(folder) - 1;
    return *path == '\0' || *path == '/' ? path : NULL;
}

static int look_at(const char *path)
{
    const char *rest;
    char *end;
    unsigned long device;

    if (path == NULL || getenv("FAKE_UVERBS") == NULL)
        return NOT_OURS;
    rest = after_folder(path, "/dev");
    if (rest == NULL)
        rest = after_folder(path, getenv("FAKE_UVERBS_DEV"));
    if (rest == NULL)
        return NOT_OURS;
    if (number_of("FAKE_UVERBS_HIDDEN") != 0)
        return ABSENT;
    if (strcmp(rest, "") == 0 || strcmp(rest, "/") == 0)
        return FOLDER;
    if (strncmp(rest, device_prefix, sizeof(device_prefix) - 1) != 0)
        return ABSENT;
    rest += sizeof(device_prefix) - 1;
    device = strtoul(rest, &end, 10);
    if (end == rest || *end != '\0' || device >= (unsigned long)number_of("FAKE_UVERBS"))
        return ABSENT;
    return device < DEVICES_MAX ? (int)device : ABSENT;
}

/* The device's entry in a list "5,13 7,1" or "5 7": its errno, 1 where there is none to say; 0: not in it. */
static int find_entry(const char *variable, int device)
{
    const char *at = getenv(variable);
    char *end;

    while (at != NULL && *at != '\0') {
        unsigned long first = strtoul(at, &end, 10);
        unsigned long second = 1;

        if (end == at)
            return 0;
        if (*end == ',')
            second = strtoul(end + 1, &end, 10);
        if (first == (unsigned long)device)
            return (int)second;
        at = end + strspn(end, " ");
    }
    return 0;
}

static void wait_as_told(int flags)
{
    long delay_ms = number_of("FAKE_UVERBS_DELAY_MS");
    struct timespec left = {.tv_sec = delay_ms / 1000, .tv_nsec = delay_ms % 1000 * 1000000};

    if ((flags & O_NONBLOCK) != 0)
        return;
    while (delay_ms > 0 && nanosleep(&left, &left) != 0 && errno == EINTR)
        continue;
}

static int open_device(int device, int flags)
{
    int (*real)(const char *path, int flags, ...);
    int code = find_entry("FAKE_UVERBS_FAIL", device);
    int descriptor;

    wait_as_told(flags);
    if (code != 0) {
        errno = code;
        return -1;
    }
    find_real("open", &real);
    descriptor = real("/dev/null", O_RDWR | O_CLOEXEC);
    if (descriptor >= 0 && descriptor < DESCRIPTORS_MAX)
        opened[descriptor] = (unsigned char)(device + 1);
    return descriptor;
}

/* Of a path that is ours. */
static int open_ours(int what, int flags)
{
    if (what >= 0)
        return open_device(what, flags);
    errno = what == FOLDER ? EACCES : ENOENT;
    return -1;
}

static int device_of(int descriptor)
{
    return descriptor >= 0 && descriptor < DESCRIPTORS_MAX ? opened[descriptor] - 1 : NOT_OURS;
}

static void describe(int what, struct stat *status)
{
    memset(status, 0, sizeof(*status));
    status->st_mode = what == FOLDER ? S_IFDIR | 0755 : S_IFCHR | 0666;
    status->st_nlink = 1;
    if (what >= 0)
        status->st_rdev = makedev(MAJOR, (unsigned)(MINOR_BASE + what));
}

/* stat() of a path that is ours. */
static int stat_ours(int what, struct stat *status)
{
    if (what == ABSENT) {
        errno = ENOENT;
        return -1;
    }
    describe(what, status);
    return 0;
}

/* access() of a path that is ours: a device that refuses its opening for want of rights is refused here. */
static int access_ours(int what, int mode)
{
    int code = what >= 0 && mode != F_OK ? find_entry("FAKE_UVERBS_FAIL", what) : 0;

    if (what == ABSENT)
        code = ENOENT;
    if (code != EACCES && code != ENOENT)
        return 0;
    errno = code;
    return -1;
}

/*
 * The calls, under names that the linker knows them by: the C library's own, those with 64 in them (whose
 * types are the same wherever a long has 64 bits), and those that programs built with _FORTIFY_SOURCE use.
 */
_Static_assert(sizeof(struct stat) == sizeof(struct stat64), "stat() and stat64() are the same");

int fake_open(const char *path, int flags, ...);
int fake_openat(int at, const char *path, int flags, ...);
int fake_close(int descriptor);
int fake_stat(const char *path, struct stat *status);
int fake_lstat(const char *path, struct stat *status);
int fake_fstat(int descriptor, struct stat *status);
int fake_fstatat(int at, const char *path, struct stat *status, int flags);
int fake_access(const char *path, int mode);
int fake_faccessat(int at, const char *path, int mode, int flags);
int fake_socket(int domain, int type, int protocol);
int fake_ioctl(int descriptor, unsigned long request, ...);
ssize_t fake_write(int descriptor, const void *bytes, size_t length);

__typeof__(fake_open) called_open __asm__("open") __attribute__((alias("fake_open")));
__typeof__(fake_open) called_open64 __asm__("open64") __attribute__((alias("fake_open")));
__typeof__(fake_open) called_open_2 __asm__("__open_2") __attribute__((alias("fake_open")));
__typeof__(fake_open) called_open64_2 __asm__("__open64_2") __attribute__((alias("fake_open")));
__typeof__(fake_openat) called_openat __asm__("openat") __attribute__((alias("fake_openat")));
__typeof__(fake_openat) called_openat64 __asm__("openat64") __attribute__((alias("fake_openat")));
__typeof__(fake_openat) called_openat_2 __asm__("__openat_2") __attribute__((alias("fake_openat")));
__typeof__(fake_openat) called_openat64_2 __asm__("__openat64_2") __attribute__((alias("fake_openat")));
__typeof__(fake_close) called_close __asm__("close") __attribute__((alias("fake_close")));
__typeof__(fake_stat) called_stat __asm__("stat") __attribute__((alias("fake_stat")));
__typeof__(fake_stat) called_stat64 __asm__("stat64") __attribute__((alias("fake_stat")));
__typeof__(fake_lstat) called_lstat __asm__("lstat") __attribute__((alias("fake_lstat")));
__typeof__(fake_lstat) called_lstat64 __asm__("lstat64") __attribute__((alias("fake_lstat")));
__typeof__(fake_fstat) called_fstat __asm__("fstat") __attribute__((alias("fake_fstat")));
__typeof__(fake_fstat) called_fstat64 __asm__("fstat64") __attribute__((alias("fake_fstat")));
__typeof__(fake_fstatat) called_fstatat __asm__("fstatat") __attribute__((alias("fake_fstatat")));
__typeof__(fake_fstatat) called_fstatat64 __asm__("fstatat64") __attribute__((alias("fake_fstatat")));
__typeof__(fake_access) called_access __asm__("access") __attribute__((alias("fake_access")));
__typeof__(fake_faccessat) called_faccessat __asm__("faccessat") __attribute__((alias("fake_faccessat")));
__typeof__(fake_socket) called_socket __asm__("socket") __attribute__((alias("fake_socket")));
__typeof__(fake_ioctl) called_ioctl __asm__("ioctl") __attribute__((alias("fake_ioctl")));
__typeof__(fake_write) called_write __asm__("write") __attribute__((alias("fake_write")));

static int open_at(int at, const char *path, int flags, mode_t mode)
{
    int (*real)(int at, const char *path, int flags, ...);
    int what = look_at(path);

    if (what != NOT_OURS)
        return open_ours(what, flags);
    find_real("openat", &real);
    return real(at, path, flags, mode);
}

/* The third argument of open(), where there is one. */
static mode_t mode_of(va_list values, int flags)
{
    return (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(values, mode_t) : 0;
}

int fake_open(const char *path, int flags, ...)
{
    va_list values;
    mode_t mode;

    va_start(values, flags);
    mode = mode_of(values, flags);
    va_end(values);
    return open_at(AT_FDCWD, path, flags, mode);
}

int fake_openat(int at, const char *path, int flags, ...)
{
    va_list values;
    mode_t mode;

    va_start(values, flags);
    mode = mode_of(values, flags);
    va_end(values);
    return open_at(at, path, flags, mode);
}

int fake_close(int descriptor)
{
    int (*real)(int descriptor);

    if (descriptor >= 0 && descriptor < DESCRIPTORS_MAX)
        opened[descriptor] = 0;
    find_real("close", &real);
    return real(descriptor);
}

int fake_fstatat(int at, const char *path, struct stat *status, int flags)
{
    int (*real)(int at, const char *path, struct stat *status, int flags);
    bool is_descriptor = path != NULL && path[0] == '\0';
    int what = is_descriptor ? device_of(at) : look_at(path);

    if (what != NOT_OURS)
        return stat_ours(what, status);
    find_real("fstatat", &real);
    return real(at, path, status, flags);
}

int fake_stat(const char *path, struct stat *status)
{
    return fake_fstatat(AT_FDCWD, path, status, 0);
}

int fake_lstat(const char *path, struct stat *status)
{
    return fake_fstatat(AT_FDCWD, path, status, AT_SYMLINK_NOFOLLOW);
}

int fake_fstat(int descriptor, struct stat *status)
{
    int (*real)(int descriptor, struct stat *status);

    if (device_of(descriptor) >= 0)
        return stat_ours(device_of(descriptor), status);
    find_real("fstat", &real);
    return real(descriptor, status);
}

int fake_faccessat(int at, const char *path, int mode, int flags)
{
    int (*real)(int at, const char *path, int mode, int flags);
    int what = look_at(path);

    if (what != NOT_OURS)
        return access_ours(what, mode);
    find_real("faccessat", &real);
    return real(at, path, mode, flags);
}

int fake_access(const char *path, int mode)
{
    return fake_faccessat(AT_FDCWD, path, mode, 0);
}

int fake_socket(int domain, int type, int protocol)
{
    int (*real)(int domain, int type, int protocol);

    if (domain == AF_NETLINK && protocol == NETLINK_RDMA && getenv("FAKE_UVERBS") != NULL) {
        errno = EPROTONOSUPPORT;
        return -1;
    }
    find_real("socket", &real);
    return real(domain, type, protocol);
}

int fake_ioctl(int descriptor, unsigned long request, ...)
{
    int (*real)(int descriptor, unsigned long request, ...);
    va_list values;
    void *argument;

    va_start(values, request);
    argument = va_arg(values, void *);
    va_end(values);
    if (device_of(descriptor) >= 0) {
        errno = ENOTTY;
        return -1;
    }
    find_real("ioctl", &real);
    return real(descriptor, request, argument);
}

ssize_t fake_write(int descriptor, const void *bytes, size_t length)
{
    ssize_t (*real)(int descriptor, const void *bytes, size_t length);
    int device = device_of(descriptor);

    if (device >= 0)
        return fake_uverbs_answer((unsigned)device, find_entry("FAKE_UVERBS_DOWN", device) != 0, bytes,
                                  length);
    find_real("write", &real);
    return real(descriptor, bytes, length);
}
