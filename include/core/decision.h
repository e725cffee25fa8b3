/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A decision: why, what changes, and what the author should know.
 *
 * Rules (src/core/rule_*.c) get the facts in a `struct subject` and append changes and remarks to the
 * decision. Memory is the arena's; running out is remembered in `failed` and asked once.
 */
#ifndef CORE_DECISION_H
#define CORE_DECISION_H

#include "core/target.h"

/* Why a decision came out so: the log's and the metrics' label, the status' result, and the sentence for
 * people. */
#define DECISION_REASONS(X)                                                                                  \
    X(INJECTED, "injected", "the pod asks for what an EFA node offers; what it lacked was added")            \
    X(LAUNCHER, "launcher", "an MPIJob launcher starts the ranks and needs no device itself")                \
    X(RAY_HEAD, "ray-head", "a Ray head or submitter without accelerators needs no EFA device")              \
    X(INITIALIZER, "initializer", "a dataset or model initializer needs no EFA device")                      \
    X(CLAIMS, "claims", "its devices come from resource claims, so neither EFA nor accelerators were added") \
    X(UNRESOLVED, "unresolved", "nothing says which instance type the pod is for")                           \
    X(AMBIGUOUS, "ambiguous", "several instance types that differ are possible")                             \
    X(CONTRADICTION, "contradiction", "annotation and scheduling constraints exclude each other")            \
    X(IMPOSSIBLE, "impossible", "no node of the type can ever run this pod")                                 \
    X(BAD_ANNOTATION, "bad-annotation", "an annotation is unknown, incomplete or has a bad value")           \
    X(BAD_POD, "bad-pod", "the pod asks for something that is no valid amount")                              \
    X(OPTED_OUT, "opted-out", "the pod says inject: \"false\"")                                              \
    X(NOT_OPTED_IN, "not-opted-in", "the pod carries no annotation of ours")                                 \
    X(MIRROR_POD, "mirror-pod", "mirror pods belong to the kubelet and are never touched")                   \
    X(NOT_A_POD, "not-a-pod", "only the creation of pods is looked at")

enum reason {
#define X(name, label, sentence) REASON_##name,
    DECISION_REASONS(X)
#undef X
    REASON_COUNT,
};

/* Warnings: id in the status, and what it is about. The text itself is written where it is raised. */
#define DECISION_WARNINGS(X)                                                                                 \
    X(FIRST_CONTAINER, "first-container", "nothing says which container gets the devices; the first does")   \
    X(EFA_NUMBER, "efa-number", "annotation efa sets a number instead of all interfaces or the pod's share") \
    X(EFA_ZERO, "efa-zero", "vpc.amazonaws.com/efa is 0: by the author, or by a LimitRange's default")       \
    X(EFA_FEWER, "efa-fewer", "the pod asks for fewer EFA interfaces than its share")                        \
    X(EFA_KEPT, "efa-kept", "the pod asks for more EFA interfaces than annotation efa says")                 \
    X(ACCELERATORS_KEPT, "accelerators-kept", "accelerators were not added")                                 \
    X(PARTIAL_NODE, "partial-node", "the pod takes a part of a node")                                        \
    X(NODE_FEWER, "node-fewer", "matching nodes offer less than the instance type has")                      \
    X(MIXED_TYPES, "mixed-types", "two instance types that are alike are possible")                          \
    X(IMPOSSIBLE, "impossible", "the pod asks for what no node of the type has")                             \
    X(UNRESOLVED, "unresolved", "nothing says which instance type the pod is for")                           \
    X(AMBIGUOUS, "ambiguous", "several instance types that differ are possible")                             \
    X(CLAIMS, "claims", "devices come from resource claims")                                                 \
    X(NO_HUGEPAGES, "no-hugepages", "huge pages were left out")                                              \
    X(HUGEPAGES_VOLUME, "hugepages-volume", "huge page sizes and volumes of the pod do not go together")     \
    X(HUGEPAGES_OVER, "hugepages-over", "the pod asks for more huge pages than matching nodes have")         \
    X(HUGEPAGES_KEPT, "hugepages-kept", "the pod's own huge pages differ from annotation hugepages")         \
    X(HUGEPAGES_VARIABLE, "hugepages-variable", "FI_EFA_USE_HUGE_PAGE is 1 without huge pages")              \
    X(NO_MEMORY_LIMIT, "no-memory-limit", "a container with devices has no memory limit")                    \
    X(SHM_LIMITED, "shm-limited", "/dev/shm is smaller than the policy's because of a memory limit")         \
    X(SHM_NONE, "shm-none", "no room for a useful /dev/shm")                                                 \
    X(SHM_KEPT, "shm-kept", "the pod's own /dev/shm differs from annotation shm")                            \
    X(SHM_OVER_MEMORY, "shm-over-memory", "/dev/shm may grow beyond the memory limit")                       \
    X(ENV_FROM, "env-from", "variables may come from envFrom and were left to it")                           \
    X(ENV_NEEDS_X, "env-needs-x", "ranks do not inherit the worker's environment; mpirun needs -x")          \
    X(HARMFUL_VARIABLE, "harmful-variable", "a variable of the pod does harm")                               \
    X(NO_GROUP, "no-group", "no group of peers is known, so nothing keeps them in one zone")                 \
    X(ZONE_IMPOSSIBLE, "zone-impossible", "the same-zone term was asked for and cannot be written")

