#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the real scheduler makes of patched pods: a group is in one zone, and whole where that can hold it."""
import contextlib
import unittest

from fleet import (ZONE, create_nodes, create_pods, delete_nodes, efa_of, efa_of_type, has_our_term,
                   is_turned_away, make_filler, make_node, make_worker, node_of, our_nodes)
from harness.process import wait_for
from harness.programs import ROOT
from registration import WebhookTest
from scenario import SHARE_LABEL, Group, Placement, Scenario, SOURCES

SEEDS = range(1, 21)
SECONDS = 40  # until everybody has a node, or the scheduler has said why not


class Scheduler(WebhookTest):
    """One cluster; each test has nodes and a namespace of its own."""

    parts = ("scheduler", "controller-manager", "kwok")

    @contextlib.contextmanager
    def nodes(self, nodes):
        create_nodes(self.api, nodes)
        try:
            yield
        finally:
            delete_nodes(self.api)

    def run_pods(self, pods, namespace=None):
        """Create them; the namespace."""
        namespace = namespace or self.make_namespace()
        create_pods(self.api, namespace, pods)
        return namespace

    def placement(self, namespace):
        return Placement(our_nodes(self.api), self.cluster.pods(namespace))

    def wait_for_bound(self, namespace, names):
        """The pods of these names, once each has a node."""
        def look():
            pods = {pod["metadata"]["name"]: pod for pod in self.cluster.pods(namespace)}
            return [pods[name] for name in names] if all(node_of(pods[name]) for name in names) else None
        return wait_for(f"{', '.join(names)} have nodes", look, SECONDS)

    def failed_scheduling(self, namespace, pod_name):
        """The scheduler's sentence about a pod that it found no node for."""
        def look():
            events = self.cluster.events(namespace, reason="FailedScheduling", involvedObject__name=pod_name)
            return events[-1]["message"] if events else None
        return wait_for(f"an event says why {pod_name} waits", look)


