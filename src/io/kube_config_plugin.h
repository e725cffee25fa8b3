/* SPDX-License-Identifier: Apache-2.0 */
/* The `exec` of a kubeconfig's user. */
#ifndef IO_KUBE_CONFIG_PLUGIN_H
#define IO_KUBE_CONFIG_PLUGIN_H

#include "kube_config_file.h"

/* NULL where the user has no exec. */
MUST_CHECK bool kube_config_read_plugin(const struct place *user, const struct kube_plugin **ret_plugin,
                                        struct error *err);

/* The same plugin, with what the cluster's extensions hold for it. */
MUST_CHECK bool kube_config_read_plugin_cluster(const struct place *cluster, const struct kube_plugin *plugin,
                                                const struct kube_plugin **ret_plugin, struct error *err);

#endif