enum warning {
#define X(name, id, about) WARNING_##name,
    DECISION_WARNINGS(X)
#undef X
    WARNING_COUNT,
};

enum {
    WARNINGS_LIMIT = 32
};

struct remark {
    enum warning id;
    struct text text; /* one printable line of at most 120 characters */
};

/* A container that gets devices, with what is added to it. */
struct recipient {
    const struct container *container;
    struct asks asks;    /* what it asks for as it came */
    struct pair *limits; /* resources to add: name, amount */
    size_t limit_count;
    struct pair *requests;
    size_t request_count;
    struct pair *variables;
    size_t variable_count;
    struct pair *mounts; /* volume, path */
    size_t mount_count;
    /* as it will be, for the status */
    uint64_t efa;
    uint64_t accelerators;
    uint64_t hugepages_bytes;
};

/* An emptyDir to add. */
struct new_volume {
    struct text name;
    struct text medium;
    struct text size_limit; /* absent: none */
};

/* What the rules look at. Found once, before them. */
struct subject {
    const struct pod *pod;
    const struct annotations *annotations;
    const struct snapshot *snapshot;
    struct asks asks; /* of the whole pod */
    struct target target;
    struct recipient *recipients;
    size_t recipient_count;
    bool are_recipients_guessed; /* the first container, for want of a better reason */
    /* The pod's share of a node, by accelerators: 8 of 8, 1 of 8. 1 of 1 where the type has none. */
    unsigned share;
    unsigned share_of;
};

struct decision {
    struct arena *arena;
    enum reason reason;
    bool is_allowed;
    struct text message; /* why it is denied and what to write; absent when allowed */
    struct remark warnings[WARNINGS_LIMIT];
    size_t warning_count;
    bool has_warning[WARNING_COUNT]; /* raised, also where the list was full */
    bool wants_notes;                /* -o explain: keep sentences on what each rule did and why */
    struct text *notes;
    size_t note_count;

    struct subject subject;
    struct pair label;          /* the group's; key absent: none */
    struct pair *node_selector; /* entries to add */
    size_t node_selector_count;
    struct text zone_term_group; /* value that the same-zone term selects; absent: no term */
    struct new_volume *volumes;
    size_t volume_count;
    struct text status; /* value of the status annotation; absent: none is written */
    bool failed;        /* memory ran out */
};

struct text reason_label(enum reason reason);
struct text reason_sentence(enum reason reason);
struct text warning_id(enum warning warning);
struct text warning_about(enum warning warning);

/* Add a warning once; control characters become spaces and the text is cut at 120 characters. */
void decision_warn(struct decision *decision, enum warning id, const char *format, ...) PRINTF_LIKE(3, 4);

/* Add a sentence for -o explain; costs nothing unless wants_notes. */
void decision_note(struct decision *decision, const char *format, ...) PRINTF_LIKE(2, 3);

/* Say no, with why and what to write; control characters become spaces. */
void decision_deny(struct decision *decision, enum reason reason, const char *format, ...) PRINTF_LIKE(3, 4);

bool decision_has_warning(const struct decision *decision, enum warning id);

/* Additions. The texts must outlive the decision (literals, the body, the arena). */
void decision_add_limit(struct decision *decision, struct recipient *recipient, struct text name,
                        struct text amount);
void decision_add_request(struct decision *decision, struct recipient *recipient, struct text name,
                          struct text amount);
void decision_add_variable(struct decision *decision, struct recipient *recipient, struct text name,
                           struct text value);
void decision_add_mount(struct decision *decision, struct recipient *recipient, struct text volume,
                        struct text path);
void decision_add_volume(struct decision *decision, struct new_volume volume);
void decision_add_node_selector(struct decision *decision, struct text key, struct text value);

/* "32", "5120Mi": in the arena, for the additions. */
struct text decision_number(struct decision *decision, uint64_t number);
struct text decision_mebibytes(struct decision *decision, uint64_t bytes);

#endif
