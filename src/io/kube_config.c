/* SPDX-License-Identifier: Apache-2.0 */
#include "kube_config.h"

#include "kube_file.h"
#include "kube_secret.h"

#include <stdlib.h>
#include <unistd.h>

/* Kubernetes: where each container finds its pod's service account. */
static const char pod_folder[] = "/var/run/secrets/kubernetes.io/serviceaccount";

enum {
    PORT_MAX = 65535
};

void kube_config_release(struct kube_config *config)
{
    arena_wipe(&config->arena);
    *config = (struct kube_config){0};
}

const char *kube_config_join(struct arena *arena, struct text folder, const char *name)
{
    struct text parts[] = {folder, TEXT("/"), text_of(name)};

    return arena_join(arena, parts, COUNT_OF(parts)).at;
}

bool kube_config_is_host(struct text host)
{
    static const char foreign[] = "/@?#\\\"'<>%[] ";

    for (size_t i = 0; i < host.length; i++) {
        if ((unsigned char)host.at[i] <= ' ' || (unsigned char)host.at[i] >= 0x7f ||
            strchr(foreign, host.at[i]) != NULL)
            return false;
    }
    return host.length > 0;
}

/* "name:port", "[::1]:port", either without its port. */
static bool split_authority(struct text authority, struct text *ret_host, struct text *ret_port)
{
    bool is_bracketed = authority.length > 0 && authority.at[0] == '[';
    const char *end = is_bracketed ? memchr(authority.at, ']', authority.length) : NULL;
    struct text rest = authority;
    struct text host;

    if (is_bracketed && end == NULL)
        return false;
    if (is_bracketed) {
        size_t length = (size_t)(end - authority.at) + 1;

        *ret_host = (struct text){.at = authority.at, .length = length};
        rest = text_after(authority, length);
        if (!kube_config_is_host((struct text){.at = authority.at + 1, .length = length - 2}))
            return false;
        *ret_port = rest.length > 0 ? text_after(rest, 1) : (struct text){0};
        return rest.length == 0 || rest.at[0] == ':';
    }
    (void)text_split(&rest, ':', &host);
    *ret_host = host;
    *ret_port = rest;
    return kube_config_is_host(host);
}

static bool is_path(struct text path)
{
    for (size_t i = 0; i < path.length; i++) {
        if ((unsigned char)path.at[i] <= ' ' || (unsigned char)path.at[i] >= 0x7f || path.at[i] == '?' ||
            path.at[i] == '#')
            return false;
    }
    return true;
}

static bool set_parts(struct kube_config *config, struct text host, uint64_t port, struct text path)
{
    config->host = arena_copy(&config->arena, host).at;
    config->port = arena_format(&config->arena, "%u", (unsigned)port).at;
    config->base_path = arena_copy(&config->arena, path).at;
    if (config->host == NULL || config->port == NULL || config->base_path == NULL)
        return false;
    config->server = arena_format(&config->arena, "https://%s:%s", config->host, config->port).at;
    return config->server != NULL;
}

bool kube_config_set_server(struct kube_config *config, const char *url, struct error *err)
{
    static const struct text scheme = TEXT("https://");
    struct text rest = text_of(url);
    struct text authority = {0};
    struct text host = {0};
    struct text port = {0};
    uint64_t number = 443;

    if (!text_has_prefix(rest, scheme))
        return error_set(err, ERROR_INPUT, "must begin with https://");
    rest = text_after(rest, scheme.length);
    authority = (struct text){.at = rest.at, .length = strcspn(rest.at, "/")};
    rest = text_after(rest, authority.length);
    while (rest.length > 0 && rest.at[rest.length - 1] == '/')
        rest.length--;
    if (memchr(authority.at, '@', authority.length) != NULL || !split_authority(authority, &host, &port) ||
        !is_path(rest) || host.length > 253) {
        return error_set(
            err, ERROR_INPUT,
            "must be https://host:port, with nothing but a path behind it; IPv6 addresses stand in "
            "brackets");
    }
    if (port.at != NULL && (!text_parse_unsigned(port, PORT_MAX, &number) || number == 0))
        return error_set(err, ERROR_INPUT, "has a port that is no number from 1 to 65535");
    return set_parts(config, host, number, rest) || error_memory(err);
}

