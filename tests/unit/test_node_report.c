/* SPDX-License-Identifier: Apache-2.0 */
/* The report of a node: JSON for programs, a table and a message for people. */
#include "core/node_report.h"

#include "support/check.h"
#include "support/judged_node.h"

#include <jansson.h>

/* A judged node and the report on it. */
struct scene {
    struct judged_node node;
    struct findings findings;
    struct node_report report;
};

static void scene_init(struct scene *scene, const char *edits)
{
    judged_node_init(&scene->node);
    judged_node_edit(&scene->node, edits);
    scene->findings = (struct findings){.count = 0};
    judged_node_judge(&scene->node, &scene->findings);
    scene->report = (struct node_report){&scene->node.inventory, &scene->node.expectation, &scene->findings};
}

static void scene_release(struct scene *scene)
{
    findings_release(&scene->findings);
    judged_node_release(&scene->node);
}

/* The value at "devices.sysfs", "findings.0.id"; NULL where there is none. */
static const json_t *find(const json_t *root, const char *path)
{
    struct text rest = text_of(path);
    struct text part;
    uint64_t index = 0;

    while (root != NULL && text_split(&rest, '/', &part)) {
        if (json_is_array(root))
            root = text_parse_unsigned(part, 1000, &index) ? json_array_get(root, index) : NULL;
        else
            root = json_object_getn(root, part.at, part.length);
    }
    return root;
}

struct json_row {
    const char *name;
    const char *edits;
    const char *path;
    const char *expected; /* compact JSON; NULL: there is no such member */
};

