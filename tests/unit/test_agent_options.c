/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/agent_options.h"

#include "support/check.h"

#include <stdlib.h>
#include <string.h>

enum {
    ARGUMENTS_LIMIT = 10
};

/* Parse what stands behind the program's name. */
static bool parse(const char *const *arguments, struct agent_options *options, struct error *err)
{
    char *words[ARGUMENTS_LIMIT + 2] = {(char *)(uintptr_t) "efa-agent"};
    int count = 1;

    while (arguments[count - 1] != NULL) {
        words[count] = (char *)(uintptr_t)arguments[count - 1];
        count++;
    }
    return agent_options_parse(count, words, options, err);
}

struct refused_row {
    const char *name;
    const char *arguments[ARGUMENTS_LIMIT + 1];
    const char *sentence; /* a part of it */
};

static const struct refused_row refused_rows[] = {
    {"an unknown option", {"--onec"}, "unknown option --onec: see --help"},
    {"a word that is no option", {"--once", "p5.48xlarge"}, "'p5.48xlarge' stands alone: see --help"},
    {"a format that there is not", {"--once", "-o", "yaml"}, "--output yaml: write one of table|json"},
    {"a format when serving", {"-o", "json"}, "--output goes with --once only"},
    {"a port with --once", {"--once", "--plain-listen", "[::]:1"}, "--plain-listen does not go with --once"},
    {"a taint with --once", {"--once", "--taint"}, "--taint does not go with --once"},
    {"an interval of nothing", {"--interval", "0"}, "--interval 0: write a whole number from 1 to 60"},
    {"an interval of an hour", {"--interval", "3600"}, "--interval 3600: write a whole number from 1 to 60"},
    {"a refresh without a rest", {"--refresh", "4"}, "--refresh 4: write a whole number from 5 to 86400"},
    {"a heartbeat of a second", {"--heartbeat", "1"}, "--heartbeat 1: write a whole number from 60 to 86400"},
    {"a settling of a day", {"--settle", "86400"}, "--settle 86400: write a whole number from 0 to 3600"},
    {"another way to look", {"--devices", "all"}, "--devices all: write one of count|open"},
    {"a cluster that must be", {"--cluster", "on"}, "--cluster on: write one of auto|off"},
    {"a node in capitals", {"--node-name", "Node-1"}, "--node-name Node-1: write at most 253"},
    {"a kubeconfig without a node", {"--kubeconfig", "k"}, "--kubeconfig says which cluster to ask"},
    {"a context without a node", {"--once", "--context", "c"}, "add --node-name NAME"},
    {"a kubeconfig for no cluster",
     {"--cluster", "off", "--node-name", "a", "--kubeconfig", "k"},
     "--kubeconfig and --cluster off contradict each other"},
    {"a taint without a node", {"--taint"}, "--taint needs to know which node this is"},
    {"a taint without a cluster",
     {"--taint", "--cluster", "off", "--node-name", "a"},
     "--taint and --cluster off contradict each other"},
    {"a metadata service that is not asked",
     {"--imds", "off", "--imds-endpoint", "http://127.0.0.1"},
     "--imds-endpoint and --imds off contradict each other"},
    {"a metadata service without a scheme",
     {"--imds-endpoint", "169.254.169.254"},
     "--imds-endpoint 169.254.169.254: write http://ADDRESS[:PORT]"},
    {"a type that is none",
     {"--instance-type", "p5"},
     "--instance-type p5: write a type such as p5.48xlarge"},
    {"a type with a blank", {"--instance-type", "p5 48xlarge"}, "write a type such as p5.48xlarge"},
    {"an expectation of nothing", {"--once", "--expect="}, "--expect needs a value: --expect LIST"},
    {"an expectation that is a word", {"--expect", "efa"}, "--expect 'efa': write NAME=NUMBER"},
    {"an expectation of something else",
     {"--expect", "gpus=8"},
     "--expect 'gpus': write efa, accelerators or"},
    {"an expectation of a word",
     {"--expect", "efa=all"},
     "--expect efa=all: write a whole number from 0 to 4096"},
    {"an expectation without a number", {"--expect", "efa="}, "--expect efa=: write a whole number"},
    {"an expectation below nothing", {"--expect", "efa=-1"}, "--expect efa=-1: write a whole number"},
    {"an expectation of too many", {"--expect", "accelerators=4097"}, "write a whole number from 0 to 4096"},
    {"an expectation twice", {"--expect", "efa=1,efa=2"}, "--expect efa: it is there twice"},
    {"an expectation with a hole", {"--expect", "efa=1,,accelerators=8"}, "--expect '': write NAME=NUMBER"},
    {"huge pages of a word", {"--expect", "hugepages-2Mi=some"}, "--expect hugepages-2Mi: "},
    {"huge pages of a fraction", {"--expect", "hugepages-2Mi=0.5"}, "write whole bytes, such as 5120Mi"},
    {"a sysfs that libibverbs could not name",
     {"--sysfs", "/a123456789/b123456789/c123456789/d123456789/e123456789/f123456789/g123456789/h123456789/"
                 "i123456789/j"},
     "write a path of at most 100 bytes"},
    {"an option beside the probe", {"--probe-libfabric", "--once"}, "--once does not go with another"},
};

