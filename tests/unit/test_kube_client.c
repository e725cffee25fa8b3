/* SPDX-License-Identifier: Apache-2.0 */
/* Opening a client, and calls that reach nobody; tests/system/test_kube_*.py has those that do. */
#include "io/certificate.h"
#include "io/file_save.h"
#include "io/kube_client.h"
#include "support/check.h"

#include <stdio.h>
#include <stdlib.h>

static char path[128];

/* A kubeconfig with an authority, a pair and a token; the server's port is closed. */
static bool write_kubeconfig(const char *token, struct error *err)
{
    static const char *const hosts[] = {"localhost"};
    struct certificate_request request = {.name = "a test",
                                          .hosts = hosts,
                                          .host_count = 1,
                                          .from_seconds = 1700000000,
                                          .until_seconds = 4200000000};
    AUTO(key_pair_release) struct key_pair authority = {0};
    AUTO(key_pair_release) struct key_pair leaf = {0};
    AUTO(buffer_release) struct buffer text = {0};

    if (!certificate_make_authority(&request, &authority, err) ||
        !certificate_make_leaf(&request, &authority, &leaf, err))
        return false;
    buffer_add_string(
        &text, "current-context: a\ncontexts: [{name: a, context: {cluster: c, user: u, namespace: train}}]\n"
               "clusters: [{name: c, cluster: {server: 'https://127.0.0.1:1', tls-server-name: localhost, "
               "certificate-authority-data: ");
    buffer_add_base64(&text, buffer_text(&authority.certificate));
    buffer_add_string(&text, "}}]\nusers: [{name: u, user: {token: ");
    buffer_add_string(&text, token);
    buffer_add_string(&text, ", client-certificate-data: ");
    buffer_add_base64(&text, buffer_text(&leaf.certificate));
    buffer_add_string(&text, ", client-key-data: ");
    buffer_add_base64(&text, buffer_text(&leaf.key));
    buffer_add_string(&text, "}}]\n");
    return file_save(path, 0600, buffer_text(&text), err);
}

static void opens_and_says_where_the_server_is(void **state)
{
    AUTO(kube_client_close) struct kube_client *client = NULL;
    struct kube_client_options options = {.kubeconfig = path};
    struct error err = {0};

    (void)state;
    assert_true(write_kubeconfig("abc", &err));
    if (!kube_client_open(&options, &client, &err))
        fail_msg("%s", err.text);
    check_text(text_of(kube_client_server(client)), "https://127.0.0.1:1");
    check_text(text_of(kube_client_namespace(client)), "train");
}

static void refuses_a_token_that_would_be_two_headers(void **state)
{
    AUTO(kube_client_close) struct kube_client *client = NULL;
    struct kube_client_options options = {.kubeconfig = path};
    struct error err = {0};

    (void)state;
    assert_true(write_kubeconfig("\"abc\\r\\nX-Remote-User: admin\"", &err));
    assert_false(kube_client_open(&options, &client, &err));
    assert_null(client);
    assert_int_equal(err.kind, ERROR_INPUT);
    assert_non_null(strstr(err.text, "is no token"));
    assert_null(strstr(err.text, "abc"));
}

static void says_that_nobody_listens(void **state)
{
    AUTO(kube_client_close) struct kube_client *client = NULL;
    AUTO(kube_response_release) struct kube_response response = {.status = 200};
    struct kube_client_options options = {.kubeconfig = path};
    struct kube_request request = {.path = "/api/v1/nodes?limit=500"};
    struct error err = {0};

    (void)state;
    assert_true(write_kubeconfig("abc", &err));
    assert_true(kube_client_open(&options, &client, &err));
    assert_false(kube_call(client, &request, &response, &err));
    assert_int_equal(err.kind, ERROR_REMOTE);
    assert_int_equal(response.status, 0);
    assert_non_null(strstr(err.text, "GET /api/v1/nodes: https://127.0.0.1:1: "));
}

static bool open_any(void *state, struct error *err)
{
    AUTO(kube_client_close) struct kube_client *client = NULL;
    struct kube_client_options options = {.kubeconfig = path};

    (void)state;
    return kube_client_open(&options, &client, err);
}

/* A call whose memory suffices reaches nobody, which is what it is to say here. */
static bool call_nobody(void *state, struct error *err)
{
    struct kube_client *client = state;
    AUTO(kube_response_release) struct kube_response response = {0};
    struct kube_request request = {.path = "/api", .method = KUBE_PUT, .body = TEXT("{}")};

    return kube_call(client, &request, &response, err) || err->kind == ERROR_REMOTE;
}

static void says_that_memory_ran_out(void **state)
{
    AUTO(kube_client_close) struct kube_client *client = NULL;
    struct kube_client_options options = {.kubeconfig = path};
    struct error err = {0};

    (void)state;
    assert_true(write_kubeconfig("abc", &err));
    assert_true(check_every_allocation(open_any, NULL) >= 10);
    assert_true(kube_client_open(&options, &client, &err));
    assert_true(check_every_allocation(call_nobody, client) >= 1);
}

static const struct check_test tests[] = {
    CHECK_TEST(opens_and_says_where_the_server_is),
    CHECK_TEST(refuses_a_token_that_would_be_two_headers),
    CHECK_TEST(says_that_nobody_listens),
    CHECK_TEST(says_that_memory_ran_out),
};

int main(void)
{
    const char *folder = getenv("TMPDIR"); /* the suite removes it */
    int status;

    (void)snprintf(path, sizeof(path), "%s/kubeconfig", folder != NULL ? folder : "/tmp");
    status = CHECK_TESTS("clients", tests);
    (void)remove(path);
    return status;
}
