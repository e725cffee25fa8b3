/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything about the node that can be had, in order: its files, libibverbs, opening, libfabric, IMDS.
 *
 * What is dear is kept from one reading to the next: libfabric, in a process that opens every device for a
 * moment, is asked again only where a device came, went or changed, and at a refresh where it had no answer;
 * the instance metadata service once, and every hour while it does not answer.
 *
 *     facts = collector_read(&collector, now_ms, &err);
 *     if (collector_wants_libfabric(&collector, facts, now_ms)) {
 *         answered = collector_ask_libfabric(&setup, &err);      up to ten seconds
 *         collector_keep_libfabric(&collector, answered);
 *         ...read again...
 *     }
 *     collector_keep(&collector, facts);
 */
#ifndef AGENT_COLLECT_H
#define AGENT_COLLECT_H

#include "agent_view.h"

struct collector {
    const struct agent_setup *setup;
    struct agent_facts *last;     /* as they were last read; NULL: not yet */
    struct agent_facts *answered; /* devices, and what libfabric said of them; NULL: not asked yet */
    bool has_asked_imds;
    int64_t imds_ms;          /* when */
    int64_t libfabric_ms;     /* when libfabric was last asked */
    uint64_t libfabric_count; /* how often */
};

/* Read all but libfabric; its last answer is in them where the devices are the same. NULL with `err` set
 * where memory ran out. */
MUST_CHECK struct agent_facts *collector_read(struct collector *collector, int64_t now_ms, struct error *err);

/* Whether libfabric is to be asked, which is noted as done. */
bool collector_wants_libfabric(struct collector *collector, const struct agent_facts *facts, int64_t now_ms);

/* The devices, and libfabric's answer; nothing else. NULL with `err` set where memory ran out.
 * Thread: any. */
MUST_CHECK struct agent_facts *collector_ask_libfabric(const struct agent_setup *setup, struct error *err);

/* Use this answer from now on. */
void collector_keep_libfabric(struct collector *collector, struct agent_facts *answered);

/* Build the next reading on these. */
void collector_keep(struct collector *collector, struct agent_facts *facts);

void collector_release(struct collector *collector);

#endif
