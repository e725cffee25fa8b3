/* SPDX-License-Identifier: Apache-2.0 */
#include "pod_read.h"

static void read_container(struct json *json, void *into)
{
    struct pod *pod = into;
    struct container *container;

    if (!POD_GROW(json, &pod->containers, pod->container_count))
        return;
    container = &pod->containers[pod->container_count];
    container->position = pod->container_count++;
    pod_read_container(json, container);
    container->is_sidecar = false; /* restartPolicy of a regular container is another matter */
}

static void read_init_container(struct json *json, void *into)
{
    struct pod *pod = into;
    struct container *container;

    if (!POD_GROW(json, &pod->init_containers, pod->init_container_count))
        return;
    container = &pod->init_containers[pod->init_container_count];
    container->position = pod->init_container_count++;
    container->is_init = true;
    pod_read_container(json, container);
}

static void read_containers(struct json *json, void *into)
{
    (void)json_read_array(json, read_container, into);
}

static void read_init_containers(struct json *json, void *into)
{
    (void)json_read_array(json, read_init_container, into);
}

static void read_medium(struct json *json, void *into)
{
    ((struct volume *)into)->medium = pod_read_text(json);
}

static void read_size_limit(struct json *json, void *into)
{
    ((struct volume *)into)->size_limit = pod_read_amount(json);
}

static void read_empty_dir(struct json *json, void *into)
{
    static const struct json_field fields[] = {
        {TEXT("medium"), read_medium},
        {TEXT("sizeLimit"), read_size_limit},
    };

    ((struct volume *)into)->is_empty_dir =
        json_read_object(json, fields, COUNT_OF(fields), into) == MEMBER_PRESENT;
}

static void read_host_path(struct json *json, void *into)
{
    struct volume *volume = into;

    volume->is_host_path = !json_skip_null(json);
    if (volume->is_host_path)
        (void)json_skip(json);
}

static void read_volume_name(struct json *json, void *into)
{
    ((struct volume *)into)->name = pod_read_text(json);
}

static void read_volume(struct json *json, void *into)
{
    static const struct json_field fields[] = {
        {TEXT("name"), read_volume_name},
        {TEXT("emptyDir"), read_empty_dir},
        {TEXT("hostPath"), read_host_path},
    };
    struct pod *pod = into;

    if (!POD_GROW(json, &pod->volumes, pod->volume_count))
        return;
    (void)json_read_object(json, fields, COUNT_OF(fields), &pod->volumes[pod->volume_count++]);
}

static void read_volumes(struct json *json, void *into)
{
    ((struct pod *)into)->volumes_member = json_read_array(json, read_volume, into);
}

static void read_node_selector(struct json *json, void *into)
{
    struct pairs *selector = &((struct pod *)into)->node_selector;

    selector->member = json_read_pairs(json, &selector->items, &selector->count);
}

static void read_affinity(struct json *json, void *into)
{
    pod_read_affinity(json, &((struct pod *)into)->affinity);
}

static void read_spread_key(struct json *json, void *into)
{
    ((struct spread *)into)->topology_key = pod_read_text(json);
}

static void read_spread_when(struct json *json, void *into)
{
    ((struct spread *)into)->when_unsatisfiable = pod_read_text(json);
}

static void read_spread(struct json *json, void *into)
{
    static const struct json_field fields[] = {
        {TEXT("topologyKey"), read_spread_key},
        {TEXT("whenUnsatisfiable"), read_spread_when},
    };
    struct pod *pod = into;

    if (!POD_GROW(json, &pod->spreads, pod->spread_count))
        return;
    (void)json_read_object(json, fields, COUNT_OF(fields), &pod->spreads[pod->spread_count++]);
}

static void read_spreads(struct json *json, void *into)
{
    (void)json_read_array(json, read_spread, into);
}

static void read_claim_name(struct json *json, void *into)
{
    ((struct claim *)into)->name = pod_read_text(json);
}

