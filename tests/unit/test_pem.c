/* SPDX-License-Identifier: Apache-2.0 */
#include "core/pem.h"

#include "support/check.h"

#define BEGIN "-----BEGIN CERTIFICATE-----"
#define END "-----END CERTIFICATE-----"

struct pem_row {
    const char *name;
    const char *text;
    const char *first; /* what its first certificate holds; NULL: there is none */
    const char *pem;   /* and as it stands there */
    const char *second;
};

static const struct pem_row rows[] = {
    {"nothing", "", NULL, NULL, NULL},
    {"no PEM", "hello", NULL, NULL, NULL},
    {"one", BEGIN "\naGVs\nbG8=\n" END "\n", "hello", BEGIN "\naGVs\nbG8=\n" END "\n", NULL},
    {"one without an end of line", BEGIN "\naGVsbG8=\n" END, "hello", BEGIN "\naGVsbG8=\n" END, NULL},
    {"newlines of another system", BEGIN "\r\naGVsbG8=\r\n" END "\r\nx", "hello",
     BEGIN "\r\naGVsbG8=\r\n" END "\r\n", NULL},
    {"two, and words between them", "a\n" BEGIN "\nYQ==\n" END "\nb\n" BEGIN " Y g = = " END "c", "a",
     BEGIN "\nYQ==\n" END "\n", "b"},
    {"a key before", "-----BEGIN PRIVATE KEY-----\nYQ==\n-----END PRIVATE KEY-----\n" BEGIN "Yg==" END, "b",
     BEGIN "Yg==" END, NULL},
    {"one that is broken before", BEGIN "\n?\n" END BEGIN "Yg==" END, "b", BEGIN "Yg==" END, NULL},
    {"one that is empty before", BEGIN END BEGIN "Yg==" END, "b", BEGIN "Yg==" END, NULL},
    {"a beginning alone", BEGIN "\nYQ==\n", NULL, NULL, NULL},
};

static void reads(void **state)
{
    const struct pem_row *row = *state;
    AUTO(arena_release) struct arena arena = {0};
    struct text rest = text_of(row->text);
    struct pem_block block = {.der = {0}};
    struct error err = {0};

    assert_int_equal(pem_next(&rest, &arena, &block, &err), row->first != NULL);
    check_text(block.der, row->first);
    check_text(block.pem, row->pem);
    block = (struct pem_block){.der = {0}};
    assert_int_equal(pem_next(&rest, &arena, &block, &err), row->second != NULL);
    check_text(block.der, row->second);
    assert_false(pem_next(&rest, &arena, &block, &err));
    assert_int_equal(err.kind, ERROR_NONE);
}

/* An end that comes of a lack of memory is no end. */
static void tells_a_lack_of_memory(void **state)
{
    struct arena arena = {.limit_bytes = 1};
    struct text rest = text_of(BEGIN "\naGVsbG8=\n" END);
    struct pem_block block;
    struct error err = {0};

    (void)state;
    assert_false(pem_next(&rest, &arena, &block, &err));
    assert_int_equal(err.kind, ERROR_MEMORY);
    arena_release(&arena);
}

static const struct check_test tests[] = {
    CHECK_TEST(tells_a_lack_of_memory),
};

int main(void)
{
    return CHECK_ROWS("pem_next", rows, reads) | CHECK_TESTS("pem_next", tests);
}
