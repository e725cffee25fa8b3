# SPDX-License-Identifier: Apache-2.0
"""Helm values of the EFA device plugin: which nodes get one, and from which chart on each type has one."""

import textwrap

import catalogue
import layout

CHART = "v0.5.30"  # the first that knows every type of the catalogue; install.sh names it too


def floors(types):
    """chart version -> the types with accelerators that need it, oldest chart first."""
    found = {}
    for name, entry in types.items():
        if "accelerator" in entry and layout.chart_floor(name, entry):
            found.setdefault(layout.chart_floor(name, entry), []).append(name)
    return sorted(found.items(), key=lambda item: layout.version_key(item[0]))


def render_floors(types):
    lines = []
    for version, names in floors(types):
        lines += textwrap.wrap(f"{version:8} {', '.join(names)}", 106, subsequent_indent=" " * 9)
    return "".join(f"#   {line}\n" for line in lines)


def render_values(types):
    newest = max(
        (entry["devicePluginChart"] for entry in types.values() if "devicePluginChart" in entry),
        key=layout.version_key,
    )
    if layout.version_key(newest) > layout.version_key(CHART):
        raise catalogue.CatalogueError(
            f"a type needs chart {newest}: raise CHART in plugin.py and install.sh"
        )
    names = "".join(f"    - {prefix}{name}\n" for prefix in ("", "ml.") for name in types)
    return f"""\
# Values of AWS's chart aws-efa-k8s-device-plugin, which install.sh here installs. The chart {CHART} is the
# first that knows every type of the catalogue; its image is not public source.
# Source: https://github.com/aws/eks-charts/tree/master/stable/aws-efa-k8s-device-plugin
#
# The oldest chart for each type with accelerators. An older one runs no pod on its nodes, which then offer no
# vpc.amazonaws.com/efa. p6-b200 also needs plugin v0.5.6 (older ones count its two other RDMA devices), which
# comes with chart v0.5.10; p6e-gb200 needs Kubernetes 1.33 too.
# Source: https://docs.aws.amazon.com/eks/latest/userguide/node-efa.html
{render_floors(types)}\
---
# The name that install.sh looks for, whatever the release is called.
fullnameOverride: aws-efa-k8s-device-plugin

# Every node with EFA, whatever it is tainted with.
tolerations:
  - operator: Exists

# Since v0.5.16 the chart runs the plugin privileged, to pair EFA with Neuron devices. A cluster without
# Inferentia and Trainium does with less: uncomment.
# securityContext:
#   allowPrivilegeEscalation: false
#   capabilities: {{drop: [ALL]}}

# The catalogue, and the same types on SageMaker HyperPod. EKS Auto Mode nodes run a plugin of their own,
# which the chart leaves alone.
supportedInstanceLabels:
  keys:
    - node.kubernetes.io/instance-type
  values:
{names}"""
