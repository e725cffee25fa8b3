/* SPDX-License-Identifier: Apache-2.0 */
/* One context of the kubeconfigs: its cluster and its user. */
#include "kube_config_file.h"
#include "kube_config_plugin.h"

/* Fields of a user that mean something which we do not do: passing them over would be acting as another. */
static const char *const impersonation[] = {"as", "as-uid", "as-groups", "as-user-extra"};

static const char *const proxy_schemes[] = {"http://", "https://", "socks5://", "socks5h://"};

static bool check_proxy(const struct place *place, const struct kube_config *config, struct error *err)
{
    if (config->proxy == NULL)
        return true;
    for (size_t i = 0; i < COUNT_OF(proxy_schemes); i++) {
        if (text_has_prefix(text_of(config->proxy), text_of(proxy_schemes[i])))
            return true;
    }
    return place_refuse(place, tree_find(place->map, "proxy-url"), "proxy-url", err,
                        "must begin with http://, https:// or socks5://");
}

static bool read_server(const struct place *place, struct kube_config *config, struct error *err)
{
    const char *url;
    struct error why = {0};

    if (!place_text(place, "server", &url, err))
        return false;
    if (url == NULL)
        return place_refuse(place, NULL, "server", err, "is missing: https://host:port of the API server");
    if (kube_config_set_server(config, url, &why))
        return true;
    if (why.kind == ERROR_MEMORY)
        return error_memory(err);
    return place_refuse(place, tree_find(place->map, "server"), "server", err, why.text);
}

static bool read_cluster(const struct place *place, struct kube_config *config, struct error *err)
{
    if (!read_server(place, config, err) ||
        !place_source(place, "certificate-authority", &config->authority, err) ||
        !place_bool(place, "insecure-skip-tls-verify", &config->skips_verification, err) ||
        !place_text(place, "tls-server-name", &config->server_name, err) ||
        !place_text(place, "proxy-url", &config->proxy, err) || !check_proxy(place, config, err))
        return false;
    if (config->server_name != NULL && !kube_config_is_host(text_of(config->server_name)))
        return place_refuse(place, tree_find(place->map, "tls-server-name"), "tls-server-name", err,
                            "must be a host's name, as the server's certificate has it");
    if (config->skips_verification && (config->authority.data.at != NULL || config->authority.path != NULL))
        return place_refuse(place, NULL, "insecure-skip-tls-verify", err,
                            "cannot be true beside a certificate-authority; remove one");
    return true;
}

static bool read_token(const struct place *place, struct kube_source *ret_token, struct error *err)
{
    const char *token;

    if (!place_path(place, "tokenFile", &ret_token->path, err) || !place_text(place, "token", &token, err))
        return false;
    ret_token->name =
        arena_format(place->arena, "%.100s: users '%.*s': %s", place->file, TEXT_ARGS_MAX(place->name, 60),
                     ret_token->path != NULL ? "tokenFile" : "token")
            .at;
    ret_token->data = text_of(token);
    return ret_token->name != NULL || error_memory(err);
}

static bool refuse_fields(const struct place *place, struct error *err)
{
    for (size_t i = 0; i < COUNT_OF(impersonation); i++) {
        const struct tree *tree = tree_find(place->map, impersonation[i]);

        if (tree != NULL && tree->kind != TREE_NULL)
            return place_refuse(place, tree, impersonation[i], err,
                                "asks to act as another user, which we cannot; use a context without it");
    }
    if (tree_find(place->map, "auth-provider") != NULL) {
        return place_refuse(place, tree_find(place->map, "auth-provider"), "auth-provider", err,
                            "is gone from Kubernetes since 1.26; use an exec plugin, such as `aws eks "
                            "update-kubeconfig` writes");
    }
    return true;
}

