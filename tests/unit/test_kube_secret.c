/* SPDX-License-Identifier: Apache-2.0 */
#include "io/kube_secret.h"

#include "support/check.h"

#include <stdio.h>

struct word_row {
    const char *name;
    const char *said;
    const char *shown;
};

static const struct word_row word_rows[] = {
    {"nothing", "", ""},
    {"a sentence", "Unable to locate credentials. You can configure them.",
     "Unable to locate credentials. You can configure them."},
    {"an AWS error", "An error occurred (ExpiredTokenException) when calling the AssumeRole operation",
     "An error occurred (ExpiredTokenException) when calling the AssumeRole operation"},
    {"an ARN", "not authorized: arn:aws:iam::123456789012:role/deployer-1",
     "not authorized: arn:aws:iam::123456789012:role/deployer-1"},
    {"a path", "/usr/local/share/aws-cli/v2/current/dist/aws not found",
     "/usr/local/share/aws-cli/v2/current/dist/aws not found"},
    {"a secret key", "key=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY;",
     "key=****************************************;"},
    {"a JSON Web Token", "token: \"eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrdWJlIn0.c2lnbmF0dXJl\"",
     "token: \"*****************************************************\""},
    {"hexadecimal", "sig 0123456789abcdef0123456789abcdef", "sig ********************************"},
    {"one after the other", "aB3456789012345678901 aB3456789012345678901",
     "********************* *********************"},
};

static void hides_word_row(void **state)
{
    const struct word_row *row = *state;
    char room[256];

    (void)snprintf(room, sizeof(room), "%s", row->said);
    secret_hide_words(room);
    check_text(text_of(room), row->shown);
}

static void hides_each_place_of_a_secret(void **state)
{
    char room[] = "topsecret and topsecrettopsecret, not topsecre";
    char bytes[] = {'a', 0, 's', 'e', 'c', 'r', 'e', 't'};

    (void)state;
    secret_hide(room, strlen(room), text_of("topsecret"));
    check_text(text_of(room), "********* and ******************, not topsecre");
    secret_hide(room, strlen(room), text_of("and")); /* too short to be told from a word */
    secret_hide(room, strlen(room), (struct text){0});
    check_text(text_of(room), "********* and ******************, not topsecre");
    secret_hide(bytes, sizeof(bytes), text_of("secret"));
    assert_memory_equal(bytes, "a\0******", sizeof(bytes));
    secret_hide(NULL, 0, text_of("secret"));
}

static void hides_a_secret_of_asterisks_alone(void **state)
{
    char room[] = "a ****** b";

    (void)state;
    secret_hide(room, strlen(room), text_of("******"));
    check_text(text_of(room), "a ****** b");
}

static void grows_and_keeps_what_is_in_it(void **state)
{
    AUTO(buffer_wipe) struct buffer buffer = {0};
    struct error err = {0};

    (void)state;
    for (size_t i = 0; i < 10000; i++)
        secret_add(&buffer, text_of("0123456789"));
    secret_add(&buffer, (struct text){0});
    assert_true(secret_finish(&buffer, &err));
    assert_int_equal(buffer.length, 100000);
    for (size_t i = 0; i < buffer.length; i++)
        assert_int_equal(buffer.at[i], '0' + (int)(i % 10));
    assert_int_equal(buffer.at[buffer.length], '\0');
}

static bool fill(void *state, struct error *err)
{
    AUTO(buffer_wipe) struct buffer buffer = {0};

    (void)state;
    for (size_t i = 0; i < 1000; i++)
        secret_add(&buffer, text_of("0123456789"));
    return secret_finish(&buffer, err);
}

static void says_that_memory_ran_out(void **state)
{
    (void)state;
    assert_int_equal(check_every_allocation(fill, NULL), 3);
}

static const struct check_test tests[] = {
    CHECK_TEST(hides_each_place_of_a_secret),
    CHECK_TEST(hides_a_secret_of_asterisks_alone),
    CHECK_TEST(grows_and_keeps_what_is_in_it),
    CHECK_TEST(says_that_memory_ran_out),
};

int main(void)
{
    return CHECK_ROWS("secret_hide_words", word_rows, hides_word_row) | CHECK_TESTS("secrets", tests);
}
