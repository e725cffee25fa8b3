/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who promised what on this node: the Node object, its pods, the kubelet's checkpoint.
 *
 * The API server is asked for what its watch cache has (resourceVersion=0), the pods' metadata alone and the
 * pods of this node that are not over alone: neither costs etcd anything, however many agents ask.
 *
 * Source: Kubernetes API concepts, "Resource versions", "Metadata-only fetches".
 */
#ifndef AGENT_PROMISES_H
#define AGENT_PROMISES_H

#include "core/expectation.h"
#include "io/kube_client.h"

struct promises_options {
    const char *node_name;
    const char *prefix;     /* of annotations */
    const char *checkpoint; /* NULL: /var/lib/kubelet/device-plugins/kubelet_internal_checkpoint; "": none */
};

/*
 * Fill in node, pods and checkpoint of an expectation that is empty. What could not be had is a reading that
 * is not known, with the reason ("GET /api/v1/pods: 403: pods is forbidden ..."). `client` NULL: the cluster
 * is not asked. Without memory expectation->failed is set.
 */
void promises_read(const struct promises_options *options, struct kube_client *client,
                   struct expectation *expectation);

#endif
