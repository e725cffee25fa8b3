/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kubelet's device plugin checkpoint: which devices which pod holds.
 *
 * Source: kubelet, pkg/kubelet/cm/devicemanager/checkpoint (/var/lib/kubelet/device-plugins/
 * kubelet_internal_checkpoint). It is no API; what is not understood makes it not known.
 */
#ifndef CORE_PLUGIN_CHECKPOINT_H
#define CORE_PLUGIN_CHECKPOINT_H

#include "core/error.h"
#include "core/expectation.h"

/*
 * Read a checkpoint into expectation->checkpoint, and the devices into the promises of their pods; a pod that
 * the list of pods lacks (or where there is no list) gets a promise of its uid alone. ERROR_INPUT, nothing
 * changed, where it cannot be read. Texts are copied.
 */
MUST_CHECK bool plugin_checkpoint_parse(struct text json, struct expectation *expectation, struct error *err);

#endif
