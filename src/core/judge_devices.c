/* SPDX-License-Identifier: Apache-2.0 */
/* From the instance to its RDMA devices: attached, driven, with a uverbs device each. */
#include "judge.h"

static bool lacks_driver(const struct rdma_device *device)
{
    return device->name.length == 0;
}

static bool has_other_driver(const struct rdma_device *device)
{
    return lacks_driver(device) && device->driver.length > 0 && !text_is_string(device->driver, "efa");
}

/* efa is bound to it, so it has an RDMA device: in another network namespace, where each belongs to one. */
static bool may_be_elsewhere(const struct rdma_device *device)
{
    return lacks_driver(device) && text_is_string(device->driver, "efa");
}

static bool is_nowhere(const struct rdma_device *device)
{
    return lacks_driver(device) && !may_be_elsewhere(device);
}

static bool lacks_uverbs(const struct rdma_device *device)
{
    return device->name.length > 0 && device->uverbs.length == 0;
}

static bool is_down(const struct rdma_device *device)
{
    return device->name.length > 0 && device->port_state.length > 0 &&
           !text_is_string(device->port_state, "ACTIVE");
}

static bool is_usable_and_down(const struct rdma_device *device)
{
    return is_down(device) && device->character == CHARACTER_USABLE;
}

/* Node and pods were read, and say nothing of EFA; types without accelerators are often launched so. */
static bool is_meant_without(const struct judge *judge)
{
    const struct expectation *expectation = judge->expectation;

    if (expectation->type->vendor != VENDOR_NONE || !expectation->node.is_known ||
        !expectation->pods.is_known || expectation->status.capacity_efa.number > 0)
        return false;
    for (size_t i = 0; i < expectation->promise_count; i++) {
        if (expectation->promises[i].promised.efa > 0 || expectation->promises[i].efa_id_count > 0)
            return false;
    }
    return true;
}

static void raise_not_used(struct judge *judge, struct finding *finding)
{
    finding->cause =
        text_of("the instance was launched without EFA interfaces, and neither the Node nor a pod "
                "says that it should have some");
    finding->fix = text_of("nothing; where EFA is meant, relaunch it with network interfaces of type efa");
    judge_raise(judge, FINDING_EFA_NOT_USED, finding);
}

void judge_attachment(struct judge *judge)
{
    const struct instance_type *type = judge->expectation->type;
    const struct reading attached = judge_attached(judge);
    struct finding finding;

    if (type == NULL || !attached.is_known || attached.number >= type->efa_interfaces)
        return;
    finding = (struct finding){
        .expected = judge_say(judge, "%u EFA device%s (%.*s)", type->efa_interfaces,
                              plural(type->efa_interfaces), TEXT_ARGS(judge_authority(judge))),
        .found = judge_say(judge, "%" PRIu64 " (%s)", attached.number,
                           judge->inventory->pci.is_known ? "PCI" : "sysfs"),
        .fix = judge_say(judge,
                         "relaunch the instance from a launch template (node group, EC2NodeClass) with %u "
                         "network interfaces of type efa or efa-only",
                         type->efa_interfaces),
    };
    if (attached.number == 0 && is_meant_without(judge)) {
        raise_not_used(judge, &finding);
        return;
    }
    if (attached.number == 0) {
        finding.cause =
            text_of("the instance was launched without EFA interfaces; they attach at launch only");
        judge_raise(judge, FINDING_EFA_NOT_ATTACHED, &finding);
        return;
    }
    finding.cause =
        text_of("the instance was launched with fewer EFA interfaces than its type takes, or some "
                "have dropped off the bus; they attach at launch only");
    finding.fix = judge_say(judge,
                            "%.*s; where fewer are meant, say so in a catalogue of your own "
                            "(--instance-types)",
                            TEXT_ARGS(finding.fix));
    judge_raise(judge, FINDING_EFA_FEWER_ATTACHED, &finding);
}

