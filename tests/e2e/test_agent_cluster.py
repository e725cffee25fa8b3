#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""efa-agent as its DaemonSet runs it, with its own token, on a node whose files change: what the cluster gets to see.

The container's command, arguments, mounts and user are the manifest's; libibverbs and libfabric are Debian's.
"""
import json
import subprocess
import sys
import time
import unittest

import agents
from agents import TAINT
from harness import objects
from harness.case import ClusterTest, OwnClusterTest
from harness.nodes import node
from harness.process import rss_mib, wait_for
from harness.programs import BIN
from prometheus import Samples

PREFIX = "efa-injector.io"


def frozen(node):
    """What of a Node nobody but its owners may change."""
    status = {key: value for key, value in node["status"].items() if key != "conditions"}
    conditions = [each for each in node["status"]["conditions"] if each["type"] != "EFAReady"]
    spec = {key: value for key, value in node["spec"].items() if key != "taints"}
    return node["metadata"].get("labels"), spec, status, conditions


class AgentTest(ClusterTest):
    """One node, and the agent on it."""

    parts = ("scheduler", "controller-manager", "kwok")
    kustomization = "base"
    opens_devices = False

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.addClassCleanup(cls.api.delete, "/api/v1/namespaces/default/events")
        cls.node = agents.FakeNode(cls.cluster)
        cls.addClassCleanup(cls.node.remove)
        cls.before = frozen(cls.node.get())
        cls.running = agents.RunningAgents(cls.cluster, cls.kustomization, [cls.node], cls.opens_devices)
        cls.addClassCleanup(cls.running.stop)

    def setUp(self):
        self.node.wait_for_condition("True")

    def tearDown(self):
        self.assertEqual(self.before, frozen(self.node.get()))
        refused = [line for line in self.run_of_it.log.splitlines()
                   if " 403: " in line and "is being terminated" not in line]
        self.assertEqual([], refused)

    def run(self, result=None):
        """As unittest does; where a test fails it is shown what the agent wrote last."""
        before = len(result.failures) + len(result.errors) if result else 0
        outcome = super().run(result)
        if result and len(result.failures) + len(result.errors) > before:
            print(self.running.kubelet.state(), file=sys.stderr)
        return outcome

    @property
    def run_of_it(self):
        return self.running.on(self.node)

    def metrics(self):
        status, text = self.run_of_it.get("/metrics")
        self.assertEqual(200, status)
        return Samples(text)

    def counts(self):
        """EFA devices by who counts them."""
        return {labels["source"]: value for labels, value in self.metrics().find("efa_agent_devices")}


class LeastProfileTest(AgentTest):
    """Root without a capability, the five folders of sysfs, no device opened."""

    def test_a_whole_node_is_told_so(self):
        found = self.node.condition()
        self.assertIn("32", found["message"])
        self.assertRegex(found["reason"], "^[A-Za-z]+$")
        self.assertEqual({"pci": 32, "sysfs": 32, "character": 32, "verbs": 32, "other": 0}, self.counts())
        self.assertEqual(8, self.metrics().value("efa_agent_accelerators", {"resource": "nvidia.com/gpu"}))
        for who in ("catalogue", "node-capacity", "node-allocatable"):
            self.assertEqual(32, self.metrics().value("efa_agent_expected_devices", {"by": who}), who)
        self.assertEqual(1, self.metrics().value("efa_agent_health", {"state": "good"}))
        self.assertEqual(1, self.metrics().value("efa_agent_cluster_ok"))

    def test_it_is_as_small_as_its_limits_say(self):
        self.assertLess(rss_mib(self.run_of_it.pid), 16)

    def test_a_device_that_goes_is_told_on_node_and_pod_and_when_it_is_back(self):
        namespace = self.make_namespace()
        self.make_patched_pod(namespace)
        wait_for("the agent has heard of the pod",
                 lambda: self.metrics().value("efa_agent_expected_devices", {"by": "pods"}) == 32, 90)
        self.assertEqual("True", self.node.condition()["status"])
        began = time.monotonic()
        self.node.change("unbind=rdmap79s0")
        found = self.node.wait_for_condition("False")
        print(f"| unbound device in the condition after | {time.monotonic() - began:.1f} s |")
        self.assertIn("31", found["message"])
        self.assertEqual(31, self.counts()["sysfs"])
        self.assertEqual(1, self.metrics().value("efa_agent_health", {"state": "mismatch"}))
        event = wait_for("an Event on the node", lambda: self.events_of(found["reason"]))[0]
        self.assertEqual(("Warning", self.node.name), (event["type"], event["source"]["host"]))
        on_pod = wait_for("an Event on the pod", lambda: [
            each for each in self.cluster.events(namespace, involvedObject__name="train-0")
            if each["source"].get("component") == "efa-agent"])
        self.assertEqual({"Pod"}, {each["involvedObject"]["kind"] for each in on_pod})
        self.node.change("bind=0000:4f:00.0")
        self.assertNotEqual(found["lastTransitionTime"], self.node.wait_for_condition("True")["lastTransitionTime"])
        self.assertLess(len(self.node.events()), 10)

    def events_of(self, reason):
        return [event for event in self.node.events() if event["reason"] == reason]

    def make_patched_pod(self, namespace):
        """A pod with the webhook's status for a whole p5.48xlarge, on our node, and what the kubelet notes of it."""
        status = status_of_a_whole_pod()
        pod = objects.pod("train-0", [objects.container(limits={
            "vpc.amazonaws.com/efa": "32", "nvidia.com/gpu": "8", "memory": "100Gi"})],
            {f"{PREFIX}/inject": "true", f"{PREFIX}/status": status}, nodeName=self.node.name)
        made = self.api.create(pod, namespace)
        self.node.hold_devices(made["metadata"]["uid"])
        self.addCleanup(self.node.hold_devices)
        return made


