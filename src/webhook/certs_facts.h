/* SPDX-License-Identifier: Apache-2.0 */
/* From what the objects hold to the facts that the next step is decided by. */
#ifndef WEBHOOK_CERTS_FACTS_H
#define WEBHOOK_CERTS_FACTS_H

#include "certs_state.h"

/* Fill in all that is not yet of `state`: authorities, keys, the leaf's parts, facts. */
MUST_CHECK bool certs_facts_fill(const struct certs_target *target, int64_t now_seconds,
                                 struct certs_state *state, struct error *err);

#endif
