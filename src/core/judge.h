/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the comparisons of core/findings.h share. Each compares one link of a chain with what the link before
 * it leaves:
 *
 *     expected - PCI - sysfs - character devices - libibverbs - libfabric
 *                        `---- Node capacity - Node allocatable - pods
 *
 * so that one cause gives one finding; and it asks judge_has() where a cause explains what follows.
 */
#ifndef CORE_JUDGE_H
#define CORE_JUDGE_H

#include "core/finding_table.h"
#include "core/findings.h"

#include <inttypes.h>

enum {
    EFA_PAGE_BYTES = 2 << 20 /* the huge pages that libfabric's efa provider takes */
};

struct judge {
    const struct inventory *inventory;
    const struct expectation *expectation;
    const struct judge_settings *settings;
    struct findings *findings;
    bool has[FINDING_COUNT];
};

void judge_raise(struct judge *judge, enum finding_id id, const struct finding *finding);
bool judge_has(const struct judge *judge, enum finding_id id);

/* A text in the arena of the findings, by printf's rules; running out of memory is remembered. */
struct text judge_say(struct judge *judge, const char *format, ...) PRINTF_LIKE(2, 3);

/* "" or "s". */
const char *plural(uint64_t count);

/* Devices, the first few by name: "rdmap79s0, rdmap80s0 and 3 more". */
struct device_list {
    size_t count;
    struct text names;
};
void judge_list_add(struct judge *judge, struct device_list *list, struct text name);
struct text judge_list_say(struct judge *judge, const struct device_list *list);
struct device_list judge_list(struct judge *judge, bool (*holds)(const struct rdma_device *device));

/* How many EFA devices the machine has, with a driver or without. */
struct reading judge_attached(const struct judge *judge);

/* At most as many as --expect wants. */
uint64_t judge_limit(const struct judge *judge, uint64_t count);

/* With --expect: whether the devices that can be used are too few. Without: always. */
bool judge_wants_more(const struct judge *judge);

/* "catalogue, p5.48xlarge" or "--expect". */
struct text judge_authority(struct judge *judge);

/* Huge pages of the devices' size, those that are kept; bytes. */
struct reading judge_kept_hugepages(const struct judge *judge);

/* The bytes of huge pages that pods of the node were promised, as far as they are still running. */
uint64_t judge_promised_hugepages(const struct judge *judge);

/* Whether somebody may still hold what the promise is of: the pod is in the list of pods. */
bool judge_is_live(const struct judge *judge, const struct pod_promise *promise);

/* The accelerators of all vendors; not known where one of them is not. */
struct reading judge_accelerators(const struct judge *judge);

/* The comparisons, in the order of the table in judge.c. */
void judge_type(struct judge *judge);
void judge_type_sources(struct judge *judge);
void judge_attachment(struct judge *judge);
void judge_driver(struct judge *judge);
void judge_uverbs(struct judge *judge);
void judge_folder(struct judge *judge);
void judge_character(struct judge *judge);
void judge_wanted_efa(struct judge *judge);
void judge_netns(struct judge *judge);
void judge_ports(struct judge *judge);
void judge_verbs(struct judge *judge);
void judge_libfabric(struct judge *judge);
void judge_other_rdma(struct judge *judge);
void judge_accelerator_count(struct judge *judge);
void judge_wanted_accelerators(struct judge *judge);
void judge_plugin(struct judge *judge);
void judge_allocatable(struct judge *judge);
void judge_accelerator_plugin(struct judge *judge);
void judge_hugepages(struct judge *judge);
void judge_hugepages_promised(struct judge *judge);
void judge_hugepages_used(struct judge *judge);
void judge_wanted_hugepages(struct judge *judge);
void judge_pods(struct judge *judge);
void judge_gpudirect(struct judge *judge);
void judge_gdrdrv(struct judge *judge);
void judge_memlock(struct judge *judge);
void judge_fork(struct judge *judge);
void judge_imds(struct judge *judge);
void judge_counts(struct judge *judge);

#endif
