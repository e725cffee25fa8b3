# SPDX-License-Identifier: Apache-2.0
"""Nodes made of files, and an efa-agent that looks at them: once, or serving."""
import http.client
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import time
import unittest

from process_support import BIN, Daemon, SECONDS, TESTS

SHOWN = 5  # seconds within which a change on the node is to be seen
AGENT = BIN / "efa-agent"
PRELOADED = TESTS / "support/fake_uverbs.so"  # the kernel's side of /dev/infiniband


class Node:
    """A node's files in a folder; what libraries open is answered by the preloaded object."""

    def __init__(self, folder, *keys, usable=None):
        self.root = pathlib.Path(folder)
        self.change(*keys)
        devices = len(list((self.root / "sys/class/infiniband").glob("*")))
        self.environment = {"FAKE_UVERBS": str(devices if usable is None else usable)}

    def change(self, *keys):
        """See tests/system/fake_node.c."""
        subprocess.run([TESTS / "system/fake_node", self.root, *keys], check=True, timeout=SECONDS)

    def options(self):
        return ["--sysfs", str(self.root / "sys"), "--dev", str(self.root / "dev"),
                "--proc", str(self.root / "proc")]

    def variables(self, **more):
        kept = {name: value for name, value in os.environ.items()
                if name not in ("NODE_NAME", "KUBECONFIG", "KUBERNETES_SERVICE_HOST", "SYSFS_PATH")}
        sanitizer = {"ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"}
        return {**kept, **sanitizer, "LD_PRELOAD": str(PRELOADED), **self.environment, **more}

    def once(self, *arguments, output="json", imds="off", **variables):
        """efa-agent --once, run to its end."""
        asked = ["--imds", imds] if imds else []
        return subprocess.run([AGENT, "--once", "-o", output, *self.options(), *asked, *arguments],
                              env=self.variables(**variables), capture_output=True, text=True, timeout=SECONDS,
                              check=False)

    def report(self, *arguments, **variables):
        """What it says as JSON, and its exit status."""
        done = self.once(*arguments, **variables)
        return json.loads(done.stdout), done.returncode


class Agent(Daemon):
    """A serving efa-agent, its log and its port."""

    def __init__(self, node, *arguments, interval=1, **variables):
        super().__init__(AGENT, *node.options(), "--imds", "off", "--plain-listen", "127.0.0.1:0",
                         "--interval", interval, *arguments, env=node.variables(**variables))
        self.port = self.wait_for("started")["plainPort"]

    def seconds_to_stop(self, number=signal.SIGTERM):
        """End it, well and without a word; how long that took."""
        began = time.monotonic()
        ended = self.stop(number)
        if ended != (0, ""):
            raise AssertionError(f"it ended with {ended}")
        return time.monotonic() - began

    def ask(self, path, method="GET"):
        """Status and body of the plain port's answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        try:
            connection.request(method, path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def metrics(self):
        """Each series and its value."""
        lines = self.ask("/metrics")[1].splitlines()
        return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if line[0] != "#"}

    def wait_for_metric(self, series, value, seconds=SHOWN):
        """Wait until a series has that value (None: until it is gone); how long that took."""
        began = time.monotonic()
        while self.metrics().get(series) != value:
            took = time.monotonic() - began
            if took > seconds:
                raise AssertionError(f"{series} is {self.metrics().get(series)}, not {value}, after {took:.1f} s")
            time.sleep(0.05)
        return time.monotonic() - began


class AgentCase(unittest.TestCase):
    """A test with nodes and agents that are gone after it."""

    maxDiff = None

    def folder(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        return pathlib.Path(folder.name)

    def node(self, *keys, **more):
        return Node(self.folder(), *keys, **more)

    def agent(self, node, *arguments, **variables):
        agent = Agent(node, *arguments, **variables)
        self.addCleanup(self.stop, agent)
        return agent

    def wait_until(self, is_so, what, shown=lambda: "", seconds=SECONDS):
        until = time.monotonic() + seconds
        while not is_so():
            if time.monotonic() > until:
                self.fail(f"no {what} after {seconds} s: {shown()}")
            time.sleep(0.05)

    @staticmethod
    def stop(agent):
        if not agent.process.stdout.closed:
            agent.stop()

    def findings(self, report, severity=None):
        """Ids of the findings of that severity, or all."""
        return [finding["id"] for finding in report["findings"] if severity in (None, finding["severity"])]
