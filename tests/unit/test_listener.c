/* SPDX-License-Identifier: Apache-2.0 */
#include "io/listener.h"

#include "core/text.h"
#include "support/check.h"

#include <unistd.h>

static const char *const bad_endpoints[] = {
    "",
    "nowhere",
    "8443",
    "127.0.0.1",
    "127.0.0.1:",
    "127.0.0.1:x",
    "127.0.0.1:-1",
    "127.0.0.1:65536",
    "127.0.0.1: 80",
    "localhost:80",
    "::1:80",
    "[::1]",
    "[::1:80",
    "[]:80x",
    "[127.0.0.1]:80",
    "256.0.0.1:80",
    "127.0.0.1.127.0.0.1.127.0.0.1.127.0.0.1.127.0.0.1.127.0.0.1:80",
};

static void refuses(void **state)
{
    const char *const *endpoint = *state;
    struct listener listener = {.descriptor = 42};
    struct error err = {0};

    assert_false(listener_open(*endpoint, &listener, &err));
    assert_int_equal(err.kind, ERROR_INPUT);
    assert_non_null(strstr(err.text, "[::]:8443"));
    assert_int_equal(listener.descriptor, 42);
}

static const char *const good_endpoints[] = {"127.0.0.1:0", "[::]:0", ":0", "0.0.0.0:0"};

static void opens(void **state)
{
    const char *const *endpoint = *state;
    struct listener listener = {0};
    struct error err = {0};

    if (!listener_open(*endpoint, &listener, &err))
        fail_msg("%s", err.text);
    assert_true(listener.descriptor > 2);
    assert_int_not_equal(listener.port, 0);
    assert_non_null(strrchr(listener.address, ':'));
    (void)close(listener.descriptor);
}

static void says_that_a_port_is_taken(void **state)
{
    struct listener first = {0};
    struct listener second;
    struct error err = {0};

    (void)state;
    assert_true(listener_open("127.0.0.1:0", &first, &err));
    assert_false(listener_open(first.address, &second, &err));
    assert_int_equal(err.kind, ERROR_SYSTEM);
    assert_non_null(strstr(err.text, "in use"));
    (void)close(first.descriptor);
}

static const struct check_test tests[] = {CHECK_TEST(says_that_a_port_is_taken)};

int main(void)
{
    return CHECK_ROWS("listener_open: bad", bad_endpoints, refuses) |
           CHECK_ROWS("listener_open: good", good_endpoints, opens) | CHECK_TESTS("listener_open", tests);
}
