/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which step the webhook's certificates need next.
 *
 * Three objects are looked at: the Secret of the authority, the Secret of the leaf (what replicas serve
 * with), and the bundle (what API servers trust). Replicas see a new leaf up to 90 seconds late, API servers
 * a new bundle a little late. So the authority is changed in three steps, `step_delay_seconds` apart:
 *
 *     1. the new authority joins the bundle, beside the old one
 *     2. a leaf that the new authority signed replaces the old leaf
 *     3. the old authority leaves the bundle
 *
 * and at no time can a replica serve a leaf that some API server does not trust. What is broken right now (no
 * bundle, no usable leaf, no authority) is repaired at once and in an order that breaks nothing else.
 *
 * Each certificate that may sign is an authority and has a bit; sets of them are masks of those.
 */
#ifndef CORE_ROTATION_H
#define CORE_ROTATION_H

#include "core/macros.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    ROTATION_AUTHORITIES_LIMIT = 64,
    ROTATION_NOBODY = -1,
    /* What is valid for less than this counts as expired. */
    ROTATION_MARGIN_SECONDS = 3600,
    /* Times of change further ahead than this are not believed. */
    ROTATION_SKEW_SECONDS = 300,
};

#define ROTATION_TIME_UNKNOWN INT64_MIN

struct rotation_authority {
    int64_t from_seconds; /* since 1970, as all times here */
    int64_t until_seconds;
    bool has_key; /* it can sign */
};

enum rotation_presence {
    ROTATION_ABSENT,
    ROTATION_BROKEN, /* there, but half written or not what it should be */
    ROTATION_WHOLE,
};

struct rotation_leaf {
    enum rotation_presence presence;
    int64_t from_seconds;
    int64_t until_seconds;
    bool is_for_service; /* it names the host that API servers ask for */
    uint64_t signers;
    int64_t changed_at_seconds; /* or ROTATION_TIME_UNKNOWN */
};

struct rotation_bundle {
    bool is_there; /* a configuration with at least one webhook */
    uint64_t all;  /* what every webhook of the configuration trusts */
    uint64_t any;  /* what at least one trusts */
    bool has_junk; /* bytes that are no certificate */
    int64_t changed_at_seconds;
};

struct rotation_facts {
    int64_t now_seconds;
    int64_t step_delay_seconds;
    struct rotation_authority authorities[ROTATION_AUTHORITIES_LIMIT];
    enum rotation_presence presence; /* of the Secret of the authority */
    int current;  /* the authority that signs from now on; ROTATION_NOBODY: there is none */
    int previous; /* the one before it, while it may still be needed */
    struct rotation_leaf leaf;
    struct rotation_bundle bundle;
};

#define ROTATION_STEPS(X)                                                                                    \
    X(NONE, "none")                         /* all is well until `until_seconds` */                          \
    X(WAIT, "wait")                         /* until `until_seconds`, for the step before to be seen */      \
    X(MAKE_AUTHORITY, "make-authority")     /* a new key and certificate; `previous` stays beside it */      \
    X(SET_BUNDLE, "set-bundle")             /* every webhook trusts exactly `bundle` */                      \
    X(ISSUE_LEAF, "issue-leaf")             /* a new key and certificate, signed by `signer` */              \
    X(NOTE_LEAF, "note-leaf")               /* the leaf stays; the time of its change becomes now */         \
    X(FORGET_AUTHORITY, "forget-authority") /* the previous authority leaves the Secret */

enum rotation_step {
#define ROTATION_STEP(name, word) ROTATION_##name,
    ROTATION_STEPS(ROTATION_STEP)
#undef ROTATION_STEP
    ROTATION_STEP_COUNT
};

struct rotation_plan {
    enum rotation_step step;
    const char *reason; /* a sentence; static */
    bool is_rotation; /* at most one such step a run; else it repairs or tidies up, and the next may follow */
    bool is_urgent;   /* something is broken now */
    uint64_t bundle;
    int signer;
    int previous; /* of a new authority: what stays in the Secret beside it, for as long as it is needed */
    int64_t until_seconds;
};

/* What to do next about these facts; nothing else is looked at. */
struct rotation_plan rotation_decide(const struct rotation_facts *facts);

/* "issue-leaf". */
const char *rotation_step_word(enum rotation_step step);

/* When two thirds of that life are over and it is time for a new one. */
int64_t rotation_due(int64_t from_seconds, int64_t until_seconds);

#endif
