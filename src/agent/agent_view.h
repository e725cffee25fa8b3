/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was found, what was promised and what is made of both: each immutable once it is shared, and gone with
 * the last who holds it.
 *
 *     struct agent_facts *facts = collector_read(&collector, now_ms, &err);
 *     struct agent_view *view = agent_view_judge(&setup, facts, promises, &err);
 *     ...agent_board_publish(&board, view)...
 *     agent_view_drop(view);
 *
 * Thread: any, once it is shared.
 */
#ifndef AGENT_VIEW_H
#define AGENT_VIEW_H

#include "agent_setup.h"
#include "core/node_report.h"

#include <stdatomic.h>

struct agent_facts {
    atomic_uint holders;
    struct inventory inventory;
    bool opens_devices;        /* libfabric was asked, or is to be */
    bool is_libfabric_pending; /* its answer is still to come: judged without it */
};

struct agent_promises {
    atomic_uint holders;
    struct expectation expectation; /* Node, pods, checkpoint */
};

struct agent_view {
    atomic_uint holders;
    struct agent_facts *facts;
    struct agent_promises *promises; /* NULL: nobody was asked yet */
    struct expectation expectation;  /* borrows from facts, promises, setup */
    struct findings findings;
};

/* Both with one holder; NULL without memory. */
MUST_CHECK struct agent_facts *agent_facts_new(void);
MUST_CHECK struct agent_promises *agent_promises_new(void);

/* Neither Node nor pods could be read, for this reason. */
void agent_promises_refuse(struct agent_promises *promises, const struct error *err);

/* Judge. Holds facts and promises (NULL: none) itself. NULL with `err` set where memory ran out. */
MUST_CHECK struct agent_view *agent_view_judge(const struct agent_setup *setup, struct agent_facts *facts,
                                               struct agent_promises *promises, struct error *err);

/* What node_report.h takes; lives as long as the view. */
struct node_report agent_view_report(const struct agent_view *view);

struct agent_facts *agent_facts_hold(struct agent_facts *facts);
struct agent_promises *agent_promises_hold(struct agent_promises *promises);
struct agent_view *agent_view_hold(struct agent_view *view);

/* NULL is fine. */
void agent_facts_drop(struct agent_facts *facts);
void agent_promises_drop(struct agent_promises *promises);
void agent_view_drop(struct agent_view *view);

/* For AUTO(). */
void agent_facts_let(struct agent_facts **facts);
void agent_promises_let(struct agent_promises **promises);
void agent_view_let(struct agent_view **view);

#endif