static void refuses(void **state)
{
    const struct refused_row *row = *state;
    struct agent_options options = {.interval_seconds = 42};
    struct error err = {0};

    (void)unsetenv("NODE_NAME");
    assert_false(parse(row->arguments, &options, &err));
    assert_int_equal(err.kind, ERROR_INPUT);
    if (strstr(err.text, row->sentence) == NULL)
        fail_msg("'%s' does not say '%s'", err.text, row->sentence);
    assert_int_equal(options.interval_seconds, 42); /* untouched */
}

static void serves_with_defaults(void **state)
{
    const char *const arguments[] = {NULL};
    struct agent_options options;
    struct error err = {0};

    (void)state;
    (void)unsetenv("NODE_NAME");
    assert_true(parse(arguments, &options, &err));
    assert_int_equal(options.mode, AGENT_SERVE);
    assert_null(options.sysfs);
    assert_null(options.dev);
    assert_null(options.proc);
    assert_null(options.devices);
    assert_null(options.expect);
    assert_null(options.node_name);
    assert_null(options.checkpoint);
    assert_string_equal(options.imds, "auto");
    assert_string_equal(options.cluster, "auto");
    assert_string_equal(options.plain_listen, "[::]:8081");
    assert_string_equal(options.log_level, "info");
    assert_int_equal(options.interval_seconds, 2);
    assert_int_equal(options.refresh_seconds, 60);
    assert_int_equal(options.settle_seconds, 120);
    assert_int_equal(options.heartbeat_seconds, 600);
    assert_false(options.taints);
    assert_false(agent_options_have_cluster(&options));
}

static void looks_once(void **state)
{
    const char *const arguments[] = {"--once",         "-ojson",   "--sysfs", "/s",
                                     "--devices=open", "--settle", "0",       "--instance-type",
                                     "ml.p5.48xlarge", NULL};
    struct agent_options options;
    struct error err = {0};

    (void)state;
    (void)unsetenv("NODE_NAME");
    assert_true(parse(arguments, &options, &err));
    assert_int_equal(options.mode, AGENT_ONCE);
    assert_string_equal(options.output, "json");
    assert_string_equal(options.sysfs, "/s");
    assert_string_equal(options.devices, "open");
    assert_int_equal(options.settle_seconds, 0);
    assert_string_equal(options.instance_type, "ml.p5.48xlarge");
}

static void asks_the_cluster_where_the_node_is_known(void **state)
{
    const char *const arguments[] = {"--node-name", "ip-10-0-0-1.ec2.internal", "--taint", NULL};
    struct agent_options options;
    struct error err = {0};

    (void)state;
    (void)setenv("NODE_NAME", "another", 1);
    assert_true(parse(arguments, &options, &err));
    assert_string_equal(options.node_name, "ip-10-0-0-1.ec2.internal");
    assert_true(options.taints);
    assert_true(agent_options_have_cluster(&options));
    (void)unsetenv("NODE_NAME");
}

