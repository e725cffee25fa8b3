/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the threads of a serving agent tell each other, behind one lock that nobody holds for long: the looker
 * (looker.h) publishes views, the teller (teller.h) promises, the prober libfabric's answers, and the plain
 * port reads all of it.
 *
 * Times are CLOCK_MONOTONIC's unless they say otherwise.
 */
#ifndef AGENT_BOARD_H
#define AGENT_BOARD_H

#include "agent_view.h"
#include "reporter.h"

#include <pthread.h>

/* Numbers for the plain port. */
struct board_facts {
    int64_t begun_ms;       /* when the agent started */
    int64_t looked_ms;      /* when the looker was last at work; 0: not yet */
    int64_t looked_seconds; /* the same, since 1970 */
    uint64_t looks;         /* whether something changed */
    uint64_t readings;      /* of everything */
    uint64_t libfabric_count;
    struct reporter_counts reports;
    bool has_asked;       /* the API server */
    struct error cluster; /* what it last refused; ERROR_NONE: nothing */
};

struct board {
    pthread_mutex_t mutex;
    pthread_cond_t news;
    struct agent_view *view;
    uint64_t view_number; /* raised by each that is published */
    struct agent_promises *promises;
    struct agent_facts *answered; /* by libfabric; NULL: nothing that the looker has not taken */
    bool has_new_promises;        /* that the looker has not seen */
    bool wants_promises;          /* that the teller should read them anew */
    bool wants_libfabric;         /* that the prober should ask it */
    bool is_probing;              /* until it has answered */
    bool is_stopping;
    struct board_facts facts;
};

MUST_CHECK bool board_init(struct board *board, struct error *err);
void board_release(struct board *board);

/* Show a view, in place of the one before; takes its own hold. */
void board_publish(struct board *board, struct agent_view *view);

/* The latest view, held for the caller, and its number; NULL: none yet. */
struct agent_view *board_take_view(struct board *board, uint64_t *ret_number);

/* Give what was promised to the looker; takes its own hold. */
void board_give_promises(struct board *board, struct agent_promises *promises);

/* The latest promises, held for the caller; NULL: none yet. They are not new any more. */
struct agent_promises *board_take_promises(struct board *board);

/* Ask the teller to read anew what was promised; whether that is asked, which is so no more afterwards. */
void board_want_promises(struct board *board);
bool board_take_want(struct board *board);

/* Have libfabric asked, unless it is being asked; whether it is, or is to be. */
void board_want_libfabric(struct board *board);
bool board_is_probing(struct board *board);

/* Give libfabric's answer (NULL: it could not be asked) to the looker; takes its own hold. */
void board_give_answer(struct board *board, struct agent_facts *answered);

/* The answer, handed to the caller; NULL: none that is new. */
struct agent_facts *board_take_answer(struct board *board);

/* The looker has looked, and maybe read everything. */
void board_note_look(struct board *board, int64_t now_ms, bool has_read, uint64_t libfabric_count);

/* What the API server said: nothing bad where the kind is ERROR_NONE. */
void board_note_cluster(struct board *board, const struct error *err);
void board_note_reports(struct board *board, struct reporter_counts counts);

struct board_facts board_read(struct board *board);

/* Wait until promises or libfabric's answer are new or it is time to stop, at most `wait_ms`; false when it
 * is time to stop. */
bool board_wait_news(struct board *board, int64_t wait_ms);

/* Wait until there is another view than `number` or one wants promises or it is time to stop, at most
 * `wait_ms`; false when it is time to stop. */
bool board_wait_view(struct board *board, uint64_t number, int64_t wait_ms);

/* Wait until libfabric is to be asked or it is time to stop; false when it is time to stop. */
bool board_wait_want(struct board *board);

/* Tell everybody to end. */
void board_stop(struct board *board);

#endif
