# SPDX-License-Identifier: Apache-2.0
"""What a serving efa-agent takes of a node with 32 devices: memory, processor, descriptors.

Numbers are held to in the release build alone; sanitizers have their own.
"""
import os
import pathlib
import time
import unittest

from agent_support import AgentCase
from process_support import SECONDS, VARIANT
from reporter_support import Cluster, node as node_object

MEMORY_KIB = 12 * 1024
PROCESSOR_SHARE = 0.001
IDLE_SECONDS = 20
INTERVAL = 2  # the default
RELEASE = VARIANT == "release"
P5 = "like=p5.48xlarge"


def resident_kib(process):
    for line in pathlib.Path(f"/proc/{process.pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise AssertionError("no VmRSS")


def processor_seconds(process):
    """Of all threads, to the nanosecond; utime and stime have steps of ten milliseconds."""
    tasks = pathlib.Path(f"/proc/{process.pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text(encoding="ascii").split()[0]) for task in tasks) / 1e9


def descriptors(process):
    return len(os.listdir(f"/proc/{process.pid}/fd"))


class Bounds(AgentCase):
    def setUp(self):
        self.whole = self.node(P5)

    def hold_to_memory(self, agent):
        for _ in range(10):
            self.assertEqual(200, agent.ask("/metrics")[0])
            self.assertEqual(200, agent.ask("/readyz")[0])
        used = resident_kib(agent.process)
        print(f"# {self.id()}: {used} KiB")
        if RELEASE:
            self.assertLess(used, MEMORY_KIB)

    def test_memory_while_counting(self):
        agent = self.agent(self.whole)
        agent.wait_for("findings")
        self.hold_to_memory(agent)

    def test_memory_while_opening(self):
        agent = self.agent(self.whole, "--devices", "open")
        agent.wait_for_metric('efa_agent_devices{source="libfabric"}', 32, SECONDS)
        self.hold_to_memory(agent)

    def test_memory_while_it_talks_to_an_api_server(self):
        """Over TLS, with a node that goes bad and well again."""
        folder = self.folder()
        cluster = Cluster(folder / "server")
        self.addCleanup(cluster.stop)
        cluster.put(node_object("node-1"))
        cluster.on("GET", "/api/v1/pods", lambda request: request.reply(
            200, {"kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1", "metadata": {}, "items": []}))
        kubeconfig = cluster.write_kubeconfig(folder / "config", {"token": "abc"})
        agent = self.agent(self.whole, "--node-name", "node-1", "--kubeconfig", kubeconfig, "--devices", "open")
        agent.wait_for_metric('efa_agent_reports_total{kind="condition"}', 1, SECONDS)
        self.whole.change("unbind=rdmap80s0")
        agent.wait_for_metric('efa_agent_devices{source="sysfs"}', 31, SECONDS)
        self.whole.change("bind=0000:50:00.0")
        agent.wait_for_metric('efa_agent_devices{source="sysfs"}', 32, SECONDS)
        self.hold_to_memory(agent)

    def test_processor_at_the_default_interval(self):
        agent = self.agent(self.whole, interval=INTERVAL)
        agent.wait_for("findings")
        time.sleep(1)
        looks = agent.metrics()["efa_agent_looks_total"]
        used = processor_seconds(agent.process)
        began = time.monotonic()
        time.sleep(IDLE_SECONDS if RELEASE else INTERVAL)
        share = (processor_seconds(agent.process) - used) / (time.monotonic() - began)
        print(f"# {self.id()}: {share:.4%} of a processor")
        self.assertLessEqual(looks + (IDLE_SECONDS // INTERVAL - 1 if RELEASE else 1),
                             agent.metrics()["efa_agent_looks_total"])
        if RELEASE:
            self.assertLess(share, PROCESSOR_SHARE)

    def test_descriptors_after_changes_and_scrapes(self):
        """Ten thousand looks are made by tests/unit/test_agent_looker.c."""
        agent = self.agent(self.whole, "--devices", "open")
        agent.wait_for_metric('efa_agent_devices{source="libfabric"}', 32, SECONDS)
        self.wait_until(lambda: descriptors(agent.process) == descriptors(agent.process), "rest")
        before = descriptors(agent.process)
        for _ in range(3):
            self.whole.change("unbind=rdmap80s0")
            agent.wait_for_metric('efa_agent_devices{source="libfabric"}', 31, SECONDS)
            self.whole.change("bind=0000:50:00.0")
            agent.wait_for_metric('efa_agent_devices{source="libfabric"}', 32, SECONDS)
        self.wait_until(lambda: descriptors(agent.process) <= before, f"return to {before} descriptors",
                        lambda: os.listdir(f"/proc/{agent.process.pid}/fd"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
