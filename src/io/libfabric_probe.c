/* SPDX-License-Identifier: Apache-2.0 */
#include "io/libfabric.h"

#include "core/buffer.h"
#include "libfabric_answer.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include <rdma/fabric.h>
#include <rdma/fi_errno.h>

enum {
    API_MAJOR = 1, /* what we know of the interface; newer libraries still offer it */
    API_MINOR = 14,
    MR_MODES_OLD = 3,        /* two bits, each of which stands for a whole set of modes, as before 1.5 */
    DESCRIPTORS_MAX = 65536, /* some library may walk through all that there could be */
};

static const char library_name[] = "libfabric.so.1";

/*
 * Loaded here and not linked: it and what it needs are a megabyte in each process that is linked with it, and
 * only the probe uses them.
 */
struct library {
    __typeof__(fi_getinfo) *getinfo;
    __typeof__(fi_dupinfo) *dupinfo;
    __typeof__(fi_freeinfo) *freeinfo;
    __typeof__(fi_strerror) *strerror;
    __typeof__(fi_tostr) *tostr;
};

static bool find(void *handle, const char *name, void *ret_function)
{
    void *at = dlsym(handle, name);

    memcpy(ret_function, &at, sizeof(at));
    return at != NULL;
}

static bool load(struct library *library)
{
    void *handle = dlopen(library_name, RTLD_NOW);

    return handle != NULL && find(handle, "fi_getinfo", &library->getinfo) &&
           find(handle, "fi_dupinfo", &library->dupinfo) && find(handle, "fi_freeinfo", &library->freeinfo) &&
           find(handle, "fi_strerror", &library->strerror) && find(handle, "fi_tostr", &library->tostr);
}

static void add_line(struct buffer *buffer, const char *word, const char *rest)
{
    buffer_add_string(buffer, word);
    buffer_add_string(buffer, rest);
    buffer_add_char(buffer, '\n');
}

static const char *name_of(const struct fi_info *info)
{
    if (info->nic == NULL || info->nic->device_attr == NULL)
        return NULL;
    return info->nic->device_attr->name;
}

/* A device has an info for each of its endpoint types. */
static bool is_repeated(const struct fi_info *first, const struct fi_info *info)
{
    for (; first != info; first = first->next) {
        if (name_of(first) != NULL && strcmp(name_of(first), name_of(info)) == 0)
            return true;
    }
    return false;
}

static void add_devices(struct buffer *buffer, const struct fi_info *first)
{
    uint64_t count = 0;

    for (const struct fi_info *info = first; info != NULL; info = info->next) {
        if (name_of(info) == NULL || is_repeated(first, info))
            continue;
        add_line(buffer, LIBFABRIC_ANSWER_DEVICE, name_of(info));
        count++;
    }
    buffer_add_string(buffer, LIBFABRIC_ANSWER_END);
    buffer_add_unsigned(buffer, count);
    buffer_add_char(buffer, '\n');
}

/* EFA's devices, whatever they ask of who uses them. */
static struct fi_info *make_hints(const struct library *library)
{
    struct fi_info *hints = library->dupinfo(NULL);

    if (hints == NULL)
        return NULL;
    hints->mode = UINT64_MAX;
    hints->domain_attr->mode = UINT64_MAX;
    hints->domain_attr->mr_mode = ~MR_MODES_OLD;
    hints->fabric_attr->prov_name = strdup("efa");
    if (hints->fabric_attr->prov_name != NULL)
        return hints;
    library->freeinfo(hints);
    return NULL;
}

static void ask(const struct library *library, struct buffer *buffer)
{
    struct fi_info *hints = make_hints(library);
    struct fi_info *found = NULL;
    int code = hints != NULL
                   ? library->getinfo(FI_VERSION(API_MAJOR, API_MINOR), NULL, NULL, 0, hints, &found)
                   : -FI_ENOMEM;

    if (code == 0 || code == -FI_ENODATA) /* no data: no device */
        add_devices(buffer, found);
    else
        add_line(buffer, LIBFABRIC_ANSWER_ERROR "fi_getinfo() failed: ", library->strerror(-code));
    if (found != NULL)
        library->freeinfo(found);
    if (hints != NULL)
        library->freeinfo(hints);
}

/* Two files a device stay open until we end. */
static void allow_descriptors(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= DESCRIPTORS_MAX)
        return;
    limit.rlim_cur = limit.rlim_max < DESCRIPTORS_MAX ? limit.rlim_max : DESCRIPTORS_MAX;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

static bool write_all(int out, struct text text)
{
    while (text.length > 0) {
        ssize_t written = write(out, text.at, text.length);

        if (written < 0 && errno != EINTR)
            return false;
        if (written > 0)
            text = text_after(text, (size_t)written);
    }
    return true;
}

int libfabric_probe(int out)
{
    AUTO(buffer_release) struct buffer buffer = {0};
    struct library library = {0};
    int code = 0;

    (void)unsetenv("FI_LOG_LEVEL");
    (void)setenv("FI_PROVIDER", "efa", 1);
    allow_descriptors();
    add_line(&buffer, LIBFABRIC_ANSWER_FIRST, "");
    if (load(&library)) {
        add_line(&buffer, LIBFABRIC_ANSWER_VERSION, library.tostr(&code, FI_TYPE_VERSION));
        ask(&library, &buffer);
    } else {
        add_line(&buffer, LIBFABRIC_ANSWER_ERROR "the library cannot be loaded: ", dlerror());
    }
    return !buffer.failed && write_all(out, buffer_text(&buffer)) ? EXIT_SUCCESS : EXIT_FAILURE;
}
