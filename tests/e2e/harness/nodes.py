# SPDX-License-Identifier: Apache-2.0
"""Nodes: those that kwok plays, and those whose pods run as processes of this machine (kubelet.py)."""
import itertools

from .process import wait_for

# Type: EFA interfaces, accelerator resource, accelerators, vCPU, memory in GiB. Source: EC2's
# DescribeInstanceTypes and the AWS EFA device plugin; written by hand, as a second opinion on the catalogue.
TYPES = {
    "p5.48xlarge": (32, "nvidia.com/gpu", 8, 192, 2048),
    "p5en.48xlarge": (16, "nvidia.com/gpu", 8, 192, 2048),
    "p4d.24xlarge": (4, "nvidia.com/gpu", 8, 96, 1152),
    "p6-b200.48xlarge": (8, "nvidia.com/gpu", 8, 192, 2048),
    "g6e.48xlarge": (4, "nvidia.com/gpu", 8, 192, 1536),
    "trn1.32xlarge": (8, "aws.amazon.com/neuron", 16, 128, 512),
    "trn2.48xlarge": (16, "aws.amazon.com/neuron", 16, 192, 2048),
    "hpc7a.96xlarge": (2, None, 0, 192, 768),
    "m7i.2xlarge": (0, None, 0, 8, 32),
}
numbers = itertools.count(1)


def capacity_of(instance_type, hugepages_mib=10256):
    """What a node of that type offers once its device plugins run."""
    efa, accelerator, accelerators, cpus, memory = TYPES[instance_type]
    capacity = {"cpu": str(cpus), "memory": f"{memory}Gi", "pods": "110", "ephemeral-storage": "3500Gi"}
    if efa:
        capacity["vpc.amazonaws.com/efa"] = str(efa)
        capacity["hugepages-2Mi"] = f"{hugepages_mib}Mi"
    if accelerator:
        capacity[accelerator] = str(accelerators)
    return capacity


def node(instance_type, zone="us-east-1a", labels=None, capacity=None, name=None):
    """A Node object. `capacity` replaces entries; a value of None leaves one out.

    It is born with what Kubernetes' controllers would add to it soon, at a moment that tests cannot know.
    """
    name = name or f"ip-10-{next(numbers)}.ec2.internal"
    offered = {
        key: value
        for key, value in (capacity_of(instance_type) | (capacity or {})).items() if value is not None
    }
    conditions = [{"type": "Ready", "status": "True", "reason": "KubeletReady",
                   "lastHeartbeatTime": "2026-01-01T00:00:00Z", "lastTransitionTime": "2026-01-01T00:00:00Z"}]
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "labels": {
                "kubernetes.io/hostname": name,
                "kubernetes.io/arch": "amd64",
                "kubernetes.io/os": "linux",
                "beta.kubernetes.io/arch": "amd64",
                "beta.kubernetes.io/os": "linux",
                "node.kubernetes.io/instance-type": instance_type,
                "topology.kubernetes.io/zone": zone,
                "topology.kubernetes.io/region": zone[:-1],
            } | (labels or {}),
            "annotations": {
                "node.alpha.kubernetes.io/ttl": "0"
            },
        },
        "spec": {
            "providerID": f"aws:///{zone}/{name}"
        },
        "status": {
            "capacity": offered,
            "allocatable": offered,
            "conditions": conditions,
            "nodeInfo": {
                key: ""
                for key in ("machineID", "systemUUID", "bootID", "kernelVersion", "osImage",
                            "containerRuntimeVersion", "kubeletVersion", "kubeProxyVersion")
            } | {
                "operatingSystem": "linux",
                "architecture": "amd64"
            }
        },
    }


def make_nodes(cluster, count, instance_type, zone="us-east-1a", **keywords):
    """Create `count` nodes (keywords: node()'s) and return their names once pods can be bound to them."""
    made = [
        cluster.api.create(node(instance_type, zone, **keywords))["metadata"]["name"] for _ in range(count)
    ]
    if "controller-manager" in cluster.parts:
        wait_until_untainted(cluster, made)
    return made


def wait_until_untainted(cluster, wanted):
    """A node is born with a not-ready taint, which the controller-manager takes off."""
    def look():
        tainted = {
            each["metadata"]["name"]
            for each in cluster.api.items("/api/v1/nodes") if each["spec"].get("taints")
        }
        return not tainted.intersection(wanted)
    wait_for("nodes lose their not-ready taint", look, 60)


def delete_nodes(cluster, wanted):
    for name in wanted:
        cluster.api.delete(f"/api/v1/nodes/{name}")
