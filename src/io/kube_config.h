/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the API server is and who we are: one context of a kubeconfig, or the service account of a pod.
 *
 *     AUTO(kube_config_release) struct kube_config config = {0};
 *     if (!kube_config_load(options, &config, err))
 *         ...
 *
 * ERROR_INPUT for what cannot be used, with the file and the field. Files that the configuration names are
 * not read here, but for a kubeconfig itself.
 *
 * Source: kubeconfig v1 (k8s.io/client-go tools/clientcmd/api/v1); client.authentication.k8s.io/v1.
 */
#ifndef IO_KUBE_CONFIG_H
#define IO_KUBE_CONFIG_H

#include "core/arena.h"
#include "io/kube_client.h"

/* Bytes that stand in the configuration, or a file that holds them. */
struct kube_source {
    struct text data; /* absent: in the file */
    const char *path; /* NULL: not given, or `data` is */
    const char *name; /* for messages: "users 'a': client-key-data" */
};

/* A program that is asked for credentials. */
struct kube_plugin {
    const char *name;             /* for messages: "users 'a': exec" */
    const char *version;          /* of its API: "client.authentication.k8s.io/v1" */
    const char *command;          /* searched for in $PATH where it has no slash */
    const char *hint;             /* how to install it; NULL: not said */
    const char *const *arguments; /* as execve() takes them: the command first, NULL last */
    const char *const *variables; /* "NAME=value", NULL last; over our own environment */
    bool wants_cluster;
    const char *cluster_config; /* JSON that the kubeconfig has for it; NULL: none */
};

struct kube_config {
    struct arena arena;      /* everything below; wiped when released */
    const char *origin;      /* the file or folder that it comes from */
    const char *context;     /* for messages; NULL in a pod */
    const char *server;      /* "https://host:port" */
    const char *host;        /* of it, IPv6 addresses in brackets */
    const char *port;        /* never empty */
    const char *base_path;   /* what comes before each request's path: "" or "/k8s/clusters/c-1" */
    const char *server_name; /* that the certificate must name; NULL: the host */
    const char *proxy;       /* NULL: none is named */
    const char *name_space;  /* NULL: none is named */
    bool skips_verification;
    struct kube_source authority; /* neither data nor path: the system's */
    struct kube_source certificate;
    struct kube_source key;
    struct kube_source token;
    const char *username; /* with a password; NULL: none */
    const char *password;
    const struct kube_plugin *plugin; /* NULL: none */
};

MUST_CHECK bool kube_config_load(const struct kube_client_options *options, struct kube_config *ret_config,
                                 struct error *err);

/* Read kubeconfigs and take one context. `paths` is a list with colons where `is_list`, and files of a list
   need not be there. `context` NULL: the current-context. */
MUST_CHECK bool kube_config_load_files(const char *paths, bool is_list, const char *context,
                                       struct kube_config *ret_config, struct error *err);

/* Take host and port from the environment and the rest from the folder, where a pod finds its service
 * account. */
MUST_CHECK bool kube_config_load_pod(const char *folder, struct kube_config *ret_config, struct error *err);

/* Take a server's address apart into server, host, port and base_path; it must be https://. */
MUST_CHECK bool kube_config_set_server(struct kube_config *config, const char *url, struct error *err);

/* Whether it can stand in a URL as a host's name or address. */
bool kube_config_is_host(struct text host);

/* "folder/name"; NULL without memory. */
const char *kube_config_join(struct arena *arena, struct text folder, const char *name);

void kube_config_release(struct kube_config *config);

#endif