class OpenProfileTest(AgentTest):
    """Devices are opened and libfabric is asked."""

    kustomization = "overlays/open-devices"
    opens_devices = True

    def test_all_four_counts_are_there(self):
        self.assertEqual({"pci": 32, "sysfs": 32, "character": 32, "verbs": 32, "libfabric": 32, "other": 0},
                         self.counts())


class TaintTest(AgentTest):
    kustomization = "overlays/taint"

    def test_the_taint_comes_and_goes_beside_another(self):
        foreign = {"key": "nvidia.com/gpu", "value": "true", "effect": "NoSchedule"}
        self.api.merge(self.node.path, {"spec": {"taints": [foreign]}})
        self.addCleanup(self.api.merge, self.node.path, {"spec": {"taints": None}})
        self.node.change("unbind=5")
        self.node.wait_for_condition("False")
        wait_for("the taint is there", self.node.taints)
        self.assertEqual([foreign, {"key": TAINT, "effect": "NoSchedule"}], [
            {key: each[key] for key in ("key", "value", "effect") if key in each}
            for each in self.node.get()["spec"]["taints"]])
        self.node.change("bind=5")
        self.node.wait_for_condition("True")
        wait_for("the taint is gone", lambda: not self.node.taints())
        self.assertEqual([foreign], self.node.get()["spec"]["taints"])


class LoadTest(OwnClusterTest):
    """500 agents, with a clock that runs ahead, against one API server that counts."""

    parts = ()
    nodes = 500
    minutes = 30

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for i in range(cls.nodes):
            cls.api.create(node("p5.48xlarge", name=f"load-{i}"))

    def written(self):
        """What the API server has been asked to write, and with success."""
        samples = Samples(self.cluster.metrics())
        asked = {"changes": {"verb": "APPLY", "resource": "nodes", "subresource": "status"},
                 "events": {"verb": "POST", "resource": "events"},
                 "taints": {"verb": "PATCH", "resource": "nodes", "subresource": ""}}
        return {name: sum(value for labels, value in samples.find("apiserver_request_total", wanted)
                          if labels["code"].startswith("2")) for name, wanted in asked.items()}

    def run_load(self):
        before = self.written()
        done = subprocess.run([agents.TESTS / "system/agent_load", "--kubeconfig", self.cluster.kubeconfig, "--nodes",
                               str(self.nodes), "--minutes", str(self.minutes), "--taint"],
                              capture_output=True, text=True, timeout=600, check=False)
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        return json.loads(done.stdout)["phases"], {name: count - before[name] for name, count in self.written().items()}

    def test_what_they_write_is_counted_and_bounded(self):
        phases, written = self.run_load()
        total = {kind: sum(phase[kind]["all"] for phase in phases)
                 for kind in ("changes", "heartbeats", "events", "taints")}
        self.assertEqual(written, {"changes": total["changes"] + total["heartbeats"], "events": total["events"],
                                   "taints": total["taints"]})
        print("\n| phase of 500 agents | minutes | conditions changed | heartbeats | most a minute | Events | taints |")
        for phase in phases:
            self.assertEqual(0, phase["failures"])
            self.assertLessEqual(phase["heartbeats"]["mostInAMinute"], self.nodes / 10 * 1.5, phase)
            print("|", " | ".join(map(str, (phase["phase"], phase["minutes"], phase["changes"]["all"],
                                            phase["heartbeats"]["all"], phase["heartbeats"]["mostInAMinute"],
                                            phase["events"]["all"], phase["taints"]["all"]))), "|")
        steady = next(phase for phase in phases if phase["phase"] == "steady")
        self.assertEqual((0, 0, 0), tuple(steady[kind]["all"] for kind in ("changes", "events", "taints")))
        self.assertLessEqual(steady["heartbeats"]["all"], self.nodes * self.minutes / 10)


def status_of_a_whole_pod():
    """The annotation, made by our program."""
    path = "/metadata/annotations/efa-injector.io~1status"
    pod = json.dumps(objects.annotated_pod("train-0"))
    done = subprocess.run([BIN / "efa-webhook", "--print-patch", "-"], input=pod, capture_output=True, text=True,
                          check=True)
    return next(operation["value"] for operation in json.loads(done.stdout) if operation["path"] == path)


if __name__ == "__main__":
    unittest.main()
