/* SPDX-License-Identifier: Apache-2.0 */
#include "kube_client_new.h"

#include <stdlib.h>

void kube_client_close(struct kube_client **client)
{
    if (*client == NULL)
        return;
    http_client_free(&(*client)->http);
    kube_credential_release(&(*client)->credential);
    kube_config_release(&(*client)->config);
    arena_release(&(*client)->texts);
    free(*client);
    *client = NULL;
}

static bool set_texts(struct kube_client *client, const char *user_agent)
{
    const struct kube_config *config = &client->config;
    const char *name = config->server_name != NULL ? config->server_name : config->host;
    struct text url[] = {TEXT("https://"), text_of(name), TEXT(":"), text_of(config->port),
                         text_of(config->base_path)};
    struct text agent[] = {TEXT("User-Agent: "), text_of(user_agent != NULL ? user_agent : "efa-injector")};
    struct arena *arena = &client->texts;

    client->url = arena_join(arena, url, COUNT_OF(url)).at;
    client->agent_line = arena_join(arena, agent, COUNT_OF(agent)).at;
    if (config->server_name == NULL)
        return client->url != NULL && client->agent_line != NULL;
    client->connect_to = arena_format(arena, "::%s:%s", config->host, config->port).at;
    client->host_line = arena_format(arena, "Host: %s:%s", config->host, config->port).at;
    return client->url != NULL && client->agent_line != NULL && client->connect_to != NULL &&
           client->host_line != NULL;
}

bool kube_client_new(struct kube_config *config, const struct kube_client_options *options,
                     struct kube_client **ret_client, struct error *err)
{
    AUTO(kube_client_close) struct kube_client *client = calloc(1, sizeof(*client));

    if (client == NULL) {
        kube_config_release(config);
        return error_memory(err);
    }
    client->config = *config;
    *config = (struct kube_config){0};
    client->uses_proxy = options->uses_proxy;
    if (!kube_credential_init(&client->credential, &client->config, err))
        return false;
    if (!set_texts(client, options->user_agent))
        return error_memory(err);
    client->http = http_client_new(err);
    if (client->http == NULL)
        return false;
    *ret_client = client;
    client = NULL;
    return true;
}

bool kube_client_open(const struct kube_client_options *options, struct kube_client **ret_client,
                      struct error *err)
{
    struct kube_config config = {0};

    return kube_config_load(options, &config, err) && kube_client_new(&config, options, ret_client, err);
}

const char *kube_client_server(const struct kube_client *client)
{
    return client->config.server;
}

const char *kube_client_namespace(const struct kube_client *client)
{
    return client->config.name_space;
}
