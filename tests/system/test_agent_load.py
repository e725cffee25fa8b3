#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a hundred agents write to an API server in an hour."""
import json
import subprocess
import unittest

from process_support import SECONDS, TESTS
from reporter_support import ReporterCase, node

NODES = 100
MINUTES = 30
HEARTBEAT_MINUTES = 10


class Load(ReporterCase):
    def run_load(self, *arguments):
        for i in range(NODES):
            self.cluster.put(node(f"load-{i}"))
        kubeconfig = self.cluster.write_kubeconfig(self.folder / "kubeconfig", {"token": "abc"})
        done = subprocess.run([TESTS / "system/agent_load", "--kubeconfig", kubeconfig, "--nodes", str(NODES),
                               "--minutes", str(MINUTES), *arguments], capture_output=True, text=True,
                              timeout=4 * SECONDS, check=False)
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        return {phase.pop("phase"): phase for phase in json.loads(done.stdout)["phases"]}

    def assert_phase(self, phase, changes=0, events=0, taints=0):
        self.assertEqual((changes, events, taints, 0),
                         (phase["changes"]["all"], phase["events"]["all"], phase["taints"]["all"],
                          phase["failures"]))

    def assert_heartbeats(self, phase):
        """One a node in ten minutes, and not many at a time."""
        self.assertLessEqual(phase["heartbeats"]["all"], NODES * phase["minutes"] / HEARTBEAT_MINUTES)
        self.assertLessEqual(phase["heartbeats"]["mostInAMinute"], NODES / HEARTBEAT_MINUTES * 2.2)

    def test_what_a_hundred_agents_write(self):
        phases = self.run_load("--taint")
        self.assert_phase(phases["start"], changes=NODES)
        self.assertLessEqual(phases["start"]["burst"], NODES * 0.3)
        steady = phases["steady"]
        self.assert_phase(steady)
        self.assert_heartbeats(steady)
        self.assertGreaterEqual(steady["heartbeats"]["all"], NODES * (MINUTES / HEARTBEAT_MINUTES - 1))
        self.assertLessEqual(steady["burst"], 5)
        self.assert_phase(phases["fault"], changes=NODES // 10, events=NODES // 10, taints=NODES // 10)
        self.assert_heartbeats(phases["fault"])
        self.assertLessEqual(phases["restart"]["events"]["all"], NODES // 10)  # some tell once more
        self.assert_phase(phases["restart"], events=phases["restart"]["events"]["all"])
        self.assert_heartbeats(phases["restart"])
        self.assert_phase(phases["well"], changes=NODES // 10, events=NODES // 10, taints=NODES // 10)
        self.assert_heartbeats(phases["well"])


if __name__ == "__main__":
    unittest.main()
