/* SPDX-License-Identifier: Apache-2.0 */
/* How the files that read a pod share the work: pod.c metadata, pod_spec.c, pod_container.c, pod_affinity.c.
 */
#ifndef CORE_POD_READ_H
#define CORE_POD_READ_H

#include "core/pod.h"

/* Room for one element more in `*array`, whose type gives the size; false (and the reader failed) without
 * memory. */
#define POD_GROW(json, array, count) pod_grow((json), (void **)(array), (count), sizeof(**(array)))

MUST_CHECK bool pod_grow(struct json *json, void **array, size_t count, size_t size);

/* A quantity, as string or number; absent for null. */
struct text pod_read_amount(struct json *json);

/* A growing list of strings: json_read_array() with this and a `struct texts`. */
struct texts {
    struct text *items;
    size_t count;
};
void pod_read_texts(struct json *json, struct texts *texts);

void pod_read_resources(struct json *json, struct resource_list *list);
void pod_read_container(struct json *json, struct container *container);
void pod_read_affinity(struct json *json, struct affinity *affinity);
void pod_read_spec(struct json *json, struct pod *pod);

#endif
