/* SPDX-License-Identifier: Apache-2.0 */
#include "io/certificate.h"

#include "io/tls_identity.h"
#include "support/check.h"

#include <string.h>

static const char *const hosts[] = {"localhost", "127.0.0.1", "::1"};

static const struct certificate_request request = {
    .name = "a test",
    .hosts = hosts,
    .host_count = COUNT_OF(hosts),
    .from_seconds = 1700000000,
    .until_seconds = 4200000000, /* beyond 2050, where the encoding of dates changes */
};

struct pairs_made {
    struct key_pair authority;
    struct key_pair leaf;
};

static bool make(void *state, struct error *err)
{
    struct pairs_made *made = state;

    key_pair_release(&made->authority);
    key_pair_release(&made->leaf);
    return certificate_make_authority(&request, &made->authority, err) &&
           certificate_make_leaf(&request, &made->authority, &made->leaf, err);
}

static void made_release(struct pairs_made *made)
{
    key_pair_release(&made->authority);
    key_pair_release(&made->leaf);
}

/* The same, or the test fails. */
static void must_make(struct pairs_made *made)
{
    struct error err = {0};

    if (!make(made, &err))
        fail_msg("%s", err.text);
}

static void makes_what_belongs_together(void **state)
{
    AUTO(made_release) struct pairs_made made = {0};
    AUTO(made_release) struct pairs_made other = {0};
    struct text leaf;
    struct error err = {0};

    (void)state;
    must_make(&made);
    must_make(&other);
    leaf = buffer_text(&made.leaf.certificate);
    assert_true(certificate_match(leaf, buffer_text(&made.leaf.key), &err));
    assert_true(certificate_verify(leaf, buffer_text(&made.authority.certificate), &err));
    assert_int_equal(err.kind, ERROR_NONE);
    assert_false(certificate_match(leaf, buffer_text(&other.leaf.key), &err));
    assert_int_equal(err.kind, ERROR_INPUT);
    assert_false(certificate_match(leaf, buffer_text(&made.authority.key), &err));
    assert_false(certificate_verify(leaf, buffer_text(&other.authority.certificate), &err));
    assert_int_equal(err.kind, ERROR_INPUT);
    assert_false(certificate_verify(leaf, leaf, &err)); /* no authority */
}

static void ends_its_texts_with_a_nul(void **state)
{
    AUTO(made_release) struct pairs_made made = {0};

    (void)state;
    must_make(&made);
    assert_int_equal(strlen(made.leaf.certificate.at), made.leaf.certificate.length);
    assert_int_equal(strlen(made.leaf.key.at), made.leaf.key.length);
    assert_memory_equal(made.leaf.key.at, "-----BEGIN PRIVATE KEY-----", 27);
}

static void reads_dates_back(void **state)
{
    AUTO(made_release) struct pairs_made made = {0};
    struct certificate_facts facts = {0};
    struct tls_identity identity = {0};
    struct error err = {0};

    (void)state;
    must_make(&made);
    assert_true(certificate_read(buffer_text(&made.leaf.certificate), &facts, &err));
    assert_int_equal(facts.from_seconds, request.from_seconds);
    assert_int_equal(facts.until_seconds, request.until_seconds);
    assert_true(tls_identity_read(buffer_text(&made.leaf.certificate), &identity, &err));
    assert_int_equal(identity.from_seconds, request.from_seconds);
    assert_int_equal(identity.until_seconds, request.until_seconds);
}

static void tells_authorities_from_servers(void **state)
{
    AUTO(made_release) struct pairs_made made = {0};
    struct certificate_facts facts = {0};
    struct error err = {0};

    (void)state;
    must_make(&made);
    assert_true(certificate_read(buffer_text(&made.authority.certificate), &facts, &err));
    assert_true(facts.is_authority);
    assert_true(certificate_read(buffer_text(&made.leaf.certificate), &facts, &err));
    assert_false(facts.is_authority);
}

