# SPDX-License-Identifier: Apache-2.0
"""Many nodes and pods at once."""
import concurrent.futures
import itertools

from harness.api import collection
from harness.nodes import TYPES, node
from harness.objects import container, pod

EFA = "vpc.amazonaws.com/efa"
TYPE = "node.kubernetes.io/instance-type"
ZONE = "topology.kubernetes.io/zone"
DEVICES = (EFA, "nvidia.com/gpu", "aws.amazon.com/neuron")
PREFIX = "efa-injector.io"
NODES = collection("Node")
OURS = "e2e.fleet"  # a label of our nodes


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


def make_node(name, type_name, zone, labels=None):
    """A node that its kubelet has just registered."""
    return node(type_name, zone, labels={OURS: "true", **(labels or {})}, name=name)


def efa_of_type(type_name):
    return TYPES[type_name][0]


def accelerator_of(type_name):
    """Resource and count; (None, 0) where there is none."""
    return TYPES[type_name][1:3]


def devices_of_type(type_name):
    """What a pod asks for that takes a whole node."""
    resource, count = accelerator_of(type_name)
    return {EFA: str(efa_of_type(type_name)), **({resource: str(count)} if resource else {})}


def create_node(api, body):
    """Schedulable at once: the API server taints new nodes, and the controller-manager takes its time."""
    made = api.create(body)
    if made["spec"].get("taints"):
        api.merge(f"{NODES}/{made['metadata']['name']}", {"spec": {"taints": None}})


def create_nodes(api, nodes):
    in_parallel(api, lambda each: create_node(api, each), nodes)


def our_nodes(api):
    return api.items(NODES, labelSelector=OURS)


def delete_nodes(api):
    """Ours, all of them."""
    api.delete(NODES, labelSelector=OURS)


def make_worker(name, type_name, annotations=None, labels=None, limits=None):
    """A pod that opted in, for nodes of a type; annotations without our prefix."""
    marks = {f"{PREFIX}/{key}": value for key, value in {"inject": "true", **(annotations or {})}.items()}
    return pod(name, [container(limits=limits)], marks, labels, nodeSelector={TYPE: type_name})


def make_filler(name, node_name, asks):
    """Somebody else's pod, which has a part of a node already."""
    return pod(name, [container(limits=asks, requests=asks)], nodeName=node_name)


def create_pods(api, namespace, pods):
    return in_parallel(api, lambda each: api.create(each, namespace), pods)


def node_of(thing):
    return thing["spec"].get("nodeName")


def is_turned_away(thing):
    """Whether the scheduler has said that it finds no node."""
    return any(condition["type"] == "PodScheduled" and condition["status"] == "False"
               for condition in thing["status"].get("conditions", []))


def asks_of(thing):
    """What the pod's containers ask for of devices, in all."""
    asks = {}
    for each in thing["spec"]["containers"]:
        for name, amount in each.get("resources", {}).get("limits", {}).items():
            if name in DEVICES:
                asks[name] = asks.get(name, 0) + int(amount)
    return asks


def efa_of(thing):
    return asks_of(thing).get(EFA, 0)


def has_our_term(thing):
    """Whether the pod must run in the zone of its group."""
    affinity = thing["spec"].get("affinity", {}).get("podAffinity", {})
    return any(term["topologyKey"] == ZONE and f"{PREFIX}/group" in str(term["labelSelector"])
               for term in affinity.get("requiredDuringSchedulingIgnoredDuringExecution", []))
