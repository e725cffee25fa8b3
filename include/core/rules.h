/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules of a decision, one module each, in the order in which decide() runs them.
 *
 * Each reads the decision's subject and appends changes, warnings and notes. decision_deny() ends the run.
 */
#ifndef CORE_RULES_H
#define CORE_RULES_H

#include "core/decision.h"

/* Whether the pod is one that gets the status alone, and as what. */
bool special_find(const struct pod *pod, const struct asks *asks, enum reason *ret_reason);

/* Who gets devices: finds decision->subject.recipients, denies an unknown name. */
void recipients_find(struct decision *decision);

/* What can never run: Windows, another vendor, more than the type has, unequal limit and request. */
void rule_possible(struct decision *decision);

/* Accelerators and EFA; sets the pod's share of a node. */
void rule_devices(struct decision *decision);

void rule_hugepages(struct decision *decision);
void rule_shm(struct decision *decision);
void rule_environment(struct decision *decision);

/* A type that only annotation, default or counts say becomes a nodeSelector. */
void rule_pin(struct decision *decision);

/* The status annotation; last, since it tells of the pod as the other rules leave it. */
void rule_status(struct decision *decision);

/* What can never be scheduled: denied, or a warning where the policy says onImpossible: warn. True when it
 * goes on. */
bool decision_impossible(struct decision *decision, const char *format, ...) PRINTF_LIKE(2, 3);

/* A variable that the container neither has nor may get from envFrom; the latter is warned about. */
void recipient_add_default(struct decision *decision, struct recipient *recipient, struct text name,
                           struct text value);

/* The name for a volume of ours: "efa-shm", or "efa-shm-2", "-3" … where the pod has it. */
struct text decision_volume_name(struct decision *decision, struct text wanted);

/* A recipient's part of what the pod gets. */
struct portion {
    uint64_t weight;
    bool is_counted; /* takes part */
    bool is_before;  /* a plain init container: the same devices serve it and the main ones */
    uint64_t asked;  /* what it has already and keeps */
    uint64_t units;  /* the result */
};

/* One for each recipient, none counted yet, all zero but is_before; NULL without memory, and the decision has
   failed. The arena's. */
struct portion *portions_new(struct decision *decision);

/* Split `total` over the recipients that are counted, in proportion to their weights (largest remainder;
   equal weights where all are zero). */
void portions_divide(struct portion *portions, size_t count, uint64_t total);

/* Split it evenly; the first gets the remainder. */
void portions_split(struct portion *portions, size_t count, uint64_t total);

/* Init containers that are counted run before the others: each gets the whole, but what the sidecars before
   it hold. After the others have their parts. */
void portions_repeat(struct portion *portions, size_t count, uint64_t total);

#endif
