/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The group that a pod belongs to: the peers that must share a zone.
 *
 * The first source of one table (src/core/group.c) that the pod has wins: the annotation `group`, what its
 * framework writes on all pods of a job, then the uid of its controller. An empty value counts as none.
 *
 * The hash names the group in the label and in the same-zone term. It is XXH3-64 of
 *
 *     <namespace>/<kind of source>/<value>          for example team-a/kubeflow/nccl-test
 *
 * as 16 lower-case hexadecimal digits; `printf team-a/kubeflow/nccl-test | xxhsum -H3` prints the same.
 * Kinds, order and format never change: running jobs and replicas of another release rely on them.
 */
#ifndef CORE_GROUP_H
#define CORE_GROUP_H

#include "core/annotations.h"

struct group {
    struct text hash; /* absent: none is known */
    struct text
        source;        /* for people: "label volcano.sh/job-name"; absent when the pod has no source at all */
    struct text value; /* what the source says */
};

/*
 * Find the group of a pod; `pod->namespace` must be the request's (a pod in a review may lack its own).
 *
 * A LeaderWorkerSet's leader comes before the LeaderWorkerSet webhook has written its group-key: then the
 * source is there and the hash is not, so that the pod is not put into a wrong group meanwhile. The API
 * server asks again once that webhook has changed the pod.
 *
 * False only without memory.
 */
MUST_CHECK bool group_find(const struct pod *pod, const struct annotations *annotations, struct arena *arena,
                           struct group *ret_group);

#endif
