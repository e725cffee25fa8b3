/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What efa-agent's command line asks for: a table (agent_options_table.c) for core/command_line.h.
 *
 * ERROR_INPUT with a sentence that names the option, or the environment variable that stands in for it.
 */
#ifndef AGENT_OPTIONS_H
#define AGENT_OPTIONS_H

#include "core/command_line.h"
#include "core/expectation.h"

enum agent_mode {
    AGENT_SERVE,
    AGENT_ONCE,
    AGENT_PROBE_LIBFABRIC, /* what io/libfabric.h starts */
    AGENT_VERSION,
    AGENT_HELP,
};

/* "efa-agent", as messages begin. */
extern const char agent_name[];

/* Texts are borrowed from the command line or the environment, or literals; NULL where there is no default.
 */
struct agent_options {
    enum agent_mode mode;

    /* where to look */
    const char *sysfs;
    const char *dev;
    const char *proc;
    const char *devices; /* "count" or "open"; NULL: as the mode has it */
    const char *imds;    /* "auto" or "off" */
    const char *imds_endpoint;
    const char *checkpoint;

    /* what to expect */
    const char *expect;
    const char *instance_type;
    const char *policy;
    const char *instance_types;

    /* which cluster */
    const char *cluster;   /* "auto" or "off" */
    const char *node_name; /* else $NODE_NAME */
    const char *kubeconfig;
    const char *context;

    /* once */
    const char *output;

    /* when */
    unsigned settle_seconds;
    unsigned interval_seconds;
    unsigned refresh_seconds;

    /* serving */
    unsigned heartbeat_seconds;
    bool taints;
    const char *plain_listen;
    const char *log_level;
};

MUST_CHECK bool agent_options_parse(int count, char *const *arguments, struct agent_options *ret_options,
                                    struct error *err);

/* The text of --help. */
void agent_options_help(struct buffer *buffer);

/* Whether the API server is asked: it is known which node this is, and nobody said not to. */
bool agent_options_have_cluster(const struct agent_options *options);

/* Fill the `wanted` members by --expect: "efa=32,accelerators=8,hugepages-2Mi=5120Mi". */
MUST_CHECK bool agent_expect_parse(const char *list, struct expectation *expectation, struct error *err);

/* The table. */
extern const struct option agent_option_table[];
extern const size_t agent_option_count;

#endif
