/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper.h"

#include "core/version.h"
#include "io/clock.h"
#include "io/exits.h"
#include "io/kube_client.h"
#include "keeper_parts.h"
#include "node_watch.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    LOOK_MS = 1000,
    LOOK_SLACK_MS = 100, /* a watch's ticks come about every second */
};

/* Files are looked at before they are loaded: a change in between is then seen as one. */
int keeper_load(struct keeper *keeper, const struct options *options, struct service *service)
{
    int status;

    keeper->options = options;
    keeper->service = service;
    keeper->identity_files = (struct files){.paths = {options->tls_cert, options->tls_key}};
    keeper->configuration_files =
        (struct files){.paths = {options->policy, options->instance_types, options->nodes}};
    keeper->loaded = calloc(1, sizeof(*keeper->loaded));
    if (keeper->loaded == NULL) {
        struct error err = {0};

        (void)error_memory(&err);
        return exit_with(webhook_name, &err);
    }
    files_look(&keeper->configuration_files);
    files_settle(&keeper->configuration_files);
    status = loaded_load_or_say(options, keeper->loaded);
    (void)malloc_trim(0); /* what reading took goes back to the system */
    if (status == 0)
        keeper_show(keeper, keeper->loaded, keeper->loaded->snapshot.nodes);
    return status;
}

bool keeper_load_identity(struct keeper *keeper, struct identity *ret_identity, struct error *err)
{
    files_look(&keeper->identity_files);
    files_settle(&keeper->identity_files);
    if (!identity_load(keeper->options, ret_identity, err))
        return false;
    identity_warn(ret_identity, keeper->options->tls_cert);
    health_note_certificate(&keeper->service->health, NULL, ret_identity->dates.until_seconds);
    return true;
}

static bool is_stopping(struct keeper *keeper)
{
    bool answer;

    (void)pthread_mutex_lock(&keeper->mutex);
    answer = keeper->is_stopping;
    (void)pthread_mutex_unlock(&keeper->mutex);
    return answer;
}

bool keeper_look(struct keeper *keeper)
{
    int64_t now_ms = clock_ms();

    if (is_stopping(keeper))
        return false;
    if (now_ms - keeper->looked_ms < LOOK_MS - LOOK_SLACK_MS)
        return true;
    keeper->looked_ms = now_ms;
    keeper_look_at_identity(keeper);
    keeper_look_at_configuration(keeper);
    return true;
}

/* Until the next look, or until somebody wakes us. */
static void sleep_until_look(struct keeper *keeper)
{
    struct timespec until;

    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += LOOK_MS / 1000;
    (void)pthread_mutex_lock(&keeper->mutex);
    if (!keeper->is_stopping)
        (void)pthread_cond_timedwait(&keeper->wake, &keeper->mutex, &until);
    (void)pthread_mutex_unlock(&keeper->mutex);
}

static void *keep(void *context)
{
    struct keeper *keeper = context;

    if (keeper->client != NULL) {
        keeper_watch_nodes(keeper);
        return NULL;
    }
    while (keeper_look(keeper))
        sleep_until_look(keeper);
    return NULL;
}

static void init_wake(struct keeper *keeper)
{
    pthread_condattr_t attributes;

    (void)pthread_mutex_init(&keeper->mutex, NULL);
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&keeper->wake, &attributes);
    (void)pthread_condattr_destroy(&attributes);
}

static bool open_client(struct keeper *keeper, struct error *err)
{
    char agent[64];
    struct kube_client_options options = {
        .kubeconfig = keeper->options->kubeconfig,
        .context = keeper->options->context,
        .user_agent = agent,
    };

    (void)snprintf(agent, sizeof(agent), "efa-webhook/%s", version);
    if (!kube_client_open(&options, &keeper->client, err))
        return error_wrap(err, "--watch-nodes");
    health_note_watching(&keeper->service->health);
    return true;
}

bool keeper_start(struct keeper *keeper, struct http_server *https, struct error *err)
{
    keeper->https = https;
    if (keeper->options->watches_nodes && !open_client(keeper, err))
        return false;
    init_wake(keeper);
    if (pthread_create(&keeper->thread, NULL, keep, keeper) != 0)
        return error_set(err, ERROR_SYSTEM, "cannot start a thread: is the limit of processes reached?");
    keeper->is_running = true;
    (void)pthread_setname_np(keeper->thread, "keeper");
    return true;
}

void keeper_ask_to_stop(struct keeper *keeper)
{
    (void)pthread_mutex_lock(&keeper->mutex);
    keeper->is_stopping = true;
    (void)pthread_cond_signal(&keeper->wake);
    (void)pthread_mutex_unlock(&keeper->mutex);
}

void keeper_stop(struct keeper *keeper)
{
    if (!keeper->is_running)
        return;
    keeper_ask_to_stop(keeper);
    (void)pthread_join(keeper->thread, NULL);
    keeper->is_running = false;
}

void keeper_release(struct keeper *keeper)
{
    keeper_stop(keeper);
    kube_client_close(&keeper->client);
    node_view_free(keeper->view);
    keeper_free_loaded(keeper->incoming);
    keeper_free_loaded(keeper->waiting);
    keeper_free_loaded(keeper->loaded);
}