class Runs(Scheduler):
    """Twenty clusters."""

    def settle(self, namespace, scenario):
        """Where everybody is, once nobody waits who could run."""
        def look():
            placement = self.placement(namespace)
            waiting = [pod for group in scenario.groups for pod in placement.waiting(group)]
            is_done = all(map(is_turned_away, waiting)) and placement.is_settled(scenario.groups)
            return placement if is_done else None
        return wait_for(f"seed {scenario.seed}: the scheduler is done", look, SECONDS, 0.3)

    def run_scenario(self, scenario):
        namespace = self.make_namespace()
        with self.nodes(scenario.nodes):
            create_pods(self.api, namespace, scenario.fillers)
            create_pods(self.api, namespace, scenario.pods())
            placement = self.settle(namespace, scenario)
            self.cluster.delete_pods(namespace)
        return placement

    def check_group(self, group, placement):
        for pod in placement.pods_of(group):
            self.assertTrue(has_our_term(pod), pod["metadata"]["name"])
            self.assertEqual(efa_of_type(group.type_name) // (2 if group.is_half else 1), efa_of(pod))
        self.assertLessEqual(len(placement.zones_of(group)), 1, group.name)
        if group.is_roomy:
            self.assertEqual([], placement.waiting(group), group.name)

    def test_no_group_spans_zones_and_each_that_can_be_whole_is(self):
        print("\n| seed  nodes  full  groups  pods  without a node")
        for seed in SEEDS:
            with self.subTest(seed=seed):
                scenario = Scenario(seed)
                placement = self.run_scenario(scenario)
                waiting = sum(len(placement.waiting(group)) for group in scenario.groups)
                pods = sum(group.size for group in scenario.groups)
                print(f"| {seed:4}  {len(scenario.nodes):5}  {len(scenario.fillers):4}"
                      f"  {len(scenario.groups):6}  {pods:4}  {waiting:14}", flush=True)
                for group in scenario.groups:
                    self.check_group(group, placement)

    def test_without_the_term_the_same_groups_do_span_zones(self):
        scenario = Scenario(SEEDS[0], same_zone="off")
        placement = self.run_scenario(scenario)
        self.assertTrue(any(len(placement.zones_of(group)) > 1 for group in scenario.groups))


class Groups(Scheduler):
    """Groups beside each other."""

    def zones(self, pods):
        nodes = {node["metadata"]["name"]: node["metadata"]["labels"][ZONE] for node in our_nodes(self.api)}
        return {nodes[node_of(pod)] for pod in pods}

    def run_group(self, group, namespace=None):
        """Its namespace and its zones, once it is whole."""
        pods = group.pods()
        namespace = self.run_pods(pods, namespace)
        names = [pod["metadata"]["name"] for pod in pods]
        return namespace, self.zones(self.wait_for_bound(namespace, names))

    @staticmethod
    def two_zones(count):
        return [make_node(f"{zone}-{i}", "p5.48xlarge", f"us-east-1{zone}")
                for zone in "ab" for i in range(count)]

    def test_a_group_does_not_follow_another_into_a_full_zone(self):
        with self.nodes(self.two_zones(3)):
            namespace, first = self.run_group(Group("first", "p5.48xlarge", 3, SOURCES[1]))
            _, second = self.run_group(Group("second", "p5.48xlarge", 3, SOURCES[1]), namespace)
            self.assertEqual([1, 1], [len(first), len(second)])
            self.assertNotEqual(first, second)
            self.cluster.delete_pods(namespace)

    def test_a_group_of_the_same_name_in_another_namespace_is_another(self):
        with self.nodes(self.two_zones(3)):
            one, first = self.run_group(Group("same", "p5.48xlarge", 3, SOURCES[0]))
            two, second = self.run_group(Group("same", "p5.48xlarge", 3, SOURCES[0]))
            self.assertNotEqual(first, second)
            self.cluster.delete_pods(one)
            self.cluster.delete_pods(two)

    def test_a_replacement_comes_back_to_its_peers(self):
        group = Group("job", "p5.48xlarge", 3, SOURCES[1])
        with self.nodes(self.two_zones(4)):
            namespace, zones = self.run_group(group)
            for i in range(3):
                self.api.delete(f"/api/v1/namespaces/{namespace}/pods/job-{i}", gracePeriodSeconds=0)
                self.run_pods([group.pods()[i]], namespace)
                pods = self.wait_for_bound(namespace, ["job-0", "job-1", "job-2"])
                self.assertEqual(zones, self.zones(pods))
            self.cluster.delete_pods(namespace)


class SmallZone(Scheduler):
    """The price of a term that follows the first pod: it may have gone to a zone that is too small."""
    SMALL = [make_node(f"small-{i}", "p5.48xlarge", "us-east-1a") for i in range(2)]
    LARGE = [make_node(f"large-{i}", "p5.48xlarge", "us-east-1b") for i in range(8)]

    def make_large_zone_look_fuller(self, namespace):
        asks = {"cpu": "8", "memory": "64Gi"}
        names = [node["metadata"]["name"] for node in self.LARGE]
        create_pods(self.api, namespace, [make_filler(f"daemon-{name}", name, asks) for name in names])

    def check_hung(self, namespace):
        def look():
            pods = [pod for pod in self.cluster.pods(namespace) if SHARE_LABEL in pod["metadata"].get("labels", {})]
            waiting = [pod["metadata"]["name"] for pod in pods if is_turned_away(pod) and not node_of(pod)]
            bound = {node_of(pod) for pod in pods if node_of(pod)}
            return waiting if len(waiting) == 3 and bound == {"small-0", "small-1"} else None
        for name in wait_for("two pods have the small zone and three wait", look, SECONDS):
            message = self.failed_scheduling(namespace, name)
            self.assertRegex(message, r"^0/10 nodes are available: .*2 Insufficient vpc\.amazonaws\.com/efa")
            self.assertIn("8 node(s) didn't match pod affinity rules", message)
        print(f"\n| {message}")

    def test_the_rest_waits_and_the_event_says_why_until_the_job_names_a_zone(self):
        namespace = self.make_namespace()
        group = Group("job", "p5.48xlarge", 5, SOURCES[1])
        with self.nodes(self.SMALL + self.LARGE):
            self.make_large_zone_look_fuller(namespace)
            self.run_pods(group.pods()[:1], namespace)
            self.wait_for_bound(namespace, ["job-0"])
            self.run_pods(group.pods()[1:], namespace)
            self.check_hung(namespace)
            self.cluster.delete_pods(namespace, SHARE_LABEL)
            group.same_zone = "us-east-1b"
            self.run_pods(group.pods(), namespace)
            for pod in self.wait_for_bound(namespace, [f"job-{i}" for i in range(5)]):
                self.assertIn("large-", node_of(pod))
            self.cluster.delete_pods(namespace)


class Counts(Scheduler):
    """The count of p5en.48xlarge that older documents have, and ours."""

    def wrong_catalogue(self):
        """Ours, with 32 interfaces in the row of p5en.48xlarge."""
        text = (ROOT / "config/instance-types.yaml").read_text(encoding="utf-8")
        row = "  p5en.48xlarge:\n    efaInterfaces: 16\n    networkCards: 16\n"
        self.assertEqual(1, text.count(row))
        path = self.folder / "instance-types.yaml"
        path.write_text(text.replace(row, row.replace("16", "32")), encoding="utf-8")
        return path

    def test_with_32_interfaces_pods_wait_for_ever_and_with_16_they_run(self):
        pods = [make_worker(f"job-{i}", "p5en.48xlarge", {"group": "job"}) for i in range(2)]
        with self.nodes([make_node(f"p5en-{i}", "p5en.48xlarge", "us-east-1a") for i in range(3)]):
            with self.another_webhook("--instance-types", self.wrong_catalogue()) as namespace:
                self.run_pods(pods, namespace)
                for pod in pods:
                    message = self.failed_scheduling(namespace, pod["metadata"]["name"])
                    self.assertIn("3 Insufficient vpc.amazonaws.com/efa", message)
                self.assertEqual([32, 32], list(map(efa_of, self.cluster.pods(namespace))))
                self.assertEqual([None, None], list(map(node_of, self.cluster.pods(namespace))))
                self.cluster.delete_pods(namespace)
            namespace = self.run_pods(pods)
            self.assertEqual([16, 16], list(map(efa_of, self.wait_for_bound(namespace, ["job-0", "job-1"]))))
            self.cluster.delete_pods(namespace)


if __name__ == "__main__":
    unittest.main(verbosity=2)
