/* SPDX-License-Identifier: Apache-2.0 */
/* What could not be counted or told, and what is held back after boot. */
#include "support/finding_rows.h"

#include "core/macros.h"

#define LOST                                                                                                 \
    "sysfs=31 character=31 verbs=31 libfabric=31 device.3.name= device.3.driver= device.3.uverbs= "          \
    "device.3.file=absent device.3.verbs=0 device.3.libfabric=0 "
#define NO_TYPE "type=m5.large efa=0 capacity=? allocatable=? no.pods=1 "
#define CPU_ONLY "type=c6in.32xlarge efa=2 gpus=0 capacity=2 allocatable=2 gpus.capacity=? no.pods=1 "
#define NO_PAGES "pages.capacity=0 no.pods=1 "

const struct finding_row finding_rows_of_counts[] = {
    {"just booted", LOST "uptime=119", "settling", "driver-missing"},
    {"booted long enough ago", LOST "uptime=120", "driver-missing pod-devices-gone", "settling"},
    {"nobody knows when it booted", LOST "uptime=?", "driver-missing pod-devices-gone", "settling"},
    {"just booted, and all is there", "uptime=5", "", "settling"},
    {"just booted, without the GPUs' plugin", "uptime=5 gpus.capacity=?", "accelerator-plugin", "settling"},
    {"just booted, with what time does not mend", "uptime=5 exclusive=yes gpus.capacity=?",
     "rdma-netns-exclusive accelerator-plugin", "settling"},
    {"just booted, with both", LOST "uptime=5 exclusive=yes gpus.capacity=? fork=no",
     "rdma-netns-exclusive settling fork-unsafe", "accelerator-plugin"},

    {"nobody says the type", "type=", "instance-type-unknown", "instance-type-not-in-catalogue"},
    {"nobody says the type, many were asked", "type= dmi=Standard_PC label= imds=2 imds.why=no_route",
     "instance-type-unknown", NULL},
    {"a type that the catalogue lacks", "type=p9.48xlarge", "instance-type-not-in-catalogue",
     "instance-type-unknown"},
    {"a type that the catalogue lacks, and no Node", "type=p9.48xlarge node=- cluster=0",
     "instance-type-unknown", "instance-type-not-in-catalogue"},
    {"a type without EFA, and no Node", NO_TYPE "node=- cluster=0", "instance-type-not-in-catalogue",
     "instance-type-unknown"},
    {"a type that the catalogue lacks, and nothing counted",
     "type=p9.48xlarge node=- cluster=0 pci=? sysfs=?",
     "instance-type-unknown sysfs-not-counted count-not-needed", NULL},
    {"no type, with --expect", "wanted=1 wanted.efa=32 type=", "", "instance-type-unknown"},
    {"two types", "differs=p5en.48xlarge differs.source=3", "instance-types-differ", NULL},
    {"two types, with --expect", "differs=p5en.48xlarge differs.source=3 wanted=1 wanted.efa=1", "",
     "instance-types-differ"},

    {"no count of PCI", "pci=?", "count-not-needed", "sysfs-not-counted"},
    {"no count of sysfs", "sysfs=?", "sysfs-not-counted", "count-not-needed"},
    {"no count of sysfs, with --expect", "sysfs=? wanted=1 wanted.efa=32", "count-not-needed",
     "sysfs-not-counted"},
    {"no count of files", "character=?", "character-not-counted", "count-not-needed"},
    {"no count of files without EFA", NO_TYPE "character=?",
     "instance-type-not-in-catalogue count-not-needed", "character-not-counted"},
    {"no count of files that are wanted", "character=? wanted=1 wanted.efa=1", "character-not-counted", NULL},
    {"no count of libibverbs", "verbs=?", "verbs-not-counted", "verbs-fewer"},
    {"no count of libibverbs without EFA", NO_TYPE "verbs=?",
     "instance-type-not-in-catalogue count-not-needed", "verbs-not-counted"},
    {"no count of libibverbs, and only GPUs are wanted", "verbs=? wanted=1 wanted.accelerators=1",
     "count-not-needed", "verbs-not-counted"},
    {"no count of libfabric", "libfabric=?", "libfabric-not-counted", "count-not-needed"},
    {"libfabric was not to be asked", "libfabric=- opens=0", "count-not-needed", "libfabric-not-counted"},
    {"no count of libfabric, for want of devices", "libfabric=? wanted=1 wanted.efa=33",
     "efa-fewer-than-wanted count-not-needed", "libfabric-not-counted"},
    {"no count of other RDMA devices", "other=?", "count-not-needed", "other-rdma-devices"},
    {"no count of GPUs", "gpus.found=?", "accelerators-not-counted", "accelerators-fewer"},
    {"no count of GPUs on a type without", CPU_ONLY "gpus.found=?", "count-not-needed",
     "accelerators-not-counted"},
    {"no count of another vendor's", "gaudi.found=?", "", "accelerators-not-counted"},
    {"no count of accelerators that are wanted", "gpus.found=? wanted=1 wanted.accelerators=8",
     "accelerators-not-counted", NULL},
    {"no count of huge pages", "sizes=?", "hugepages-not-counted", "hugepages-gone"},
    {"no count of the 2 MiB pages", "pages=?", "hugepages-not-counted", "hugepages-gone"},
    {"no count of huge pages that are promised", "pages.capacity=? type=p9.48xlarge sizes=? pod.pages=2",
     "hugepages-not-counted instance-type-not-in-catalogue", NULL},
    {"no count of huge pages that nobody has", NO_PAGES "type=p9.48xlarge sizes=?",
     "instance-type-not-in-catalogue count-not-needed", "hugepages-not-counted"},
    {"no count of huge pages that are wanted", "sizes=? wanted=1 wanted.pages=1", "hugepages-not-counted",
     NULL},
    {"no count of huge pages, and EFA is wanted", "sizes=? wanted=1 wanted.efa=1", "count-not-needed",
     "hugepages-not-counted"},
    {"no Node", "node=?", "node-not-read", NULL},
    {"no Node is asked for", "node=- cluster=0", "", "node-not-read"},
    {"no Node, with --expect", "node=? wanted=1 wanted.efa=1", "", "node-not-read"},
    {"no pods", "pods=? no.pods=1", "pods-not-read", "hugepages-overused"},
    {"no pods are asked for", "pods=- no.pods=1 cluster=0", "", "pods-not-read"},
    {"no checkpoint", "checkpoint=?", "checkpoint-not-read", NULL},
    {"no checkpoint is asked for", "checkpoint=-", "", "checkpoint-not-read"},
    {"no checkpoint, with --expect", "checkpoint=? wanted=1 wanted.efa=1", "", "checkpoint-not-read"},
};

const size_t finding_rows_of_counts_count = COUNT_OF(finding_rows_of_counts);
