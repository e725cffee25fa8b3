/* SPDX-License-Identifier: Apache-2.0 */
#include "io/node_root.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void descriptor_close(const int *descriptor)
{
    if (*descriptor >= 0)
        (void)close(*descriptor);
}

static void stream_close(DIR **stream)
{
    if (*stream != NULL)
        (void)closedir(*stream);
}

void node_root_open(struct node_root *root, const char *path)
{
    root->path = path;
    root->folder = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    root->open_errno = root->folder < 0 ? errno : 0;
}

void node_root_close(struct node_root *root)
{
    descriptor_close(&root->folder);
    root->folder = -1;
    root->open_errno = EBADF;
}

static bool put_path(char path[NODE_PATH_BYTES], const char *format, va_list values) PRINTF_LIKE(2, 0);

static bool put_path(char path[NODE_PATH_BYTES], const char *format, va_list values)
{
    int length = vsnprintf(path, NODE_PATH_BYTES, format, values);

    if (length > 0 && length < NODE_PATH_BYTES)
        return true;
    errno = ENAMETOOLONG;
    return false;
}

bool node_path(char path[NODE_PATH_BYTES], const char *format, ...)
{
    va_list values;
    bool ok;

    va_start(values, format);
    ok = put_path(path, format, values);
    va_end(values);
    return ok;
}

/* A descriptor of the file below the root, or -1. */
static int open_below(const struct node_root *root, const char *path, int flags)
{
    if (root->open_errno != 0) {
        errno = root->open_errno;
        return -1;
    }
    return openat(root->folder, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | flags);
}

static void make_printable(char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] < ' ' || bytes[i] > '~')
            bytes[i] = '?';
    }
}

/* One line, printable, trimmed: the first, or the one that begins with `key`. */
static bool finish_value(struct node_value *value, size_t length, const char *key)
{
    struct text rest = {.at = value->bytes, .length = length};
    struct text line;

    while (text_split(&rest, '\n', &line)) {
        if (!text_has_prefix(line, text_of(key)))
            continue;
        value->text = text_trim(text_after(line, strlen(key)));
        make_printable(value->bytes + (value->text.at - value->bytes), value->text.length);
        return true;
    }
    errno = ENOENT;
    return false;
}

static bool read_path(const struct node_root *root, const char *path, const char *key,
                      struct node_value *ret_value)
{
    AUTO(descriptor_close) int file = open_below(root, path, 0);
    ssize_t length;

    if (file < 0)
        return false;
    do {
        length = read(file, ret_value->bytes, sizeof(ret_value->bytes));
    } while (length < 0 && errno == EINTR);
    return length >= 0 && finish_value(ret_value, (size_t)length, key);
}

bool node_read(const struct node_root *root, struct node_value *ret_value, const char *format, ...)
{
    char path[NODE_PATH_BYTES];
    va_list values;
    bool ok;

    va_start(values, format);
    ok = put_path(path, format, values);
    va_end(values);
    return ok && read_path(root, path, "", ret_value);
}

bool node_read_after(const struct node_root *root, const char *key, struct node_value *ret_value,
                     const char *format, ...)
{
    char path[NODE_PATH_BYTES];
    va_list values;
    bool ok;

    va_start(values, format);
    ok = put_path(path, format, values);
    va_end(values);
    return ok && read_path(root, path, key, ret_value);
}

bool node_read_link(const struct node_root *root, struct node_value *ret_target, const char *format, ...)
{
    char path[NODE_PATH_BYTES];
    va_list values;
    ssize_t length;
    bool ok;

    va_start(values, format);
    ok = put_path(path, format, values);
    va_end(values);
    if (!ok)
        return false;
    if (root->open_errno != 0) {
        errno = root->open_errno;
        return false;
    }
    length = readlinkat(root->folder, path, ret_target->bytes, sizeof(ret_target->bytes));
    if (length < 0)
        return false;
    if (length == (ssize_t)sizeof(ret_target->bytes)) {
        errno = ENAMETOOLONG;
        return false;
    }
    (void)finish_value(ret_target, (size_t)length, "");
    return true;
}

bool node_has(const struct node_root *root, const char *format, ...)
{
    char path[NODE_PATH_BYTES];
    va_list values;
    bool ok;

    va_start(values, format);
    ok = put_path(path, format, values);
    va_end(values);
    if (ok && root->open_errno == 0)
        return faccessat(root->folder, path, F_OK, 0) == 0;
    if (ok)
        errno = root->open_errno;
    return false;
}

