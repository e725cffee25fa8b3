/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The catalogue: what each EFA-capable instance type has.
 *
 * An upper bound: nodes are the evidence (core/nodes.h). Built once from config/instance-types.yaml by
 * io/config.h, immutable afterwards, shared by all threads.
 *
 * Source: EC2 DescribeInstanceTypes; each row of the file names its own.
 */
#ifndef CORE_CATALOGUE_H
#define CORE_CATALOGUE_H

#include "core/hash.h"

enum vendor {
    VENDOR_NONE,
    VENDOR_NVIDIA,
    VENDOR_NEURON,
    VENDOR_HABANA,
};

enum {
    VENDOR_COUNT = VENDOR_HABANA + 1
};

/* A fact that may not be known. */
enum fact {
    FACT_UNKNOWN,
    FACT_NO,
    FACT_YES,
};

struct instance_type {
    struct text name; /* "p5.48xlarge" */
    unsigned efa_interfaces;
    unsigned network_cards;
    unsigned accelerators;         /* 0 where there are none that a pod can ask for */
    enum vendor vendor;            /* of the accelerators */
    struct text accelerator_model; /* "h100"; absent without accelerators */
    unsigned vcpus;
    uint64_t memory_bytes;
    uint64_t hugepages_pool_bytes; /* 2 MiB pages that EKS images set aside; 0: none */
    struct text interop;           /* types talk EFA only within their class: "any", "p4", "dl1" */
    struct text arch;              /* "amd64", "arm64" */
    enum fact rdma_read;
    enum fact gpudirect; /* EFA reads and writes device memory; no where there is no accelerator */
    struct text device_plugin_chart; /* first aws-efa-k8s-device-plugin that knows it; absent: not known */
};

enum {
    CATALOGUE_TYPES_LIMIT = 1024
};

/* A set of positions in the catalogue. */
struct type_set {
    uint64_t bits[CATALOGUE_TYPES_LIMIT / 64];
};

struct catalogue {
    struct arena arena; /* everything below is in it */
    const struct instance_type *types;
    size_t count;
    struct index by_name;
};

void catalogue_release(struct catalogue *catalogue);

/* The position of a type by its name, an "ml." prefix (SageMaker HyperPod) ignored; false when unknown. */
bool catalogue_find(const struct catalogue *catalogue, struct text name, size_t *ret_type);

/* The resource that a pod asks for: "nvidia.com/gpu", "aws.amazon.com/neuron", "habana.ai/gaudi"; absent for
 * none. */
struct text vendor_resource(enum vendor vendor);

/* The vendor that a resource name belongs to ("nvidia.com/mig-1g.10gb", "aws.amazon.com/neuroncore" too). */
enum vendor vendor_of_resource(struct text resource);

void type_set_add(struct type_set *set, size_t type);
bool type_set_has(const struct type_set *set, size_t type);
bool type_set_is_empty(const struct type_set *set);
size_t type_set_count(const struct type_set *set);
void type_set_fill(struct type_set *set, size_t count);
void type_set_intersect(struct type_set *set, const struct type_set *other);
void type_set_unite(struct type_set *set, const struct type_set *other);
void type_set_subtract(struct type_set *set, const struct type_set *other);
/* The smallest member that is at least `from`; false when there is none. */
bool type_set_next(const struct type_set *set, size_t from, size_t *ret_type);

#endif
