# SPDX-License-Identifier: Apache-2.0
"""What the tests of a file share: one virtual machine, and ways to ask efa-agent in it."""
import json
import os
import pathlib
import tempfile
import time
import unittest

from machine import Machine

AGENT = pathlib.Path(os.environ.get("EFA_BIN", "build/bin")).resolve() / "efa-agent"
ONCE = "efa-agent --once -o json --cluster off --imds off --settle 0"
UNLOAD = "if grep -q ^efasim /proc/modules; then rmmod efasim; fi"
MACHINES = []


def shared_machine():
    """Of this process: booted when the first test needs it, ended after the last."""
    if not MACHINES:
        folder = tempfile.TemporaryDirectory(prefix="efa-vm-")
        unittest.addModuleCleanup(folder.cleanup)
        MACHINES.append(Machine(folder.name, [AGENT]))
        unittest.addModuleCleanup(MACHINES[0].stop)
        print(f"| booted in {MACHINES[0].boot_seconds:.1f} s", flush=True)
    return MACHINES[0]


def show(report):
    """What a test that failed has to say of a report."""
    names = ("verdict", "instanceType", "devices", "accelerators", "findings")
    return json.dumps({name: report[name] for name in names}, indent=1)


class VmTest(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.vm = shared_machine()

    def undo(self, script):
        """What to run in the guest when the test is over."""
        self.addCleanup(self.vm.must, script)

    def load_efa(self, parameters):
        """The module efasim, until the test is over; in place of one that is loaded."""
        self.vm.must(f"{UNLOAD}; modprobe efasim {parameters}")
        self.undo(UNLOAD)

    def look(self, options="", how="{}", status=None):
        """The report of one look at the node; `how`: what runs the command, `status`: what it must end with."""
        answer = self.vm.run(how.format(f"{ONCE} {options}"))
        try:
            report = json.loads(answer.output)
        except ValueError:
            self.fail(f"no JSON, status {answer.status}: {answer.output}{answer.errors}")
        report["seconds"] = answer.seconds
        if status is not None:
            self.assertEqual(answer.status, status, show(report))
        return report

    def finding(self, report, name):
        """The finding of a report; the test fails where it is not there."""
        found = [finding for finding in report["findings"] if finding["id"] == name]
        self.assertTrue(found, f"no finding {name}: {show(report)}")
        return found[0]

    def assert_no_finding(self, report, name):
        self.assertNotIn(name, [finding["id"] for finding in report["findings"]])

    def assert_devices(self, report, **counts):
        """Counts by who counts; those that are not named are passed over."""
        shown = {name: report["devices"][name] for name in counts}
        self.assertEqual(shown, counts, show(report))

    def wait_for(self, what, probe, seconds, every=0.1):
        """The first true value of probe(), and after how long."""
        started = time.monotonic()
        while True:
            value = probe()
            if value:
                return value, time.monotonic() - started
            if time.monotonic() - started > seconds:
                self.fail(f"{what}: not within {seconds} s; last seen: {value}")
            time.sleep(every)


def main():
    unittest.main(verbosity=2)