bool node_each_name(const struct node_root *root, const char *folder,
                    bool (*take)(void *context, const char *name), void *context)
{
    int descriptor = open_below(root, folder, O_DIRECTORY);
    AUTO(stream_close) DIR *stream = descriptor < 0 ? NULL : fdopendir(descriptor);
    const struct dirent *entry;

    if (stream == NULL) {
        int why = errno;

        descriptor_close(&descriptor);
        errno = why;
        return false;
    }
    for (;;) {
        errno = 0;
        entry = readdir(stream);
        if (entry == NULL)
            return errno == 0;
        if (entry->d_name[0] != '.' && !take(context, entry->d_name))
            return true;
    }
}

struct listing {
    struct arena *arena;
    struct node_names *names;
    size_t limit;
    bool failed;
};

static bool add_name(void *context, const char *name)
{
    struct listing *listing = context;
    struct node_names *names = listing->names;
    size_t size = strlen(name) + 1;
    const char **items;
    char *copy;

    if (names->count == listing->limit) {
        names->is_cut = true;
        return false;
    }
    items = arena_grow(listing->arena, names->items, names->count, sizeof(*items));
    copy = arena_alloc(listing->arena, size);
    if (items == NULL || copy == NULL) {
        listing->failed = true;
        return false;
    }
    memcpy(copy, name, size);
    names->items = items;
    names->items[names->count++] = copy;
    return true;
}

static int compare_names(const void *left, const void *right)
{
    const char *const *one = left;
    const char *const *two = right;

    return strcmp(*one, *two);
}

bool node_list(const struct node_root *root, struct arena *arena, const char *folder, size_t limit,
               struct node_names *ret_names)
{
    struct node_names names = {.count = 0};
    struct listing listing = {.arena = arena, .names = &names, .limit = limit};

    if (!node_each_name(root, folder, add_name, &listing))
        return false;
    if (listing.failed) {
        errno = ENOMEM;
        return false;
    }
    if (names.count > 1)
        qsort(names.items, names.count, sizeof(*names.items), compare_names);
    *ret_names = names;
    return true;
}

unsigned node_hexadecimal(struct text text)
{
    static const char digits[] = "0123456789abcdef";
    struct text prefix = TEXT("0x");
    unsigned number = 0;

    if (!text_has_prefix(text, prefix) || text.length > prefix.length + 7)
        return 0;
    for (size_t i = prefix.length; i < text.length; i++) {
        const char *digit = memchr(digits, text.at[i] | ' ', sizeof(digits) - 1);

        if (digit == NULL)
            return 0;
        number = number << 4 | (unsigned)(digit - digits);
    }
    return number;
}

struct text node_base_name(struct text path)
{
    const char *slash = path.length > 0 ? memrchr(path.at, '/', path.length) : NULL;

    return slash == NULL ? path : text_after(path, (size_t)(slash - path.at) + 1);
}

struct text node_keep(struct inventory *inventory, struct text text)
{
    struct text copy = {.at = NULL};

    if (text.length == 0)
        return copy;
    copy = arena_copy(&inventory->arena, text);
    if (copy.at == NULL)
        inventory->failed = true;
    return copy;
}

struct text node_say(struct inventory *inventory, const char *format, ...)
{
    char sentence[NODE_PATH_BYTES];
    va_list values;

    va_start(values, format);
    (void)vsnprintf(sentence, sizeof(sentence), format, values);
    va_end(values);
    return node_keep(inventory, text_of(sentence));
}

struct text node_printable(struct node_value *value, const char *name)
{
    value->text.at = value->bytes;
    value->text.length = strnlen(name, sizeof(value->bytes));
    memcpy(value->bytes, name, value->text.length);
    make_printable(value->bytes, value->text.length);
    return value->text;
}

struct text node_why(struct inventory *inventory, const struct node_root *root, const char *path)
{
    int why = errno;
    struct node_value value;
    struct text name = node_printable(&value, path);

    return node_say(inventory, "cannot read %.*s/%.*s: %s", TEXT_ARGS(text_of(root->path)),
                    TEXT_ARGS_MAX(name, 300), strerror(why));
}

struct reading node_read_number(struct inventory *inventory, const struct node_root *root, const char *format,
                                ...)
{
    char path[NODE_PATH_BYTES];
    struct node_value value;
    uint64_t number;
    va_list values;
    bool ok;

    va_start(values, format);
    ok = put_path(path, format, values);
    va_end(values);
    if (!ok || !read_path(root, path, "", &value))
        return reading_missed(node_why(inventory, root, path));
    if (text_parse_unsigned(value.text, UINT64_MAX, &number))
        return reading_known(number);
    make_printable(path, strlen(path));
    return reading_missed(node_say(inventory, "%.*s/%s holds no number but '%.*s'",
                                   TEXT_ARGS(text_of(root->path)), path, TEXT_ARGS_SHORT(value.text)));
}
