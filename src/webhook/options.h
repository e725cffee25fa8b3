/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the command line asks for. One table (options_table.h) holds every option; parsing, --help and the
 * tests come from it.
 *
 * An option that is unknown, lacks its argument, has a bad one or does not go with what is to be done is
 * ERROR_INPUT with a sentence that names it.
 */
#ifndef WEBHOOK_OPTIONS_H
#define WEBHOOK_OPTIONS_H

#include "core/buffer.h"
#include "core/error.h"

enum mode {
    MODE_SERVE,
    MODE_PRINT_PATCH,
    MODE_CHECK_CONFIG,
    MODE_MANAGE_CERTS,
    MODE_VERSION,
    MODE_HELP,
};

/* "efa-webhook", as messages begin. */
extern const char webhook_name[];

/* Texts are borrowed from the command line, or literals; NULL where an option has no default. */
struct options {
    enum mode mode;

    /* what to decide by */
    const char *policy;
    const char *instance_types;
    const char *nodes;
    bool watches_nodes;

    /* which cluster */
    const char *kubeconfig;
    const char *context;

    /* offline */
    const char *manifest;
    const char *output;
    const char *namespace;

    /* certificates in the cluster */
    const char *service;
    const char *tls_secret;
    const char *ca_secret;
    const char *webhook_configuration;
    unsigned step_delay_seconds;
    unsigned ca_days;
    unsigned leaf_days;

    /* serving */
    const char *listen;
    const char *plain_listen;
    const char *tls_cert;
    const char *tls_key;
    const char *tls_min;
    const char *path;
    const char *log_level;
    unsigned threads; /* 0: as many as there are processors */
    unsigned drain_delay_seconds;
};

MUST_CHECK bool options_parse(int count, char *const *arguments, struct options *ret_options,
                              struct error *err);

/* The text of --help. */
void options_help(struct buffer *buffer);

#endif
