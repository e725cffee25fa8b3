/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmocka and our few helpers: what a test includes, and the only file that includes cmocka.
 *
 *     int main(void)
 *     {
 *         return CHECK_ROWS("quantity_parse", rows, reads_row) | CHECK_TESTS("quantity_format", tests);
 *     }
 *
 * cmocka leaves a failed test by longjmp, which skips AUTO cleanups: a failing test may be reported as
 * leaking too. Read the first failure.
 */
#ifndef SUPPORT_CHECK_H
#define SUPPORT_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h> /* 1.1.5 needs the headers above before it */

#include "core/text.h"

struct error;

/* A test function and its name, which is a sentence: {CHECK_TEST(refuses_a_review_without_uid)}. */
struct check_test {
    const char *name;
    void (*run)(void **state);
};

#define CHECK_TEST(function)                                                                                 \
    {                                                                                                        \
        .name = #function, .run = (function)                                                                 \
    }

/*
 * Run `function` once for each row of the array; each is a test of its own, named by the row's first
 * member, which has to be a `const char *`. `*state` is the address of the row, also where the row is
 * nothing but a string (then it is a `char **`). The value is 0 or 1, for main() to return.
 */
#define CHECK_ROWS(group, rows, function)                                                                    \
    check_rows((group), (rows), sizeof(rows) / sizeof((rows)[0]), sizeof((rows)[0]), (function))

/* Run each `struct check_test` of the array. The value is 0 or 1, for main() to return. */
#define CHECK_TESTS(group, tests) check_tests((group), (tests), sizeof(tests) / sizeof((tests)[0]))

/* The same for an array whose length only the run knows, such as the folders of golden cases. */
int check_rows(const char *group, const void *rows, size_t count, size_t size, void (*function)(void **));

int check_tests(const char *group, const struct check_test *tests, size_t count);

/*
 * Call `run` with its first, then its second, ... allocation failing, until it gets through. Each call
 * but the last has to return false with ERROR_MEMORY and a sentence, or the test fails; leaks are for the
 * asan variant to find. Returns how many allocations were made to fail, for the test to compare.
 *
 * Our own calls of malloc, calloc, realloc, reallocarray, aligned_alloc, strdup and strndup fail (the
 * linker's --wrap), of this thread only; those within shared libraries do not. `run` may not assert.
 */
size_t check_every_allocation(bool (*run)(void *state, struct error *err), void *state);

/* The text is these bytes, or the test fails and shows both; NULL: it is absent. */
void check_text(struct text text, const char *expected);

/*
 * The contents of a file of test data, ended by a NUL that `ret_length` does not count; the path is
 * relative to the top of the tree. Fails the test if it cannot be read. The caller frees it.
 */
char *check_load(const char *path, size_t *ret_length);

/* How many descriptors this process has open. */
int check_count_descriptors(void);

#endif