static bool check_user(const struct place *place, const struct kube_config *config, struct error *err)
{
    bool has_token = config->token.data.at != NULL || config->token.path != NULL;
    bool has_certificate = config->certificate.data.at != NULL || config->certificate.path != NULL;
    bool has_key = config->key.data.at != NULL || config->key.path != NULL;

    if (has_token + (config->username != NULL) + (config->plugin != NULL) > 1)
        return place_refuse(place, NULL, "names", err, "more than one of token, username and exec; keep one");
    if (config->username == NULL && config->password != NULL)
        return place_refuse(place, tree_find(place->map, "password"), "password", err,
                            "stands without a username");
    if (has_certificate != has_key)
        return place_refuse(place, NULL, has_key ? "client-certificate" : "client-key", err,
                            "is missing: certificate and key go together");
    return true;
}

static bool read_user(const struct place *place, struct kube_config *config, struct error *err)
{
    return refuse_fields(place, err) && read_token(place, &config->token, err) &&
           place_source(place, "client-certificate", &config->certificate, err) &&
           place_source(place, "client-key", &config->key, err) &&
           place_text(place, "username", &config->username, err) &&
           place_text(place, "password", &config->password, err) &&
           kube_config_read_plugin(place, &config->plugin, err) && check_user(place, config, err);
}

/* The map of the context that is asked for. */
static bool find_context(const struct kubeconfigs *files, const char *name, struct place *place,
                         struct error *err)
{
    struct text current = text_of(name);

    if (name == NULL && !kubeconfigs_text(files, "current-context", place->arena, &current, err))
        return false;
    if (current.at == NULL)
        return error_set(err, ERROR_INPUT, "the kubeconfig has no current-context; use --context NAME");
    place->list = "contexts";
    place->name = current;
    return kubeconfigs_find(files, "context", place, err);
}

static bool find_named(const struct kubeconfigs *files, const struct place *context, bool is_user,
                       struct place *place, struct error *err)
{
    const char *key = is_user ? "user" : "cluster";
    const char *name;

    if (!place_text(context, key, &name, err))
        return false;
    if (name == NULL && is_user)
        return true; /* nobody in particular: no credentials */
    if (name == NULL)
        return place_refuse(context, NULL, key, err, "is missing: the name of one of the clusters");
    place->list = is_user ? "users" : "clusters";
    place->name = text_of(name);
    if (kubeconfigs_find(files, key, place, err))
        return true;
    return err->kind == ERROR_MEMORY ? false
                                     : error_wrap(err, "context '%.*s'", TEXT_ARGS_MAX(context->name, 60));
}

static bool read_plugin_config(const struct place *cluster, struct kube_config *config, struct error *err)
{
    return config->plugin == NULL || !config->plugin->wants_cluster ||
           kube_config_read_plugin_cluster(cluster, config->plugin, &config->plugin, err);
}

bool kube_config_load_files(const char *paths, bool is_list, const char *context,
                            struct kube_config *ret_config, struct error *err)
{
    AUTO(kubeconfigs_release) struct kubeconfigs files = {0};
    AUTO(kube_config_release) struct kube_config config = {0};
    struct place at = {.arena = &config.arena};
    struct place cluster = {.arena = &config.arena};
    struct place user = {.arena = &config.arena};

    if (!kubeconfigs_load(paths, is_list, &files, err) || !find_context(&files, context, &at, err) ||
        !place_text(&at, "namespace", &config.name_space, err) ||
        !find_named(&files, &at, false, &cluster, err) || !find_named(&files, &at, true, &user, err) ||
        !read_cluster(&cluster, &config, err) || (user.map != NULL && !read_user(&user, &config, err)) ||
        !read_plugin_config(&cluster, &config, err))
        return false;
    config.origin = arena_copy(&config.arena, text_of(at.file)).at;
    config.context = arena_copy(&config.arena, at.name).at;
    if (config.origin == NULL || config.context == NULL)
        return error_memory(err);
    *ret_config = config;
    config = (struct kube_config){0};
    return true;
}
