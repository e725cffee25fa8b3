/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a decision needs to know of a pod, as borrowed texts into the bytes it came in.
 *
 * Unknown members are passed over (and survive, since a patch only adds). A member of the wrong type where we
 * look is refused with its path. null is absent, save in a resource list, where it is zero.
 *
 * Source: Kubernetes API v1 Pod, 1.28 to 1.37.
 */
#ifndef CORE_POD_H
#define CORE_POD_H

#include "core/json.h"

/* A list or map that we may add to: whether it is there decides how a patch adds. */
struct pairs {
    enum member member;
    struct pair *items;
    size_t count;
};

struct resource {
    struct text name;
    struct text amount; /* as written, without quotes; absent for null, which is zero */
    bool is_null;
};

struct resource_list {
    enum member member;
    struct resource *items;
    size_t count;
};

struct variable {
    struct text name;
    struct text value; /* absent with valueFrom or without a value */
};

struct mount {
    struct text volume;
    struct text path; /* as written */
};

struct container {
    struct text name;
    size_t position; /* in its list */
    bool is_init;    /* in initContainers */
    bool is_sidecar; /* an init container with restartPolicy Always */
    enum member resources;
    struct resource_list limits;
    struct resource_list requests;
    struct pair
        *claims; /* resources.claims: key is the claim's name in the pod, value the request (may be absent) */
    size_t claim_count;
    enum member env;
    struct variable *variables;
    size_t variable_count;
    bool has_env_from; /* envFrom with at least one source */
    enum member volume_mounts;
    struct mount *mounts;
    size_t mount_count;
};

struct volume {
    struct text name;
    bool is_empty_dir;
    bool is_host_path;
    struct text medium;     /* of an emptyDir; absent for the default */
    struct text size_limit; /* as written; absent where there is none */
};

/* One of a node selector term's or label selector's expressions. */
struct expression {
    struct text key;
    struct text operation; /* "In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt" */
    struct text *values;
    size_t value_count;
};

struct node_term {
    struct expression *labels; /* matchExpressions */
    size_t label_count;
    struct expression *fields; /* matchFields */
    size_t field_count;
};

struct pod_term { /* of pod (anti-)affinity */
    struct text topology_key;
    bool has_selector; /* a labelSelector is there; without one it matches no pod */
    struct pairs match_labels;
    struct expression *expressions;
    size_t expression_count;
    struct text *namespaces;
    size_t namespace_count;
    bool has_namespace_selector;
    bool has_label_keys; /* matchLabelKeys or mismatchLabelKeys */
};

struct affinity {
    enum member member;
    enum member node_affinity;
    enum member node_required;
    struct node_term *node_terms; /* ORed */
    size_t node_term_count;
    enum member pod_affinity;
    enum member pod_required;
    struct pod_term *pod_terms; /* ANDed */
    size_t pod_term_count;
    struct pod_term *anti_terms;
    size_t anti_term_count;
};

struct spread {
    struct text topology_key;
    struct text when_unsatisfiable;
};

struct owner {
    struct text api_version;
    struct text kind;
    struct text name;
    struct text uid;
    bool is_controller;
};

struct claim { /* spec.resourceClaims */
    struct text name;
    struct text claim_name;
    struct text template_name;
};

struct pod {
    struct text name;
    struct text generate_name;
    struct text namespace;
    struct pairs labels;
    struct pairs annotations;
    struct owner *owners;
    size_t owner_count;
    enum member metadata;

    struct container *containers;
    size_t container_count;
    struct container *init_containers;
    size_t init_container_count;
    struct volume *volumes;
    size_t volume_count;
    enum member volumes_member;
    struct pairs node_selector;
    struct affinity affinity;
    struct spread *spreads;
    size_t spread_count;
    struct claim *claims;
    size_t claim_count;
    enum member resources; /* pod-level spec.resources */
    struct resource_list limits;
    struct resource_list requests;
    struct text *scheduling_gates;
    size_t scheduling_gate_count;
    struct text node_name;
    struct text os;        /* spec.os.name */
    struct text pod_group; /* spec.schedulingGroup.podGroupName */
    bool host_ipc;
    bool host_network;
};

/* Read the Pod that comes next; failures stick to the reader. All memory is its arena's. */
void pod_read(struct json *json, struct pod *ret_pod);

/* The value of a key; absent when there is none. */
struct text pairs_find(const struct pairs *pairs, struct text key);
struct text pairs_find_string(const struct pairs *pairs, const char *key);

/* The resource of that name; NULL when the list has none. */
const struct resource *resource_find(const struct resource_list *list, struct text name);

/* Whether a limit or a request names the resource, null ones included. */
bool container_names(const struct container *container, struct text resource);

/* The mount at a path, which path_is() compares; NULL when nothing is mounted there. */
const struct mount *container_find_mount(const struct container *container, const char *path);

/* The owner with controller: true; NULL when there is none. */
const struct owner *pod_find_controller(const struct pod *pod);

/* Whether two paths name the same place: cleaned of "//", "/./", "..", a trailing slash, a missing first one.
 */
bool path_is(struct text path, const char *clean);

#endif
