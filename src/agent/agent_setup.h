/* SPDX-License-Identifier: Apache-2.0 */
/* What efa-agent works by, made once from its options and unchanged afterwards. */
#ifndef AGENT_SETUP_H
#define AGENT_SETUP_H

#include "agent_options.h"
#include "core/findings.h"
#include "io/config.h"
#include "io/node_files.h"
#include "promises.h"

struct agent_setup {
    const struct agent_options *options;
    struct config config;
    struct node_roots roots;
    struct expectation wanted; /* by --expect; only these members */
    bool has_cluster;          /* the API server is asked */
    struct promises_options promises;
    char prefix[256]; /* of annotations and of the taint */
    char user_agent[32];
};

/* Load policy and catalogue; prints all problems on standard error. Returns the exit status. Do not move it.
 */
MUST_CHECK int agent_setup_load(const struct agent_options *options, struct agent_setup *setup);

/* How strictly to judge, where `opens_devices` says whether libfabric was asked and `has_cluster` whether the
 * API server was. */
struct judge_settings agent_setup_strictness(const struct agent_setup *setup, bool opens_devices,
                                             bool has_cluster);

/* A client for the cluster; NULL with `err` set. */
struct kube_client *agent_setup_open_client(const struct agent_setup *setup, struct error *err);

void agent_setup_release(struct agent_setup *setup);

#endif
