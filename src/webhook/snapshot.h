/* SPDX-License-Identifier: Apache-2.0 */
/* What decisions are made by, loaded from the files that the options name. */
#ifndef WEBHOOK_SNAPSHOT_H
#define WEBHOOK_SNAPSHOT_H

#include "core/target.h"
#include "io/config.h"
#include "options.h"

struct loaded {
    struct config config;
    struct nodes nodes;       /* of --nodes; none with --watch-nodes, until a list is there */
    struct snapshot snapshot; /* points into the two others: do not move it */
};

/* Load policy, catalogue and nodes. On failure nothing is kept and `problems` says why. */
MUST_CHECK bool loaded_load(const struct options *options, struct loaded *loaded, struct problems *problems);

/* The same; prints all problems on standard error. Returns the exit status. */
MUST_CHECK int loaded_load_or_say(const struct options *options, struct loaded *loaded);

void loaded_release(struct loaded *loaded);

/* --check-config: the same, and a line that says what was read. Returns the exit status. */
int check_config(const struct options *options);

#endif
