# SPDX-License-Identifier: Apache-2.0
"""What a node group of one instance type needs, worked out from the catalogue: network interfaces, AMI,
labels, autoscaler tags, counts for jobs. Values in, values out; generate.py reads and writes the files.

Sources, named where they are used:
  EC2-EFA   https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/efa-acc-inst-types.html
  EKS-AMI   https://docs.aws.amazon.com/eks/latest/userguide/ml-eks-optimized-ami.html
  EKS-EFA   https://docs.aws.amazon.com/eks/latest/userguide/node-efa.html
  CA        https://github.com/kubernetes/autoscaler/tree/master/cluster-autoscaler/cloudprovider/aws
  CHART     https://github.com/aws/eks-charts/tree/master/stable/aws-efa-k8s-device-plugin
"""

import re

EFA = "vpc.amazonaws.com/efa"
NVIDIA = "nvidia.com/gpu"
NEURON = "aws.amazon.com/neuron"
TAG = "k8s.io/cluster-autoscaler/node-template/resources/"  # CA: what a node of a group at zero will offer

# Fewer interfaces than cards with EFA: which cards. On P6e-GB200 cards share bandwidth in pairs and in fours;
# these four have 400 Gbit/s each (EC2-EFA, "P6e-GB200").
SOME_CARDS = {"p6e-gb200.36xlarge": (1, 5, 9, 13)}

# Charts that know a type but ship a plugin that AWS calls too old for it: p6-b200 needs plugin v0.5.6
# (EKS-EFA), and chart v0.5.9 has v0.5.5 (CHART).
CHART_FLOORS = {"p6-b200.48xlarge": "v0.5.10"}

# The NeuronCores that the runtime shows of one device; Trainium2 joins two by default (LNC=2).
# Source: https://awsdocs-neuron.readthedocs-hosted.com, "Logical NeuronCore configuration"
CORES = {"trainium": 2, "trainium2": 4}


def interface(card, device, kind):
    return {"card": card, "device": device, "type": kind}


def efa_cards(name, entry):
    """The network cards that get an EFA interface; at most one a card (EC2-EFA)."""
    if name in SOME_CARDS:
        return list(SOME_CARDS[name])
    first = 0 if entry["card0Efa"] else 1
    return list(range(first, first + entry["efaInterfaces"]))


def interfaces(name, entry):
    """The interfaces of a launch template. The primary one (card 0, device 0) carries the IP traffic and can
    never be efa-only. Where card 0 has EFA too, that is an efa-only interface at device 1; every other card
    has its efa-only interface at device 0 (EC2-EFA). An `efa` primary interface, both in one, serves types
    with one EFA interface, and hpc6id, whose card 0 has no room for a second one.
    """
    cards = efa_cards(name, entry)
    joined = entry["efaOnly"] == "card1-only" or cards == [0]
    if joined:
        return [interface(0, 0, "efa")] + [interface(card, 0, "efa-only") for card in cards[1:]]
    beside = [interface(0, 1, "efa-only")] if cards[0] == 0 else []
    return (
        [interface(0, 0, "interface")]
        + beside
        + [interface(card, 0, "efa-only") for card in cards if card > 0]
    )


def resource_of(entry):
    return entry["accelerator"]["resource"] if "accelerator" in entry else None


def accelerators(entry):
    return entry["accelerator"]["count"] if "accelerator" in entry else 0


def offered(entry):
    """What a node of the type adds to its status, as quantities."""
    amounts = {EFA: str(entry["efaInterfaces"])}
    if "accelerator" in entry:
        amounts[resource_of(entry)] = str(accelerators(entry))
    if entry["hugepagesPool"] > 0:
        amounts["hugepages-2Mi"] = f"{entry['hugepagesPool']}Mi"
    return amounts


def autoscaler_tags(entry):
    return {TAG + resource: amount for resource, amount in offered(entry).items()}


def labels(entry):
    """Labels of the nodes. The accelerator label keeps the autoscaler from starting a second node while the
    first one's GPU plugin is still on its way (CA, "Special note on GPU instances")."""
    if resource_of(entry) != NVIDIA:
        return {}
    return {"k8s.amazonaws.com/accelerator": "nvidia-" + entry["accelerator"]["model"]}


def ami_type(entry, system):
    """EKS's amiType, or None where EKS has no such image with the type's driver (EKS-AMI)."""
    arch = {"amd64": "x86_64", "arm64": "ARM_64"}[entry["arch"]]
    resource = resource_of(entry)
    if system == "bottlerocket":
        if resource == NVIDIA:
            return "BOTTLEROCKET_x86_64_NVIDIA" if entry["arch"] == "amd64" else None
        return "BOTTLEROCKET_" + arch
    variant = {NVIDIA: "NVIDIA", NEURON: "NEURON"}.get(resource, "STANDARD")
    return f"AL2023_{arch}_{variant}"


def memory_limit_gib(entry):
    """A memory limit that fits a node with room for DaemonSets: four fifths of the type's memory. The
    operating system, the kubelet's share and the huge page pool take less than the rest on every type."""
    return entry["memory"] * 4 // 5 // 1024


def cores(entry):
    """Processes of a training job on one node: one a GPU, one a NeuronCore."""
    if "accelerator" not in entry:
        return 1
    return accelerators(entry) * CORES.get(entry["accelerator"]["model"], 1)


def chart_floor(name, entry):
    """The oldest chart of the EFA device plugin that serves the type, such as v0.5.10; None: not known."""
    return CHART_FLOORS.get(name, entry.get("devicePluginChart"))


def version_key(version):
    return tuple(int(part) for part in re.findall(r"\d+", version))


def group_name(name):
    """The type as a name of node groups, stacks and jobs, which take no dot."""
    return name.replace(".", "-")
