/* SPDX-License-Identifier: Apache-2.0 */
#include "certs_state.h"

#include "certs_facts.h"

#include <stdio.h>

enum {
    PATH_BYTES = 768,
    ANSWER_LIMIT_BYTES = 4 * 1024 * 1024, /* an object has less than 2 */
};

/* What is passed through while reading. */
struct reading {
    const struct certs_target *target;
    struct certs_state *state;
    struct error *err;
};

static void wipe(struct text text)
{
    if (text.at != NULL)
        explicit_bzero((char *)(uintptr_t)text.at, text.length);
}

void certs_state_release(struct certs_state *state)
{
    for (size_t i = 0; i < COUNT_OF(state->bodies); i++)
        kube_response_release(&state->bodies[i]);
    for (size_t i = 0; i < state->authority_count; i++)
        wipe(state->keys[i]);
    wipe(state->leaf_key);
    arena_release(&state->arena);
    *state = (struct certs_state){.authority_count = 0};
}

/* Ask for an object; that it does not exist is an answer too. */
static bool get(const struct reading *reading, const char *path, struct kube_response *response,
                bool *ret_is_there)
{
    const struct kube_request request = {.path = path, .limit_bytes = ANSWER_LIMIT_BYTES};

    *ret_is_there = kube_call(reading->target->client, &request, response, reading->err);
    return *ret_is_there || response->status == 404;
}

/* An answer that cannot be read is the server's fault, not the caller's. */
static bool blame_server(struct error *err, const char *path)
{
    if (err->kind == ERROR_INPUT)
        err->kind = ERROR_REMOTE;
    return error_wrap(err, "GET %.120s: the answer", path);
}

static bool refuse_manager(const struct reading *reading, const struct object_meta *meta, const char *kind,
                           const char *name)
{
    struct text manager = object_meta_manager(meta, &reading->state->arena);

    if (manager.at == NULL)
        return true;
    return error_set(reading->err, ERROR_INPUT,
                     "%s %.60s is managed by %.*s: run no --manage-certs beside it (its Job and CronJob), or "
                     "take it away from there first",
                     kind, name, TEXT_ARGS_MAX(manager, 60));
}

static bool load_secret(const struct reading *reading, const char *name, struct kube_response *response,
                        struct secret *ret_secret, bool *ret_is_there)
{
    char path[PATH_BYTES];

    (void)snprintf(path, sizeof(path), "/api/v1/namespaces/%s/secrets/%s", reading->target->namespace, name);
    if (!get(reading, path, response, ret_is_there))
        return false;
    if (!*ret_is_there)
        return true;
    if (!secret_read(buffer_text(&response->body), &reading->state->arena, ret_secret, reading->err))
        return blame_server(reading->err, path);
    return refuse_manager(reading, &ret_secret->meta, "Secret", name);
}

static bool check_entry(const struct reading *reading, const struct webhook_entry *entry)
{
    const char *service = reading->target->options->service;
    const char *namespace = reading->target->namespace;

    if (entry->service_name.at == NULL) {
        return error_set(reading->err, ERROR_INPUT,
                         "webhook %.*s names no Service but a URL, and --manage-certs makes certificates for "
                         "Services alone",
                         TEXT_ARGS_MAX(entry->name, 80));
    }
    if (text_is_string(entry->service_name, service) && text_is_string(entry->service_namespace, namespace))
        return true;
    return error_set(
        reading->err, ERROR_INPUT,
        "webhook %.*s calls Service %.*s in namespace %.*s, not %s in %s: say so by --service and "
        "--namespace",
        TEXT_ARGS_SHORT(entry->name), TEXT_ARGS_SHORT(entry->service_name),
        TEXT_ARGS_SHORT(entry->service_namespace), service, namespace);
}

static bool load_configuration(const struct reading *reading, struct kube_response *response)
{
    struct certs_state *state = reading->state;
    const char *name = reading->target->options->webhook_configuration;
    char path[PATH_BYTES];

    (void)snprintf(path, sizeof(path),
                   "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/%s", name);
    if (!get(reading, path, response, &state->has_configuration))
        return false;
    if (!state->has_configuration)
        return true;
    if (!webhook_configuration_read(buffer_text(&response->body), &state->arena, &state->configuration,
                                    reading->err))
        return blame_server(reading->err, path);
    for (size_t i = 0; i < state->configuration.count; i++) {
        if (!check_entry(reading, &state->configuration.entries[i]))
            return false;
    }
    return refuse_manager(reading, &state->configuration.meta, "MutatingWebhookConfiguration", name);
}

/*
 * In the order that makes a run beside another one harmless: what signs is read last, so that no authority
 * that is in the bundle already can look like a stranger's.
 */
bool certs_state_load(const struct certs_target *target, int64_t now_seconds, struct certs_state *state,
                      struct error *err)
{
    const struct reading reading = {.target = target, .state = state, .err = err};
    const struct options *options = target->options;

    return load_configuration(&reading, &state->bodies[0]) &&
           load_secret(&reading, options->tls_secret, &state->bodies[1], &state->leaf, &state->has_leaf) &&
           load_secret(&reading, options->ca_secret, &state->bodies[2], &state->authority,
                       &state->has_authority) &&
           certs_facts_fill(target, now_seconds, state, err);
}
