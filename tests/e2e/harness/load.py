# SPDX-License-Identifier: Apache-2.0
"""Pods created at a steady rate by a process beside the test, and what came of each."""
import http.client
import json
import os
import pathlib
import subprocess
import sys
import threading
import time

from .cluster import Cluster
from .objects import annotated_pod

GATE = [{"name": "example.com/load"}]  # the scheduler leaves such pods alone


class Load:
    """Creates `rate` annotated pods a second in a namespace until stop(); `with` starts and stops it.

    `created` counts those that came back with our status; `failures` holds (time.monotonic(), text) of every
    other one; `seconds`, once it has stopped, what each creation took.
    """

    def __init__(self, cluster, namespace, rate=200, workers=40):
        self.settings = {
            "cluster": {
                "folder": str(cluster.folder),
                "port": cluster.port,
                "network": cluster.network,
                "parts": cluster.parts
            },
            "namespace": namespace,
            "rate": rate,
            "workers": workers
        }
        self.rate = rate
        self.created = 0
        self.failures = []
        self.seconds = []

    def __enter__(self):
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "--", sys.executable, "-B", "-m", "harness.load",
             json.dumps(self.settings)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            cwd=pathlib.Path(__file__).resolve().parents[1])
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        return self

    def read(self):
        for line in self.process.stdout:
            news = json.loads(line)
            self.created = news["created"]
            self.failures += news["failures"]
            self.seconds = news.get("seconds", [])

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(120)
        self.reader.join(10)
        self.process.stdout.close()
        self.took = time.monotonic() - self.began

    def is_what_was_asked_for(self):
        """At least half of the rate; on a machine that is busy with other things whatever it was."""
        is_busy = os.getloadavg()[0] > 2.5 * os.cpu_count()
        return is_busy or self.created > self.rate * self.took / 2

    def summary(self):
        """One line of figures."""
        ordered = sorted(self.seconds) or [0.0]
        middle, late = (ordered[int(len(ordered) * share)] for share in (0.5, 0.99))
        return (f"{self.created} pods in {self.took:.0f} s ({self.created / self.took:.0f} a second), "
                f"{len(self.failures)} failed; a creation took {middle * 1e3:.1f} ms in the middle, "
                f"{late * 1e3:.1f} ms at 99 %, {ordered[-1] * 1e3:.0f} ms at most")


class Worker:
    """The process beside the test: threads that take turns, each with a connection of its own."""

    def __init__(self, settings):
        self.cluster = Cluster(**settings["cluster"])
        self.namespace = settings["namespace"]
        self.rate = settings["rate"]
        self.lock = threading.Lock()
        self.turn = 0
        self.seconds = []
        self.failures = []
        self.began = time.monotonic()
        self.is_stopping = False
        self.threads = [threading.Thread(target=self.work) for _ in range(settings["workers"])]

    def next_turn(self):
        """Wait for the next moment at which a pod is due; its number. Who is late catches up."""
        with self.lock:
            number = self.turn
            self.turn += 1
        delay = self.began + number / self.rate - time.monotonic()
        if delay > 0:
            time.sleep(delay)
        return number

    def work(self):
        while not self.is_stopping:
            self.create(self.next_turn())
        self.cluster.api.close()

    def create(self, number):
        thing = annotated_pod(f"load-{number}", schedulingGates=GATE)
        began = time.monotonic()
        try:
            answer = self.cluster.api.try_create(thing, self.namespace)
        except (OSError, http.client.HTTPException) as error:
            self.failures.append((time.monotonic(), f"{type(error).__name__}: {error}"))
            return
        if answer.status >= 300:
            self.failures.append((time.monotonic(), f"{answer.status}: {answer.body.get('message')}"))
        elif "efa-injector.io/status" not in answer.body["metadata"]["annotations"]:
            self.failures.append((time.monotonic(), "created without our status"))
        else:
            self.seconds.append(time.monotonic() - began)

    def report(self, **more):
        failures, self.failures = self.failures, []
        print(json.dumps({"created": len(self.seconds), "failures": failures, **more}), flush=True)

    def run(self):
        self.cluster.api  # pylint: disable=pointless-statement  # made before the threads share it
        for thread in self.threads:
            thread.start()
        watcher = threading.Thread(target=self.wait_for_end)
        watcher.start()
        while not self.is_stopping:
            time.sleep(0.2)
            self.report()
        for thread in self.threads:
            thread.join()
        self.report(seconds=self.seconds)

    def wait_for_end(self):
        sys.stdin.read()
        self.is_stopping = True


if __name__ == "__main__":
    Worker(json.loads(sys.argv[1])).run()
