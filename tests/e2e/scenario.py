# SPDX-License-Identifier: Apache-2.0
"""Clusters and jobs thrown by a seed: three zones, six types, some nodes full, some zones too small."""
import random

from fleet import (DEVICES, TYPE, ZONE, accelerator_of, asks_of, devices_of_type, make_filler, make_node,
                   make_worker, node_of)

ZONES = ("us-east-1a", "us-east-1b", "us-east-1c")
TYPES = ("p5.48xlarge", "p5en.48xlarge", "p4d.24xlarge", "g6e.48xlarge", "trn1.32xlarge", "hpc7a.96xlarge")
VOLCANO = "volcano.sh/job-name"
SOURCES = ("efa-injector.io/group", "training.kubeflow.org/job-name", "jobset.sigs.k8s.io/jobset-uid",
           "leaderworkerset.sigs.k8s.io/group-key", VOLCANO, "batch.kubernetes.io/controller-uid")
SHARE_LABEL = "e2e.group"


class Group:
    """Pods that must share a zone; `is_roomy`: each zone that can take one of them can take all."""

    def __init__(self, name, type_name, size, source, **traits):
        self.name = name
        self.type_name = type_name
        self.size = size
        self.source = source
        self.is_roomy = traits.get("is_roomy", True)
        self.is_half = traits.get("is_half", False)
        self.same_zone = traits.get("same_zone")

    def pods(self):
        """As their controller would make them, with what they ask for, if anything, and the group's name."""
        annotations = {"same-zone": self.same_zone} if self.same_zone else {}
        labels = {SHARE_LABEL: self.name}
        if self.source == SOURCES[0]:
            annotations["group"] = self.name
        else:
            labels[self.source] = self.name
        resource, count = accelerator_of(self.type_name)
        # what runs under Volcano says itself how many accelerators it wants
        asks = self.is_half or (self.source == VOLCANO and count > 0)
        limits = {resource: str(count // 2 if self.is_half else count)} if asks else {}
        return [make_worker(f"{self.name}-{i}", self.type_name, annotations, labels, limits)
                for i in range(self.size)]


class Scenario:
    """nodes, fillers (pods that are there before) and groups."""

    def __init__(self, seed, same_zone=None):
        self.random = random.Random(seed)
        self.seed = seed
        self.same_zone = same_zone
        self.nodes = []
        self.fillers = []
        self.groups = []
        for i, type_name in enumerate(self.random.sample(TYPES, len(TYPES))):
            self.add_type(type_name, is_roomy=i < len(TYPES) // 2)
        self.random.shuffle(self.nodes)

    def add_type(self, type_name, is_roomy):
        sizes = [self.random.randint(2, 5) for _ in range(self.random.randint(1, 2))]
        for size in sizes:
            self.add_group(type_name, size, is_roomy)
        for zone, free in zip(ZONES, self.free_nodes(sum(sizes), is_roomy)):
            self.add_nodes(type_name, zone, free, full=self.random.randint(0, 2))

    def free_nodes(self, pods, is_roomy):
        """By zone. Where there is room, a zone has none, or enough for all wherever each of them goes."""
        if not is_roomy:
            return [self.random.randint(0, max(1, pods - 1)) for _ in ZONES]
        is_closed = self.random.sample([True, False, False], 3)
        return [0 if closed else pods + self.random.randint(0, 2) for closed in is_closed]

    def add_group(self, type_name, size, is_roomy):
        is_half = accelerator_of(type_name)[1] > 1 and self.random.random() < 0.25
        name = f"s{self.seed}-g{len(self.groups)}"
        self.groups.append(Group(name, type_name, size, self.random.choice(SOURCES), is_roomy=is_roomy,
                                 is_half=is_half, same_zone=self.same_zone))

    def add_nodes(self, type_name, zone, free, full):
        for i in range(free + full):
            name = f"s{self.seed}-n{len(self.nodes)}"
            self.nodes.append(make_node(name, type_name, zone))
            if i >= free:
                self.fillers.append(make_filler(f"full-{name}", name, devices_of_type(type_name)))

    def pods(self):
        """Those of all groups, in no order, as controllers that work at the same time make them."""
        pods = [pod for group in self.groups for pod in group.pods()]
        self.random.shuffle(pods)
        return pods


class Placement:
    """Where the pods of a namespace are, and what the nodes have left."""

    def __init__(self, nodes, pods):
        self.nodes = {node["metadata"]["name"]: node for node in nodes}
        self.pods = pods
        self.left = {name: {key: int(node["status"]["allocatable"].get(key, 0)) for key in DEVICES}
                     for name, node in self.nodes.items()}
        for pod in filter(node_of, pods):
            for key, amount in asks_of(pod).items():
                self.left[node_of(pod)][key] -= amount

    def pods_of(self, group):
        return [pod for pod in self.pods if pod["metadata"].get("labels", {}).get(SHARE_LABEL) == group.name]

    def zone_of(self, pod):
        return self.nodes[node_of(pod)]["metadata"]["labels"][ZONE]

    def zones_of(self, group):
        return {self.zone_of(pod) for pod in self.pods_of(group) if node_of(pod)}

    def could_run(self, pod, zones):
        """Whether a node of its type has what it asks for, in one of these zones (none: in any)."""
        def fits(name, labels):
            return (labels[TYPE] == pod["spec"]["nodeSelector"][TYPE] and (not zones or labels[ZONE] in zones)
                    and all(self.left[name][key] >= amount for key, amount in asks_of(pod).items()))
        return any(fits(name, node["metadata"]["labels"]) for name, node in self.nodes.items())

    def waiting(self, group):
        """Pods of the group that have no node."""
        return [pod for pod in self.pods_of(group) if not node_of(pod)]

    def is_settled(self, groups):
        """Whether nobody waits who could run beside its peers."""
        return not any(self.could_run(pod, self.zones_of(group))
                       for group in groups for pod in self.waiting(group))
