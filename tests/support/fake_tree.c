/* SPDX-License-Identifier: Apache-2.0 */
#include "support/fake_tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void remember(struct fake_tree *tree, const char *what, const char *path)
{
    if (fake_tree_is_good(tree))
        error_set(&tree->err, ERROR_SYSTEM, "cannot %s %.180s: %s", what, path, strerror(errno));
}

bool fake_tree_is_good(const struct fake_tree *tree)
{
    return tree->err.kind == ERROR_NONE;
}

void fake_tree_fail(struct fake_tree *tree, const char *format, ...)
{
    char text[200];
    va_list values;

    va_start(values, format);
    (void)vsnprintf(text, sizeof(text), format, values);
    va_end(values);
    if (fake_tree_is_good(tree))
        error_set(&tree->err, ERROR_INPUT, "%s", text);
}

static void put_path(struct fake_tree *tree, char path[FAKE_PATH_BYTES], const char *format, va_list values)
    PRINTF_LIKE(3, 0);

static void put_path(struct fake_tree *tree, char path[FAKE_PATH_BYTES], const char *format, va_list values)
{
    int length = vsnprintf(path, FAKE_PATH_BYTES, format, values);

    if (length <= 0 || length >= FAKE_PATH_BYTES)
        fake_tree_fail(tree, "the path %.100s... is too long", path);
}

void fake_tree_open(struct fake_tree *tree, const char *root)
{
    *tree = (struct fake_tree){.root = -1};
    if (mkdir(root, 0755) != 0 && errno != EEXIST)
        remember(tree, "make", root);
    tree->root = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (tree->root < 0)
        remember(tree, "open", root);
}

void fake_tree_close(struct fake_tree *tree)
{
    if (tree->root >= 0)
        (void)close(tree->root);
    tree->root = -1;
}

bool fake_tree_finish(const struct fake_tree *tree, struct error *err)
{
    if (!fake_tree_is_good(tree))
        *err = tree->err;
    return fake_tree_is_good(tree);
}

/* The folders on the way to `path` that are missing; the deepest one is tried first, as most are there. */
static void make_parents(struct fake_tree *tree, const char *path)
{
    char part[FAKE_PATH_BYTES];
    size_t length = strlen(path);
    size_t made = length;

    do {
        const char *slash = memrchr(path, '/', made);

        if (slash == NULL)
            break;
        made = (size_t)(slash - path);
        (void)snprintf(part, sizeof(part), "%.*s", (int)made, path);
    } while (mkdirat(tree->root, part, 0755) != 0 && errno == ENOENT);
    for (const char *slash = memchr(path + made + 1, '/', length > made ? length - made - 1 : 0);
         slash != NULL; slash = strchr(slash + 1, '/')) {
        (void)snprintf(part, sizeof(part), "%.*s", (int)(slash - path), path);
        if (mkdirat(tree->root, part, 0755) != 0 && errno != EEXIST)
            remember(tree, "make", part);
    }
}

static int open_new(struct fake_tree *tree, const char *path, unsigned mode)
{
    int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW;
    int file = openat(tree->root, path, flags, mode);

    if (file >= 0 || errno != ENOENT)
        return file;
    make_parents(tree, path);
    return openat(tree->root, path, flags, mode);
}

static void write_file(struct fake_tree *tree, const char *value, const char *path)
{
    char line[1024];
    int length = snprintf(line, sizeof(line), "%s\n", value);
    int file;

    if (!fake_tree_is_good(tree))
        return;
    file = open_new(tree, path, 0644);
    if (file < 0 || length >= (int)sizeof(line) || write(file, line, (size_t)length) != length)
        remember(tree, "write", path);
    if (file >= 0)
        (void)close(file);
}

void fake_tree_write(struct fake_tree *tree, const char *value, const char *format, ...)
{
    char path[FAKE_PATH_BYTES];
    va_list values;

    va_start(values, format);
    put_path(tree, path, format, values);
    va_end(values);
    write_file(tree, value, path);
}

void fake_tree_number(struct fake_tree *tree, unsigned long long value, const char *format, ...)
{
    char path[FAKE_PATH_BYTES];
    char digits[32];
    va_list values;

    va_start(values, format);
    put_path(tree, path, format, values);
    va_end(values);
    (void)snprintf(digits, sizeof(digits), "%llu", value);
    write_file(tree, digits, path);
}

void fake_tree_replace(struct fake_tree *tree, const char *value, const char *path)
{
    static const char new_file[] = ".new";

    write_file(tree, value, new_file);
    make_parents(tree, path);
    fake_tree_move(tree, new_file, path);
}

