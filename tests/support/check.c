/* SPDX-License-Identifier: Apache-2.0 */
#include "support/check.h"

#include "core/error.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How many more allocations of this thread succeed before one fails; negative: all. */
static _Thread_local long allocations_left = -1;
static _Thread_local bool allocation_failed;

static bool allocation_is_refused(void)
{
    if (allocations_left < 0)
        return false;
    if (allocations_left-- > 0)
        return false;
    allocation_failed = true;
    return true;
}

/* ld --wrap sends our calls to __wrap_<name> and calls the C library's own __real_<name>: */
/* NOLINTBEGIN(bugprone-reserved-identifier, cert-dcl37-c, cert-dcl51-cpp): the linker chose the names */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__real_reallocarray(void *memory, size_t count, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t length);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
void *__wrap_reallocarray(void *memory, size_t count, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t length);

void *__wrap_malloc(size_t size)
{
    return allocation_is_refused() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return allocation_is_refused() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
    return allocation_is_refused() ? NULL : __real_realloc(memory, size);
}

void *__wrap_reallocarray(void *memory, size_t count, size_t size)
{
    return allocation_is_refused() ? NULL : __real_reallocarray(memory, count, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    return allocation_is_refused() ? NULL : __real_aligned_alloc(alignment, size);
}

char *__wrap_strdup(const char *text)
{
    return allocation_is_refused() ? NULL : __real_strdup(text);
}

char *__wrap_strndup(const char *text, size_t length)
{
    return allocation_is_refused() ? NULL : __real_strndup(text, length);
}
/* NOLINTEND(bugprone-reserved-identifier, cert-dcl37-c, cert-dcl51-cpp) */

static int run_all(const char *group, const struct CMUnitTest *tests, size_t count)
{
    return _cmocka_run_group_tests(group, tests, count, NULL, NULL) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int check_rows(const char *group, const void *rows, size_t count, size_t size, void (*function)(void **))
{
    struct CMUnitTest *tests = calloc(count + 1, sizeof(*tests));
    int status;

    if (tests == NULL)
        return EXIT_FAILURE;
    for (size_t i = 0; i < count; i++) {
        const char *row = (const char *)rows + i * size;

        memcpy(&tests[i].name, row, sizeof(tests[i].name));
        tests[i].test_func = function;
        memcpy(&tests[i].initial_state, &row, sizeof(row));
    }
    status = run_all(group, tests, count);
    free(tests);
    return status;
}

int check_tests(const char *group, const struct check_test *tests, size_t count)
{
    struct CMUnitTest *units = calloc(count + 1, sizeof(*units));
    int status;

    if (units == NULL)
        return EXIT_FAILURE;
    for (size_t i = 0; i < count; i++) {
        units[i].name = tests[i].name;
        units[i].test_func = tests[i].run;
    }
    status = run_all(group, units, count);
    free(units);
    return status;
}

/* One call of `run` with allocation `n` failing; true once there was no such allocation. */
static bool survives_allocation(long n, bool (*run)(void *state, struct error *err), void *state)
{
    struct error err = {0};
    bool ok;

    allocation_failed = false;
    allocations_left = n;
    ok = run(state, &err);
    allocations_left = -1;
    if (!allocation_failed) {
        if (!ok)
            fail_msg("failed although every allocation succeeded: %s", err.text);
        return true;
    }
    if (ok)
        fail_msg("allocation %ld failed and success was returned", n);
    if (err.kind != ERROR_MEMORY || err.text[0] == '\0')
        fail_msg("allocation %ld failed; the error has kind %d and says '%s'", n, (int)err.kind, err.text);
    return false;
}

size_t check_every_allocation(bool (*run)(void *state, struct error *err), void *state)
{
    long n = 0;

    while (!survives_allocation(n, run, state)) {
        if (++n == LONG_MAX)
            fail_msg("it never gets through");
    }
    return (size_t)n;
}

void check_text(struct text text, const char *expected)
{
    if (expected == NULL) {
        if (text.at != NULL)
            fail_msg("there is '%.*s' where nothing should be", TEXT_ARGS_MAX(text, 4096));
        return;
    }
    if (text.at == NULL || !text_is_string(text, expected))
        fail_msg("is       '%.*s'\n       should be '%s'", TEXT_ARGS_MAX(text, 4096), expected);
}

char *check_load(const char *path, size_t *ret_length)
{
    FILE *file = fopen(path, "rb");
    FILE *copy;
    char chunk[4096];
    char *text = NULL;
    size_t got;

    if (file == NULL)
        fail_msg("cannot open %s (tests run at the top of the tree)", path);
    copy = open_memstream(&text, ret_length);
    if (copy == NULL)
        fail_msg("no memory for %s", path);
    while ((got = fread(chunk, 1, sizeof(chunk), file)) > 0)
        (void)fwrite(chunk, 1, got, copy);
    if (ferror(file) || fclose(copy) != 0)
        fail_msg("cannot read %s", path);
    (void)fclose(file);
    return text;
}

int check_count_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    int count = 0;

    if (folder == NULL)
        abort();
    while (readdir(folder) != NULL)
        count++;
    (void)closedir(folder);
    return count;
}