static void read_claim_object(struct json *json, void *into)
{
    ((struct claim *)into)->claim_name = pod_read_text(json);
}

static void read_claim_template(struct json *json, void *into)
{
    ((struct claim *)into)->template_name = pod_read_text(json);
}

static void read_claim(struct json *json, void *into)
{
    static const struct json_field fields[] = {
        {TEXT("name"), read_claim_name},
        {TEXT("resourceClaimName"), read_claim_object},
        {TEXT("resourceClaimTemplateName"), read_claim_template},
    };
    struct pod *pod = into;

    if (!POD_GROW(json, &pod->claims, pod->claim_count))
        return;
    (void)json_read_object(json, fields, COUNT_OF(fields), &pod->claims[pod->claim_count++]);
}

static void read_claims(struct json *json, void *into)
{
    (void)json_read_array(json, read_claim, into);
}

static void read_limits(struct json *json, void *into)
{
    pod_read_resources(json, &((struct pod *)into)->limits);
}

static void read_requests(struct json *json, void *into)
{
    pod_read_resources(json, &((struct pod *)into)->requests);
}

static void read_resources(struct json *json, void *into)
{
    static const struct json_field fields[] = {
        {TEXT("limits"), read_limits},
        {TEXT("requests"), read_requests},
    };

    ((struct pod *)into)->resources = json_read_object(json, fields, COUNT_OF(fields), into);
}

static void read_gate_name(struct json *json, void *into)
{
    *(struct text *)into = pod_read_text(json);
}

static void read_gate(struct json *json, void *into)
{
    static const struct json_field fields[] = {{TEXT("name"), read_gate_name}};
    struct pod *pod = into;

    if (!POD_GROW(json, &pod->scheduling_gates, pod->scheduling_gate_count))
        return;
    (void)json_read_object(json, fields, COUNT_OF(fields),
                           &pod->scheduling_gates[pod->scheduling_gate_count++]);
}

static void read_gates(struct json *json, void *into)
{
    (void)json_read_array(json, read_gate, into);
}

static void read_pod_group(struct json *json, void *into)
{
    ((struct pod *)into)->pod_group = pod_read_text(json);
}

static void read_scheduling_group(struct json *json, void *into)
{
    static const struct json_field fields[] = {{TEXT("podGroupName"), read_pod_group}};

    (void)json_read_object(json, fields, COUNT_OF(fields), into);
}

static void read_os_name(struct json *json, void *into)
{
    ((struct pod *)into)->os = pod_read_text(json);
}

static void read_os(struct json *json, void *into)
{
    static const struct json_field fields[] = {{TEXT("name"), read_os_name}};

    (void)json_read_object(json, fields, COUNT_OF(fields), into);
}

static void read_node_name(struct json *json, void *into)
{
    ((struct pod *)into)->node_name = pod_read_text(json);
}

static void read_host_ipc(struct json *json, void *into)
{
    ((struct pod *)into)->host_ipc = pod_read_bool(json);
}

static void read_host_network(struct json *json, void *into)
{
    ((struct pod *)into)->host_network = pod_read_bool(json);
}

void pod_read_spec(struct json *json, struct pod *pod)
{
    static const struct json_field fields[] = {
        {TEXT("containers"), read_containers},
        {TEXT("initContainers"), read_init_containers},
        {TEXT("volumes"), read_volumes},
        {TEXT("nodeSelector"), read_node_selector},
        {TEXT("affinity"), read_affinity},
        {TEXT("topologySpreadConstraints"), read_spreads},
        {TEXT("resourceClaims"), read_claims},
        {TEXT("resources"), read_resources},
        {TEXT("schedulingGates"), read_gates},
        {TEXT("schedulingGroup"), read_scheduling_group},
        {TEXT("os"), read_os},
        {TEXT("nodeName"), read_node_name},
        {TEXT("hostIPC"), read_host_ipc},
        {TEXT("hostNetwork"), read_host_network},
    };

    (void)json_read_object(json, fields, COUNT_OF(fields), pod);
}
