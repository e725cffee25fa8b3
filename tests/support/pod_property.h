/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What holds for the answer to any pod whatever.
 *
 * It is a review with the request's uid. Where it is denied it says why and patches nothing. Where it is
 * allowed, the patch applies, every original value survives, nothing is added but at the paths that
 * the rules name, and asked again with the patch applied it patches nothing, decides the same and
 * warns the same (save that a guess is over once its container has the devices).
 */
#ifndef SUPPORT_POD_PROPERTY_H
#define SUPPORT_POD_PROPERTY_H

#include "core/target.h"

struct pod_property {
    char problem[2000]; /* empty: all is well */
    bool is_patched;
    bool is_denied;
};

/* Look at the answer to a review that has to be readable; `arena` is reset. */
void pod_property_check(struct text body, const struct snapshot *snapshot, struct arena *arena,
                        struct pod_property *ret_property);

/*
 * Snapshots to ask about: without nodes, with none, with different ones; policies that deny, warn or have a
 * default type. Aborts where the shipped configuration cannot be read.
 */
enum {
    POD_SNAPSHOTS = 12
};

const struct snapshot *pod_snapshots(void);

void pod_snapshots_release(void);

#endif
