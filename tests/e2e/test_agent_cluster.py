#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""efa-agent as its DaemonSet runs it, with its own token, on a node whose files change: what the cluster gets to see.

The container's command, arguments, mounts and user are the manifest's; libibverbs and libfabric are Debian's.
"""
import json
import unittest

import agents
from agents import TAINT
from harness import objects
from harness.case import ClusterTest
from harness.process import rss_mib, wait_for
from prometheus import Samples

STATUS = {"version": 1, "result": "injected", "instanceType": "p5.48xlarge"}


class AgentTest(ClusterTest):
    """One node, and the agent on it."""

    parts = ("scheduler", "controller-manager", "kwok")
    kustomization = "base"
    opens_devices = False

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.node = agents.FakeNode(cls.cluster)
        cls.addClassCleanup(cls.node.remove)
        cls.running = agents.RunningAgents(cls.cluster, cls.kustomization, [cls.node], cls.opens_devices)
        cls.addClassCleanup(cls.running.stop)
        cls.addClassCleanup(cls.api.delete, "/api/v1/namespaces/default/events")

    @property
    def run_of_it(self):
        return self.running.on(self.node)

    def metrics(self):
        status, text = self.run_of_it.get("/metrics")
        self.assertEqual(200, status)
        return Samples(text)

    def lines(self):
        return [json.loads(line) for line in self.run_of_it.log.splitlines()]


if __name__ == "__main__":
    unittest.main()
