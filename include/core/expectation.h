/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a node should have: by the catalogue, by what Kubernetes was told of it, and by what its pods were
 * promised.
 *
 * Filled in by core/node_status.h, core/pod_promise.h, core/plugin_checkpoint.h; judged by core/findings.h.
 * Texts and arrays are in the expectation's arena. Zeroed is valid: nobody expects anything.
 */
#ifndef CORE_EXPECTATION_H
#define CORE_EXPECTATION_H

#include "core/inventory.h"
#include "core/node_condition.h"

/* What one container or pod got or was promised of a resource. */
struct resource_amounts {
    uint64_t efa;
    uint64_t accelerators;
    enum vendor vendor; /* of the accelerators */
    uint64_t hugepages_bytes;
};

/* A pod on this node. */
struct pod_promise {
    struct text namespace;
    struct text name;
    struct text uid;
    bool has_status; /* efa-injector.io/status, as far as it can be read */
    struct text result;
    struct text instance_type;
    struct resource_amounts promised; /* sums of the status */
    const struct text *warnings;      /* ids */
    size_t warning_count;
    bool is_in_checkpoint;      /* the kubelet's device plugin checkpoint names it */
    const struct text *efa_ids; /* devices that it holds, as the device plugin calls them */
    size_t efa_id_count;
    const struct text *accelerator_ids;
    size_t accelerator_id_count;
};

/* The Node object, as far as it says what the kubelet offers. */
struct node_status {
    struct text name;
    struct text uid;
    struct text instance_type;   /* label node.kubernetes.io/instance-type */
    struct text zone;            /* label topology.kubernetes.io/zone */
    struct reading capacity_efa; /* not known: the resource is not there at all */
    struct reading allocatable_efa;
    struct reading capacity_hugepages_bytes; /* of 2 MiB pages */
    struct reading allocatable_hugepages_bytes;
    struct reading capacity_accelerators[VENDOR_COUNT];
    struct reading allocatable_accelerators[VENDOR_COUNT];
    struct node_condition condition; /* EFAReady, as it stands in the cluster */
};

/* Who said which instance type it is. */
enum type_source {
    TYPE_UNKNOWN,
    TYPE_OPTION, /* --instance-type */
    TYPE_DMI,
    TYPE_NODE_LABEL,
    TYPE_IMDS,
};

struct expectation {
    struct arena arena;

    struct text type_name; /* "p5.48xlarge"; absent: nobody says */
    enum type_source type_source;
    const struct instance_type *type; /* NULL: nobody says, or the catalogue lacks it; borrowed */
    struct text other_name; /* another type of the catalogue that another source says; absent: none */
    enum type_source other_source;

    struct reading node; /* known: the Node object was read, and `status` holds it */
    struct node_status status;

    struct reading pods; /* known: how many pods of the node there are, all in `promises` */
    struct pod_promise *promises;
    size_t promise_count;

    struct reading checkpoint; /* known: how many entries the checkpoint has */

    bool has_wanted; /* --expect: what counts in place of catalogue, Node and pods */
    struct reading wanted_efa;
    struct reading wanted_accelerators;
    struct reading wanted_hugepages_bytes;

    bool failed; /* memory ran out while it was filled in */
};

/*
 * Choose the instance type: what `option` says (NULL: nothing), else the first of DMI, the Node's label and
 * IMDS that names a type of the catalogue, else the first that names what could be one; "ml." of HyperPod is
 * passed over. Fills type_name, type_source, type and, where another source names another type of the
 * catalogue, other_name and other_source. Texts are borrowed from inventory, expectation and option.
 */
void expectation_choose_type(struct expectation *expectation, const struct inventory *inventory,
                             const struct catalogue *catalogue, const char *option);

/* "--instance-type", "DMI", "Node label", "IMDS"; absent for nobody. */
struct text type_source_name(enum type_source source);

void expectation_release(struct expectation *expectation);

#endif
