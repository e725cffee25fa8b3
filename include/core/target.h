/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which instance type the pod will land on, and what its nodes are known to offer.
 *
 *   1 annotation        the author named it
 *   2 constraints       nodeSelector and required nodeAffinity say it (with the policy's labelTypes)
 *   3 nodes             the nodes that match the pod's constraints say it
 *   4 containers        only one type has what the containers ask for
 *   5 default           the policy's defaultInstanceType
 *
 * 1 and 2 are intersected. The first step that leaves candidates answers. Several candidates are one answer
 * if they agree on counts, accelerator model and interoperability class.
 */
#ifndef CORE_TARGET_H
#define CORE_TARGET_H

#include "core/annotations.h"
#include "core/asks.h"
#include "core/nodes.h"

enum target_source {
    TARGET_BY_NOTHING,
    TARGET_BY_ANNOTATION,
    TARGET_BY_CONSTRAINTS,
    TARGET_BY_NODES,
    TARGET_BY_CONTAINERS,
    TARGET_BY_DEFAULT,
};

enum target_outcome {
    TARGET_FOUND,
    TARGET_UNRESOLVED,    /* no step left a candidate */
    TARGET_AMBIGUOUS,     /* a step left several that differ */
    TARGET_CONTRADICTION, /* annotation and constraints exclude each other */
    TARGET_UNKNOWN,       /* the annotation names a type that the catalogue lacks */
};

/* What is known of huge pages where the pod can land. */
enum hugepages_evidence {
    HUGEPAGES_OFFLINE,     /* no node source is configured */
    HUGEPAGES_NO_NODE,     /* live, but no ready node matches */
    HUGEPAGES_PROVISIONED, /* a matching node or a constraint is Karpenter's or Auto Mode's */
    HUGEPAGES_KNOWN,       /* hugepages_bytes holds the smallest allocatable */
};

struct target {
    enum target_outcome outcome;
    enum target_source source;
    const struct instance_type *type;  /* one of the candidates; NULL unless TARGET_FOUND */
    const struct instance_type *other; /* a candidate that is alike but not the same (p5 with p5e); NULL */
    struct text message;               /* why not, and what to write; absent for TARGET_FOUND */
    unsigned efa;                      /* what a node gives: nodes' evidence, at most the catalogue's */
    unsigned accelerators;
    bool is_node_fewer;     /* nodes that count give less than the catalogue says */
    bool is_oversubscribed; /* nodes advertise more accelerators than the type has: time slicing */
    enum hugepages_evidence hugepages;
    uint64_t hugepages_bytes; /* HUGEPAGES_KNOWN: smallest allocatable; otherwise the type's pool */
    bool is_constrained;      /* the pod's own constraints already keep it on these types */
    struct text spelling;     /* of the type, as matching nodes' labels spell it ("ml.p5.48xlarge") */
};

struct snapshot {
    const struct policy *policy;
    const struct catalogue *catalogue;
    const struct nodes *nodes; /* NULL: no node source is configured */
};

struct target_question {
    const struct pod *pod;
    const struct annotations *annotations;
    const struct asks *asks; /* the whole pod's */
    const struct snapshot *snapshot;
};

/*
 * Find the target. A zone that the annotation names counts as a constraint like the pod's own.
 *
 * Matching nodes is three-valued: a label that a class does not keep is unknown, and an unknown never
 * excludes. Of several candidates those that no node could run the pod on do not count. Messages are the
 * arena's, one line of at most 900 bytes; false only without memory.
 */
MUST_CHECK bool target_find(const struct target_question *question, struct arena *arena,
                            struct target *ret_target);

#endif
