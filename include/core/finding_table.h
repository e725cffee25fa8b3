/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All kinds of findings: the one list from which ids, reasons, severities, the order within a severity and
 * the documentation come.
 *
 * Root causes stand before what follows from them. An id is stable: kinds are added, never renamed. A kind
 * whose last column is HOLD is held back while devices may still be coming after boot.
 */
#ifndef CORE_FINDING_TABLE_H
#define CORE_FINDING_TABLE_H

/* X(NAME, id, reason, SEVERITY, HOLD or KEEP) */
#define FINDING_KINDS(X)                                                                                     \
    X(EFA_NOT_ATTACHED, "efa-not-attached", "EFANotAttached", ERROR, HOLD)                                   \
    X(EFA_FEWER_ATTACHED, "efa-fewer-attached", "EFAFewerAttached", ERROR, HOLD)                             \
    X(DRIVER_MISSING, "driver-missing", "DriverMissing", ERROR, HOLD)                                        \
    X(UVERBS_MISSING, "uverbs-missing", "UverbsMissing", ERROR, HOLD)                                        \
    X(INFINIBAND_NOT_MOUNTED, "infiniband-not-mounted", "InfinibandNotMounted", ERROR, KEEP)                 \
    X(CHARACTER_MISSING, "character-missing", "CharacterDevicesMissing", ERROR, HOLD)                        \
    X(CHARACTER_REFUSED, "character-refused", "CharacterDevicesRefused", ERROR, KEEP)                        \
    X(EFA_FEWER_THAN_WANTED, "efa-fewer-than-wanted", "EFAFewerThanWanted", ERROR, HOLD)                     \
    X(RDMA_NETNS_EXCLUSIVE, "rdma-netns-exclusive", "RDMANamespaceExclusive", ERROR, KEEP)                   \
    X(PORT_DOWN, "port-down", "PortDown", ERROR, KEEP)                                                       \
    X(VERBS_UNKNOWN_DEVICE, "verbs-unknown-device", "VerbsUnknownDevice", ERROR, KEEP)                       \
    X(VERBS_FEWER, "verbs-fewer", "VerbsFewer", ERROR, HOLD)                                                 \
    X(LIBFABRIC_DEADLINE, "libfabric-deadline", "LibfabricDeadline", ERROR, KEEP)                            \
    X(FOREIGN_RDMA_DEVICE, "foreign-rdma-device", "ForeignRDMADevice", ERROR, KEEP)                          \
    X(LIBFABRIC_FEWER, "libfabric-fewer", "LibfabricFewer", ERROR, HOLD)                                     \
    X(DEVICE_PLUGIN_MISSING, "device-plugin-missing", "DevicePluginMissing", ERROR, HOLD)                    \
    X(DEVICE_PLUGIN_TOO_OLD, "device-plugin-too-old", "DevicePluginTooOld", ERROR, KEEP)                     \
    X(DEVICE_PLUGIN_STALE, "device-plugin-stale", "DevicePluginStale", ERROR, HOLD)                          \
    X(NODE_ALLOCATABLE_FEWER, "node-allocatable-fewer", "NodeAllocatableFewer", ERROR, HOLD)                 \
    X(ACCELERATORS_FEWER, "accelerators-fewer", "AcceleratorsFewer", ERROR, HOLD)                            \
    X(HUGEPAGES_GONE, "hugepages-gone", "HugePagesGone", ERROR, KEEP)                                        \
    X(HUGEPAGES_SHORT, "hugepages-short", "HugePagesShort", ERROR, KEEP)                                     \
    X(POD_DEVICES_GONE, "pod-devices-gone", "PodDevicesGone", ERROR, HOLD)                                   \
    X(POD_FEWER_DEVICES, "pod-fewer-devices", "PodFewerDevices", ERROR, HOLD)                                \
    X(SETTLING, "settling", "Settling", UNKNOWN, KEEP)                                                       \
    X(INSTANCE_TYPE_UNKNOWN, "instance-type-unknown", "InstanceTypeUnknown", UNKNOWN, KEEP)                  \
    X(SYSFS_NOT_COUNTED, "sysfs-not-counted", "SysfsNotCounted", UNKNOWN, KEEP)                              \
    X(CHARACTER_NOT_COUNTED, "character-not-counted", "CharacterNotCounted", UNKNOWN, KEEP)                  \
    X(VERBS_NOT_COUNTED, "verbs-not-counted", "VerbsNotCounted", UNKNOWN, KEEP)                              \
    X(LIBFABRIC_NOT_COUNTED, "libfabric-not-counted", "LibfabricNotCounted", UNKNOWN, KEEP)                  \
    X(ACCELERATORS_NOT_COUNTED, "accelerators-not-counted", "AcceleratorsNotCounted", UNKNOWN, KEEP)         \
    X(HUGEPAGES_NOT_COUNTED, "hugepages-not-counted", "HugePagesNotCounted", UNKNOWN, KEEP)                  \
    X(NODE_NOT_READ, "node-not-read", "NodeNotRead", UNKNOWN, KEEP)                                          \
    X(PODS_NOT_READ, "pods-not-read", "PodsNotRead", UNKNOWN, KEEP)                                          \
    X(INSTANCE_TYPES_DIFFER, "instance-types-differ", "InstanceTypesDiffer", WARNING, KEEP)                  \
    X(ACCELERATOR_PLUGIN, "accelerator-plugin", "AcceleratorPlugin", WARNING, HOLD)                          \
    X(GPUDIRECT_MISSING, "gpudirect-missing", "GPUDirectMissing", WARNING, HOLD)                             \
    X(HUGEPAGES_AFTER_KUBELET, "hugepages-after-kubelet", "HugePagesAfterKubelet", WARNING, KEEP)            \
    X(HUGEPAGES_OVERUSED, "hugepages-overused", "HugePagesOverused", WARNING, KEEP)                          \
    X(MEMLOCK_LOW, "memlock-low", "MemlockLow", WARNING, KEEP)                                               \
    X(POD_NOT_ALIGNED, "pod-not-aligned", "PodNotAligned", WARNING, KEEP)                                    \
    X(INSTANCE_TYPE_NOT_IN_CATALOGUE, "instance-type-not-in-catalogue", "InstanceTypeNotInCatalogue", INFO,  \
      KEEP)                                                                                                  \
    X(EFA_NOT_USED, "efa-not-used", "EFANotUsed", INFO, KEEP)                                                \
    X(HUGEPAGES_FEWER, "hugepages-fewer", "HugePagesFewer", INFO, KEEP)                                      \
    X(GDRDRV_MISSING, "gdrdrv-missing", "GdrdrvMissing", INFO, KEEP)                                         \
    X(FORK_UNSAFE, "fork-unsafe", "ForkUnsafe", INFO, KEEP)                                                  \
    X(OTHER_RDMA_DEVICES, "other-rdma-devices", "OtherRDMADevices", INFO, KEEP)                              \
    X(IMDS_HOP_LIMIT, "imds-hop-limit", "IMDSHopLimit", INFO, KEEP)                                          \
    X(CHECKPOINT_NOT_READ, "checkpoint-not-read", "CheckpointNotRead", INFO, KEEP)                           \
    X(COUNT_NOT_NEEDED, "count-not-needed", "CountNotNeeded", INFO, KEEP)

enum finding_id {
#define X(name, id, reason, severity, hold) FINDING_##name,
    FINDING_KINDS(X)
#undef X
    FINDING_COUNT,
};

#endif
