/* SPDX-License-Identifier: Apache-2.0 */
/* What the kubelet offers, against what is there. */
#include "judge.h"

/* "v0.5.10 or later", as far as the catalogue knows. */
static struct text name_chart(struct judge *judge)
{
    const struct instance_type *type = judge->expectation->type;

    if (type == NULL || type->device_plugin_chart.length == 0)
        return text_of("the newest");
    return judge_say(judge, "%.*s or later", TEXT_ARGS_SHORT(type->device_plugin_chart));
}

/* In exclusive mode a sysfs of another network namespace shows fewer than there are. */
static bool shows_fewer(const struct judge *judge)
{
    const struct inventory *inventory = judge->inventory;

    return judge_has(judge, FINDING_RDMA_NETNS_EXCLUSIVE) && inventory->pci.is_known &&
           inventory->sysfs.number < inventory->pci.number;
}

static bool lacks_devices(const struct judge *judge)
{
    return shows_fewer(judge) || judge_has(judge, FINDING_EFA_NOT_ATTACHED) ||
           judge_has(judge, FINDING_EFA_FEWER_ATTACHED) || judge_has(judge, FINDING_DRIVER_MISSING);
}

static void raise_no_plugin(struct judge *judge, struct finding *finding)
{
    const struct instance_type *type = judge->expectation->type;
    struct text chart = type != NULL ? type->device_plugin_chart : (struct text){0};

    finding->cause = judge_say(judge,
                               "the EFA device plugin does not run here, or does not work: it is not "
                               "installed, its chart is too old for this instance type%s%.*s%s, or a taint "
                               "keeps it away",
                               chart.length > 0 ? " (charts know it from " : "", TEXT_ARGS_SHORT(chart),
                               chart.length > 0 ? " on)" : "");
    finding->fix = judge_say(judge,
                             "install or upgrade the chart aws-efa-k8s-device-plugin (%.*s), tolerate the "
                             "node's taints, and read the log of its pod on this node",
                             TEXT_ARGS_SHORT(name_chart(judge)));
    judge_raise(judge, FINDING_DEVICE_PLUGIN_MISSING, finding);
}

static void raise_too_many(struct judge *judge, struct finding *finding)
{
    const struct reading other = judge->inventory->other_rdma;

    if (lacks_devices(judge))
        return; /* it offers those that were there */
    if (other.is_known && other.number > 0) {
        finding->cause = judge_say(judge,
                                   "the EFA device plugin is too old for this type and counts the %" PRIu64
                                   " RDMA device%s that %s no EFA",
                                   other.number, plural(other.number), other.number == 1 ? "is" : "are");
        finding->fix = judge_say(judge, "upgrade the chart aws-efa-k8s-device-plugin (%.*s)",
                                 TEXT_ARGS_SHORT(name_chart(judge)));
        judge_raise(judge, FINDING_DEVICE_PLUGIN_TOO_OLD, finding);
        return;
    }
    finding->cause = text_of("the EFA device plugin still offers devices that are no longer there");
    finding->fix = text_of("delete the plugin's pod on this node, so that it counts again");
    judge_raise(judge, FINDING_DEVICE_PLUGIN_STALE, finding);
}

void judge_plugin(struct judge *judge)
{
    const struct reading sysfs = judge->inventory->sysfs;
    const struct reading capacity = judge->expectation->status.capacity_efa;
    uint64_t offered = capacity.is_known ? capacity.number : 0;
    struct finding finding;

    if (!judge->expectation->node.is_known || !sysfs.is_known || offered == sysfs.number)
        return;
    finding = (struct finding){
        .expected = judge_say(judge, "vpc.amazonaws.com/efa: %" PRIu64 " in the Node's capacity (sysfs)",
                              sysfs.number),
        .found = capacity.is_known ? judge_say(judge, "%" PRIu64, offered) : text_of("none"),
    };
    if (offered > sysfs.number) {
        raise_too_many(judge, &finding);
        return;
    }
    if (offered == 0) {
        raise_no_plugin(judge, &finding);
        return;
    }
    finding.cause = text_of("the EFA device plugin counted before all devices were there");
    finding.fix = text_of("delete the plugin's pod on this node, so that it counts again");
    judge_raise(judge, FINDING_DEVICE_PLUGIN_STALE, &finding);
}

