/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A Node, a list of pods, a device plugin checkpoint (the first byte chooses): what is read keeps its limits
 * and is the same when it is read again; what is refused has a reason and leaves everything as it was.
 */
#include "core/node_status.h"
#include "core/plugin_checkpoint.h"
#include "core/pod_promise.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

enum {
    DEVICES_MAX = 10 * 1000 * 1000, /* 1000 containers of 10,000 */
    HELD_MAX = 1024,
    WARNINGS_MAX = 64,
};

static void check(bool is_right, const char *sentence)
{
    if (is_right)
        return;
    (void)fprintf(stderr, "%s\n", sentence);
    abort();
}

static bool read_node(struct text json, struct expectation *expectation, struct error *err)
{
    return node_status_parse(json, expectation, err);
}

static bool read_pods(struct text json, struct expectation *expectation, struct error *err)
{
    static const struct text prefix = {.at = "efa-injector.io", .length = 15};
    struct text next;

    return pod_promises_parse(json, prefix, expectation, &next, err);
}

static const struct {
    bool (*read)(struct text json, struct expectation *expectation, struct error *err);
    enum error_kind kind; /* of a refusal */
} readers[] = {
    {plugin_checkpoint_parse, ERROR_INPUT},
    {read_pods, ERROR_REMOTE},
    {read_node, ERROR_REMOTE},
};

static void check_pod(const struct pod_promise *pod)
{
    const struct resource_amounts *promised = &pod->promised;

    check(pod->has_status || (promised->efa == 0 && promised->accelerators == 0 && pod->warning_count == 0),
          "promises without a status");
    check(promised->efa <= DEVICES_MAX && promised->accelerators <= DEVICES_MAX, "too many devices");
    check(promised->accelerators == 0 || promised->vendor != VENDOR_NONE, "accelerators of nobody");
    check(pod->warning_count <= WARNINGS_MAX, "too many warnings");
    check(pod->efa_id_count <= HELD_MAX && pod->accelerator_id_count <= HELD_MAX, "too many devices held");
    check(pod->uid.at != NULL, "a pod without a uid");
    for (size_t i = 1; i < pod->efa_id_count; i++)
        check(!text_is(pod->efa_ids[0], pod->efa_ids[i]), "a device twice");
}

static void check_same(const struct expectation *left, const struct expectation *right)
{
    check(left->promise_count == right->promise_count, "another number of pods");
    check(left->checkpoint.number == right->checkpoint.number, "another number of entries");
    check(left->status.capacity_efa.number == right->status.capacity_efa.number, "another capacity");
    for (size_t i = 0; i < left->promise_count; i++) {
        const struct pod_promise *pod = &left->promises[i];

        check_pod(pod);
        check(text_is(pod->uid, right->promises[i].uid), "another uid");
        check(pod->promised.efa == right->promises[i].promised.efa, "another promise");
        check(pod->efa_id_count == right->promises[i].efa_id_count, "other devices");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct expectation first = {.failed = false};
    struct expectation second = {.failed = false};
    struct error err = {0};
    struct error again = {0};
    struct text json;
    size_t i;
    bool is_read;

    if (length == 0)
        return 0;
    i = bytes[0] % COUNT_OF(readers);
    json = (struct text){.at = (const char *)bytes + 1, .length = length - 1};
    is_read = readers[i].read(json, &first, &err);
    check(readers[i].read(json, &second, &again) == is_read, "read once, and refused once");
    check(is_read || (err.kind == readers[i].kind && err.text[0] != '\0'), "refused without a reason");
    check(is_read || (first.promise_count == 0 && first.status.name.at == NULL), "refused, and changed");
    check(!is_read || first.node.is_known || first.pods.is_known || first.checkpoint.is_known,
          "read, and nothing known");
    check_same(&first, &second);
    arena_release(&first.arena);
    arena_release(&second.arena);
    return 0;
}
