# SPDX-License-Identifier: Apache-2.0
"""Pods created at a steady rate, and what came of each."""
import collections
import http.client
import threading
import time

from .api import Api
from .objects import annotated_pod


class Load:
    """Creates `rate` annotated pods a second in a namespace until stop(); `with` starts and stops it.

    Each of the workers keeps its connection to the API server open, and creates when its turn has come; one
    that is late catches up. `failures` holds (seconds since the start, text) of every pod that was refused or
    came back without our status.
    """

    def __init__(self, cluster, namespace, rate=200, workers=40, dry_run=False, **keywords):
        self.cluster = cluster
        self.namespace = namespace
        self.rate = rate
        self.dry_run = dry_run
        self.keywords = keywords
        self.lock = threading.Lock()
        self.turn = 0
        self.seconds = []
        self.failures = []
        self.kinds = collections.Counter()
        self.is_stopping = False
        self.threads = [threading.Thread(target=self.work, daemon=True) for _ in range(workers)]

    def __enter__(self):
        self.began = time.monotonic()
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.is_stopping = True
        for thread in self.threads:
            thread.join(60)
        self.took = time.monotonic() - self.began

    def next_turn(self):
        """Wait for the next moment at which a pod is due; its number."""
        with self.lock:
            number = self.turn
            self.turn += 1
        delay = self.began + number / self.rate - time.monotonic()
        if delay > 0:
            time.sleep(delay)
        return number

    def work(self):
        pki = self.cluster.folder / "pki"
        api = Api(self.cluster.port, self.cluster.ca, pki / "admin.crt", pki / "admin.key")
        while not self.is_stopping:
            self.create(api, self.next_turn())
        api.close()

    def create(self, api, number):
        thing = annotated_pod(f"load-{number}", **self.keywords)
        began = time.monotonic()
        try:
            answer = api.try_create(thing, self.namespace, self.dry_run)
        except (OSError, http.client.HTTPException) as error:
            self.note(began, f"{type(error).__name__}: {error}")
            return
        if answer.status >= 300:
            self.note(began, f"{answer.status}: {answer.body.get('message')}")
        elif "efa-injector.io/status" not in answer.body["metadata"]["annotations"]:
            self.note(began, "created without our status")
        else:
            self.seconds.append(time.monotonic() - began)

    def note(self, began, text):
        self.failures.append((round(began - self.began, 3), text))

    @property
    def created(self):
        return len(self.seconds)

    def summary(self):
        """One line of figures."""
        ordered = sorted(self.seconds) or [0.0]
        middle, late, last = (ordered[int(len(ordered) * share) - (share == 1)] for share in (0.5, 0.99, 1))
        return (f"{self.created} pods in {self.took:.0f} s ({self.created / self.took:.0f} a second), "
                f"{len(self.failures)} failed; creation took {middle * 1e3:.1f} ms in the middle, "
                f"{late * 1e3:.1f} ms at 99 %, {last * 1e3:.0f} ms at most")