void fake_tree_node(struct fake_tree *tree, unsigned mode, const char *path)
{
    int file;

    if (!fake_tree_is_good(tree))
        return;
    file = open_new(tree, path, mode);
    if (file < 0 || fchmod(file, mode) != 0)
        remember(tree, "make", path);
    if (file >= 0)
        (void)close(file);
}

void fake_tree_folder(struct fake_tree *tree, const char *format, ...)
{
    char path[FAKE_PATH_BYTES];
    va_list values;

    va_start(values, format);
    put_path(tree, path, format, values);
    va_end(values);
    if (!fake_tree_is_good(tree))
        return;
    if (mkdirat(tree->root, path, 0755) == 0 || errno == EEXIST)
        return;
    make_parents(tree, path);
    if (mkdirat(tree->root, path, 0755) != 0 && errno != EEXIST)
        remember(tree, "make", path);
}

/* "../" for each folder that `link` is below what it shares with `target`, then the rest of `target`. */
static void put_relative(char text[FAKE_PATH_BYTES], const char *link, const char *target)
{
    size_t shared = 0;
    size_t length = 0;

    for (size_t i = 0; link[i] != '\0' && link[i] == target[i]; i++) {
        if (link[i] == '/')
            shared = i + 1;
    }
    for (const char *slash = strchr(link + shared, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        if (length + 3 < FAKE_PATH_BYTES) {
            memcpy(text + length, "../", 3);
            length += 3;
        }
    }
    (void)snprintf(text + length, FAKE_PATH_BYTES - length, "%s", target + shared);
}

void fake_tree_link(struct fake_tree *tree, const char *target, const char *format, ...)
{
    char path[FAKE_PATH_BYTES];
    char text[FAKE_PATH_BYTES];
    va_list values;

    va_start(values, format);
    put_path(tree, path, format, values);
    va_end(values);
    if (!fake_tree_is_good(tree))
        return;
    put_relative(text, path, target);
    if (symlinkat(text, tree->root, path) == 0)
        return;
    make_parents(tree, path);
    if (symlinkat(text, tree->root, path) != 0)
        remember(tree, "link", path);
}

void fake_tree_move(struct fake_tree *tree, const char *from, const char *to)
{
    if (!fake_tree_is_good(tree))
        return;
    if (renameat(tree->root, from, tree->root, to) == 0)
        return;
    make_parents(tree, to);
    if (renameat(tree->root, from, tree->root, to) != 0)
        remember(tree, "move", from);
}

static bool is_dots(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Folders in a test's tree are a dozen deep at most. */
/* NOLINTNEXTLINE(misc-no-recursion) */
static bool erase(int folder, const char *name)
{
    struct dirent *entry;
    bool ok = true;
    DIR *stream;
    int inner;

    if (unlinkat(folder, name, 0) == 0 || errno == ENOENT)
        return true;
    if (errno != EISDIR && errno != EPERM)
        return false;
    inner = openat(folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    stream = inner < 0 ? NULL : fdopendir(inner);
    if (stream == NULL)
        return false;
    while ((entry = readdir(stream)) != NULL)
        ok = (is_dots(entry->d_name) || erase(dirfd(stream), entry->d_name)) && ok;
    (void)closedir(stream);
    return unlinkat(folder, name, AT_REMOVEDIR) == 0 && ok;
}

void fake_tree_erase(struct fake_tree *tree, const char *format, ...)
{
    char path[FAKE_PATH_BYTES];
    va_list values;

    va_start(values, format);
    put_path(tree, path, format, values);
    va_end(values);
    if (fake_tree_is_good(tree) && !erase(tree->root, path))
        remember(tree, "remove", path);
}

bool fake_tree_read(const struct fake_tree *tree, const char *path, char *line, size_t size)
{
    int file = openat(tree->root, path, O_RDONLY | O_CLOEXEC);
    ssize_t length = file < 0 ? -1 : read(file, line, size - 1);

    if (file >= 0)
        (void)close(file);
    if (length < 0)
        return false;
    line[length] = '\0';
    line[strcspn(line, "\n")] = '\0';
    return true;
}

bool fake_tree_read_link(const struct fake_tree *tree, const char *path, char *target, size_t size)
{
    ssize_t length = readlinkat(tree->root, path, target, size - 1);

    if (length < 0)
        return false;
    target[length] = '\0';
    return true;
}

bool fake_tree_has(const struct fake_tree *tree, const char *path)
{
    return faccessat(tree->root, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}
