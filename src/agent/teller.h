/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Talking to the API server: reading what the node was promised, and reporting what was found. It may hang or
 * fail; who looks and who serves metrics do not wait for it.
 *
 *     AUTO(teller_release) struct teller teller = {.setup = &setup, .board = &board};
 *     do {
 *         wait_ms = teller_turn(&teller, clock_ms());
 *     } while (board_wait_view(&board, teller.view_number, wait_ms));
 *
 * What was promised is read at every refresh, after what could not be read, and where something changed on
 * the node, but never more often than every 15 seconds.
 */
#ifndef AGENT_TELLER_H
#define AGENT_TELLER_H

#include "board.h"

struct teller {
    const struct agent_setup *setup;
    struct board *board;
    struct kube_client *client; /* NULL: not opened yet */
    struct reporter *reporter;  /* likewise */
    uint64_t view_number;       /* the latest view that was looked at */
    bool has_read;              /* once at least */
    bool wants;                 /* something changed since */
    int64_t read_ms;            /* when */
    struct error read_error;    /* why Node or pods could not be read */
    struct error report_error;  /* why a report failed */
    struct error told;          /* what the log last said of both */
};

/* Read and report what is due; in how many milliseconds to come again. */
int64_t teller_turn(struct teller *teller, int64_t now_ms);

void teller_release(struct teller *teller);

#endif