static const struct json_row json_rows[] = {
    {"the verdict of a good node", "", "verdict", "\"good\""},
    {"no findings", "", "findings", "[]"},
    {"the instance type", "", "instanceType", "\"p5.48xlarge\""},
    {"who says it", "", "instanceTypeSource", "\"DMI\""},
    {"no instance type", "type=", "instanceType", "null"},
    {"nobody says it", "type=", "instanceTypeSource", "null"},
    {"the counts", "sysfs=31 verbs=30 libfabric=29 character=28 other=2", "devices",
     "{\"sysfs\":31,\"character\":28,\"verbs\":30,\"libfabric\":29,\"otherRdma\":2,\"pciFunctions\":32}"},
    {"a count of zero", "libfabric=0", "devices/libfabric", "0"},
    {"counts that could not be had", "pci=? sysfs=? character=? verbs=? libfabric=- other=?", "devices",
     "{\"sysfs\":null,\"character\":null,\"verbs\":null,\"libfabric\":null,\"otherRdma\":null,"
     "\"pciFunctions\":null}"},
    {"a device", "efa=1 foreign=1", "rdmaDevices/0",
     "{\"name\":\"rdmap16s0\",\"isEfa\":true,\"pciAddress\":\"0000:10:00.0\",\"pciRoot\":\"pci0000:10\","
     "\"vendorId\":\"0x1d0f\",\"deviceId\":\"0xefa2\",\"numaNode\":0,\"driver\":\"efa\","
     "\"guid\":\"0000:0000:0000:0000\",\"firmware\":null,\"p2p\":\"NVIDIA\",\"portState\":\"ACTIVE\","
     "\"uverbs\":\"uverbs0\",\"character\":\"usable\",\"inVerbs\":true,\"inLibfabric\":true}"},
    {"a device that is no EFA", "efa=1 foreign=1", "rdmaDevices/1/isEfa", "false"},
    {"a device that nobody asked libfabric about", "libfabric=-", "rdmaDevices/0/inLibfabric", "null"},
    {"a device that is refused", "device.0.file=eperm", "rdmaDevices/0/characterErrno", "1"},
    {"a function without a driver", "device.0.name= device.0.driver=", "rdmaDevices/0/name", "null"},
    {"a name that is no UTF-8", "device.0.name=\xff\x22", "rdmaDevices/0/name", "\"?\\\"\""},
    {"huge pages", "pages=10 pages.free=7 pages.reserved=2 pages.surplus=1", "hugepages/2Mi",
     "{\"total\":10,\"free\":7,\"reserved\":2,\"surplus\":1,"
     "\"nodes\":[{\"numaNode\":0,\"total\":21120,\"free\":21120,\"surplus\":0}]}"},
    {"another page size", "", "hugepages/1Gi/nodes", "[]"},
    {"huge pages that could not be read", "sizes=?", "hugepages", "null"},
    {"accelerators", "", "accelerators", "{\"nvidia.com/gpu\":8}"},
    {"no accelerators", "type=c6in.32xlarge gpus=0", "accelerators", "{}"},
    {"accelerators that should be there", "gpus=0", "accelerators", "{\"nvidia.com/gpu\":0}"},
    {"accelerators that could not be counted", "type=c6in.32xlarge gpus=0 neuron.found=?", "accelerators",
     "{\"aws.amazon.com/neuron\":null}"},
    {"an accelerator", "", "acceleratorDevices/1",
     "{\"resource\":\"nvidia.com/gpu\",\"name\":\"0000:14:01.0\",\"pciAddress\":\"0000:14:01.0\","
     "\"pciRoot\":\"pci0000:14\",\"uuid\":\"GPU-1\",\"numaNode\":null}"},
    {"what the catalogue expects", "", "expected/instanceType",
     "{\"name\":\"p5.48xlarge\",\"efa\":32,\"accelerators\":{\"nvidia.com/gpu\":8},"
     "\"hugepages\":{\"2Mi\":21120},\"gpudirect\":true,\"devicePluginChart\":\"v0.4.4\"}"},
    {"a type without accelerators", "type=c6in.32xlarge", "expected/instanceType/accelerators", "{}"},
    {"a type that the catalogue lacks", "type=m5.large", "expected/instanceType", "null"},
    {"what the Node offers", "allocatable=31", "expected/node/allocatable",
     "{\"efa\":31,\"accelerators\":{\"nvidia.com/gpu\":8},\"hugepages\":{\"2Mi\":21120}}"},
    {"a resource that the Node lacks", "capacity=?", "expected/node/capacity/efa", "null"},
    {"a Node that was not read", "node=?", "expected/node", "null"},
    {"a pod", "", "expected/pods/0/promised",
     "{\"result\":\"injected\",\"instanceType\":\"p5.48xlarge\",\"efa\":32,"
     "\"accelerators\":{\"nvidia.com/gpu\":8},\"hugepages\":{\"2Mi\":2560},\"warnings\":[]}"},
    {"what a pod holds", "pod.ids=rdmap16s0,rdmap17s0 pod.gpus.ids=GPU-0", "expected/pods/0/held",
     "{\"efa\":[\"rdmap16s0\",\"rdmap17s0\"],\"accelerators\":[\"GPU-0\"]}"},
    {"a pod that holds nothing", "pod.listed=0", "expected/pods/0/held", "null"},
    {"a pod that is not ours", "pod.status=0", "expected/pods/0/promised", "null"},
    {"a pod without EFA", "pod.1.status=0", "expected/pods/1", NULL},
    {"pods that were not read", "pods=? checkpoint=?", "expected/pods", "null"},
    {"--expect", "wanted=1 wanted.efa=4 wanted.pages=8", "expected/wanted",
     "{\"efa\":4,\"accelerators\":null,\"hugepages\":{\"2Mi\":8}}"},
    {"no --expect", "", "expected/wanted", "null"},
    {"a finding", "memlock=64", "findings/0",
     "{\"id\":\"memlock-low\",\"severity\":\"warning\",\"reason\":\"MemlockLow\","
     "\"expected\":\"locked memory without a limit, or 16Gi at least (RLIMIT_MEMLOCK)\",\"found\":\"64Mi\","
     "\"cause\":\"locked memory is limited here, in containers by what the container runtime hands down: "
     "registering memory with EFA fails\","
     "\"fix\":\"LimitMEMLOCK=infinity in the unit of containerd, then restart it and the pods; in a shell, "
     "ulimit -l unlimited\"}"},
    {"a finding on a pod", "pod.efa=33", "findings/0/pod",
     "{\"namespace\":\"train\",\"name\":\"worker-0\",\"uid\":\"uid-0\"}"},
    {"a node that settles", "uptime=5 sysfs=31", "settling", "true"},
    {"locked memory without a limit", "", "limits", "{\"memlockBytes\":null,\"memlockUnlimited\":true}"},
    {"locked memory", "memlock=1", "limits", "{\"memlockBytes\":1048576,\"memlockUnlimited\":false}"},
    {"locked memory that is not known", "memlock=?", "limits/memlockUnlimited", "null"},
    {"modules", "gdrdrv=no", "kernel/modules/gdrdrv", "{\"loaded\":false,\"version\":\"2.4\"}"},
    {"IMDS", "imds=3 imds.why=no_token", "instance/imdsWhy", "\"no token\""},
    {"what IMDS did", "imds=3", "instance/imds", "\"hop limit\""},
};

