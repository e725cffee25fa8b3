/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What holds for every answer, whatever a case expects.
 *
 * Each fails the test with what it found. They make their own reviews from the case's.
 */
#ifndef GOLDEN_PROPERTIES_H
#define GOLDEN_PROPERTIES_H

#include "case.h"

/* Asked twice, and with an arena that was used before: the same bytes. */
void property_deterministic(const struct question *question, const struct answer *answer);

/* The patch applies and only adds: nothing that was in the pod is lost or changed, save null, our status and
 * our group label. */
void property_minimal(const struct question *question, const struct answer *answer);

/* With the patch applied: no operation, the same decision and warnings. */
void property_idempotent(const struct question *question, const struct answer *answer);

/* Members that nobody knows, at every level of the pod: the same bytes are answered. */
void property_unknown_members(const struct question *question, const struct answer *answer);

/* The patched pod is one that the API server takes: limits and requests of devices alike, mounts of volumes
 * that are there, no name twice. */
void property_valid(const struct question *question, const struct answer *answer);

#endif
