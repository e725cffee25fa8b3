/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The annotations under our prefix: what the author of the pod asked for.
 *
 * An unknown one, a bad value, or any of them without `inject` is refused with a sentence that names it and
 * says what is accepted, since a typo must not silently cost a night of TCP.
 */
#ifndef CORE_ANNOTATIONS_H
#define CORE_ANNOTATIONS_H

#include "core/pod.h"
#include "core/policy.h"

enum opt_in {
    OPT_NONE, /* nothing under the prefix but perhaps status: not our pod */
    OPT_IN,
    OPT_OUT, /* inject: "false" */
};

enum amount_mode {
    AMOUNT_AUTO, /* not said */
    AMOUNT_FULL,
    AMOUNT_KEEP, /* accelerators: never add */
    AMOUNT_OFF,
    AMOUNT_NUMBER, /* a count, or bytes */
};

enum zone_mode {
    ZONE_AUTO,
    ZONE_REQUIRED,
    ZONE_OFF,
    ZONE_NAMED,
};

struct annotations {
    struct text instance_type; /* as written; absent */
    struct text containers;    /* as written: names, comma-separated; absent */
    enum amount_mode efa;
    unsigned efa_count;
    enum amount_mode accelerators;
    enum amount_mode hugepages;
    uint64_t hugepages_bytes;
    enum amount_mode shm;
    uint64_t shm_bytes;
    struct text environment; /* a set's name; absent: default */
    bool is_environment_off;
    enum zone_mode zone;
    struct text zone_name;
    struct text group;
    bool wants_pin;
    struct text status; /* as it came; never believed */
};

/* Whether the pod is ours to look at: any annotation under the prefix but status, or the label `inject`. The
   same question as the matchConditions and the validating policy ask. Looks at nothing else. */
enum opt_in annotations_opt_in(const struct pod *pod, struct text prefix);

/* Read them all; for OPT_IN pods. ERROR_INPUT names annotation, value and what is accepted. */
MUST_CHECK bool annotations_read(const struct pod *pod, const struct policy *policy,
                                 struct annotations *ret_annotations, struct error *err);

#endif
