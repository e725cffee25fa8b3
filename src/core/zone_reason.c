/* SPDX-License-Identifier: Apache-2.0 */
#include "zone.h"

static bool has_owner(const struct pod *pod, const char *kind)
{
    size_t i;

    for (i = 0; i < pod->owner_count; i++) {
        if (text_is_string(pod->owners[i].kind, kind))
            return true;
    }
    return false;
}

static bool is_daemon(const struct zone_facts *facts)
{
    return has_owner(facts->pod, "DaemonSet");
}

static bool is_serving(const struct zone_facts *facts)
{
    return has_owner(facts->pod, "ReplicaSet");
}

static bool has_node_name(const struct zone_facts *facts)
{
    return facts->pod->node_name.length > 0;
}

static bool has_one_zone(const struct zone_facts *facts)
{
    struct pair zone;

    return zone_find_only(facts->pod, &zone);
}

/* Whether a term is the user's own, not the one that we write for this group. */
static bool is_users(const struct pod_term *term, const struct zone_facts *facts)
{
    struct text group = pod_term_group(term, facts->label.key);

    return group.at == NULL || !text_is(group, facts->label.value);
}

/* The scheduler lets the first pod of a group pass only if it matches all of its required terms. */
static bool follows_others(const struct zone_facts *facts)
{
    const struct affinity *affinity = &facts->pod->affinity;
    size_t i;

    for (i = 0; i < affinity->pod_term_count; i++) {
        if (is_users(&affinity->pod_terms[i], facts) &&
            !pod_term_selects_itself(&affinity->pod_terms[i], facts))
            return true;
    }
    return false;
}

static bool has_zone_term(const struct zone_facts *facts)
{
    const struct affinity *affinity = &facts->pod->affinity;
    size_t i;

    for (i = 0; i < affinity->pod_term_count; i++) {
        const struct pod_term *term = &affinity->pod_terms[i];

        if (is_users(term, facts) && zone_is_key(term->topology_key) && pod_term_selects_itself(term, facts))
            return true;
    }
    return false;
}

static bool avoids_zones(const struct zone_facts *facts)
{
    const struct affinity *affinity = &facts->pod->affinity;
    size_t i;

    for (i = 0; i < affinity->anti_term_count; i++) {
        if (zone_is_key(affinity->anti_terms[i].topology_key))
            return true;
    }
    return false;
}

static bool spreads_over_zones(const struct zone_facts *facts)
{
    const struct pod *pod = facts->pod;
    size_t i;

    for (i = 0; i < pod->spread_count; i++) {
        if (zone_is_key(pod->spreads[i].topology_key) &&
            !text_is_string(pod->spreads[i].when_unsatisfiable, "ScheduleAnyway"))
            return true;
    }
    return false;
}

/* Whether the pod carries one of the marks, with a value other than "false". */
static bool has_mark(const struct pairs *pairs, const char *const *marks, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++) {
        struct text value = pairs_find_string(pairs, marks[i]);

        if (value.length > 0 && !text_is_string(value, "false"))
            return true;
    }
    return false;
}

/* Source: Kueue, "Topology Aware Scheduling": it places pods by nodeSelector and ignores pod affinity. */
static bool is_placed_by_kueue(const struct zone_facts *facts)
{
    static const char *const annotations[] = {
        "kueue.x-k8s.io/podset-required-topology",
        "kueue.x-k8s.io/podset-preferred-topology",
        "kueue.x-k8s.io/podset-unconstrained-topology",
        "kueue.x-k8s.io/podset-slice-required-topology",
    };
    static const char *const labels[] = {"kueue.x-k8s.io/tas"};
    const struct pod *pod = facts->pod;
    size_t i;

    for (i = 0; i < pod->scheduling_gate_count; i++) {
        if (text_is_string(pod->scheduling_gates[i], "kueue.x-k8s.io/topology"))
            return true;
    }
    return has_mark(&pod->annotations, annotations, COUNT_OF(annotations)) ||
           has_mark(&pod->labels, labels, COUNT_OF(labels));
}

/* NVLink domains of GB200, and the switches that EC2 tells of. */
static bool is_fabric_key(struct text key)
{
    static const struct text network_node = TEXT("topology.k8s.aws/network-node");

    return text_is_string(key, "nvidia.com/gpu.clique") || text_has_prefix(key, network_node);
}

static bool term_names_fabric(const struct node_term *term)
{
    size_t i;

    for (i = 0; i < term->label_count; i++) {
        if (is_fabric_key(term->labels[i].key) && text_is_string(term->labels[i].operation, "In"))
            return true;
    }
    return false;
}

static bool has_fabric_nodes(const struct pod *pod)
{
    size_t i;

    for (i = 0; i < pod->node_selector.count; i++) {
        if (is_fabric_key(pod->node_selector.items[i].key))
            return true;
    }
    for (i = 0; i < pod->affinity.node_term_count; i++) {
        if (!term_names_fabric(&pod->affinity.node_terms[i]))
            return false;
    }
    return pod->affinity.node_term_count > 0;
}

static bool is_placed_by_fabric(const struct zone_facts *facts)
{
    const struct affinity *affinity = &facts->pod->affinity;
    size_t i;

    for (i = 0; i < affinity->pod_term_count; i++) {
        if (is_fabric_key(affinity->pod_terms[i].topology_key))
            return true;
    }
    return has_fabric_nodes(facts->pod);
}

/* Sources: JobSet and LeaderWorkerSet, exclusive placement: both install affinity terms of their own. */
static bool is_placed_exclusively(const struct zone_facts *facts)
{
    static const char *const annotations[] = {
        "alpha.jobset.sigs.k8s.io/exclusive-topology",
        "leaderworkerset.sigs.k8s.io/exclusive-topology",
        "leaderworkerset.sigs.k8s.io/subgroup-exclusive-topology",
    };

    return has_mark(&facts->pod->annotations, annotations, COUNT_OF(annotations));
}

static bool has_no_group(const struct zone_facts *facts)
{
    return facts->label.value.at == NULL;
}

static const struct zone_reason reasons[] = {
    {is_daemon, "a DaemonSet runs its pods in every zone", "use same-zone: off", false, false},
    {is_serving, "the pods of a ReplicaSet serve, and may do so from several zones", NULL, true, false},
    {has_node_name, "spec.nodeName names the node", "remove one of them", false, false},
    {has_one_zone, "nodeSelector or required nodeAffinity leave one zone already", NULL, false, false},
    {follows_others, "podAffinity requires pods other than itself", "remove that term", false, false},
    {has_zone_term, "required podAffinity on the zone is there already", NULL, false, false},
    {avoids_zones, "podAntiAffinity requires other zones", "remove that term", false, false},
    {spreads_over_zones, "topologySpreadConstraints spread it over zones", "use ScheduleAnyway", false,
     false},
    {is_placed_by_kueue, "Kueue places it by topology", "name the zone's level there", false, false},
    {is_placed_by_fabric, "nvidia.com/gpu.clique or network nodes place it", "remove one", false, false},
    {is_placed_exclusively, "exclusive-topology places it", "remove one of them", false, false},
    {has_no_group, "no group of peers is known", "set annotation group", false, true},
};

const struct zone_reason *zone_reason_find(const struct zone_facts *facts, const struct zone_reason *after)
{
    size_t i;

    for (i = after != NULL ? (size_t)(after - reasons) + 1 : 0; i < COUNT_OF(reasons); i++) {
        bool is_waived = reasons[i].yields_to_required && facts->is_required;

        if (!is_waived && reasons[i].applies(facts))
            return &reasons[i];
    }
    return NULL;
}