static void explain_driver(struct judge *judge, struct finding *finding)
{
    struct device_list others = judge_list(judge, has_other_driver);

    if (judge->inventory->kernel.is_efa_loaded == FACT_NO) {
        finding->cause = text_of("the kernel module efa is not loaded");
        finding->fix = text_of("modprobe efa; where there is none, install the EFA driver in the node image");
    } else if (others.count > 0) {
        finding->cause =
            judge_say(judge, "another driver than efa is bound to %.*s", TEXT_ARGS(others.names));
        finding->fix = text_of("unbind it there and bind efa (/sys/bus/pci/drivers/efa/bind), or reboot");
    } else {
        finding->cause = text_of("the driver efa was unbound from the devices, or failed when it was bound");
        finding->fix = text_of("`dmesg | grep efa` says why; write their PCI addresses to "
                               "/sys/bus/pci/drivers/efa/bind, or reboot");
    }
}

void judge_driver(struct judge *judge)
{
    const struct inventory *inventory = judge->inventory;
    struct device_list missing;
    struct finding finding;

    if (!inventory->pci.is_known || !inventory->sysfs.is_known ||
        inventory->sysfs.number >= inventory->pci.number)
        return;
    missing = judge_list(judge, judge_has(judge, FINDING_RDMA_NETNS_EXCLUSIVE) ? is_nowhere : lacks_driver);
    if (missing.count == 0 && judge_has(judge, FINDING_RDMA_NETNS_EXCLUSIVE))
        return;
    finding = (struct finding){
        .expected = judge_say(judge, "%" PRIu64 " RDMA device%s (PCI)", inventory->pci.number,
                              plural(inventory->pci.number)),
        .found = missing.count > 0 ? judge_say(judge, "%" PRIu64 " (sysfs); none for %.*s",
                                               inventory->sysfs.number, TEXT_ARGS(missing.names))
                                   : judge_say(judge, "%" PRIu64 " (sysfs)", inventory->sysfs.number),
    };
    explain_driver(judge, &finding);
    judge_raise(judge, FINDING_DRIVER_MISSING, &finding);
}

void judge_uverbs(struct judge *judge)
{
    struct device_list missing = judge_list(judge, lacks_uverbs);
    bool is_unloaded = judge->inventory->kernel.has_uverbs == FACT_NO;

    if (missing.count == 0 || !judge_wants_more(judge))
        return;
    judge_raise(judge, FINDING_UVERBS_MISSING,
                &(struct finding){
                    .expected = text_of("a uverbs device for each EFA device (sysfs)"),
                    .found = judge_say(judge, "none for %.*s", TEXT_ARGS(missing.names)),
                    .cause = is_unloaded ? text_of("the kernel module ib_uverbs is not loaded")
                                         : text_of("the kernel made no uverbs device for them"),
                    .fix = is_unloaded
                               ? text_of("modprobe ib_uverbs, and load it at boot (/etc/modules-load.d)")
                               : text_of("`dmesg | grep -i -e uverbs -e efa` says why; reboot"),
                });
}

void judge_netns(struct judge *judge)
{
    const struct inventory *inventory = judge->inventory;
    uint64_t shown = inventory->sysfs.is_known ? inventory->sysfs.number : 0;
    uint64_t there = judge_limit(judge, shown + judge_list(judge, may_be_elsewhere).count);
    bool is_hidden = !inventory->verbs.is_known || inventory->verbs.number < there;

    if (inventory->kernel.is_rdma_exclusive != FACT_YES || there == 0 ||
        (judge->expectation->has_wanted && !is_hidden))
        return;
    judge_raise(
        judge, FINDING_RDMA_NETNS_EXCLUSIVE,
        &(struct finding){
            .expected = text_of("RDMA devices that all network namespaces share"),
            .found = text_of("each belongs to one network namespace (rdma system: netns exclusive)"),
            .cause = text_of("in exclusive mode a pod with a network namespace of its own sees no EFA "
                             "device"),
            .fix = text_of("rdma system set netns shared, before any pod is started"),
        });
}

void judge_ports(struct judge *judge)
{
    struct device_list down =
        judge_list(judge, judge->expectation->has_wanted ? is_usable_and_down : is_down);

    if (down.count == 0)
        return;
    judge_raise(judge, FINDING_PORT_DOWN,
                &(struct finding){
                    .expected = text_of("port state ACTIVE for every EFA device (sysfs)"),
                    .found = judge_say(judge, "%zu not ACTIVE: %.*s", down.count, TEXT_ARGS(down.names)),
                    .cause = text_of("the driver says that the devices' link is not up"),
                    .fix = text_of("`dmesg | grep efa` may say why; reboot, and replace the instance if it "
                                   "stays so"),
                });
}
