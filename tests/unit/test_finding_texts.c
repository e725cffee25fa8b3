/* SPDX-License-Identifier: Apache-2.0 */
/* What findings say, to people, and that deploy/agent-findings.md documents all of them and no others. */
#include "core/finding_table.h"

#include "support/check.h"
#include "support/judged_node.h"

#include <stdlib.h>

static const char document[] = "deploy/agent-findings.md";

struct row {
    const char *name; /* the id */
    const char *edits;
    const char *expected;
    const char *found;
    const char *cause; /* is in it */
    const char *fix;   /* is in it */
};

static const struct row rows[] = {
    {"efa-not-attached", "efa=0", "32 EFA devices (catalogue, p5.48xlarge)", "0 (PCI)",
     "they attach at launch only", "with 32 network interfaces of type efa or efa-only"},
    {"efa-fewer-attached", "pci=? sysfs=1 type=c6in.32xlarge", "2 EFA devices (catalogue, c6in.32xlarge)",
     "1 (sysfs)", "launched with fewer", "(--instance-types)"},
    {"driver-missing",
     "sysfs=26 device.0.name= device.1.name= device.2.name= device.3.name= device.4.name= device.5.name=",
     "32 RDMA devices (PCI)",
     "26 (sysfs); none for 0000:10:00.0, 0000:11:00.0, 0000:12:00.0, 0000:13:00.0 and 2 more",
     "the driver efa was unbound", "/sys/bus/pci/drivers/efa/bind"},
    {"driver-missing", "sysfs=31", "32 RDMA devices (PCI)", "31 (sysfs)", "the driver efa was unbound",
     "dmesg"},
    {"driver-missing", "sysfs=31 device.3.name= module=no", "32 RDMA devices (PCI)",
     "31 (sysfs); none for 0000:13:00.0", "module efa is not loaded", "modprobe efa"},
    {"driver-missing", "sysfs=31 device.3.name= device.3.driver=vfio-pci", "32 RDMA devices (PCI)",
     "31 (sysfs); none for 0000:13:00.0", "another driver than efa is bound to 0000:13:00.0", "bind efa"},
    {"uverbs-missing", "device.3.uverbs= ib_uverbs=no", "a uverbs device for each EFA device (sysfs)",
     "none for rdmap19s0", "module ib_uverbs is not loaded", "modprobe ib_uverbs"},
    {"uverbs-missing", "device.3.uverbs=", "a uverbs device for each EFA device (sysfs)",
     "none for rdmap19s0", "the kernel made no uverbs device", "dmesg"},
    {"character-refused", "device.3.file=eperm", "every EFA device in /dev/infiniband can be opened",
     "1 cannot: rdmap19s0", "device cgroup forbids", "ask for vpc.amazonaws.com/efa"},
    {"character-refused", "device.3.file=eacces", "every EFA device in /dev/infiniband can be opened",
     "1 cannot: rdmap19s0", "mode or the owner", "chmod 0666"},
    {"character-refused", "device.3.file=eio", "every EFA device in /dev/infiniband can be opened",
     "1 cannot: rdmap19s0", "(errno 5)", "reboot"},
    {"efa-fewer-than-wanted", "wanted=1 wanted.efa=1 character=0", "1 EFA device (--expect)",
     "0 in /dev/infiniband", "fewer devices than --expect says", "annotation containers"},
    {"port-down", "device.1.port=DOWN device.2.port=INIT", "port state ACTIVE for every EFA device (sysfs)",
     "2 not ACTIVE: rdmap17s0, rdmap18s0", "link is not up", "reboot"},
    {"verbs-unknown-device", "device.id=3 device.verbs=0 verbs=0 efa=1 device.id=3 device.verbs=0 verbs=0",
     "1 EFA device (/dev/infiniband)", "0 (ibv_get_device_list); not rdmap16s0",
     "libibverbs 44.0 does not know PCI device 1d0f:efa3", "56 knows efa3"},
    {"verbs-fewer", "verbs=31 device.3.verbs=0 verbs.version=", "32 EFA devices (/dev/infiniband)",
     "31 (ibv_get_device_list); not rdmap19s0", "libibverbs finds no driver", "IBV_SHOW_WARNINGS=1"},
    {"foreign-rdma-device", "foreign=1 libfabric=0", "32 EFA devices (libibverbs)", "0 (fi_getinfo)",
     "the RDMA device ibp0s0 (driver mlx5_core) is no EFA: beside it the efa provider of libfabric 1.17.0",
     "libfabric 2.2.0"},
    {"libfabric-fewer", "libfabric=31 device.3.libfabric=0", "32 EFA devices (libibverbs)",
     "31 (fi_getinfo); not rdmap19s0", "the efa provider of libfabric 1.17.0", "FI_LOG_LEVEL=warn"},
    {"device-plugin-missing", "capacity=? type=p6-b200.48xlarge",
     "vpc.amazonaws.com/efa: 32 in the Node's capacity (sysfs)", "none", "(charts know it from v0.5.10 on)",
     "aws-efa-k8s-device-plugin (v0.5.10 or later)"},
    {"device-plugin-missing", "capacity=0 type=p6e-gb200.36xlarge",
     "vpc.amazonaws.com/efa: 32 in the Node's capacity (sysfs)", "0", "too old for this instance type, or",
     "aws-efa-k8s-device-plugin (the newest)"},
    {"device-plugin-too-old", "foreign=2 capacity=34",
     "vpc.amazonaws.com/efa: 32 in the Node's capacity (sysfs)", "34",
     "counts the 2 RDMA devices that are no EFA", "v0.4.4 or later"},
    {"device-plugin-too-old", "foreign=1 capacity=33",
     "vpc.amazonaws.com/efa: 32 in the Node's capacity (sysfs)", "33",
     "counts the 1 RDMA device that is no EFA", "upgrade the chart"},
    {"device-plugin-stale", "capacity=33", "vpc.amazonaws.com/efa: 32 in the Node's capacity (sysfs)", "33",
     "no longer there", "delete the plugin's pod"},
    {"node-allocatable-fewer", "allocatable=31",
     "vpc.amazonaws.com/efa: 32 in the Node's allocatable (its capacity)", "31", "unhealthy", "log"},
    {"accelerators-fewer", "gpus=7", "8 x nvidia.com/gpu (catalogue, p5.48xlarge)", "7",
     "dropped off the PCI bus", "Xid"},
    {"accelerators-fewer", "type=trn1.32xlarge neuron=15",
     "16 x aws.amazon.com/neuron (catalogue, trn1.32xlarge)", "15", "the Neuron driver",
     "replace the instance"},
    {"accelerator-plugin", "gpus.capacity=64", "nvidia.com/gpu: 8 in the Node's capacity (as many are there)",
     "64", "time slicing", "log"},
    {"accelerator-plugin", "gpus.capacity=?", "nvidia.com/gpu: 8 in the Node's capacity (as many are there)",
     "none", "MIG", "log"},
    {"hugepages-gone", "pages=20000", "hugepages-2Mi: 42240Mi (the Node's capacity)", "40000Mi (kernel)",
     "given back", "vm.nr_hugepages"},
    {"hugepages-after-kubelet", "pages.capacity=0", "hugepages-2Mi: 0Mi (the Node's capacity)",
     "42240Mi (kernel)", "after the kubelet started", "restart the kubelet"},
    {"hugepages-short", "pod.pages=42242", "hugepages-2Mi: 42242Mi (what the pods here were promised)",
     "42240Mi (the Node's capacity)", "placed when", "delete the pods"},
    {"hugepages-overused", "pages.free=18000",
     "at most 5120Mi of huge pages in use (what the pods here were promised)", "6240Mi (kernel)",
     "promised none", "HugetlbPages"},
    {"hugepages-overused", "wanted=1 wanted.pages=100 pages.free=99", "200Mi of huge pages free (--expect)",
     "42042Mi of 42240Mi in use (kernel)", "promised none", "HugetlbPages"},
    {"pod-devices-gone", "pod.efa=1 pod.ids=rdmap15s0", "1 EFA device (kubelet's checkpoint)",
     "1 gone: rdmap15s0", "left the PCI bus", "delete the pod"},
    {"pod-devices-gone", "sysfs=31 device.3.name= device.3.driver=", "32 EFA devices (kubelet's checkpoint)",
     "1 gone: rdmap19s0", "lost their driver", "delete the pod"},
    {"pod-fewer-devices", "pod.gpus=9", "nvidia.com/gpu: 9 (the pod's status annotation)",
     "8 (kubelet's checkpoint and the node)", "more than this node has", "delete the pod"},
    {"pod-not-aligned", "pod.efa=2 pod.gpus=1 pod.gpus.ids=GPU-0 pod.ids=rdmap16s0,rdmap20s0",
     "2 EFA devices beside the pod's 1 accelerator (PCI root)", "1 under other PCI roots", "crosses the CPU",
     "topologyManagerPolicy"},
    {"settling", "uptime=5 sysfs=31", "32 RDMA devices (PCI)", "31 (sysfs)", "less than 120 seconds ago",
     "wait"},
    {"instance-type-unknown", "type= dmi=Standard_PC imds.why=no_route",
     "the instance type, said by DMI, the Node's label or IMDS",
     "DMI says 'Standard PC', the Node has no label, IMDS: no route", "nobody says", "--instance-type"},
    {"instance-type-unknown", "type= dmi= node=- cluster=0",
     "the instance type, said by DMI, the Node's label or IMDS", "DMI says nothing", "nobody says", "label"},
    {"instance-type-unknown", "type=p9.48xlarge node=- cluster=0", "p9.48xlarge in the catalogue",
     "no such type, and 32 EFA devices", "neither the catalogue nor a Node", "--instance-types"},
    {"instance-type-not-in-catalogue", "type=p9.48xlarge", "p9.48xlarge in the catalogue",
     "no such type, and 32 EFA devices", "compared with the Node alone", "--instance-types"},
    {"instance-type-not-in-catalogue", "type=m5.large efa=0", "m5.large in the catalogue",
     "no such type, and 0 EFA devices", "has no EFA", "--instance-types"},
    {"instance-types-differ", "differs=p5en.48xlarge differs.source=3", "p5.48xlarge (DMI)",
     "p5en.48xlarge (Node label)", "DMI and Node label name different instance types", "correct"},
    {"gpudirect-missing",
     "dmabuf=no device.3.p2p=", "GPUDirect RDMA on 32 EFA devices (catalogue, p5.48xlarge)",
     "on 31 (device/p2p), and kernel 6.1.0-56-amd64 has no DMA-BUF", "older than 5.12", "newer kernel"},
    {"memlock-low", "memlock=16383", "locked memory without a limit, or 16Gi at least (RLIMIT_MEMLOCK)",
     "16383Mi", "container runtime", "LimitMEMLOCK=infinity"},
    {"node-not-read", "node=?", "the Node object", "not known: permission denied", "cannot be compared",
     "can-i"},
    {"count-not-needed", "libfabric=- opens=0", "EFA devices of libfabric", "not asked for",
     "not to be counted", "--devices open"},
    {"count-not-needed", "pci=-", "PCI functions of EFA", "not asked for", "not to be counted", "nothing"},
    {"count-not-needed", "pci=?", "PCI functions of EFA", "not known: permission denied", "could not be read",
     "--sysfs"},
    {"checkpoint-not-read", "checkpoint=?", "the kubelet's checkpoint of devices",
     "not known: permission denied", "which device which pod holds", "--checkpoint ''"},
};

