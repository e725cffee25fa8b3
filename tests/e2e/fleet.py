# SPDX-License-Identifier: Apache-2.0
"""Made-up nodes, which offer what the catalogue says of their types, and pods for them."""
import concurrent.futures
import csv
import itertools

from harness.api import collection
from harness.programs import ROOT

EFA = "vpc.amazonaws.com/efa"
TYPE = "node.kubernetes.io/instance-type"
ZONE = "topology.kubernetes.io/zone"
PREFIX = "efa-injector.io"
NODES = collection("Node")
LONG_AGO = "2026-01-01T00:00:00Z"


def in_parallel(api, call, things, threads=4):
    """What call(thing) returned for each, in their order; the first failure is raised."""
    def work(part):
        try:
            return [call(thing) for thing in part]
        finally:
            api.close()  # this thread's connection
    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        parts = list(pool.map(work, [things[i::threads] for i in range(threads)]))
    rows = itertools.zip_longest(*parts)
    return [row[i] for row in rows for i in range(threads)][:len(things)]


class InstanceType:
    """A row of the catalogue."""

    def __init__(self, row):
        self.name = row["instance_type"]
        self.arch = row["arch"]
        self.efa = int(row["efa_interfaces"])
        self.accelerator = row["accelerator_resource"]
        self.accelerators = int(row["accelerator_count"])
        pages = min(10256, int(row["hugepages_2mi_pool_mib"]))
        self.capacity = {"cpu": row["vcpu"], "memory": f"{row['memory_mib']}Mi", "pods": "110", EFA: str(self.efa),
                         "hugepages-2Mi": f"{pages}Mi", "ephemeral-storage": "1Ti"}
        if self.accelerator:
            self.capacity[self.accelerator] = str(self.accelerators)

    def devices(self):
        """What a pod asks for that takes a whole node."""
        return {name: self.capacity[name] for name in (EFA, self.accelerator) if name}


def read_catalogue():
    with open(ROOT / "config/instance-types.csv", encoding="utf-8", newline="") as file:
        return {row["instance_type"]: InstanceType(row) for row in csv.DictReader(file)}


CATALOGUE = read_catalogue()


def ready_condition():
    return {"type": "Ready", "status": "True", "reason": "KubeletReady", "message": "made up",
            "lastHeartbeatTime": LONG_AGO, "lastTransitionTime": LONG_AGO}


def make_node(name, type_name, zone, **labels):
    """A node as its kubelet registers it; kwok runs its pods. A label's "/" and "." are written "__" and "_"."""
    kind = CATALOGUE[type_name]
    return {"apiVersion": "v1", "kind": "Node",
            "metadata": {"name": name, "annotations": {"kwok.x-k8s.io/node": "fake"},
                         "labels": {TYPE: type_name, ZONE: zone, "kubernetes.io/hostname": name,
                                    "kubernetes.io/arch": kind.arch, "kubernetes.io/os": "linux", **labels}},
            "spec": {"providerID": f"aws:///{zone}/{name}"},
            "status": {"capacity": kind.capacity, "allocatable": kind.capacity, "conditions": [ready_condition()]}}


def create_node(api, node):
    """Make it schedulable at once: the API server taints new nodes, and the controller-manager takes its time."""
    made = api.create(node)
    if made["spec"].get("taints"):
        api.merge(f"{NODES}/{made['metadata']['name']}", {"spec": {"taints": None}})


def create_nodes(api, nodes):
    in_parallel(api, lambda node: create_node(api, node), nodes)


def delete_nodes(api, selector=""):
    api.delete(NODES, labelSelector=selector)


def make_pod(name, node_selector, **container):
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": {}, "annotations": {}},
            "spec": {"terminationGracePeriodSeconds": 0, "nodeSelector": node_selector,
                     "containers": [{"name": "main", "image": "example.com/train:1", **container}]}}


def make_worker(name, node_selector, annotations=None, labels=None, limits=None):
    """A pod that opted in; annotations without our prefix."""
    pod = make_pod(name, node_selector, resources={"limits": limits or {}})
    marks = {"inject": "true", **(annotations or {})}
    pod["metadata"]["annotations"] = {f"{PREFIX}/{key}": value for key, value in marks.items()}
    pod["metadata"]["labels"] = labels or {}
    return pod


def make_filler(name, node_name, limits):
    """Somebody else's pod, which has a node's devices already."""
    pod = make_pod(name, {}, resources={"limits": limits, "requests": limits})
    pod["spec"]["nodeName"] = node_name
    return pod


def create_pods(api, namespace, pods):
    return in_parallel(api, lambda pod: api.create(pod, namespace), pods)


def node_of(pod):
    return pod["spec"].get("nodeName")


def is_turned_away(pod):
    """Whether the scheduler has said that it finds no node."""
    return any(condition["type"] == "PodScheduled" and condition["status"] == "False"
               for condition in pod["status"].get("conditions", []))


def efa_of(pod):
    """The EFA interfaces that a pod asks for, in all."""
    return sum(int(container.get("resources", {}).get("limits", {}).get(EFA, 0))
               for container in pod["spec"]["containers"])


def has_our_term(pod):
    """Whether the pod must run in the zone of its group."""
    affinity = pod["spec"].get("affinity", {}).get("podAffinity", {})
    return any(term["topologyKey"] == ZONE and f"{PREFIX}/group" in str(term["labelSelector"])
               for term in affinity.get("requiredDuringSchedulingIgnoredDuringExecution", []))
