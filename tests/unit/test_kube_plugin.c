/* SPDX-License-Identifier: Apache-2.0 */
/* ExecCredentials that plugins print, and what they are told. */
#include "io/kube_plugin.h"

#include "io/clock.h"
#include "support/check.h"

#define V1 "client.authentication.k8s.io/v1"

static const struct kube_plugin plugin = {.name = "a plugin", .version = V1, .command = "login"};

struct credential_row {
    const char *name;
    const char *printed;
    const char *sentence; /* NULL: accepted */
    int64_t expires_seconds;
};

#define CREDENTIAL(status) "{\"kind\":\"ExecCredential\",\"apiVersion\":\"" V1 "\",\"status\":" status "}"
#define EXPIRES(time) CREDENTIAL("{\"token\":\"abc\",\"expirationTimestamp\":" time "}")

static const struct credential_row credential_rows[] = {
    {"a token", CREDENTIAL("{\"token\":\"abc\"}"), NULL, 0},
    {"members that nobody knows", CREDENTIAL("{\"token\":\"abc\",\"more\":[{}]}"), NULL, 0},
    {"a newline behind it", CREDENTIAL("{\"token\":\"abc\"}") "\n", NULL, 0},
    {"no end", EXPIRES("null"), NULL, 0},
    {"an end in UTC", EXPIRES("\"2026-01-02T03:04:05Z\""), NULL, 1767323045},
    {"an end with a fraction", EXPIRES("\"2026-01-02T03:04:05.999999Z\""), NULL, 1767323045},
    {"an end east of Greenwich", EXPIRES("\"2026-01-02T05:34:05+02:30\""), NULL, 1767323045},
    {"an end west of Greenwich", EXPIRES("\"2026-01-01T22:04:05-05:00\""), NULL, 1767323045},
    {"an end without a zone", EXPIRES("\"2026-01-02T03:04:05\""), "is no time", 0},
    {"an end that is a date", EXPIRES("\"2026-01-02\""), "is no time", 0},
    {"an end in month 13", EXPIRES("\"2026-13-02T03:04:05Z\""), "is no time", 0},
    {"an end that is a number", EXPIRES("1767323045"), "status.expirationTimestamp that is no string", 0},
    {"nothing", "", "prints what is no JSON", 0},
    {"words", "Please log in:", "prints what is no JSON", 0},
    {"JSON with more behind it", CREDENTIAL("{\"token\":\"abc\"}") "x", "prints what is no JSON", 0},
    {"a list", "[]", "prints no ExecCredential", 0},
    {"another kind", "{\"kind\":\"Status\"}", "prints no ExecCredential", 0},
    {"another version", "{\"kind\":\"ExecCredential\",\"apiVersion\":\"" V1 "beta1\"}",
     "answers in version '" V1 "beta1', where the kubeconfig asks for " V1, 0},
    {"no version", "{\"kind\":\"ExecCredential\"}", "answers in version ''", 0},
    {"no status", "{\"kind\":\"ExecCredential\",\"apiVersion\":\"" V1 "\"}", "without token and certificate",
     0},
    {"a status that is a word", CREDENTIAL("\"abc\""), "without token and certificate", 0},
    {"an empty status", CREDENTIAL("{}"), "without token and certificate", 0},
    {"an empty token", CREDENTIAL("{\"token\":\"\"}"), "without token and certificate", 0},
    {"a token that is a number", CREDENTIAL("{\"token\":5}"), "prints a status.token that is no string", 0},
    {"a certificate alone", CREDENTIAL("{\"clientCertificateData\":\"a\"}"), "only one of", 0},
    {"a key alone", CREDENTIAL("{\"token\":\"abc\",\"clientKeyData\":\"a\"}"), "only one of", 0},
    {"a pair that is none", CREDENTIAL("{\"clientCertificateData\":\"a\",\"clientKeyData\":\"abc\"}"),
     "a certificate that cannot be used", 0},
};

static void reads_credential_row(void **state)
{
    const struct credential_row *row = *state;
    AUTO(kube_issue_release) struct kube_issue issue = {0};
    struct error err = {0};
    bool is_ok = kube_plugin_parse(&plugin, text_of(row->printed), &issue, &err);

    assert_int_equal(is_ok, row->sentence == NULL);
    assert_int_equal(issue.is_there, row->sentence == NULL);
    assert_int_equal(issue.expires_seconds, row->expires_seconds);
    assert_int_equal(err.kind, is_ok ? ERROR_NONE : ERROR_REMOTE);
    assert_null(strstr(err.text, "abc"));
    if (!is_ok && strstr(err.text, row->sentence) == NULL)
        fail_msg("'%s' is not in: %s", row->sentence, err.text);
    if (is_ok)
        check_text(issue.token, "abc");
}

static struct kube_config config_of(const struct kube_plugin *told)
{
    return (struct kube_config){.server = "https://c:6443",
                                .base_path = "/a",
                                .proxy = "http://p:1",
                                .server_name = "n",
                                .plugin = told};
}

static void tells_a_plugin_about_the_cluster(void **state)
{
    struct kube_plugin told = plugin;
    struct kube_config config = config_of(&told);
    AUTO(buffer_release) struct buffer little = {0};
    AUTO(buffer_release) struct buffer much = {0};
    struct error err = {0};

    (void)state;
    assert_true(kube_plugin_format_info(&config, text_of("CA"), &little, &err));
    check_text(buffer_text(&little),
               "{\"apiVersion\":\"" V1 "\",\"kind\":\"ExecCredential\",\"spec\":{\"interactive\":false}}");
    told.wants_cluster = true;
    told.cluster_config = "[1]";
    assert_true(kube_plugin_format_info(&config, text_of("CA"), &much, &err));
    check_text(buffer_text(&much),
               "{\"apiVersion\":\"" V1
               "\",\"kind\":\"ExecCredential\",\"spec\":{\"cluster\":{\"server\":\"https://c:6443/"
               "a\",\"tls-server-name\":\"n\",\"insecure-skip-tls-verify\":false,\"certificate-authority-"
               "data\":\"Q0E=\","
               "\"proxy-url\":\"http://p:1\",\"config\":[1]},\"interactive\":false}}");
}

static const char *const no_variables[] = {NULL};

static bool ask(void *state, struct error *err)
{
    static const char *const arguments[] = {"echo", CREDENTIAL("{\"token\":\"abc\"}"), NULL};
    struct kube_plugin asked = plugin;
    struct kube_config config = config_of(&asked);
    AUTO(kube_issue_release) struct kube_issue issue = {0};
    struct kube_until until = {.until_ms = clock_ms() + 20000};
    bool is_ticked = false;

    (void)state;
    until.ret_is_ticked = &is_ticked;
    asked.wants_cluster = true;
    asked.arguments = arguments;
    asked.variables = no_variables;
    return kube_plugin_run(&config, text_of("CA"), &until, &issue, err);
}

static void says_that_memory_ran_out(void **state)
{
    (void)state;
    assert_true(check_every_allocation(ask, NULL) >= 5);
}

static const struct check_test tests[] = {
    CHECK_TEST(tells_a_plugin_about_the_cluster),
    CHECK_TEST(says_that_memory_ran_out),
};

int main(void)
{
    return CHECK_ROWS("ExecCredential", credential_rows, reads_credential_row) |
           CHECK_TESTS("plugins", tests);
}