static void formats_json(void **state)
{
    const struct json_row *row = *state;
    struct scene scene;
    AUTO(buffer_release) struct buffer buffer = {0};
    json_error_t problem;
    const json_t *value;
    char *compact;
    json_t *root;

    scene_init(&scene, row->edits);
    node_report_format_json(&scene.report, &buffer);
    root = json_loadb(buffer.at, buffer.length, JSON_REJECT_DUPLICATES, &problem);
    if (root == NULL)
        fail_msg("%s at %d: %.*s", problem.text, problem.position, (int)buffer.length, buffer.at);
    value = find(root, row->path);
    assert_int_equal(value != NULL, row->expected != NULL);
    compact = value != NULL ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    check_text(text_of(compact), row->expected);
    assert_int_equal(buffer.at[buffer.length - 1], '\n');
    assert_null(memchr(buffer.at, '\n', buffer.length - 1));
    free(compact);
    json_decref(root);
    scene_release(&scene);
}

static void keeps_the_members_that_are_documented(void **state)
{
    static const char *const members[] = {"instanceType",
                                          "devices/sysfs",
                                          "devices/character",
                                          "devices/verbs",
                                          "devices/libfabric",
                                          "devices/otherRdma",
                                          "hugepages",
                                          "accelerators",
                                          "expected",
                                          "findings",
                                          "verdict"};
    struct scene scene;
    AUTO(buffer_release) struct buffer buffer = {0};
    json_t *root;
    size_t i;

    (void)state;
    scene_init(&scene, "pci=? sysfs=? character=? verbs=? libfabric=? other=? node=? pods=? type= sizes=?");
    node_report_format_json(&scene.report, &buffer);
    root = json_loadb(buffer.at, buffer.length, 0, NULL);
    for (i = 0; i < COUNT_OF(members); i++)
        if (find(root, members[i]) == NULL)
            fail_msg("no %s", members[i]);
    json_decref(root);
    scene_release(&scene);
}

static const char well_table[] =
    "efa-agent 0.1.0  node-1  c6in.32xlarge (DMI)  us-west-2b  kernel 6.1.0-56-amd64\n"
    "\n"
    "EFA DEVICES BY    COUNT\n"
    "catalogue             2  expected\n"
    "Node capacity         2  vpc.amazonaws.com/efa\n"
    "Node allocatable      2\n"
    "PCI                   2  functions 1d0f:efaN\n"
    "sysfs                 2  RDMA devices\n"
    "/dev/infiniband       2  that can be used\n"
    "libibverbs 44.0       2\n"
    "libfabric 1.17.0      -\n"
    "no EFA                ?  other RDMA devices\n"
    "\n"
    "HUGE PAGES        TOTAL   FREE  RESERVED  SURPLUS\n"
    "2Mi               21120  21120         0        0\n"
    "2Mi, NUMA node 0  21120  21120         -        0\n"
    "1Gi                   0      0         0        0\n"
    "\n"
    "DEVICE     PCI           DRIVER  UVERBS   FILE    VERBS  LIBFABRIC  PORT    NUMA  P2P\n"
    "rdmap16s0  0000:10:00.0  efa     uverbs0  usable  yes    -          ACTIVE  0     -\n"
    "rdmap17s0  0000:11:00.0  efa     uverbs1  usable  yes    -          ACTIVE  0     -\n"
    "\n"
    "info count-not-needed\n"
    "    expected  EFA devices of libfabric\n"
    "    found     not asked for\n"
    "    cause     it was not to be counted, and nothing hangs on it here\n"
    "    fix       nothing; --devices open opens devices and asks\n"
    "\n"
    "info count-not-needed\n"
    "    expected  RDMA devices that are no EFA\n"
    "    found     not known: permission denied\n"
    "    cause     it could not be read, and nothing hangs on it here\n"
    "    fix       mount the host's /sys, and name it by --sysfs\n"
    "\n"
    "verdict: good (2 info)\n";

