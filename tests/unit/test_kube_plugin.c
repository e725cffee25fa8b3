/* SPDX-License-Identifier: Apache-2.0 */
/* ExecCredentials that plugins print, what they are told, and processes that are run to their end. */
#include "io/kube_plugin.h"

#include "io/http_client.h"
#include "io/kube_process.h"
#include "support/check.h"

#include <signal.h>
#include <sys/wait.h>

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

static struct process process_of(const char *const *arguments)
{
    return (struct process){.arguments = arguments,
                            .variables = no_variables,
                            .limit_bytes = 1000,
                            .until_ms = http_client_now() + 20000};
}

static void runs_a_program_to_its_end(void **state)
{
    static const char *const arguments[] = {"sh", "-c", "echo out; echo err >&2; exit 7", NULL};
    struct process process = process_of(arguments);
    AUTO(process_end_release) struct process_end end = {0};
    struct error err = {0};

    (void)state;
    assert_true(process_run(&process, &end, &err));
    check_text(buffer_text(&end.output), "out\n");
    check_text(text_of(end.said), "err\n");
    assert_int_equal(WEXITSTATUS(end.status), 7);
}

static void gives_default_signals_to_a_program(void **state)
{
    static const char *const arguments[] = {"sh", "-c", "kill -TERM $$; sleep 0.1; echo lived", NULL};
    struct process process = process_of(arguments);
    AUTO(process_end_release) struct process_end end = {0};
    struct error err = {0};
    sigset_t blocked;
    sigset_t before;

    (void)state;
    (void)sigemptyset(&blocked);
    (void)sigaddset(&blocked, SIGTERM);
    assert_int_equal(sigprocmask(SIG_BLOCK, &blocked, &before), 0);
    assert_true(process_run(&process, &end, &err));
    assert_int_equal(sigprocmask(SIG_SETMASK, &before, NULL), 0);
    assert_true(WIFSIGNALED(end.status));
    assert_int_equal(WTERMSIG(end.status), SIGTERM);
}

static void ends_a_program_that_prints_too_much_or_takes_too_long(void **state)
{
    static const char *const yes[] = {"yes", NULL};
    static const char *const sleeps[] = {"sleep", "60", NULL};
    struct process loud = process_of(yes);
    struct process slow = process_of(sleeps);
    AUTO(process_end_release) struct process_end loud_end = {0};
    AUTO(process_end_release) struct process_end slow_end = {0};
    struct error err = {0};

    (void)state;
    assert_false(process_run(&loud, &loud_end, &err));
    assert_non_null(strstr(err.text, "prints more than 1000 bytes"));
    slow.until_ms = http_client_now() + 100;
    assert_false(process_run(&slow, &slow_end, &err));
    assert_non_null(strstr(err.text, "was killed"));
    assert_true(WIFSIGNALED(slow_end.status));
}

static void says_that_a_program_is_not_there(void **state)
{
    static const char *const arguments[] = {"/nowhere/login", NULL};
    struct process process = process_of(arguments);
    AUTO(process_end_release) struct process_end end = {0};
    struct error err = {0};

    (void)state;
    assert_false(process_run(&process, &end, &err));
    assert_int_equal(err.kind, ERROR_INPUT);
    check_text(text_of(err.text), "cannot run /nowhere/login: No such file or directory");
}

static bool ask(void *state, struct error *err)
{
    static const char *const arguments[] = {"echo", CREDENTIAL("{\"token\":\"abc\"}"), NULL};
    struct kube_plugin asked = plugin;
    struct kube_config config = config_of(&asked);
    AUTO(kube_issue_release) struct kube_issue issue = {0};
    struct kube_until until = {.until_ms = http_client_now() + 20000};
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
    CHECK_TEST(runs_a_program_to_its_end),
    CHECK_TEST(gives_default_signals_to_a_program),
    CHECK_TEST(ends_a_program_that_prints_too_much_or_takes_too_long),
    CHECK_TEST(says_that_a_program_is_not_there),
    CHECK_TEST(says_that_memory_ran_out),
};

int main(void)
{
    return CHECK_ROWS("ExecCredential", credential_rows, reads_credential_row) |
           CHECK_TESTS("plugins", tests);
}
