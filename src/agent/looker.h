/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looking at the node again and again: cheaply whether something changed, and everything where it did, at a
 * refresh, and while devices may still be coming after boot.
 *
 *     AUTO(looker_release) struct looker looker = {.setup = &setup, .board = &board};
 *     do {
 *         looker_look(&looker, clock_ms());
 *     } while (board_wait_news(&board, interval_ms));
 *
 * Waits neither for the API server nor for libfabric. It opens devices (--devices open) where something
 * changed and at a refresh, never at every look.
 */
#ifndef AGENT_LOOKER_H
#define AGENT_LOOKER_H

#include "board.h"
#include "collect.h"

struct looker {
    const struct agent_setup *setup;
    struct board *board;
    struct collector collector;      /* its setup is the looker's */
    struct agent_facts *facts;       /* as they were last read; NULL: not yet */
    struct agent_promises *promises; /* as they were last told; NULL: not yet */
    struct agent_view *view;         /* as it was last published; NULL: none yet */
    uint64_t fingerprint;
    int64_t read_ms;
};

void looker_look(struct looker *looker, int64_t now_ms);

void looker_release(struct looker *looker);

#endif
