# SPDX-License-Identifier: Apache-2.0
"""An agent that serves while devices come and go beneath it."""
import json
import os
import re
import unittest

from case import VmTest, main

SECONDS = 5  # within which a change must be reported
SECOND = "0000:50:00.0"  # rdmap80s0
SAMPLE = re.compile(r"^efa_agent_(\w+)(?:\{(.*)\})? (\S+)$", re.M)
STOP = "kill $(cat /run/pid) 2>/run/err; while kill -0 $(cat /run/pid) 2>/run/err; do sleep 0.1; done"
START = "efa-agent --cluster off --imds off --settle 0 --plain-listen 127.0.0.1:8081"


class ServingTest(VmTest):
    devices = "count"

    def setUp(self):
        self.load_efa("count=32 gpus=8")
        self.vm.must(f"{START} --devices {self.devices} >/run/log 2>&1 & echo $! >/run/pid")
        self.undo(STOP)
        self.wait_for("a first look", lambda: self.metric('health{state="good"}') == 1, 20)

    def metrics(self):
        """Values by name and labels, without the prefix."""
        text = self.vm.run("wget -q -O - http://127.0.0.1:8081/metrics").output
        return {f"{name}{{{labels}}}" if labels else name: float(value)
                for name, labels, value in SAMPLE.findall(text)}

    def metric(self, name):
        return self.metrics().get(name)

    def log(self, event):
        """What was logged of an event."""
        lines = [json.loads(line) for line in self.vm.must("cat /run/log").splitlines()]
        return [line for line in lines if line["event"] == event]

    def wait_for_metric(self, name, value):
        """Wait until it has the value, which it must have within SECONDS; the whole page then."""
        def probe():
            metrics = self.metrics()
            return metrics if metrics.get(name) == value else None
        return self.wait_for(f"{name} {value}", probe, SECONDS)[0]


class CountingTest(ServingTest):
    def test_a_device_that_goes_is_reported(self):
        answer = self.vm.run(f"echo {SECOND} >/sys/bus/pci/drivers/efa/unbind")
        self.assertEqual(answer.status, 0)
        self.assertLess(answer.seconds, 1, "the agent held the device")
        metrics = self.wait_for_metric('devices{source="sysfs"}', 31)
        self.assertEqual(metrics['devices{source="character"}'], 31)
        self.assertEqual(metrics['devices{source="verbs"}'], 31)
        self.assertEqual(metrics['devices{source="pci"}'], 32)
        self.assertEqual(metrics['health{state="mismatch"}'], 1)
        self.assertEqual(metrics['finding{id="driver-missing",severity="error"}'], 1)
        self.assertIn("driver-missing", self.log("findings")[-1]["findings"])

    def test_a_device_that_comes_back_is_reported(self):
        self.vm.must(f"echo {SECOND} >/sys/bus/pci/drivers/efa/unbind")
        self.wait_for_metric('health{state="mismatch"}', 1)
        self.vm.must(f"echo {SECOND} >/sys/bus/pci/drivers/efa/bind")
        metrics = self.wait_for_metric('health{state="good"}', 1)
        self.assertEqual(metrics['devices{source="verbs"}'], 32)
        self.assertEqual([line["health"] for line in self.log("findings")], ["good", "mismatch", "good"])

    def test_a_driver_may_be_removed(self):
        answer = self.vm.run("rmmod efasim")
        self.assertEqual(answer.status, 0, answer.errors)
        self.assertLess(answer.seconds, 5, "the agent held the driver")
        metrics = self.wait_for_metric('devices{source="sysfs"}', 0)
        self.assertEqual(metrics['finding{id="efa-not-attached",severity="error"}'], 1)

    def test_a_name_that_changes_is_reported(self):
        self.vm.must("rdma dev set rdmap80s0 name efa_7")
        self.wait_for("the new name", lambda: 'device="efa_7"' in str(self.metrics()), SECONDS)
        self.assertEqual(self.metric('health{state="good"}'), 1)

    def test_huge_pages_that_are_taken_are_reported(self):
        whole = 'hugepages{size_bytes="2097152",numa_node="",state="%s"}'
        self.undo("umount /run/huge; rmdir /run/huge; echo 0 >/proc/sys/vm/nr_hugepages")
        self.vm.must("echo 64 >/proc/sys/vm/nr_hugepages; mkdir /run/huge; mount -t hugetlbfs huge /run/huge")
        self.wait_for_metric(whole % "total", 64)
        self.vm.must("fallocate -l 20M /run/huge/used")
        self.wait_for_metric(whole % "free", 54)

    def test_every_counter_of_every_device(self):
        metrics = self.metrics()
        counters = {name: value for name, value in metrics.items() if name.startswith("hw_counter_total")}
        self.assertEqual(len(counters), 32 * 4)
        self.assertEqual(sum(counters.values()), sum(1000 * (i + 1) + k for i in range(32) for k in range(4)))
        name = 'hw_counter_total{device="rdmap80s0",pci="%s",port="1",counter="rdma_read_bytes"}' % SECOND
        self.assertEqual(counters[name], 2002)

    @unittest.skipIf(os.environ.get("EFA_VARIANT", "release") != "release", "not a release build")
    def test_it_is_small(self):
        status = self.vm.must("cat /proc/$(cat /run/pid)/status")
        kib = int(re.search(r"VmRSS:\s+(\d+)", status)[1])
        print(f"\n| an agent with 32 devices takes {kib} KiB", flush=True)
        self.assertLess(kib, 12 * 1024)

    def test_it_ends_when_told(self):
        self.assertLess(self.vm.run(STOP).seconds, 3)
        self.assertTrue(self.log("stopped"))


class OpeningTest(ServingTest):
    """Each device is opened for a moment, by itself and by libfabric in a process of its own."""

    devices = "open"

    def test_no_device_is_held(self):
        self.assertEqual(self.metric('devices{source="libfabric"}'), 32)
        self.assertNotIn("infiniband", self.vm.must("ls -l /proc/[0-9]*/fd"))
        self.assertNotRegex(self.vm.must("rdma resource show"), r"(ctx|pd) [1-9]")

    def test_a_device_that_goes_is_reported(self):
        answer = self.vm.run(f"echo {SECOND} >/sys/bus/pci/drivers/efa/unbind")
        self.assertEqual(answer.status, 0)
        self.assertLess(answer.seconds, 1, "the agent held the device")
        self.wait_for_metric('devices{source="sysfs"}', 31)
        self.assertIn("driver-missing", self.log("findings")[-1]["findings"])
        self.wait_for("libfabric's count", lambda: self.metric('devices{source="libfabric"}') == 31, 15)


if __name__ == "__main__":
    main()
