/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pods as nobody would write them by hand: each member that we touch there, absent or null, members that
 * nobody knows beside it, and annotations that are mostly valid.
 */
#ifndef SUPPORT_POD_MAKER_H
#define SUPPORT_POD_MAKER_H

#include "support/choices.h"

#include "core/buffer.h"

/* An AdmissionReview that creates such a pod. */
void pod_maker_review(struct choices *choices, struct buffer *buffer);

/* A NodeList of a few nodes, of types that the pods want. */
void pod_maker_nodes(struct choices *choices, struct buffer *buffer);

#endif
