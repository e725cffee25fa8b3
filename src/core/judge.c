/* SPDX-License-Identifier: Apache-2.0 */
#include "judge.h"

enum {
    AGAINST_NODE = 1,   /* catalogue, Node and pods */
    AGAINST_WANTED = 2, /* --expect */
    AGAINST_ANY = AGAINST_NODE | AGAINST_WANTED,
};

struct comparison {
    void (*compare)(struct judge *judge);
    unsigned against;
};

/* All comparisons; causes come before what they explain. */
static const struct comparison comparisons[] = {
    {judge_type, AGAINST_NODE},
    {judge_type_sources, AGAINST_NODE},
    {judge_attachment, AGAINST_NODE},
    {judge_netns, AGAINST_ANY},
    {judge_driver, AGAINST_NODE},
    {judge_uverbs, AGAINST_ANY},
    {judge_folder, AGAINST_ANY},
    {judge_character, AGAINST_ANY},
    {judge_wanted_efa, AGAINST_WANTED},
    {judge_ports, AGAINST_ANY},
    {judge_verbs, AGAINST_ANY},
    {judge_libfabric, AGAINST_ANY},
    {judge_other_rdma, AGAINST_NODE},
    {judge_accelerator_count, AGAINST_NODE},
    {judge_wanted_accelerators, AGAINST_WANTED},
    {judge_plugin, AGAINST_NODE},
    {judge_allocatable, AGAINST_NODE},
    {judge_accelerator_plugin, AGAINST_NODE},
    {judge_hugepages, AGAINST_NODE},
    {judge_hugepages_promised, AGAINST_NODE},
    {judge_hugepages_used, AGAINST_NODE},
    {judge_wanted_hugepages, AGAINST_WANTED},
    {judge_pods, AGAINST_NODE},
    {judge_gpudirect, AGAINST_NODE},
    {judge_gdrdrv, AGAINST_NODE},
    {judge_memlock, AGAINST_ANY},
    {judge_fork, AGAINST_ANY},
    {judge_imds, AGAINST_ANY},
    {judge_counts, AGAINST_ANY},
};

static int compare_pods(const struct pod_promise *left, const struct pod_promise *right)
{
    int by_namespace;

    if (left == NULL || right == NULL)
        return (left != NULL) - (right != NULL);
    by_namespace = text_compare(left->namespace, right->namespace);
    return by_namespace != 0 ? by_namespace : text_compare(left->name, right->name);
}

/* Worst first; then as the table of kinds has it; then by pod. */
static int compare_findings(const struct finding *left, const struct finding *right)
{
    if (left->kind->severity != right->kind->severity)
        return left->kind->severity < right->kind->severity ? -1 : 1;
    if (left->kind != right->kind)
        return left->kind < right->kind ? -1 : 1;
    return compare_pods(left->pod, right->pod);
}

void judge_raise(struct judge *judge, enum finding_id id, const struct finding *finding)
{
    struct findings *findings = judge->findings;
    struct finding raised = *finding;
    struct finding *items;
    size_t count;
    size_t i;

    judge->has[id] = true;
    raised.kind = &finding_kinds(&count)[id];
    items = arena_grow(&findings->arena, findings->items, findings->count, sizeof(*items));
    if (items == NULL) {
        findings->failed = true;
        return;
    }
    findings->items = items;
    for (i = findings->count; i > 0 && compare_findings(&raised, &items[i - 1]) < 0; i--)
        items[i] = items[i - 1];
    items[i] = raised;
    findings->count++;
}

/*
 * Shortly after boot an error of a kind that time may mend is not held against the node: one finding stands
 * for all of them, and says what the worst of them would have.
 */
static void settle(struct judge *judge)
{
    const struct reading uptime = judge->inventory->uptime_seconds;
    struct findings *findings = judge->findings;
    struct finding worst = {.kind = NULL};
    size_t kept = 0;
    size_t i;

    for (i = 0; i < findings->count && worst.kind == NULL; i++)
        if (findings->items[i].kind->severity == SEVERITY_ERROR && findings->items[i].kind->is_held_back)
            worst = findings->items[i];
    if (worst.kind == NULL || !uptime.is_known || uptime.number >= judge->settings->settle_seconds)
        return;
    for (i = 0; i < findings->count; i++)
        if (!findings->items[i].kind->is_held_back)
            findings->items[kept++] = findings->items[i];
    findings->count = kept;
    findings->is_settling = true;
    worst.cause =
        judge_say(judge, "the node booted less than %u seconds ago, and devices may still be coming",
                  judge->settings->settle_seconds);
    worst.fix = judge_say(judge, "wait; it is looked at again, and held against the node after that time");
    worst.pod = NULL;
    judge_raise(judge, FINDING_SETTLING, &worst);
}

static enum node_health judge_health(const struct findings *findings)
{
    enum severity worst = findings->count > 0 ? findings->items[0].kind->severity : SEVERITY_INFO;

    if (worst == SEVERITY_ERROR)
        return HEALTH_MISMATCH;
    return worst == SEVERITY_UNKNOWN ? HEALTH_UNKNOWN : HEALTH_GOOD;
}

bool findings_judge(const struct inventory *inventory, const struct expectation *expectation,
                    const struct judge_settings *settings, struct findings *ret_findings, struct error *err)
{
    AUTO(findings_release) struct findings findings = {.count = 0};
    struct judge judge = {inventory, expectation, settings, &findings, {false}};
    unsigned against = expectation->has_wanted ? AGAINST_WANTED : AGAINST_NODE;
    size_t i;

    if (inventory->failed || expectation->failed)
        return error_memory(err);
    for (i = 0; i < COUNT_OF(comparisons); i++)
        if ((comparisons[i].against & against) != 0)
            comparisons[i].compare(&judge);
    settle(&judge);
    if (findings.failed)
        return error_memory(err);
    findings.health = judge_health(&findings);
    *ret_findings = findings;
    findings = (struct findings){.count = 0};
    return true;
}
