/* SPDX-License-Identifier: Apache-2.0 */
#include "health.h"

#include "io/clock.h"

void health_init(struct health *health)
{
    (void)pthread_mutex_init(&health->mutex, NULL);
    health->facts = (struct health_facts){0};
}

void health_release(struct health *health)
{
    (void)pthread_mutex_destroy(&health->mutex);
}

static struct health_facts *open_facts(struct health *health)
{
    (void)pthread_mutex_lock(&health->mutex);
    return &health->facts;
}

static void close_facts(struct health *health)
{
    (void)pthread_mutex_unlock(&health->mutex);
}

struct health_facts health_read(struct health *health)
{
    struct health_facts facts = *open_facts(health);

    close_facts(health);
    facts.silence_seconds = clock_ms() / 1000 - facts.heard_seconds;
    return facts;
}

static struct error copy_of(const struct error *err)
{
    return err != NULL ? *err : (struct error){.kind = ERROR_NONE};
}

void health_note_certificate(struct health *health, const struct error *err, int64_t until_seconds)
{
    struct health_facts *facts = open_facts(health);

    facts->certificate = copy_of(err);
    if (err == NULL)
        facts->certificate_until_seconds = until_seconds;
    close_facts(health);
}

void health_note_configuration(struct health *health, const struct error *err)
{
    open_facts(health)->configuration = copy_of(err);
    close_facts(health);
}

void health_note_waiting(struct health *health, bool is_waiting)
{
    open_facts(health)->is_configuration_waiting = is_waiting;
    close_facts(health);
}

void health_note_watching(struct health *health)
{
    struct health_facts *facts = open_facts(health);

    facts->is_watching = true;
    facts->heard_seconds = clock_ms() / 1000;
    close_facts(health);
}

void health_note_nodes(struct health *health, size_t node_count, size_t class_count)
{
    struct health_facts *facts = open_facts(health);

    facts->has_listed = true;
    facts->heard_seconds = clock_ms() / 1000;
    facts->node_count = node_count;
    facts->class_count = class_count;
    facts->nodes.kind = ERROR_NONE;
    close_facts(health);
}

void health_note_nodes_failure(struct health *health, const struct error *err)
{
    open_facts(health)->nodes = *err;
    close_facts(health);
}
