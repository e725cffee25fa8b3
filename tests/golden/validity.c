/* SPDX-License-Identifier: Apache-2.0 */
#include "properties.h"

#include "core/asks.h"
#include "support/check.h"
#include "support/json_patch.h"

#include <stdlib.h>
#include <string.h>

/* The amount of a resource, null being none; false where it is not named. */
static bool amount_of(const json_t *list, const char *name, struct quantity *ret_amount)
{
    const json_t *value = json_object_get(list, name);
    struct error err = {0};
    struct text text;
    char *dumped;

    if (value == NULL || json_is_null(value))
        return false;
    dumped = json_dumps(value, JSON_ENCODE_ANY);
    assert_non_null(dumped);
    text = json_is_string(value) ? text_of(json_string_value(value)) : text_of(dumped);
    if (!quantity_parse(text, ret_amount, &err))
        fail_msg("%s: %s", name, err.text);
    free(dumped);
    return true;
}

/* Source: Kubernetes validation of extended resources and huge pages. */
static void check_resources(const json_t *container)
{
    static const char *const devices[] = {"vpc.amazonaws.com/efa", "nvidia.com/gpu", "aws.amazon.com/neuron",
                                          "habana.ai/gaudi", "hugepages-2Mi"};
    const json_t *resources = json_object_get(container, "resources");
    const json_t *limits = json_object_get(resources, "limits");
    const json_t *requests = json_object_get(resources, "requests");
    struct quantity limit = {0};
    struct quantity request = {0};
    size_t i;

    for (i = 0; i < COUNT_OF(devices); i++) {
        bool has_limit = amount_of(limits, devices[i], &limit);
        bool has_request = amount_of(requests, devices[i], &request);

        if (has_request && !has_limit)
            fail_msg("%s has a request without a limit", devices[i]);
        if (has_request && limit.units != request.units)
            fail_msg("%s has a limit that differs from its request", devices[i]);
    }
    /* named is enough on both sides, as null or zero too */
    if (json_object_get(limits, "hugepages-2Mi") == NULL &&
        json_object_get(requests, "hugepages-2Mi") == NULL)
        return;
    if (json_object_get(limits, "cpu") == NULL && json_object_get(limits, "memory") == NULL &&
        json_object_get(requests, "cpu") == NULL && json_object_get(requests, "memory") == NULL)
        fail_msg("huge pages without cpu or memory beside them");
}

static const char *text_in(const json_t *list, size_t i, const char *key)
{
    const char *text = json_string_value(json_object_get(json_array_get(list, i), key));

    return text != NULL ? text : "";
}

/* Whether one of the first `count` elements has the text in that member. */
static bool has_text(const json_t *list, size_t count, const char *key, const char *text)
{
    size_t i;

    for (i = 0; i < count; i++) {
        if (strcmp(text_in(list, i, key), text) == 0)
            return true;
    }
    return false;
}

/* No two elements of a list have the same text in a member. */
static void check_unique(const json_t *owner, const char *member, const char *key)
{
    const json_t *list = json_object_get(owner, member);
    size_t i;

    for (i = 0; i < json_array_size(list); i++) {
        if (has_text(list, i, key, text_in(list, i, key)))
            fail_msg("%s has '%s' twice", member, text_in(list, i, key));
    }
}

static bool has_volume(const json_t *spec, const char *name)
{
    const json_t *volumes = json_object_get(spec, "volumes");

    return has_text(volumes, json_array_size(volumes), "name", name);
}

static void check_mounts(const json_t *spec, const json_t *container)
{
    const json_t *mounts = json_object_get(container, "volumeMounts");
    size_t i;

    check_unique(container, "volumeMounts", "mountPath");
    for (i = 0; i < json_array_size(mounts); i++) {
        if (!has_volume(spec, text_in(mounts, i, "name")))
            fail_msg("a mount of volume '%s', which the pod lacks", text_in(mounts, i, "name"));
    }
}

/* Those that the patch changed: what is wrong with others is their author's. */
static void check_containers(const json_t *before, const json_t *spec, const char *member)
{
    const json_t *containers = json_object_get(spec, member);
    const json_t *container;
    size_t i;

    json_array_foreach((json_t *)(uintptr_t)containers, i, container) {
        if (json_equal(container, json_array_get(json_object_get(before, member), i)))
            continue;
        check_resources(container);
        check_unique(container, "env", "name");
        check_mounts(spec, container);
    }
}

void property_valid(const struct question *question, const struct answer *answer)
{
    json_t *review;
    json_t *pod;
    json_t *before;
    const json_t *spec;

    /* the author's mistakes stay where the policy says to let them pass */
    if (question->snapshot.policy->on_impossible == VERDICT_WARN || answer->patch == NULL)
        return;
    review = json_loadb(question->body, question->body_length, JSON_ALLOW_NUL, NULL);
    pod = json_object_get(json_object_get(review, "request"), "object");
    before = json_deep_copy(json_object_get(pod, "spec"));
    assert_null(json_patch_apply(pod, answer->patch));
    spec = json_object_get(pod, "spec");
    check_unique(spec, "volumes", "name");
    check_containers(before, spec, "initContainers");
    check_containers(before, spec, "containers");
    json_decref(before);
    json_decref(review);
}
