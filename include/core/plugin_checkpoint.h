/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kubelet's device plugin checkpoint: which devices which pod holds.
 *
 * Source: kubelet, pkg/kubelet/cm/devicemanager/checkpoint (/var/lib/kubelet/device-plugins/
 * kubelet_internal_checkpoint). It is no API: DeviceIDs are lists by NUMA node since 1.20, and one list
 * before; what is not understood makes it not known. Its checksum is over Go's own print of the structure,
 * and is not looked at.
 */
#ifndef CORE_PLUGIN_CHECKPOINT_H
#define CORE_PLUGIN_CHECKPOINT_H

#include "core/error.h"
#include "core/expectation.h"

/*
 * Read a checkpoint into expectation->checkpoint, and who holds EFA devices and whole accelerators into the
 * promises of the pods: each device once a pod, though init containers and those after them may share it.
 * Texts are copied.
 *
 * A pod that holds such devices and is not in the list of pods (or where there is no list) gets a promise of
 * its uid alone: pods that are over stay in the checkpoint until the kubelet needs their devices.
 *
 * ERROR_INPUT (ERROR_MEMORY), and nothing changed, where it cannot be read.
 */
MUST_CHECK bool plugin_checkpoint_parse(struct text json, struct expectation *expectation, struct error *err);

#endif
