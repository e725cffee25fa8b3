/* SPDX-License-Identifier: Apache-2.0 */
/* Making the step that was decided: new keys, and what is applied to the cluster. */
#ifndef WEBHOOK_CERTS_WRITE_H
#define WEBHOOK_CERTS_WRITE_H

#include "certs_state.h"

/*
 * Make one step. `ret_is_conflict`: nothing was written, since somebody else changed the object after it was
 * read. ERROR_INPUT where somebody else owns the fields and they are not broken.
 */
MUST_CHECK bool certs_write(const struct certs_target *target, const struct certs_state *state,
                            const struct rotation_plan *plan, bool *ret_is_conflict, struct error *err);

#endif