static void shows_a_table(void **state)
{
    struct scene scene;
    AUTO(buffer_release) struct buffer buffer = {0};

    (void)state;
    scene_init(&scene, "type=c6in.32xlarge efa=2 gpus=0 gpus.capacity=? capacity=2 allocatable=2 opens=0 "
                       "libfabric=- other=? device.p2p= no.pods=1");
    node_report_format_table(&scene.report, &buffer);
    check_text(buffer_text(&buffer), well_table);
    scene_release(&scene);
}

struct part_row {
    const char *name;
    const char *edits;
    const char *expected; /* is in it */
};

static const struct part_row table_rows[] = {
    {"no instance type", "type=", "  instance type unknown  us-west-2b"},
    {"accelerators", "gpus=7", "\nnvidia.com/gpu      7         8     8\n"},
    {"what is wanted", "wanted=1 wanted.efa=4", "\nwanted                4  --expect\n"},
    {"wanted accelerators", "wanted=1 wanted.accelerators=1", "\nnvidia.com/gpu      8         1     8\n"},
    {"a function without a driver", "device.1.name= device.1.driver= device.1.uverbs=",
     "\n-          0000:11:00.0  -       -         usable"},
    {"a file that is refused", "device.1.file=eacces", " uverbs1   refused"},
    {"a NUMA node that is not said", "foreign=1", "ibp0s0     0000:e0:00.0  mlx5_core  uverbs100  usable"},
    {"a pod", "", "\ntrain/worker-0            32             8      5120Mi        32             8\n"},
    {"a pod that is not ours", "pod.status=0",
     "\ntrain/worker-0             -             -           -        32             8\n"},
    {"a pod that the checkpoint lacks", "pod.listed=0", "      5120Mi         -             -\n"},
    {"a pod that the checkpoint alone has", "pod.name=", "\nuid uid-0            32"},
    {"a finding on a pod", "pod.efa=33", "\nerror pod-fewer-devices  pod train/worker-0\n    expected  vpc."},
    {"a verdict", "memlock=1 pod.efa=33", "\nverdict: mismatch (1 error, 1 warning)\n"},
    {"a name that would break the line", "device.1.name=a\nb", "\na b      "},
};

static void has_in_the_table(void **state)
{
    const struct part_row *row = *state;
    struct scene scene;
    AUTO(buffer_release) struct buffer buffer = {0};

    scene_init(&scene, row->edits);
    node_report_format_table(&scene.report, &buffer);
    if (memmem(buffer.at, buffer.length, row->expected, strlen(row->expected)) == NULL)
        fail_msg("no '%s' in\n%.*s", row->expected, (int)buffer.length, buffer.at);
    scene_release(&scene);
}

struct message_row {
    const char *name;
    const char *edits;
    const char *reason;
    const char *message;
};

static const struct message_row message_rows[] = {
    {"all is well", "", "DevicesMatch",
     "p5.48xlarge, EFA devices: sysfs 32, character 32, libibverbs 32, libfabric 32, Node 32"},
    {"libfabric was not asked", "libfabric=- opens=0", "DevicesMatch",
     "p5.48xlarge, EFA devices: sysfs 32, character 32, libibverbs 32, Node 32"},
    {"warnings", "memlock=64 dmabuf=no device.p2p=", "DevicesMatch",
     "p5.48xlarge, EFA devices: sysfs 32, character 32, libibverbs 32, libfabric 32, Node 32. Warnings: "
     "gpudirect-missing, memlock-low"},
    {"one of a kind",
     "pod.1.efa=4 pod.1.ids=rdmap20s0 pod.1.gpus.ids=GPU-0 pod.efa=4 pod.ids=rdmap21s0 "
     "pod.gpus=1 pod.gpus.ids=GPU-0 pod.1.status=0 pod.efa=1",
     "DevicesMatch",
     "p5.48xlarge, EFA devices: sysfs 32, character 32, libibverbs 32, libfabric 32, Node 32. Warnings: "
     "pod-not-aligned"},
    {"one error", "capacity=? allocatable=?", "DevicePluginMissing",
     "device-plugin-missing: expected vpc.amazonaws.com/efa: 32 in the Node's capacity (sysfs), found none: "
     "the EFA device plugin does not run here, or does not work: it is not installed, its chart is too "
     "old for this instance type (charts know it from v0.4.4 on), or a taint keeps it away; install or "
     "upgrade the chart aws-efa-k8s-device-plugin (v0.4.4 or later), tolerate the node's taints, and read "
     "the log of "
     "its pod on this node."},
    {"an error and a warning", "pod.efa=33 memlock=64", "PodFewerDevices",
     "pod-fewer-devices (pod train/worker-0): expected vpc.amazonaws.com/efa: 33 (the pod's status "
     "annotation), found 32 (kubelet's checkpoint and the node): the pod was promised more than this node "
     "has or the kubelet gave it; where the node has a finding of its own, mend that; then delete the pod, "
     "so that it is patched and placed again."},
    {"nothing known", "node=?", "NodeNotRead",
     "node-not-read: expected the Node object, found not known: permission denied: what could not be read "
     "cannot be compared; `kubectl auth can-i get nodes --as system:serviceaccount:efa-agent:efa-agent` says "
     "whether it may; outside a cluster use --cluster off."},
};

