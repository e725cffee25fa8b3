/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads what was promised on a node, and prints it.
 *
 *     promises_driver KUBECONFIG NODE PREFIX CHECKPOINT [TIMES]    KUBECONFIG "": the cluster is not asked
 *
 * With TIMES it reads as often before it prints, and tells descriptors and memory before and after.
 */
#include "agent/promises.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <jansson.h>

static json_t *shown(struct text text)
{
    return text.at != NULL ? json_stringn(text.at, text.length) : json_null();
}

static json_t *shown_reading(struct reading reading)
{
    return reading.is_known ? json_integer((json_int_t)reading.number) : shown(reading.why);
}

static json_t *shown_texts(const struct text *texts, size_t count)
{
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++)
        (void)json_array_append_new(list, shown(texts[i]));
    return list;
}

static json_t *shown_pod(const struct pod_promise *pod)
{
    return json_pack("{s:o, s:o, s:o, s:b, s:I, s:b, s:o, s:o, s:o}", "namespace", shown(pod->namespace),
                     "name", shown(pod->name), "uid", shown(pod->uid), "hasStatus", (int)pod->has_status,
                     "efa", (json_int_t)pod->promised.efa, "isInCheckpoint", (int)pod->is_in_checkpoint,
                     "warnings", shown_texts(pod->warnings, pod->warning_count), "efaIds",
                     shown_texts(pod->efa_ids, pod->efa_id_count), "acceleratorIds",
                     shown_texts(pod->accelerator_ids, pod->accelerator_id_count));
}

static json_t *shown_expectation(const struct expectation *expectation)
{
    json_t *pods = json_array();

    for (size_t i = 0; i < expectation->promise_count; i++)
        (void)json_array_append_new(pods, shown_pod(&expectation->promises[i]));
    return json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b}", "node", shown_reading(expectation->node), "nodeName",
        shown(expectation->status.name), "nodeUid", shown(expectation->status.uid), "capacityEfa",
        shown_reading(expectation->status.capacity_efa), "type", shown(expectation->status.instance_type),
        "pods", shown_reading(expectation->pods), "checkpoint", shown_reading(expectation->checkpoint),
        "promises", pods, "failed", (int)expectation->failed);
}

static int count_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    int count = 0;

    while (folder != NULL && readdir(folder) != NULL)
        count++;
    if (folder != NULL)
        (void)closedir(folder);
    return count;
}

/* Resident, in KiB. */
static long measure_memory(void)
{
    FILE *file = fopen("/proc/self/statm", "re");
    char line[128] = "";
    char *rest = line;

    if (file != NULL) {
        if (fgets(line, sizeof(line), file) != NULL)
            (void)strtoul(line, &rest, 10);
        (void)fclose(file);
    }
    return (long)strtoul(rest, NULL, 10) * (sysconf(_SC_PAGESIZE) / 1024);
}

int main(int count, char **arguments)
{
    AUTO(kube_client_close) struct kube_client *client = NULL;
    AUTO(expectation_release) struct expectation expectation = {.failed = false};
    struct kube_client_options connection = {.kubeconfig = count > 1 ? arguments[1] : ""};
    unsigned long times = count > 5 ? strtoul(arguments[5], NULL, 10) : 1;
    struct promises_options options;
    struct error err = {0};
    int descriptors = 0;
    long memory = 0;
    json_t *said;

    if (count < 5)
        return 2;
    options = (struct promises_options){
        .node_name = arguments[2], .prefix = arguments[3], .checkpoint = arguments[4]};
    if (connection.kubeconfig[0] != '\0' && !kube_client_open(&connection, &client, &err)) {
        (void)fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    for (unsigned long i = 0; i < times; i++) {
        expectation_release(&expectation);
        promises_read(&options, client, &expectation);
        if (i == times / 10) {
            descriptors = count_descriptors();
            memory = measure_memory();
        }
    }
    said = json_pack("{s:o, s:i, s:i, s:i, s:i}", "expectation", shown_expectation(&expectation),
                     "descriptorsBefore", descriptors, "descriptors", count_descriptors(), "memoryBefore",
                     (int)memory, "memory", (int)measure_memory());
    (void)json_dumpf(said, stdout, 0);
    json_decref(said);
    return 0;
}
