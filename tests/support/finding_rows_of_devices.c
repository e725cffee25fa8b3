/* SPDX-License-Identifier: Apache-2.0 */
/* From the instance to libfabric. */
#include "support/finding_rows.h"

#include "core/macros.h"

#define LOST                                                                                                 \
    "sysfs=31 character=31 verbs=31 libfabric=31 device.3.name= device.3.driver= device.3.uverbs= "          \
    "device.3.file=absent device.3.verbs=0 device.3.libfabric=0 no.pods=1 "
#define ELSEWHERE /* the driver is bound, and no RDMA device is to be seen */                                \
    "sysfs=0 character=0 verbs=0 libfabric=0 device.name= device.uverbs= device.file=absent device.verbs=0 " \
    "device.libfabric=0 no.pods=1 "
#define NO_TYPE "type=m5.large efa=0 capacity=? allocatable=? no.pods=1 "
#define CPU_TYPE                                                                                             \
    "type=c6in.32xlarge efa=0 gpus=0 gpus.capacity=? no.pods=1 "                                             \
    "pages=14080 pages.free=14080 pages.capacity=14080 "

const struct finding_row finding_rows_of_devices[] = {
    {"all is well", "", "", NULL},
    {"all is well with Neuron",
     "type=trn1.32xlarge efa=8 neuron=16 capacity=8 allocatable=8 neuron.capacity=16 gpus.capacity=? "
     "device.p2p=Neuron dmabuf=no gdrdrv=no no.pods=1",
     "", "gdrdrv-missing"},
    {"all is well without accelerators",
     "type=c6in.32xlarge efa=2 gpus=0 capacity=2 allocatable=2 gpus.capacity=? device.p2p= dmabuf=no "
     "no.pods=1",
     "", "gpudirect-missing"},

    {"nothing attached", "efa=0 capacity=? allocatable=? no.pods=1", "efa-not-attached",
     "device-plugin-missing"},
    {"nothing attached, where the plugin offers what was", "efa=0 no.pods=1", "efa-not-attached",
     "device-plugin-stale"},
    {"nothing attached to a type without EFA", NO_TYPE, "instance-type-not-in-catalogue", "efa-not-attached"},
    {"nothing attached to a type without accelerators, nor asked for", CPU_TYPE "capacity=? allocatable=?",
     "efa-not-used", "efa-not-attached"},
    {"nothing attached to a type without accelerators, where the Node offers some",
     CPU_TYPE "capacity=2 allocatable=2", "efa-not-attached", "efa-not-used"},
    {"half of them attached", "efa=16 capacity=16 allocatable=16 no.pods=1", "efa-fewer-attached", NULL},
    {"one has dropped off the bus", "efa=31 no.pods=1", "efa-fewer-attached", "device-plugin-too-old"},
    {"more attached than the catalogue says",
     "type=p6e-gb200.36xlarge efa=16 capacity=16 allocatable=16 pages=0 pages.free=0 pages.capacity=0 "
     "no.pods=1",
     "", "efa-fewer-attached"},
    {"attached, as far as sysfs says", "pci=? sysfs=31 capacity=31 allocatable=31 no.pods=1",
     "efa-fewer-attached count-not-needed", NULL},
    {"more in sysfs than on the bus", "pci=31", "", "efa-fewer-attached"},

    {"one without a driver", LOST "capacity=31 allocatable=31", "driver-missing", NULL},
    {"one without a driver, where the plugin offers it", LOST, "driver-missing", "device-plugin-stale"},
    {"one without a driver, which is no longer healthy", LOST "allocatable=31", "driver-missing",
     "node-allocatable-fewer"},
    {"one without a driver, and its pod",
     "sysfs=31 character=31 verbs=31 libfabric=31 device.3.name= device.3.driver= device.3.uverbs= "
     "device.3.file=absent device.3.verbs=0",
     "driver-missing pod-devices-gone", "pod-fewer-devices"},
    {"no module", LOST "module=no", "driver-missing", NULL},
    {"another driver", LOST "device.3.driver=vfio-pci", "driver-missing", NULL},
    {"as many as on the bus", "foreign=1 libfabric.version=2.2.0", "other-rdma-devices", "driver-missing"},

    {"ib_uverbs is not loaded",
     "device.uverbs= device.file=absent device.verbs=0 character=0 verbs=0 libfabric=0 folder=0 ib_uverbs=no",
     "uverbs-missing", "infiniband-not-mounted"},
    {"one without uverbs",
     "device.3.uverbs= device.3.file=absent device.3.verbs=0 character=31 verbs=31 "
     "libfabric=31",
     "uverbs-missing", "verbs-fewer"},
    {"one without uverbs that nobody wants",
     "wanted=1 wanted.efa=31 device.3.uverbs= device.3.file=absent character=31 verbs=31 libfabric=31", "",
     "uverbs-missing"},

    {"/dev/infiniband is not mounted",
     "folder=0 device.file=absent device.verbs=0 character=0 verbs=0 libfabric=- opens=0",
     "infiniband-not-mounted count-not-needed", "character-missing"},
    {"/dev/infiniband is not mounted into an init container",
     "wanted=1 wanted.efa=4 folder=0 device.file=absent device.verbs=0 character=0 verbs=0 libfabric=?",
     "infiniband-not-mounted count-not-needed", "efa-fewer-than-wanted"},
    {"/dev/infiniband cannot be looked at", "folder=0 character=? device.file=unknown",
     "character-not-counted", "infiniband-not-mounted"},
    {"no /dev/infiniband and no EFA", NO_TYPE "folder=0", "instance-type-not-in-catalogue",
     "infiniband-not-mounted"},

    {"a file is missing", "device.3.file=absent device.3.verbs=0 character=31 verbs=31 libfabric=31",
     "character-missing", "verbs-fewer"},
    {"a file that nobody wants is missing",
     "wanted=1 wanted.efa=31 device.3.file=absent device.3.verbs=0 character=31 verbs=31 libfabric=31", "",
     "character-missing"},
    {"the device cgroup forbids a file", "device.3.file=eperm character=31 libfabric=?",
     "character-refused count-not-needed", "libfabric-not-counted"},
    {"the mode forbids a file", "device.3.file=eacces character=31 libfabric=0", "character-refused",
     "libfabric-fewer"},
    {"a file fails", "device.3.file=eio character=31 opens=0", "character-refused", NULL},
    {"the file of another device is forbidden", "foreign=1 foreign.file=eacces", "other-rdma-devices",
     "character-refused"},
    {"a file that nobody wants is forbidden", "wanted=1 wanted.efa=31 device.3.file=eperm character=31", "",
     "character-refused"},

    {"an init container with fewer", "wanted=1 wanted.efa=33", "efa-fewer-than-wanted", NULL},
    {"an init container with as many", "wanted=1 wanted.efa=32", "", "efa-fewer-than-wanted"},
    {"an init container that may not open one", "wanted=1 wanted.efa=32 device.3.file=eperm character=31",
     "character-refused", "efa-fewer-than-wanted"},
    {"an init container that wants no EFA",
     "wanted=1 wanted.accelerators=8 character=0 device.file=absent "
     "folder=0 verbs=0 device.verbs=0 libfabric=0",
     "", "infiniband-not-mounted"},
    {"an init container whose files libibverbs does not take",
     "wanted=1 wanted.efa=4 device.verbs=0 verbs=0 libfabric=0", "verbs-fewer", NULL},
    {"an init container with its four of the host's 32",
     "wanted=1 wanted.efa=4 device.file=absent device.0.file=usable device.1.file=usable "
     "device.2.file=usable "
     "device.3.file=usable character=4 verbs=4 libfabric=4",
     "", "verbs-fewer"},

    {"an exclusive namespace", "exclusive=yes verbs=0 device.verbs=0 libfabric=0 device.libfabric=0",
     "rdma-netns-exclusive", "verbs-fewer"},
    {"an exclusive namespace seen from the host", "exclusive=yes", "rdma-netns-exclusive", NULL},
    {"an exclusive namespace that has what is wanted", "wanted=1 wanted.efa=32 exclusive=yes", "",
     "rdma-netns-exclusive"},
    {"an exclusive namespace that lacks what is wanted",
     "wanted=1 wanted.efa=32 exclusive=yes verbs=0 device.verbs=0 libfabric=0", "rdma-netns-exclusive", NULL},
    {"an exclusive namespace with a sysfs of its own", ELSEWHERE "exclusive=yes", "rdma-netns-exclusive",
     "driver-missing"},
    {"an exclusive namespace with a sysfs of its own, and one without a driver",
     ELSEWHERE "exclusive=yes device.3.driver=", "driver-missing rdma-netns-exclusive", NULL},
    {"an exclusive namespace with a sysfs of its own lacks what is wanted",
     ELSEWHERE "exclusive=yes wanted=1 wanted.efa=32", "rdma-netns-exclusive", "efa-fewer-than-wanted"},
    {"a driver that made no RDMA device", ELSEWHERE, "driver-missing", "rdma-netns-exclusive"},
    {"an exclusive namespace without EFA", NO_TYPE "exclusive=yes", "instance-type-not-in-catalogue",
     "rdma-netns-exclusive"},

    {"a port is down", "device.3.port=DOWN", "port-down", NULL},
    {"ports of which nothing is said", "device.port=", "", "port-down"},
    {"another device's port is down", "foreign=1 foreign.port=DOWN", "other-rdma-devices", "port-down"},
    {"a port is down that is not ours",
     "wanted=1 wanted.efa=31 device.3.port=DOWN device.3.file=absent character=31", "", "port-down"},
    {"a port is down that is ours", "wanted=1 wanted.efa=31 device.3.port=DOWN", "port-down", NULL},

    {"libibverbs is older than the device",
     "device.id=3 device.verbs=0 verbs=0 libfabric=0 device.libfabric=0 verbs.version=",
     "verbs-unknown-device", "verbs-fewer"},
    {"libibverbs knows the others of its kind",
     "device.id=3 device.3.verbs=0 verbs=31 libfabric=31 device.3.libfabric=0", "verbs-fewer",
     "verbs-unknown-device"},
    {"libibverbs has no driver", "device.verbs=0 verbs=0 libfabric=0", "verbs-fewer", "verbs-unknown-device"},
    {"libibverbs shows more", "verbs=33 libfabric=33", "", "verbs-fewer"},

    {"libfabric hangs", "late=1 libfabric=?", "libfabric-deadline count-not-needed", "libfabric-not-counted"},
    {"libfabric is not asked again", "late=1 libfabric=? opens=0", "count-not-needed", "libfabric-deadline"},
    {"a foreign device", "foreign=1 libfabric=0 device.libfabric=0", "foreign-rdma-device",
     "libfabric-fewer"},
    {"a foreign device and an unknown libfabric",
     "foreign=1 libfabric=0 device.libfabric=0 libfabric.version=devel", "foreign-rdma-device", NULL},
    {"a foreign device and libfabric 2",
     "foreign=1 libfabric=0 libfabric.version=2 foreign.driver=", "foreign-rdma-device", NULL},
    {"a foreign device and libfabric 2.x", "foreign=1 libfabric=0 libfabric.version=2.x",
     "foreign-rdma-device", NULL},
    {"a foreign device and libfabric 2.1", "foreign=1 libfabric=0 libfabric.version=2.1.0",
     "foreign-rdma-device", NULL},
    {"a foreign device and libfabric 2.2", "foreign=1 libfabric=0 device.libfabric=0 libfabric.version=2.2.0",
     "libfabric-fewer other-rdma-devices", "foreign-rdma-device"},
    {"a foreign device and libfabric 3", "foreign=1 libfabric=0 libfabric.version=3.0",
     "libfabric-fewer other-rdma-devices", "foreign-rdma-device"},
    {"a foreign device out of reach", "foreign=1 foreign.file=absent libfabric=0",
     "libfabric-fewer other-rdma-devices", "foreign-rdma-device"},
    {"libfabric leaves one out", "libfabric=31 device.3.libfabric=0", "libfabric-fewer", NULL},
    {"libfabric has what libibverbs has", "libfabric=31 verbs=31 device.3.verbs=0 device.3.libfabric=0",
     "verbs-fewer", "libfabric-fewer"},
    {"libfabric, without a count of libibverbs", "libfabric=31 verbs=?", "libfabric-fewer verbs-not-counted",
     NULL},

    {"other RDMA devices", "foreign=2", "other-rdma-devices", "foreign-rdma-device"},
    {"other RDMA devices alone", NO_TYPE "foreign=2", "instance-type-not-in-catalogue", "other-rdma-devices"},
};

const size_t finding_rows_of_devices_count = COUNT_OF(finding_rows_of_devices);
