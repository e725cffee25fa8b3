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

static void read_size_limit(struct json *json, void *into)
{
    ((struct volume *)into)->size_limit = pod_read_amount(json);
}

static void read_empty_dir(struct json *json, void *into)
{
    static const struct json_field fields[] = {
        JSON_FIELD_TEXT("medium", struct volume, medium),
        JSON_FIELD("sizeLimit", read_size_limit),
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

static void read_volume(struct json *json, void *into)
{
    static const struct json_field fields[] = {
        JSON_FIELD_TEXT("name", struct volume, name),
        JSON_FIELD("emptyDir", read_empty_dir),
        JSON_FIELD("hostPath", read_host_path),
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

static void read_spread(struct json *json, void *into)
{
    static const struct json_field fields[] = {
        JSON_FIELD_TEXT("topologyKey", struct spread, topology_key),
        JSON_FIELD_TEXT("whenUnsatisfiable", struct spread, when_unsatisfiable),
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

static void read_claim(struct json *json, void *into)
{
    static const struct json_field fields[] = {
        JSON_FIELD_TEXT("name", struct claim, name),
        JSON_FIELD_TEXT("resourceClaimName", struct claim, claim_name),
        JSON_FIELD_TEXT("resourceClaimTemplateName", struct claim, template_name),
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
        JSON_FIELD("limits", read_limits),
        JSON_FIELD("requests", read_requests),
    };

    ((struct pod *)into)->resources = json_read_object(json, fields, COUNT_OF(fields), into);
}

static void read_gate_name(struct json *json, void *into)
{
    *(struct text *)into = json_text_or_null(json);
}

static void read_gate(struct json *json, void *into)
{
    static const struct json_field fields[] = {JSON_FIELD("name", read_gate_name)};
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

static void read_scheduling_group(struct json *json, void *into)
{
    static const struct json_field fields[] = {JSON_FIELD_TEXT("podGroupName", struct pod, pod_group)};

    (void)json_read_object(json, fields, COUNT_OF(fields), into);
}

static void read_os(struct json *json, void *into)
{
    static const struct json_field fields[] = {JSON_FIELD_TEXT("name", struct pod, os)};

    (void)json_read_object(json, fields, COUNT_OF(fields), into);
}

void pod_read_spec(struct json *json, struct pod *pod)
{
    static const struct json_field fields[] = {
        JSON_FIELD("containers", read_containers),
        JSON_FIELD("initContainers", read_init_containers),
        JSON_FIELD("volumes", read_volumes),
        JSON_FIELD("nodeSelector", read_node_selector),
        JSON_FIELD("affinity", read_affinity),
        JSON_FIELD("topologySpreadConstraints", read_spreads),
        JSON_FIELD("resourceClaims", read_claims),
        JSON_FIELD("resources", read_resources),
        JSON_FIELD("schedulingGates", read_gates),
        JSON_FIELD("schedulingGroup", read_scheduling_group),
        JSON_FIELD("os", read_os),
        JSON_FIELD_TEXT("nodeName", struct pod, node_name),
        JSON_FIELD_BOOL("hostIPC", struct pod, host_ipc),
        JSON_FIELD_BOOL("hostNetwork", struct pod, host_network),
    };

    (void)json_read_object(json, fields, COUNT_OF(fields), pod);
}
