/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verdict on a node: what it has against what it should have, one comparison a row of one table.
 *
 *     AUTO(findings_release) struct findings findings = {0};
 *     if (!findings_judge(&inventory, &expectation, &settings, &findings, err))
 *         return false;
 *     ...findings.health, findings.items...
 *
 * Deterministic: the same facts give the same findings in the same order, worst first. Each names what was
 * expected, what was found, the cause and the fix; a count that could not be had is a finding.
 */
#ifndef CORE_FINDINGS_H
#define CORE_FINDINGS_H

#include "core/error.h"
#include "core/expectation.h"

/* Worst first. */
enum severity {
    SEVERITY_ERROR,   /* what was promised is not there */
    SEVERITY_UNKNOWN, /* it cannot be told whether it is */
    SEVERITY_WARNING, /* it is there, and may not work as it should */
    SEVERITY_INFO,
};

enum node_health {
    HEALTH_GOOD,     /* exit 0, EFAReady True */
    HEALTH_MISMATCH, /* exit 1, EFAReady False: at least one error */
    HEALTH_UNKNOWN,  /* exit 2, EFAReady Unknown: no error, and something that must be known is not */
};

/* A row of the table; core/finding_table.h has them all. */
struct finding_kind {
    struct text id;     /* "device-plugin-missing": stable; metrics, JSON and Events use it */
    struct text reason; /* "DevicePluginMissing": of the condition and of Events */
    enum severity severity;
    bool is_held_back; /* while devices may still be coming after boot */
};

struct finding {
    const struct finding_kind *kind;
    struct text expected; /* "32 EFA devices (catalogue, p5.48xlarge)" */
    struct text found;
    struct text cause;
    struct text fix;
    const struct pod_promise *pod; /* whom it concerns; NULL: the node */
};

struct findings {
    struct arena arena;
    struct finding *items;
    size_t count;
    enum node_health health;
    bool is_settling; /* devices may still be coming: judge again */
    bool failed;
};

/* How strictly. */
struct judge_settings {
    unsigned settle_seconds; /* after boot, while fewer devices than expected is not held against it */
    bool opens_devices;      /* libfabric was to be asked; else its count is passed over */
    bool has_cluster;        /* Node and pods were to be read; else they are passed over */
};

MUST_CHECK bool findings_judge(const struct inventory *inventory, const struct expectation *expectation,
                               const struct judge_settings *settings, struct findings *ret_findings,
                               struct error *err);

/* All kinds there are, for metrics and documentation. */
const struct finding_kind *finding_kinds(size_t *ret_count);

struct text severity_name(enum severity severity); /* "error", "unknown", "warning", "info" */
struct text health_name(enum node_health health);  /* "good", "mismatch", "unknown" */

/* Whether the two say the same. */
bool findings_are_equal(const struct findings *left, const struct findings *right);

void findings_release(struct findings *findings);

#endif