static void check_has(struct text text, const char *part)
{
    if (memmem(text.at, text.length, part, strlen(part)) == NULL)
        fail_msg("'%s' is not in '%.*s'", part, TEXT_ARGS_MAX(text, 1000));
}

static const struct finding *find(const struct findings *findings, const char *id)
{
    size_t i;

    for (i = 0; i < findings->count; i++)
        if (text_is_string(findings->items[i].kind->id, id))
            return &findings->items[i];
    fail_msg("no %s", id);
    return &findings->items[0];
}

static void says_row(void **state)
{
    const struct row *row = *state;
    AUTO(judged_node_release) struct judged_node node;
    AUTO(findings_release) struct findings findings = {.count = 0};
    const struct finding *finding;

    judged_node_init(&node);
    judged_node_edit(&node, row->edits);
    judged_node_judge(&node, &findings);
    finding = find(&findings, row->name);
    check_text(finding->expected, row->expected);
    check_text(finding->found, row->found);
    check_has(finding->cause, row->cause);
    check_has(finding->fix, row->fix);
}

/* "| `driver-missing` | `DriverMissing` | * |", as the document has it. */
static void format_row(const struct finding_kind *kind, struct buffer *line)
{
    buffer_add_string(line, "\n| `");
    buffer_add(line, kind->id);
    buffer_add_string(line, "` | `");
    buffer_add(line, kind->reason);
    buffer_add_string(line, kind->is_held_back ? "` | * | " : "` | | ");
}

