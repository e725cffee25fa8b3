# SPDX-License-Identifier: Apache-2.0
"""A serving efa-agent and an API server: what it reads, what it tells, what nobody may see."""
import json
import pathlib
import unittest

from agent_support import AgentCase
from process_support import SECONDS
from reporter_support import Cluster, node as node_object

NODE = "node-1"
P5 = "like=p5.48xlarge"
TOKEN = "token-that-nobody-may-see-0123456789"
STATUS = {"version": 1, "result": "injected", "instanceType": "p5.48xlarge", "warnings": ["no-memory-limit"],
          "containers": [{"name": "main", "vpc.amazonaws.com/efa": 32, "nvidia.com/gpu": 8}]}


def pod(name, status):
    return {"metadata": {"namespace": "ml", "name": name, "uid": f"uid-of-{name}",
                         "annotations": {"efa-injector.io/status": json.dumps(status)} if status else {}}}


def offered(efa=32, gpus=8):
    """A Node that offers so many devices."""
    thing = node_object(NODE)
    amounts = {"vpc.amazonaws.com/efa": str(efa), "nvidia.com/gpu": str(gpus), "hugepages-2Mi": "42242Mi"}
    thing["status"]["capacity"] = thing["status"]["allocatable"] = amounts
    thing["metadata"]["labels"] = {"node.kubernetes.io/instance-type": "p5.48xlarge"}
    return thing


class AgentAndCluster(AgentCase):
    def setUp(self):
        folder = self.folder()
        self.cluster = Cluster(folder / "server")
        self.addCleanup(self.cluster.stop)
        self.cluster.token = TOKEN
        self.kubeconfig = self.cluster.write_kubeconfig(folder / "config", {"token": TOKEN})
        self.pods = [pod("train-0", STATUS), pod("daemon", None)]
        self.cluster.on("GET", "/api/v1/pods", self.answer_pods)
        self.cluster.put(offered())
        self.checkpoint = folder / "checkpoint"
        self.whole = self.node(P5)

    def answer_pods(self, request):
        request.reply(200, {"kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1",
                            "metadata": {"resourceVersion": "7"}, "items": self.pods})

    def serve(self, *arguments):
        return self.agent(self.whole, "--node-name", NODE, "--kubeconfig", self.kubeconfig, "--checkpoint", "",
                          *arguments)

    def wait_for_condition(self, status):
        def has_it():
            condition = self.cluster.condition(NODE)
            return condition is not None and condition["status"] == status
        self.wait_until(has_it, f"condition {status}", lambda: self.cluster.writes)
        return self.cluster.condition(NODE)

    def test_a_good_node_is_told_and_shown(self):
        agent = self.serve()
        condition = self.wait_for_condition("True")
        self.assertEqual("DevicesMatch", condition["reason"])
        seen = agent.metrics()
        for by in ("catalogue", "node-capacity", "node-allocatable", "pods"):
            self.assertEqual(32, seen[f'efa_agent_expected_devices{{by="{by}"}}'], by)
        self.assertEqual(42242 * 1024 * 1024, seen['efa_agent_expected_hugepages_bytes{by="node-capacity"}'])
        self.assertEqual(2, seen["efa_agent_pods"])
        self.assertEqual(1, seen['efa_agent_pod_warnings{warning="no-memory-limit"}'])
        self.assertEqual(0, seen['efa_agent_pod_warnings{warning="other"}'])
        agent.wait_for_metric('efa_agent_reports_total{kind="condition"}', 1, SECONDS)
        self.assertEqual(1, agent.metrics()["efa_agent_cluster_ok"])

    def test_a_device_that_goes_is_told_within_the_next_writes(self):
        agent = self.serve("--taint")
        self.wait_for_condition("True")
        self.whole.change("unbind=rdmap80s0")
        condition = self.wait_for_condition("False")
        self.assertEqual("DriverMissing", condition["reason"])
        self.assertIn("0000:50:00.0", condition["message"])
        self.wait_until(lambda: self.cluster.taints(NODE), "taint", lambda: self.cluster.writes)
        self.whole.change("bind=0000:50:00.0")
        self.wait_for_condition("True")
        self.wait_until(lambda: not self.cluster.taints(NODE), "no taint", lambda: self.cluster.writes)
        self.assertLessEqual(1, agent.metrics()['efa_agent_reports_total{kind="taint"}'])
        reasons = [event["reason"] for event in self.cluster.events]
        self.assertIn("DriverMissing", reasons)

    def test_a_device_plugin_that_is_missing_is_found(self):
        thing = offered()
        for place in ("capacity", "allocatable"):
            thing["status"][place] = {"nvidia.com/gpu": "8", "hugepages-2Mi": "42242Mi"}
        self.cluster.put(thing)
        self.pods = []
        agent = self.serve()
        self.assertEqual("DevicePluginMissing", self.wait_for_condition("False")["reason"])
        self.assertEqual(1, agent.metrics()['efa_agent_finding{id="device-plugin-missing",severity="error"}'])

    def test_nothing_is_said_before_the_cluster_was_asked(self):
        """The first word on a node is not that nobody has read it yet."""
        agent = self.serve()
        self.wait_for_condition("True")
        told = [condition["status"] for kind, _, condition in self.cluster.writes if kind == "status"]
        self.assertEqual({"True"}, set(told))
        self.assertFalse([event for event in agent.events("findings") if "node-not-read" in event["findings"]])

    def test_a_right_that_is_missing_is_told_once(self):
        self.cluster.meddle = lambda kind, name: (403, "nodes is forbidden") if kind == "read" else None
        agent = self.serve()
        agent.wait_for_metric('efa_agent_finding{id="node-not-read",severity="unknown"}', 1, SECONDS)
        told = agent.wait_for("cluster")
        self.assertEqual((False, "warn"), (told["ok"], told["level"]))
        self.assertIn("nodes is forbidden", told["error"])
        self.assertIn("nodes is forbidden", agent.ask("/readyz")[1])
        self.assertEqual(1, len(agent.events("cluster")))

    def test_nobody_sees_the_token(self):
        agent = self.serve("--log-level", "debug")
        self.wait_for_condition("True")
        shown = agent.ask("/metrics")[1] + agent.ask("/readyz")[1]
        process = pathlib.Path(f"/proc/{agent.process.pid}")
        self.assertNotIn(TOKEN, shown + (process / "cmdline").read_text())
        self.assertEqual((0, ""), agent.stop())
        self.assertNotIn(TOKEN, "".join(agent.lines))

    def test_once_compares_with_the_cluster_and_writes_nothing(self):
        self.pods = [pod("train-0", STATUS)]
        report, status = self.whole.report("--node-name", NODE, "--kubeconfig", self.kubeconfig, "--checkpoint", "")
        self.assertEqual((0, "good"), (status, report["verdict"]))
        self.assertEqual(32, report["expected"]["node"]["capacity"]["efa"])
        self.cluster.put(offered(efa=16))
        report, status = self.whole.report("--node-name", NODE, "--kubeconfig", self.kubeconfig)
        self.assertEqual((1, "mismatch"), (status, report["verdict"]))
        self.assertEqual([], self.cluster.writes)
        self.assertEqual([], self.cluster.events)


if __name__ == "__main__":
    unittest.main(verbosity=2)
