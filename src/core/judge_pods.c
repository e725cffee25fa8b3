/* SPDX-License-Identifier: Apache-2.0 */
/* Whether each pod has what it was promised: its devices, as many, beside its accelerators. */
#include "judge.h"

#include "device_id.h"

/* The devices of a pod that are there no longer; those whose ids say nothing are left out. */
static struct device_list list_gone(struct judge *judge, const struct pod_promise *pod,
                                    bool *ret_lacks_driver)
{
    struct device_list list = {.count = 0};
    const struct rdma_device *device;
    size_t i;

    for (i = 0; i < pod->efa_id_count; i++) {
        enum device_presence presence = device_id_find(judge->inventory, pod->efa_ids[i], &device);

        if (presence != DEVICE_GONE && presence != DEVICE_WITHOUT_DRIVER)
            continue;
        *ret_lacks_driver = *ret_lacks_driver || presence == DEVICE_WITHOUT_DRIVER;
        judge_list_add(judge, &list, pod->efa_ids[i]);
    }
    list.names = judge_list_say(judge, &list);
    return list;
}

/* Whether all devices that the pod holds are there, as far as can be told. */
static bool compare_devices(struct judge *judge, const struct pod_promise *pod)
{
    bool lacks_driver = false;
    struct device_list gone = {.count = 0};

    if (judge->inventory->sysfs.is_known)
        gone = list_gone(judge, pod, &lacks_driver);
    if (gone.count == 0)
        return true;
    judge_raise(
        judge, FINDING_POD_DEVICES_GONE,
        &(struct finding){
            .expected = judge_say(judge, "%zu EFA device%s (kubelet's checkpoint)", pod->efa_id_count,
                                  plural(pod->efa_id_count)),
            .found = judge_say(judge, "%zu gone: %.*s", gone.count, TEXT_ARGS(gone.names)),
            .cause = lacks_driver ? text_of("devices that the pod holds have lost their driver")
                                  : text_of("devices that the pod holds have left the PCI bus"),
            .fix = text_of("bring the node's devices back as its own finding says, then delete the pod: it "
                           "cannot use devices that came back"),
            .pod = pod,
        });
    return false;
}

/* What a pod of the node has of a resource, by who knows best; false where nobody does. */
static bool find_had(const struct reading node, uint64_t held, bool is_held_known, uint64_t *ret_had)
{
    *ret_had = is_held_known ? held : UINT64_MAX;
    if (node.is_known && node.number < *ret_had)
        *ret_had = node.number;
    return is_held_known || node.is_known;
}

static void compare_count(struct judge *judge, const struct pod_promise *pod, struct text resource,
                          uint64_t promised, uint64_t had)
{
    if (promised <= had)
        return;
    judge_raise(
        judge, FINDING_POD_FEWER_DEVICES,
        &(struct finding){
            .expected = judge_say(judge, "%.*s: %" PRIu64 " (the pod's status annotation)",
                                  TEXT_ARGS_SHORT(resource), promised),
            .found = judge_say(judge, "%" PRIu64 " (kubelet's checkpoint and the node)", had),
            .cause = text_of("the pod was promised more than this node has or the kubelet gave it"),
            .fix = text_of("where the node has a finding of its own, mend that; then delete the pod, so that "
                           "it is patched and placed again"),
            .pod = pod,
        });
}

static void compare_counts(struct judge *judge, const struct pod_promise *pod, struct reading node)
{
    const struct expectation *expectation = judge->expectation;
    bool is_held_known = expectation->checkpoint.is_known && pod->is_in_checkpoint;
    const struct reading none = {.is_known = false};
    enum vendor vendor = pod->promised.vendor;
    uint64_t had;

    if (!pod->has_status || !judge_is_live(judge, pod))
        return;
    if (find_had(node, pod->efa_id_count, is_held_known, &had))
        compare_count(judge, pod, text_of("vpc.amazonaws.com/efa"), pod->promised.efa, had);
    if (vendor == VENDOR_NONE || judge_has(judge, FINDING_ACCELERATORS_FEWER))
        return;
    if (find_had(none, pod->accelerator_id_count, is_held_known, &had))
        compare_count(judge, pod, vendor_resource(vendor), pod->promised.accelerators, had);
}

/* Whether EFA devices and accelerators share PCI roots on this node: else their place says nothing. */
static bool has_shared_root(const struct inventory *inventory, struct text root)
{
    size_t i;

    for (i = 0; i < inventory->device_count && root.length > 0; i++)
        if (inventory->devices[i].is_efa && text_is(inventory->devices[i].pci_root, root))
            return true;
    return false;
}

/* Whether the root is that of one of the pod's accelerators. Those whose place is not known clear it. */
static bool is_root_of(const struct inventory *inventory, const struct pod_promise *pod, struct text root)
{
    size_t i;

    for (i = 0; i < pod->accelerator_id_count; i++) {
        const struct accelerator *accelerator =
            device_id_find_accelerator(inventory, pod->accelerator_ids[i]);

        if (accelerator == NULL || !has_shared_root(inventory, accelerator->pci_root) ||
            text_is(accelerator->pci_root, root))
            return true;
    }
    return false;
}

static void compare_places(struct judge *judge, const struct pod_promise *pod)
{
    const struct inventory *inventory = judge->inventory;
    const struct rdma_device *device;
    size_t apart = 0;
    size_t i;

    if (pod->accelerator_id_count == 0 || pod->accelerator_id_count >= inventory->accelerator_count)
        return;
    for (i = 0; i < pod->efa_id_count; i++) {
        if (device_id_find(inventory, pod->efa_ids[i], &device) == DEVICE_PRESENT &&
            device->pci_root.length > 0 && !is_root_of(inventory, pod, device->pci_root))
            apart++;
    }
    if (apart == 0)
        return;
    judge_raise(
        judge, FINDING_POD_NOT_ALIGNED,
        &(struct finding){
            .expected = judge_say(judge, "%zu EFA device%s beside the pod's %zu accelerator%s (PCI root)",
                                  pod->efa_id_count, plural(pod->efa_id_count), pod->accelerator_id_count,
                                  plural(pod->accelerator_id_count)),
            .found = judge_say(judge, "%zu under other PCI roots", apart),
            .cause = text_of("the kubelet gave the pod devices without heed of their place, so that its "
                             "traffic crosses the CPU"),
            .fix = text_of("use pods that take a whole node, or a kubelet with topologyManagerPolicy "
                           "restricted and a device plugin that says where devices are"),
            .pod = pod,
        });
}

void judge_pods(struct judge *judge)
{
    const struct expectation *expectation = judge->expectation;
    const struct reading none = {.is_known = false};
    size_t i;

    for (i = 0; i < expectation->promise_count; i++) {
        const struct pod_promise *pod = &expectation->promises[i];

        if (pod->name.length == 0)
            continue; /* the checkpoint alone names it: pods that are over stay there */
        if (compare_devices(judge, pod))
            compare_counts(judge, pod, judge->inventory->sysfs);
        else
            compare_counts(judge, pod, none); /* that the node has fewer is why they are gone */
        compare_places(judge, pod);
    }
}