static struct text find_heading(struct text text, size_t until)
{
    static const struct text mark = TEXT("\n## ");
    struct text heading = {.at = NULL};
    size_t i;

    for (i = 0; i + mark.length < until; i++)
        if (memcmp(text.at + i, mark.at, mark.length) == 0)
            heading = text_after((struct text){.at = text.at, .length = until}, i + mark.length);
    (void)text_split(&heading, '\n', &text);
    return text;
}

static void documents_every_kind_and_no_other(void **state)
{
    static const char *const headings[] = {"Errors", "Unknown", "Warnings", "Info"};
    size_t length = 0;
    char *bytes = check_load(document, &length);
    size_t count;
    const struct finding_kind *kinds = finding_kinds(&count);
    const char *at = bytes;
    size_t rows_found = 0;
    size_t i;

    (void)state;
    for (i = 0; i < count; i++) {
        AUTO(buffer_release) struct buffer line = {0};
        const char *found;

        format_row(&kinds[i], &line);
        found = memmem(bytes, length, line.at, line.length);
        if (found == NULL)
            fail_msg("%s has no row%.*s", document, (int)line.length, line.at);
        else
            check_text(find_heading((struct text){.at = bytes, .length = length}, (size_t)(found - bytes)),
                       headings[kinds[i].severity]);
    }
    while ((at = strstr(at, "\n| `")) != NULL) {
        rows_found++;
        at++;
    }
    assert_int_equal(rows_found, count);
    free(bytes);
}

static const struct check_test tests[] = {
    CHECK_TEST(documents_every_kind_and_no_other),
};

int main(void)
{
    return CHECK_ROWS("findings", rows, says_row) | CHECK_TESTS("documentation", tests);
}