static void knows_whom_it_is_for(void **state)
{
    AUTO(made_release) struct pairs_made made = {0};
    struct text leaf;

    (void)state;
    must_make(&made);
    leaf = buffer_text(&made.leaf.certificate);
    assert_true(certificate_is_for(leaf, "localhost"));
    assert_true(certificate_is_for(leaf, "LOCALHOST"));
    assert_false(certificate_is_for(leaf, "a test")); /* its common name */
    assert_false(certificate_is_for(leaf, "localhost.example.com"));
    assert_false(certificate_is_for(leaf, "host"));
    assert_false(certificate_is_for(text_of("no PEM"), "localhost"));
}

static void serving_sees_the_same_pairs(void **state)
{
    AUTO(made_release) struct pairs_made made = {0};
    struct text leaf;
    struct error err = {0};

    (void)state;
    must_make(&made);
    leaf = buffer_text(&made.leaf.certificate);
    assert_true(tls_identity_match(leaf, buffer_text(&made.leaf.key), &err));
    assert_false(tls_identity_match(leaf, buffer_text(&made.authority.key), &err));
    assert_int_equal(err.kind, ERROR_INPUT);
    assert_false(tls_identity_match(leaf, leaf, &err));
    assert_non_null(strstr(err.text, "BEGIN PRIVATE KEY"));
}

static void never_repeats_a_serial(void **state)
{
    AUTO(made_release) struct pairs_made one = {0};
    AUTO(made_release) struct pairs_made two = {0};

    (void)state;
    must_make(&one);
    must_make(&two);
    assert_string_not_equal(one.leaf.certificate.at, two.leaf.certificate.at);
    assert_string_not_equal(one.leaf.key.at, two.leaf.key.at);
}

static void survives_failing_allocations(void **state)
{
    AUTO(made_release) struct pairs_made made = {0};

    (void)state;
    assert_in_range(check_every_allocation(make, &made), 4, 100);
}

struct bad_row {
    const char *name;
    const char *pem;
};

static const struct bad_row bad_rows[] = {
    {"nothing", ""},
    {"no PEM", "hello"},
    {"a beginning alone", "-----BEGIN CERTIFICATE-----\n"},
    {"no base64", "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n"},
    {"no certificate inside", "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n"},
    {"a key that is encrypted", "-----BEGIN ENCRYPTED PRIVATE KEY-----\naGVsbG8=\n"
                                "-----END ENCRYPTED PRIVATE KEY-----\n"},
};

static void refuses(void **state)
{
    const struct bad_row *row = *state;
    AUTO(made_release) struct pairs_made made = {0};
    struct text bad = text_of(row->pem);
    struct certificate_facts facts = {.from_seconds = 42};
    struct tls_identity identity = {.from_seconds = 42};
    struct error err = {0};

    must_make(&made);
    assert_false(certificate_read(bad, &facts, &err));
    assert_int_equal(err.kind, ERROR_INPUT);
    assert_int_equal(facts.from_seconds, 42);
    assert_false(tls_identity_read(bad, &identity, &err));
    assert_int_equal(identity.from_seconds, 42);
    assert_false(certificate_match(bad, buffer_text(&made.leaf.key), &err));
    assert_false(certificate_match(buffer_text(&made.leaf.certificate), bad, &err));
    assert_int_equal(err.kind, ERROR_INPUT);
    assert_memory_equal(err.text, "the key", 7);
    assert_false(tls_identity_match(buffer_text(&made.leaf.certificate), bad, &err));
    assert_int_equal(err.kind, ERROR_INPUT);
}

static const struct check_test tests[] = {
    CHECK_TEST(makes_what_belongs_together),
    CHECK_TEST(ends_its_texts_with_a_nul),
    CHECK_TEST(reads_dates_back),
    CHECK_TEST(tells_authorities_from_servers),
    CHECK_TEST(knows_whom_it_is_for),
    CHECK_TEST(serving_sees_the_same_pairs),
    CHECK_TEST(never_repeats_a_serial),
    CHECK_TEST(survives_failing_allocations),
};

int main(void)
{
    return CHECK_TESTS("certificate", tests) | CHECK_ROWS("certificate_read", bad_rows, refuses);
}
