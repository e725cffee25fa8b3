/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/options.h"

#include "support/check.h"

#include <string.h>

enum {
    ARGUMENTS_LIMIT = 10
};

#define PAIR "--tls-cert", "c.pem", "--tls-key", "k.pem"

/* Parse what stands behind the program's name. */
static bool parse(const char *const *arguments, struct options *options, struct error *err)
{
    char *words[ARGUMENTS_LIMIT + 2] = {(char *)(uintptr_t) "efa-webhook"};
    int count = 1;

    while (arguments[count - 1] != NULL) {
        words[count] = (char *)(uintptr_t)arguments[count - 1];
        count++;
    }
    return options_parse(count, words, options, err);
}

struct refused_row {
    const char *name;
    const char *arguments[ARGUMENTS_LIMIT + 1];
    const char *sentence; /* a part of it */
};

static const struct refused_row refused_rows[] = {
    {"nothing at all", {NULL}, "serving needs --tls-cert FILE and --tls-key FILE"},
    {"a certificate without a key", {"--tls-cert", "c.pem"}, "--tls-key FILE"},
    {"an unknown option", {"--lsiten", "x"}, "unknown option --lsiten"},
    {"an unknown letter", {"-x"}, "unknown option -x"},
    {"two dashes alone", {"--"}, "unknown option --"},
    {"a word that is no option", {"job.yaml"}, "--print-patch job.yaml"},
    {"a dash alone", {"-"}, "--print-patch -"},
    {"a value that is missing at the end", {PAIR, "--listen"}, "--listen ADDR:PORT"},
    {"a value that is missing before an option", {"--listen", PAIR}, "--listen ADDR:PORT"},
    {"an empty value", {PAIR, "--listen="}, "--listen needs a value"},
    {"a file that is missing", {"--print-patch"}, "--print-patch FILE"},
    {"a value where none is taken", {"--check-config=yes"}, "--check-config takes no value"},
    {"a number that is a word",
     {PAIR, "--threads", "many"},
     "--threads many: write a whole number from 0 to 64"},
    {"a number that is too large", {PAIR, "--threads=65"}, "from 0 to 64"},
    {"a number that does not fit", {PAIR, "--threads", "99999999999999999999"}, "from 0 to 64"},
    {"a fraction", {PAIR, "--drain-delay", "1.5"}, "--drain-delay 1.5: write a whole number from 0 to 3600"},
    {"a level that there is not", {PAIR, "--log-level", "loud"}, "error|warn|info|debug"},
    {"a part of a choice", {PAIR, "--log-level", "error|warn"}, "error|warn|info|debug"},
    {"a format that there is not",
     {"--print-patch", "f", "-o", "xml"},
     "--output xml: write one of patch|yaml"},
    {"a path without a slash", {PAIR, "--path", "mutate"}, "--path mutate: write a path"},
    {"a path with a query", {PAIR, "--path", "/mutate?x"}, "without ?"},
    {"a namespace in capitals",
     {"--print-patch", "f", "-n", "ML"},
     "--namespace ML: write at most 63 lower-case letters, digits and '-'"},
    {"a namespace with a dot", {"--print-patch", "f", "--namespace=a.b"}, "--namespace a.b: write at most"},
    {"a namespace that ends in a hyphen",
     {"--print-patch", "f", "-n", "ml-"},
     "a letter or digit at both ends"},
    {"a namespace of 64 characters",
     {"--print-patch", "f", "-n", "a123456789b123456789c123456789d123456789e123456789f123456789g123"},
     "at most 63"},
    {"two things to do", {"--check-config", "--version"}, "--version does not go with another"},
    {"an offline option when serving", {PAIR, "-o", "yaml"}, "--output goes with --print-patch FILE only"},
    {"a serving option offline",
     {"--print-patch", "f", "--threads", "2"},
     "--threads does not go with --print-patch"},
    {"two sources of nodes",
     {PAIR, "--nodes", "n.json", "--watch-nodes"},
     "--nodes and --watch-nodes both say"},
    {"a flag with a value", {PAIR, "--watch-nodes=yes"}, "--watch-nodes takes no value"},
    {"a cluster that nobody asks",
     {PAIR, "--kubeconfig", "k"},
     "--kubeconfig says which cluster to ask: add"},
    {"a context that nobody asks for", {PAIR, "--context", "c"}, "--context says which cluster to ask: add"},
    {"a watch offline",
     {"--print-patch", "f", "--watch-nodes"},
     "--watch-nodes does not go with --print-patch"},
    {"a certificates option when serving",
     {PAIR, "--ca-days", "9"},
     "--ca-days goes with --manage-certs only"},
    {"a serving option with certificates",
     {"--manage-certs", "--threads", "2"},
     "--threads does not go with --manage-certs"},
    {"a Service with a dot", {"--manage-certs", "--service", "a.b"}, "--service a.b: write at most 63"},
    {"a Secret in capitals",
     {"--manage-certs", "--tls-secret", "TLS"},
     "--tls-secret TLS: write at most 253"},
    {"a Secret with a slash", {"--manage-certs", "--ca-secret", "a/b"}, "--ca-secret a/b: write at most 253"},
    {"a leaf that does not live", {"--manage-certs", "--leaf-days", "0"}, "--leaf-days 0: write at least 1"},
    {"a leaf that outlives its authority",
     {"--manage-certs", "--ca-days", "100", "--leaf-days", "51"},
     "--leaf-days 51: write at most half of --ca-days, which is 100"},
    {"a serving option for a check",
     {"--check-config", "--path", "/x"},
     "--path does not go with --check-config"},
};

