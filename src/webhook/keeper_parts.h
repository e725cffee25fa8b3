/* SPDX-License-Identifier: Apache-2.0 */
/* The keeper's parts; all run in its thread. */
#ifndef WEBHOOK_KEEPER_PARTS_H
#define WEBHOOK_KEEPER_PARTS_H

#include "keeper.h"

/* Look at the files, if the last look was long enough ago. False when the keeper is to stop. */
MUST_CHECK bool keeper_look(struct keeper *keeper);

/* Exchange certificate and key, if they have changed. */
void keeper_look_at_identity(struct keeper *keeper);

/* Take a new configuration, if there is one: at once, or into `incoming` where a watch runs. */
void keeper_look_at_configuration(struct keeper *keeper);

/* Show the configuration with these nodes. */
void keeper_show(struct keeper *keeper, const struct loaded *loaded, const struct nodes *nodes);

/* `next` is shown: let go of what was before. */
void keeper_adopt(struct keeper *keeper, struct loaded *next);

void keeper_free_loaded(struct loaded *loaded);

/* Watch the nodes until the keeper is to stop. */
void keeper_watch_nodes(struct keeper *keeper);

#endif
