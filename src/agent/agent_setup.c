/* SPDX-License-Identifier: Apache-2.0 */
#include "agent_setup.h"

#include "core/version.h"
#include "io/exits.h"

#include <malloc.h>
#include <stdio.h>

static void print_problems(const struct problems *problems)
{
    struct text rest = buffer_text(&problems->lines);
    struct text line;

    while (text_split(&rest, '\n', &line)) {
        if (line.length > 0)
            fprintf(stderr, "%s: %.*s\n", agent_name, (int)line.length, line.at);
    }
}

/* Without a cluster the checkpoint is read where somebody names it: alone it only says which ids are held. */
static void set_promises(struct agent_setup *setup)
{
    const struct agent_options *options = setup->options;
    bool wants_checkpoint = setup->has_cluster || options->checkpoint != NULL;

    (void)snprintf(setup->prefix, sizeof(setup->prefix), "%.*s",
                   TEXT_ARGS_MAX(setup->config.policy.prefix, sizeof(setup->prefix) - 1));
    setup->promises = (struct promises_options){
        .node_name = options->node_name,
        .prefix = setup->prefix,
        .checkpoint = wants_checkpoint ? options->checkpoint : "",
    };
}

int agent_setup_load(const struct agent_options *options, struct agent_setup *setup)
{
    AUTO(problems_release) struct problems problems = {0};
    struct error err = {0};

    setup->options = options;
    setup->roots = (struct node_roots){.sysfs = options->sysfs, .dev = options->dev, .proc = options->proc};
    /* What --expect stands in for need not be read once; who serves reports to the Node all the same. */
    setup->has_cluster =
        agent_options_have_cluster(options) && (options->mode == AGENT_SERVE || options->expect == NULL);
    (void)snprintf(setup->user_agent, sizeof(setup->user_agent), "%s/%s", agent_name, version);
    if (!config_load(options->policy, options->instance_types, &setup->config, &problems)) {
        print_problems(&problems);
        return exit_status(problems.kind);
    }
    if (options->expect != NULL && !agent_expect_parse(options->expect, &setup->wanted, &err))
        return exit_with(agent_name, &err);
    set_promises(setup);
    (void)malloc_trim(0); /* what reading the files took is not needed again */
    return 0;
}

struct judge_settings agent_setup_strictness(const struct agent_setup *setup, bool opens_devices,
                                             bool has_cluster)
{
    return (struct judge_settings){
        .settle_seconds = setup->options->settle_seconds,
        .opens_devices = opens_devices,
        .has_cluster = has_cluster,
    };
}

struct kube_client *agent_setup_open_client(const struct agent_setup *setup, struct error *err)
{
    const struct kube_client_options options = {
        .kubeconfig = setup->options->kubeconfig,
        .context = setup->options->context,
        .user_agent = setup->user_agent,
    };
    struct kube_client *client = NULL;

    return kube_client_open(&options, &client, err) ? client : NULL;
}

void agent_setup_release(struct agent_setup *setup)
{
    config_release(&setup->config);
}
