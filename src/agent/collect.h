/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything about the node that can be had, in order: its files, libibverbs, opening, libfabric, IMDS.
 *
 * What is dear is kept from one reading to the next: libfabric, in a process that opens every device for a
 * moment, is asked again only where a device came, went or changed, and at a refresh where it had no answer;
 * the instance metadata service once, and every hour while it does not answer.
 *
 *     facts = collector_read(&collector, now_ms, &err);
 *     if (collector_wants_libfabric(&collector, facts, now_ms))
 *         collector_ask_libfabric(&collector, facts, now_ms, &err);      up to ten seconds
 *     collector_keep(&collector, facts);
 */
#ifndef AGENT_COLLECT_H
#define AGENT_COLLECT_H

#include "agent_view.h"

struct collector {
    const struct agent_setup *setup;
    struct agent_facts *last; /* whose answers are kept; NULL: none yet */
    bool has_asked_imds;
    int64_t imds_ms;          /* when */
    int64_t libfabric_ms;     /* when libfabric was last asked */
    uint64_t libfabric_count; /* how often */
};

/* Read all but libfabric. NULL with `err` set where memory ran out. */
MUST_CHECK struct agent_facts *collector_read(struct collector *collector, int64_t now_ms, struct error *err);

bool collector_wants_libfabric(const struct collector *collector, const struct agent_facts *facts,
                               int64_t now_ms);

/* The facts must not be shared yet. */
MUST_CHECK bool collector_ask_libfabric(struct collector *collector, struct agent_facts *facts,
                                        int64_t now_ms, struct error *err);

/* Build the next reading on these. */
void collector_keep(struct collector *collector, struct agent_facts *facts);

void collector_release(struct collector *collector);

#endif