void judge_allocatable(struct judge *judge)
{
    const struct node_status *status = &judge->expectation->status;
    const struct reading sysfs = judge->inventory->sysfs;
    uint64_t goal;

    if (!judge->expectation->node.is_known || !status->capacity_efa.is_known ||
        !status->allocatable_efa.is_known)
        return;
    goal = status->capacity_efa.number;
    if (sysfs.is_known && sysfs.number < goal)
        goal = sysfs.number;
    if (status->allocatable_efa.number >= goal)
        return;
    judge_raise(
        judge, FINDING_NODE_ALLOCATABLE_FEWER,
        &(struct finding){
            .expected = judge_say(judge,
                                  "vpc.amazonaws.com/efa: %" PRIu64 " in the Node's allocatable "
                                  "(its capacity)",
                                  goal),
            .found = judge_say(judge, "%" PRIu64, status->allocatable_efa.number),
            .cause = text_of("the EFA device plugin calls devices unhealthy, or has gone and not come back"),
            .fix = text_of("read the log of the plugin's pod on this node, then delete the pod, so that it "
                           "registers again"),
        });
}

void judge_accelerator_count(struct judge *judge)
{
    const struct instance_type *type = judge->expectation->type;
    struct reading found;
    struct text resource;

    if (type == NULL || type->accelerators == 0)
        return;
    found = judge->inventory->accelerators_by_vendor[type->vendor];
    if (!found.is_known || found.number >= type->accelerators)
        return;
    resource = vendor_resource(type->vendor);
    judge_raise(
        judge, FINDING_ACCELERATORS_FEWER,
        &(struct finding){
            .expected = judge_say(judge, "%u x %.*s (%.*s)", type->accelerators, TEXT_ARGS_SHORT(resource),
                                  TEXT_ARGS(judge_authority(judge))),
            .found = judge_say(judge, "%" PRIu64, found.number),
            .cause = type->vendor == VENDOR_NEURON
                         ? text_of("the Neuron driver shows fewer devices than the type has")
                         : text_of("accelerators have dropped off the PCI bus"),
            .fix = text_of("`dmesg` says why (NVRM: Xid, neuron); reboot, and replace the instance if they "
                           "do not come back"),
        });
}

void judge_wanted_accelerators(struct judge *judge)
{
    const struct reading wanted = judge->expectation->wanted_accelerators;
    const struct reading found = judge_accelerators(judge);

    if (!wanted.is_known || !found.is_known || found.number >= wanted.number)
        return;
    judge_raise(
        judge, FINDING_ACCELERATORS_FEWER,
        &(struct finding){
            .expected = judge_say(judge, "%" PRIu64 " accelerator%s (--expect)", wanted.number,
                                  plural(wanted.number)),
            .found = judge_say(judge, "%" PRIu64, found.number),
            .cause = text_of("this container or machine has fewer accelerators than --expect says"),
            .fix = text_of("let this container ask for them; on a node, `dmesg` says why one is gone"),
        });
}

static void compare_vendor(struct judge *judge, enum vendor vendor)
{
    const struct reading found = judge->inventory->accelerators_by_vendor[vendor];
    const struct reading capacity = judge->expectation->status.capacity_accelerators[vendor];
    struct text resource = vendor_resource(vendor);
    uint64_t offered = capacity.is_known ? capacity.number : 0;

    if (!found.is_known || offered == found.number || (found.number == 0 && !capacity.is_known) ||
        (offered > found.number && judge_has(judge, FINDING_ACCELERATORS_FEWER)))
        return;
    judge_raise(
        judge, FINDING_ACCELERATOR_PLUGIN,
        &(struct finding){
            .expected = judge_say(judge, "%.*s: %" PRIu64 " in the Node's capacity (as many are there)",
                                  TEXT_ARGS_SHORT(resource), found.number),
            .found = capacity.is_known ? judge_say(judge, "%" PRIu64, offered) : text_of("none"),
            .cause = offered > found.number
                         ? text_of("its device plugin shares accelerators among pods (time slicing)")
                         : text_of("the accelerators' device plugin or driver does not work on this node, or "
                                   "offers them in parts (MIG) or by claims (DRA)"),
            .fix = text_of("where that is not meant, read the log of the accelerators' device plugin on "
                           "this node"),
        });
}

void judge_accelerator_plugin(struct judge *judge)
{
    size_t vendor;

    if (!judge->expectation->node.is_known)
        return;
    for (vendor = VENDOR_NONE + 1; vendor < VENDOR_COUNT; vendor++)
        compare_vendor(judge, (enum vendor)vendor);
}
