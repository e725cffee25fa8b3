/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeps what requests see up to date: the one thread that reads files again when they change, asks the API
 * server for nodes, and exchanges snapshot and certificate.
 *
 *     AUTO(keeper_release) struct keeper keeper = {0};
 *     status = keeper_load(&keeper, options, &service);             policy, catalogue, nodes: published
 *     keeper_load_identity(&keeper, &identity, err);
 *     ...start the servers...
 *     keeper_start(&keeper, https, err);
 *     ...
 *     keeper_ask_to_stop(&keeper);                                  at the signal, before draining
 *     keeper_stop(&keeper);
 *
 * Something new that is bad is refused whole, told once (log, metric, readiness), and what was there stays.
 * With --watch-nodes a new policy or catalogue is shown together with the first list of nodes read by it.
 *
 * Thread: the functions are for the thread that serves.
 */
#ifndef WEBHOOK_KEEPER_H
#define WEBHOOK_KEEPER_H

#include "files.h"
#include "identity.h"
#include "service.h"
#include "snapshot.h"

struct kube_client;
struct node_view;

struct keeper {
    const struct options *options;
    struct service *service;
    struct http_server *https;
    struct files identity_files;
    struct files configuration_files;
    int64_t looked_ms;

    struct loaded *loaded;   /* what requests see */
    struct loaded *waiting;  /* newer, of which the nodes are being listed; NULL: none */
    struct loaded *incoming; /* newer still: ends the watch that runs; NULL: none */
    struct snapshot snapshots[2];
    unsigned turn; /* of the two */

    struct kube_client *client; /* NULL without --watch-nodes */
    struct node_view *view;     /* of a watch that has ended, whose nodes requests see */
    struct error told;          /* the last failure of the list or watch that was logged */
    int64_t told_ms;
    size_t varied_told; /* labels of the watch that runs which were logged as left out */

    pthread_t thread;
    bool is_running;
    bool is_stopping;      /* under the mutex */
    pthread_mutex_t mutex; /* valid once the thread was started */
    pthread_cond_t wake;
};

/* Load what decisions are made by and publish it; prints problems on standard error. Returns the exit
 * status. */
MUST_CHECK int keeper_load(struct keeper *keeper, const struct options *options, struct service *service);

/* Load certificate and key. */
MUST_CHECK bool keeper_load_identity(struct keeper *keeper, struct identity *ret_identity, struct error *err);

/* Start the thread. ERROR_INPUT where --watch-nodes does not say which cluster to ask. */
MUST_CHECK bool keeper_start(struct keeper *keeper, struct http_server *https, struct error *err);

/* Returns at once; the thread ends within a second or so. */
void keeper_ask_to_stop(struct keeper *keeper);

/* Wait until it has ended. What was published stays. */
void keeper_stop(struct keeper *keeper);

/* When no request is in work any more. */
void keeper_release(struct keeper *keeper);

#endif
