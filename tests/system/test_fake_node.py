#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The writer of a node's files, which the tests of efa-agent change while it runs."""
import os
import pathlib
import subprocess
import tempfile
import unittest

PROGRAM = os.path.join(os.environ["EFA_TESTS"], "system", "fake_node")


def run(root, *arguments):
    return subprocess.run([PROGRAM, str(root), *arguments], capture_output=True, text=True, timeout=30, check=False)


class FakeNode(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name) / "node"

    def make(self, *arguments):
        done = run(self.root, *arguments)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def names(self, path):
        return sorted(entry.name for entry in (self.root / path).iterdir())

    def check_links(self):
        """Every link below sys points to something."""
        for path in (self.root / "sys").rglob("*"):
            self.assertTrue(path.exists(), path)

    def test_writes_a_node_by_keys(self):
        self.make("efa=2", "device_id=0xefa3", "plain_names=1", "mode=0600", "instance_type=trn2.48xlarge",
                  "neurons=3", "pages=7", "kernel=5.10.0", "rxe=1")
        self.assertEqual(self.names("sys/class/infiniband"), ["efa_0", "efa_1", "rxe_0"])
        self.assertEqual(self.names("dev"), ["infiniband", "neuron0", "neuron1", "neuron2"])
        self.assertEqual((self.root / "dev/infiniband/uverbs1").stat().st_mode & 0o777, 0o600)
        device = self.root / "sys/class/infiniband/efa_1/device"
        self.assertEqual((device / "device").read_text(), "0xefa3\n")
        self.assertEqual((device / "driver").resolve().name, "efa")
        self.assertEqual((self.root / "proc/sys/kernel/osrelease").read_text(), "5.10.0\n")
        self.check_links()

    def test_changes_a_node_in_place(self):
        self.make("like=p6-b200.48xlarge", "no_counters=1")
        self.make("unbind=rdmap79s0", "rename=1=efa_7", "remove=7", "set=proc/uptime=5.00 9.00")
        self.assertEqual(len(self.names("sys/class/infiniband")), 8)
        self.assertEqual(len(self.names("sys/bus/pci/drivers/efa")), 6)
        self.assertIn("efa_7", self.names("sys/class/infiniband"))
        self.assertEqual((self.root / "proc/uptime").read_text(), "5.00 9.00\n")
        self.check_links()
        self.make("bind=0000:4f:00.0", "erase=dev/infiniband")
        self.assertIn("rdmap79s0", self.names("sys/class/infiniband"))
        self.assertEqual(self.names("dev"), [])
        self.check_links()

    def test_binds_a_function_that_never_had_a_driver(self):
        self.make("efa=2", "unbound=2")
        self.make("bind=0", "bind=1")
        self.assertEqual(self.names("dev/infiniband"), ["uverbs0", "uverbs1"])
        self.check_links()

    def test_says_what_is_wrong(self):
        self.make("efa=1")
        for argument, sentence in (
                ("unbind=rdmap1s1", "there is no device rdmap1s1"), ("bind=0", "it is an RDMA device already"),
                ("efa=2", "the node is there already"), ("rename=0", "a second = is missing"),
                ("what", "write KEY=VALUE")):
            done = run(self.root, argument)
            self.assertEqual(done.returncode, 1)
            self.assertIn(sentence, done.stderr)
        for argument, sentence in (
                ("efa=x", "write a whole number"), ("no_counters=2", "0 or 1"), ("like=m5.large", "write p5.48xlarge"),
                ("unbound=1", "more of a part than of the whole")):
            done = run(self.root.with_name("other"), argument)
            self.assertEqual(done.returncode, 1)
            self.assertIn(sentence, done.stderr)


if __name__ == "__main__":
    unittest.main()
