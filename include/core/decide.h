/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The decision, whole: opting in, the instance type, and every rule of the patch.
 *
 *     struct decision decision = {.wants_notes = false};
 *     if (!decide(&pod, &snapshot, &arena, &decision, err))
 *         return false;
 *
 * Deterministic; depends on nothing but its arguments. Asked again with the patch applied it changes nothing.
 */
#ifndef CORE_DECIDE_H
#define CORE_DECIDE_H

#include "core/decision.h"

/* Decide on a pod that is being created. `ret_decision` needs no initialisation but `wants_notes`; the pod
   and the snapshot must outlive it. Returns false (ERROR_MEMORY) only. */
MUST_CHECK bool decide(const struct pod *pod, const struct snapshot *snapshot, struct arena *arena,
                       struct decision *decision, struct error *err);

#endif