static void refuses(void **state)
{
    const struct refused_row *row = *state;
    struct options options = {.threads = 42};
    struct error err = {0};

    assert_false(parse(row->arguments, &options, &err));
    assert_int_equal(err.kind, ERROR_INPUT);
    if (strstr(err.text, row->sentence) == NULL)
        fail_msg("'%s' does not say '%s'", err.text, row->sentence);
    assert_int_equal(options.threads, 42); /* untouched */
}

static void serves_with_defaults(void **state)
{
    const char *const arguments[] = {PAIR, NULL};
    struct options options;
    struct error err = {0};

    (void)state;
    assert_true(parse(arguments, &options, &err));
    assert_int_equal(options.mode, MODE_SERVE);
    assert_string_equal(options.tls_cert, "c.pem");
    assert_string_equal(options.tls_key, "k.pem");
    assert_string_equal(options.listen, "[::]:8443");
    assert_string_equal(options.plain_listen, "[::]:8080");
    assert_string_equal(options.path, "/mutate");
    assert_string_equal(options.log_level, "info");
    assert_string_equal(options.tls_min, "1.3");
    assert_int_equal(options.threads, 0);
    assert_int_equal(options.drain_delay_seconds, 5);
    assert_null(options.policy);
    assert_null(options.nodes);
    assert_false(options.watches_nodes);
    assert_null(options.kubeconfig);
}

static void takes_flags(void **state)
{
    const char *const arguments[] = {PAIR,           "--watch-nodes", "--context", "lab",
                                     "--kubeconfig", "k.yaml",        NULL};
    struct options options;
    struct error err = {0};

    (void)state;
    assert_true(parse(arguments, &options, &err));
    assert_true(options.watches_nodes);
    assert_string_equal(options.kubeconfig, "k.yaml");
    assert_string_equal(options.context, "lab");
}

static void takes_values_in_every_form(void **state)
{
    const char *const arguments[] = {"--print-patch=-",  "-oyaml", "--namespace", "ml",
                                     "--nodes=n=1.json", NULL};
    struct options options;
    struct error err = {0};

    (void)state;
    assert_true(parse(arguments, &options, &err));
    assert_int_equal(options.mode, MODE_PRINT_PATCH);
    assert_string_equal(options.manifest, "-");
    assert_string_equal(options.output, "yaml");
    assert_string_equal(options.namespace, "ml");
    assert_string_equal(options.nodes, "n=1.json");
}

