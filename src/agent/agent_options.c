/* SPDX-License-Identifier: Apache-2.0 */
#include "agent_options.h"

#include "core/config_values.h"

#include <stdlib.h>

enum {
    SYSFS_LIMIT = 100, /* libibverbs has 256 bytes for a path in it */
};

const char agent_name[] = "efa-agent";

static bool is_cluster_off(const struct agent_options *options)
{
    return strcmp(options->cluster, "off") == 0;
}

bool agent_options_have_cluster(const struct agent_options *options)
{
    return !is_cluster_off(options) && options->node_name != NULL;
}

/* Options of the cluster go with a cluster that is asked. */
static bool check_cluster(const struct agent_options *options, struct error *err)
{
    const char *named = options->kubeconfig != NULL ? "kubeconfig"
                        : options->context != NULL  ? "context"
                                                    : NULL;

    if (agent_options_have_cluster(options))
        return true;
    if (options->taints && is_cluster_off(options))
        return error_set(err, ERROR_INPUT, "--taint and --cluster off contradict each other: keep one");
    if (options->taints)
        return error_set(err, ERROR_INPUT, "--taint needs to know which node this is: add --node-name NAME");
    if (named == NULL)
        return true;
    if (is_cluster_off(options))
        return error_set(err, ERROR_INPUT, "--%s and --cluster off contradict each other: keep one", named);
    return error_set(err, ERROR_INPUT,
                     "--%s says which cluster to ask, and nothing which node this is: add --node-name NAME",
                     named);
}

static bool check_roots(const struct agent_options *options, struct error *err)
{
    if (options->sysfs != NULL && strlen(options->sysfs) > SYSFS_LIMIT)
        return error_set(err, ERROR_INPUT, "--sysfs %.80s...: write a path of at most %d bytes",
                         options->sysfs, SYSFS_LIMIT);
    if (options->imds_endpoint == NULL)
        return true;
    if (strcmp(options->imds, "off") == 0)
        return error_set(err, ERROR_INPUT, "--imds-endpoint and --imds off contradict each other: keep one");
    if (strncmp(options->imds_endpoint, "http://", 7) != 0 || options->imds_endpoint[7] == '\0')
        return error_set(err, ERROR_INPUT, "--imds-endpoint %.80s: write http://ADDRESS[:PORT]",
                         options->imds_endpoint);
    return true;
}

static bool check_type(const char *type, struct error *err)
{
    struct text name = text_of(type);

    if (type == NULL)
        return true;
    if (text_has_prefix(name, (struct text)TEXT("ml.")))
        name = text_after(name, 3);
    if (value_is_instance_type(name))
        return true;
    return error_set(err, ERROR_INPUT, "--instance-type %.80s: write a type such as p5.48xlarge", type);
}

/* Whether the values go together and are what they claim to be. */
static bool check(const struct agent_options *options, struct error *err)
{
    struct expectation expectation = {.has_wanted = false};

    if (options->mode != AGENT_SERVE && options->mode != AGENT_ONCE)
        return true;
    return check_cluster(options, err) && check_roots(options, err) &&
           check_type(options->instance_type, err) &&
           (options->expect == NULL || agent_expect_parse(options->expect, &expectation, err));
}

_Static_assert(sizeof(enum agent_mode) == sizeof(unsigned), "command_line.c writes modes as numbers");

static struct command_line command_line(void)
{
    return (struct command_line){
        .program = agent_name,
        .opening = ": looks whether the EFA devices of a node are there, and says why not\n"
                   "\n"
                   "  efa-agent --once\n"
                   "  efa-agent --once -o json --expect efa=32,accelerators=8\n"
                   "  efa-agent --node-name \"$NODE_NAME\"\n",
        .ending =
            "Exit, with --once: 0 good, 1 mismatch, 2 cannot tell, or bad input. Else: 0 ended by SIGTERM\n"
            "or SIGINT, 1 this machine failed, 2 bad input.\n",
        .options = agent_option_table,
        .option_count = agent_option_count,
        .mode_offset = offsetof(struct agent_options, mode),
        .mode_without = AGENT_SERVE,
        .mode_help = AGENT_HELP,
        .check = NULL, /* what $NODE_NAME says counts too */
    };
}

/* The environment stands in for --node-name. */
static bool take_node_name(struct agent_options *options, struct error *err)
{
    const char *name = getenv("NODE_NAME");

    if (options->node_name != NULL || name == NULL || name[0] == '\0' || is_cluster_off(options))
        return true;
    if (!value_is_dns_subdomain(text_of(name))) {
        return error_set(err, ERROR_INPUT,
                         "$NODE_NAME %.80s: set it to the Node's name (fieldRef spec.nodeName), or write "
                         "--node-name or --cluster off",
                         name);
    }
    options->node_name = name;
    return true;
}

bool agent_options_parse(int count, char *const *arguments, struct agent_options *ret_options,
                         struct error *err)
{
    const struct command_line line = command_line();
    struct agent_options options = {.mode = AGENT_SERVE};

    if (!command_line_parse(&line, count, arguments, &options, err))
        return false;
    if (options.mode != AGENT_HELP && (!take_node_name(&options, err) || !check(&options, err)))
        return false;
    *ret_options = options;
    return true;
}

void agent_options_help(struct buffer *buffer)
{
    const struct command_line line = command_line();

    command_line_help(&line, buffer);
}
