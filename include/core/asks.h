/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What containers ask of the devices that this project is about.
 *
 * The larger of limit and request counts; null and "0" are zero. A fraction of a device, or an amount that is
 * no quantity, is ERROR_INPUT naming container, resource and amount.
 *
 * Source: Kubernetes "Extended Resources": whole numbers, request equal to limit.
 */
#ifndef CORE_ASKS_H
#define CORE_ASKS_H

#include "core/pod.h"
#include "core/policy.h"
#include "core/quantity.h"

extern const struct text efa_resource;       /* "vpc.amazonaws.com/efa": AWS EFA device plugin */
extern const struct text hugepages_resource; /* "hugepages-2Mi" */

struct asks {
    enum vendor vendor;    /* of the accelerators; VENDOR_NONE where none are asked for */
    bool has_other_vendor; /* a second vendor's are asked for too */
    uint64_t accelerators; /* whole devices of `vendor`, by its own resource */
    bool
        has_shares; /* parts of devices: nvidia.com/mig-*, nvidia.com/gpu.shared, aws.amazon.com/neuroncore */
    uint64_t efa;
    uint64_t efa_running;     /* of the pod: without init containers that are over before the others run */
    bool has_efa_zero;        /* vpc.amazonaws.com/efa is written, and zero */
    uint64_t hugepages_bytes; /* of 2 MiB */
    bool has_claims;          /* resources.claims that stand for devices: any but policy claims_ignore */
};

/* Of one container. */
MUST_CHECK bool asks_of(const struct container *container, const struct pod *pod, const struct policy *policy,
                        struct asks *ret_asks, struct error *err);

/* Of the whole pod, as the scheduler counts: regular containers and sidecars added up; other init containers,
   each with the sidecars that run by then, where that is more. */
MUST_CHECK bool asks_of_pod(const struct pod *pod, const struct policy *policy, struct asks *ret_asks,
                            struct error *err);

/* The amount of a resource: limit, else request, else 0. */
MUST_CHECK bool asks_amount(const struct container *container, struct text resource,
                            struct quantity *ret_amount, struct error *err);

/* Whether the container asks for accelerators (whole or in part, not zero) of any vendor. */
bool asks_has_accelerators(const struct asks *asks);

#endif
