/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events as `kubectl describe` shows them, on a node or a pod.
 *
 * Source: Kubernetes API v1 Event. An Event of an object without a namespace belongs into "default". What
 * has no eventTime may leave out `action`, and its names may be of any form.
 */
#ifndef CORE_KUBE_EVENT_H
#define CORE_KUBE_EVENT_H

#include "core/findings.h"

#define KUBE_EVENT_COMPONENT "efa-agent"

enum {
    KUBE_EVENT_MESSAGE_MAX = 1024 /* bytes; more is refused */
};

struct kube_event {
    const struct pod_promise *pod; /* whom it is about; NULL: the node */
    struct text node_name;
    struct text node_uid; /* absent: its name, as the kubelet does */
    uint64_t number;      /* two Events of an object with the same number are the same one */
    bool is_warning;
    struct text reason;
    struct text message; /* printable, and short enough */
    int64_t seconds;
};

/* Whether an Event can be made about the pod: its names are some. */
bool kube_event_is_about(const struct pod_promise *pod);

/* Where the Event is made: "default", or the pod's. */
struct text kube_event_namespace(const struct pod_promise *pod);

/* The body that creates it. Its name is the object's and the number. */
void kube_event_format(struct buffer *buffer, const struct kube_event *event);

/* The sentence on a finding; on its pod, or on the node, where the pod is named. */
void kube_event_format_finding(struct buffer *buffer, const struct finding *finding, bool is_on_pod);

/* The sentence on a warning in a pod's status, known or not. */
void kube_event_format_warning(struct buffer *buffer, struct text id);

#endif