static bool set_pod_server(struct kube_config *config, struct error *err)
{
    const char *host = getenv("KUBERNETES_SERVICE_HOST");
    const char *port = getenv("KUBERNETES_SERVICE_PORT");
    const char *url;
    bool is_v6;

    if (host == NULL || host[0] == '\0' || port == NULL || port[0] == '\0')
        return error_set(err, ERROR_INPUT,
                         "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must both be set in a pod");
    is_v6 = strchr(host, ':') != NULL && host[0] != '[';
    url = arena_format(&config->arena, is_v6 ? "https://[%s]:%s" : "https://%s:%s", host, port).at;
    if (url == NULL)
        return error_memory(err);
    return kube_config_set_server(config, url, err) ||
           error_wrap(err, "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT");
}

/* The pod's namespace, where the file holds one. */
static bool load_namespace(struct kube_config *config, const char *path, struct error *err)
{
    AUTO(kube_file_release) struct kube_file file = {.path = path};
    AUTO(kube_file_release) struct kube_file found = {0};
    struct error unread = {0};
    struct text name;
    bool is_new;

    if (!kube_file_look(&file, false, &found, &is_new, &unread))
        return unread.kind != ERROR_MEMORY || error_memory(err);
    name = text_trim(buffer_text(&found.bytes));
    if (name.length == 0)
        return true;
    config->name_space = arena_copy(&config->arena, name).at;
    return config->name_space != NULL || error_memory(err);
}

bool kube_config_load_pod(const char *folder, struct kube_config *ret_config, struct error *err)
{
    AUTO(kube_config_release) struct kube_config config = {0};
    const char *name_space = kube_config_join(&config.arena, text_of(folder), "namespace");

    if (!set_pod_server(&config, err))
        return false;
    config.origin = arena_copy(&config.arena, text_of(folder)).at;
    config.token.name = "the service account's token";
    config.token.path = kube_config_join(&config.arena, text_of(folder), "token");
    config.authority.name = "the service account's ca.crt";
    config.authority.path = kube_config_join(&config.arena, text_of(folder), "ca.crt");
    if (config.origin == NULL || config.token.path == NULL || config.authority.path == NULL ||
        name_space == NULL)
        return error_memory(err);
    if (access(config.token.path, F_OK) != 0) {
        return error_set(err, ERROR_INPUT,
                         "%s is not there: does the pod set automountServiceAccountToken: false?",
                         config.token.path);
    }
    if (!load_namespace(&config, name_space, err))
        return false;
    *ret_config = config;
    config = (struct kube_config){0};
    return true;
}

static bool load_default_file(const char *context, struct kube_config *ret_config, struct error *err)
{
    AUTO(arena_release) struct arena arena = {0};
    const char *home = getenv("HOME");
    const char *path;

    if (home == NULL || home[0] == '\0') {
        return error_set(
            err, ERROR_INPUT,
            "no cluster is named: KUBERNETES_SERVICE_HOST, $KUBECONFIG and $HOME are all unset; use "
            "--kubeconfig FILE");
    }
    path = kube_config_join(&arena, text_of(home), ".kube/config");
    if (path == NULL)
        return error_memory(err);
    if (access(path, F_OK) != 0) {
        return error_set(
            err, ERROR_INPUT,
            "no cluster is named: KUBERNETES_SERVICE_HOST and $KUBECONFIG are unset and %.100s is not "
            "there; use --kubeconfig FILE",
            path);
    }
    return kube_config_load_files(path, false, context, ret_config, err);
}

bool kube_config_load(const struct kube_client_options *options, struct kube_config *ret_config,
                      struct error *err)
{
    const char *host = getenv("KUBERNETES_SERVICE_HOST");
    const char *paths = getenv("KUBECONFIG");

    if (options->kubeconfig != NULL)
        return kube_config_load_files(options->kubeconfig, false, options->context, ret_config, err);
    if (host != NULL && host[0] != '\0' && options->context == NULL)
        return kube_config_load_pod(pod_folder, ret_config, err);
    if (paths != NULL && paths[0] != '\0')
        return kube_config_load_files(paths, true, options->context, ret_config, err);
    return load_default_file(options->context, ret_config, err);
}