static void tells_reason_and_message(void **state)
{
    const struct message_row *row = *state;
    struct scene scene;
    AUTO(buffer_release) struct buffer buffer = {0};

    scene_init(&scene, row->edits);
    node_report_format_message(&scene.report, &buffer);
    check_text(node_report_reason(&scene.report), row->reason);
    check_text(buffer_text(&buffer), row->message);
    scene_release(&scene);
}

static void tells_how_many_more_there_are(void **state)
{
    static const char end[] = " (and 5 more)";
    struct scene scene;
    AUTO(buffer_release) struct buffer buffer = {0};

    (void)state;
    scene_init(&scene, "sysfs=31 device.0.name= device.0.uverbs= device.1.uverbs= device.2.file=eperm "
                       "device.port=DOWN capacity=? allocatable=? gpus=7 pages=0");
    node_report_format_message(&scene.report, &buffer);
    assert_true(buffer.length <= 1024);
    assert_true(buffer.length > sizeof(end));
    check_text(text_after(buffer_text(&buffer), buffer.length - strlen(end)), end);
    scene_release(&scene);
}

static void cuts_a_finding_that_is_too_long(void **state)
{
    struct scene scene;
    AUTO(buffer_release) struct buffer buffer = {0};
    char words[2048];

    (void)state;
    scene_init(&scene, "pod.efa=33 capacity=31");
    memset(words, 'x', sizeof(words));
    assert_int_equal(scene.findings.count, 2);
    if (scene.findings.items != NULL)
        scene.findings.items[0].cause = (struct text){.at = words, .length = sizeof(words)};
    buffer_add_string(&buffer, "before ");
    node_report_format_message(&scene.report, &buffer);
    assert_true(buffer.length <= strlen("before ") + 1024);
    check_text(text_after(buffer_text(&buffer), buffer.length - 19), "xxx... (and 1 more)");
    scene_release(&scene);
}

static bool format_all(void *state, struct error *err)
{
    const struct scene *scene = state;
    AUTO(buffer_release) struct buffer buffer = {0};

    node_report_format_json(&scene->report, &buffer);
    node_report_format_table(&scene->report, &buffer);
    node_report_format_message(&scene->report, &buffer);
    return !buffer.failed || error_memory(err);
}

static void survives_failing_allocations(void **state)
{
    struct scene scene;

    (void)state;
    scene_init(&scene, "sysfs=31 memlock=64 foreign=1");
    assert_true(check_every_allocation(format_all, &scene) > 100);
    scene_release(&scene);
}

static const struct check_test tests[] = {
    CHECK_TEST(keeps_the_members_that_are_documented), CHECK_TEST(shows_a_table),
    CHECK_TEST(tells_how_many_more_there_are),         CHECK_TEST(cuts_a_finding_that_is_too_long),
    CHECK_TEST(survives_failing_allocations),
};

int main(void)
{
    return CHECK_ROWS("node_report_format_json", json_rows, formats_json) |
           CHECK_ROWS("node_report_format_table", table_rows, has_in_the_table) |
           CHECK_ROWS("node_report_format_message", message_rows, tells_reason_and_message) |
           CHECK_TESTS("node_report", tests);
}