static void takes_the_node_from_the_environment(void **state)
{
    const char *const arguments[] = {"--once", "--context", "c", NULL};
    struct agent_options options;
    struct error err = {0};

    (void)state;
    (void)setenv("NODE_NAME", "node-1", 1);
    assert_true(parse(arguments, &options, &err));
    assert_string_equal(options.node_name, "node-1");
    assert_true(agent_options_have_cluster(&options));
    (void)setenv("NODE_NAME", "", 1); /* as good as none */
    assert_false(parse(arguments, &options, &err));
    (void)unsetenv("NODE_NAME");
}

static void refuses_a_bad_name_from_the_environment(void **state)
{
    const char *const serve[] = {NULL};
    const char *const alone[] = {"--cluster", "off", NULL};
    const char *const help[] = {"--help", NULL};
    struct agent_options options;
    struct error err = {0};

    (void)state;
    (void)setenv("NODE_NAME", "$(NODE_NAME)", 1);
    assert_false(parse(serve, &options, &err));
    assert_int_equal(err.kind, ERROR_INPUT);
    assert_non_null(strstr(err.text, "$NODE_NAME $(NODE_NAME): set it to the Node's name"));
    assert_true(parse(alone, &options, &err));
    assert_false(agent_options_have_cluster(&options));
    assert_true(parse(help, &options, &err));
    (void)unsetenv("NODE_NAME");
}

static void reads_what_is_expected(void **state)
{
    struct expectation expectation = {.has_wanted = false};
    struct error err = {0};

    (void)state;
    assert_true(agent_expect_parse("efa=32, accelerators=8,hugepages-2Mi=5120Mi", &expectation, &err));
    assert_true(expectation.has_wanted);
    assert_true(expectation.wanted_efa.is_known);
    assert_int_equal(expectation.wanted_efa.number, 32);
    assert_int_equal(expectation.wanted_accelerators.number, 8);
    assert_int_equal(expectation.wanted_hugepages_bytes.number, 5368709120);
}

static void expects_nothing_of_what_is_not_named(void **state)
{
    struct expectation expectation = {.has_wanted = false};
    struct error err = {0};

    (void)state;
    assert_true(agent_expect_parse("efa=0", &expectation, &err));
    assert_true(expectation.has_wanted);
    assert_true(expectation.wanted_efa.is_known);
    assert_int_equal(expectation.wanted_efa.number, 0);
    assert_false(expectation.wanted_accelerators.is_known);
    assert_false(expectation.wanted_hugepages_bytes.is_known);
}

static void hides_the_probe_from_its_help(void **state)
{
    AUTO(buffer_release) struct buffer text = {0};

    (void)state;
    agent_options_help(&text);
    buffer_add_char(&text, '\0');
    assert_false(text.failed);
    for (size_t i = 0; i < agent_option_count; i++) {
        const struct option *option = &agent_option_table[i];
        bool is_shown = strstr(text.at, option->help) != NULL && strstr(text.at, option->name) != NULL;

        if (is_shown == option->is_hidden)
            fail_msg("--%s is %s", option->name, is_shown ? "shown" : "not shown");
    }
    assert_non_null(
        strstr(text.at, "--interval SECONDS         how often to look whether something changed [2]"));
}

static const struct check_test tests[] = {
    CHECK_TEST(serves_with_defaults),
    CHECK_TEST(looks_once),
    CHECK_TEST(asks_the_cluster_where_the_node_is_known),
    CHECK_TEST(takes_the_node_from_the_environment),
    CHECK_TEST(refuses_a_bad_name_from_the_environment),
    CHECK_TEST(reads_what_is_expected),
    CHECK_TEST(expects_nothing_of_what_is_not_named),
    CHECK_TEST(hides_the_probe_from_its_help),
};

int main(void)
{
    return CHECK_ROWS("agent_options_parse", refused_rows, refuses) | CHECK_TESTS("agent_options", tests);
}
