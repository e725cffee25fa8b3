/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the keeper knows, for those who ask on the plain port: never read by a review.
 *
 * Thread: any; a lock guards it.
 */
#ifndef WEBHOOK_HEALTH_H
#define WEBHOOK_HEALTH_H

#include "core/error.h"

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

/* Times are CLOCK_MONOTONIC's. Errors of the kind ERROR_NONE: there is none. */
struct health_facts {
    int64_t certificate_until_seconds; /* since 1970 */
    struct error certificate;          /* a new one was refused */
    struct error configuration;        /* likewise */
    bool is_configuration_waiting;     /* for the first list of its nodes */

    /* with --watch-nodes */
    bool is_watching;
    bool has_listed;         /* once at least */
    int64_t heard_seconds;   /* when the API server last said something; until then, when we began */
    int64_t silence_seconds; /* since then; filled by health_read() */
    size_t node_count;
    size_t class_count;
    struct error nodes; /* why the list or the watch last failed; gone once it works */
};

struct health {
    pthread_mutex_t mutex;
    struct health_facts facts;
};

void health_init(struct health *health);
void health_release(struct health *health);

struct health_facts health_read(struct health *health);

/* NULL for an error means that all is well. */
void health_note_certificate(struct health *health, const struct error *err, int64_t until_seconds);
void health_note_configuration(struct health *health, const struct error *err);
void health_note_waiting(struct health *health, bool is_waiting);

void health_note_watching(struct health *health);
void health_note_nodes(struct health *health, size_t node_count, size_t class_count);
void health_note_nodes_failure(struct health *health, const struct error *err);

#endif