static void takes_standard_input_as_a_value(void **state)
{
    const char *const arguments[] = {"--print-patch", "-", "-o", "diff", NULL};
    struct options options;
    struct error err = {0};

    (void)state;
    assert_true(parse(arguments, &options, &err));
    assert_string_equal(options.manifest, "-");
    assert_string_equal(options.output, "diff");
}

static void lets_the_last_of_two_win(void **state)
{
    const char *const arguments[] = {PAIR, "--threads", "2", "--threads=3", NULL};
    struct options options;
    struct error err = {0};

    (void)state;
    assert_true(parse(arguments, &options, &err));
    assert_int_equal(options.threads, 3);
}

static void checks_the_configuration(void **state)
{
    const char *const arguments[] = {"--check-config",   "--policy", "p.yaml",
                                     "--instance-types", "t.yaml",   NULL};
    struct options options;
    struct error err = {0};

    (void)state;
    assert_true(parse(arguments, &options, &err));
    assert_int_equal(options.mode, MODE_CHECK_CONFIG);
    assert_string_equal(options.policy, "p.yaml");
    assert_string_equal(options.instance_types, "t.yaml");
}

static void manages_certificates(void **state)
{
    const char *const arguments[] = {"--manage-certs", "--kubeconfig", "k", "--context", "c", NULL};
    struct options options;
    struct error err = {0};

    (void)state;
    assert_true(parse(arguments, &options, &err));
    assert_int_equal(options.mode, MODE_MANAGE_CERTS);
    assert_string_equal(options.kubeconfig, "k");
    assert_string_equal(options.context, "c");
    assert_null(options.namespace);
    assert_string_equal(options.service, "efa-webhook");
    assert_string_equal(options.tls_secret, "efa-webhook-tls");
    assert_string_equal(options.ca_secret, "efa-webhook-ca");
    assert_string_equal(options.webhook_configuration, "z-efa-injector");
    assert_int_equal(options.step_delay_seconds, 600);
    assert_int_equal(options.ca_days, 3650);
    assert_int_equal(options.leaf_days, 365);
}

static void helps_whatever_else_is_asked(void **state)
{
    const char *const arguments[] = {"--threads", "2", "-h", NULL};
    struct options options;
    struct error err = {0};

    (void)state;
    assert_true(parse(arguments, &options, &err));
    assert_int_equal(options.mode, MODE_HELP);
}

static void names_every_option_in_its_help(void **state)
{
    static const char *const names[] = {
        "--print-patch FILE",
        "--check-config",
        "--version",
        "-h, --help",
        "--policy FILE",
        "--instance-types FILE",
        "--nodes FILE",
        "-o, --output FORMAT",
        "-n, --namespace NAME",
        "--tls-cert FILE",
        "--tls-key FILE",
        "--listen ADDR:PORT",
        "--plain-listen ADDR:PORT",
        "--path PATH",
        "--threads N",
        "--drain-delay SECONDS",
        "--log-level LEVEL",
        "--manage-certs",
        "--service NAME",
        "--step-delay SECONDS",
        "[[::]:8443]",
        "[/mutate]",
    };
    struct buffer text = {0};

    (void)state;
    options_help(&text);
    buffer_add_char(&text, '\0');
    assert_false(text.failed);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strstr(text.at, names[i]) == NULL)
            fail_msg("--help lacks %s", names[i]);
    }
    buffer_release(&text);
}

static const struct check_test tests[] = {
    CHECK_TEST(serves_with_defaults),           CHECK_TEST(takes_flags),
    CHECK_TEST(takes_values_in_every_form),     CHECK_TEST(takes_standard_input_as_a_value),
    CHECK_TEST(lets_the_last_of_two_win),       CHECK_TEST(checks_the_configuration),
    CHECK_TEST(manages_certificates),           CHECK_TEST(helps_whatever_else_is_asked),
    CHECK_TEST(names_every_option_in_its_help),
};

int main(void)
{
    return CHECK_ROWS("options_parse", refused_rows, refuses) | CHECK_TESTS("options", tests);
}
