/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a reporter remembers, and its three writers: condition, taint, Events.
 *
 * Each has a question (is it due?) and an act (write it); reporter.c asks and acts in that order.
 */
#ifndef AGENT_REPORTER_STATE_H
#define AGENT_REPORTER_STATE_H

#include "reporter.h"
#include "reporter_memory.h"
#include "reporter_pace.h"
#include "reporter_send.h"

enum {
    REPORTER_FIRST_SECONDS = 10 /* what is first written after a start is spread over */
};

/* The condition as the cluster has it, as far as we know. */
struct reporter_condition {
    bool is_known;
    uint64_t verdict;           /* status, reason and message in one number; 0: there is none */
    enum node_health status;    /* where there is one */
    int64_t transition_seconds; /* 0: not known */
    int64_t heartbeat_at;       /* when the next is due */
    struct reporter_window window;
    struct reporter_retry retry;
};

struct reporter_events {
    struct reporter_memory *memory;
    struct reporter_window all;
    struct reporter_window pods; /* those about pods, which are also among all */
    struct reporter_retry retry;
    bool was_unwell; /* and that was told */
};

/* Our taint on the node. */
struct reporter_taint {
    struct text key;
    enum fact is_there;
    int64_t look_at; /* when to look again whether it is as we left it */
    struct reporter_window window;
    struct reporter_retry retry;
};

struct reporter {
    struct reporter_options options; /* 0 replaced by what it stands for */
    struct arena arena;
    uint64_t spread; /* a number of the node's own */
    bool is_started;
    int64_t started_at;
    bool is_unread; /* the Node could not be read in the last report, since that moment or the last try */
    int64_t unread_at;
    uint64_t node_uid; /* of the Node that was read last, as a number; 0: none was */
    struct reporter_condition condition;
    struct reporter_taint taint;
    struct reporter_events events;
    struct reporter_counts counts;
};

/* A report at a moment, and what the condition says of it. */
struct reporter_view {
    const struct node_report *report;
    int64_t now;
    struct text reason;
    struct buffer message;
    uint64_t verdict; /* never 0 */
};

/* What came of a request: count it, and when to try again. */
void reporter_note_answer(struct reporter *reporter, struct reporter_retry *retry,
                          enum reporter_answer answer, const struct kube_response *response, int64_t now);

/* Whether the node's own moment within the first `seconds` after the start is behind. */
bool reporter_is_spread(const struct reporter *reporter, int64_t seconds, int64_t now);

/* Fill in what the condition is to say; the message may have failed. */
void reporter_condition_view(struct reporter_view *view);

/* Take over what the Node says of the condition, if it is the first to say so. */
void reporter_condition_adopt(struct reporter *reporter, const struct reporter_view *view);
bool reporter_condition_is_due(struct reporter *reporter, const struct reporter_view *view);
enum reporter_answer reporter_condition_write(struct reporter *reporter, struct kube_client *client,
                                              const struct reporter_view *view, struct error *err);

/* False without memory. */
MUST_CHECK bool reporter_taint_init(struct reporter_taint *taint, const char *prefix, struct arena *arena);
bool reporter_taint_is_due(struct reporter *reporter, const struct reporter_view *view);
enum reporter_answer reporter_taint_write(struct reporter *reporter, struct kube_client *client,
                                          const struct reporter_view *view, struct error *err);

/* False without memory. */
MUST_CHECK bool reporter_events_init(struct reporter_events *events, struct arena *arena, unsigned limit);
bool reporter_events_are_due(struct reporter *reporter, const struct reporter_view *view);
enum reporter_answer reporter_events_write(struct reporter *reporter, struct kube_client *client,
                                           const struct reporter_view *view, struct error *err);

#endif
