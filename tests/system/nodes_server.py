# SPDX-License-Identifier: Apache-2.0
"""The nodes of an API server of ours, listed in pages and watched; and a node watch that looks at them.

    nodes = Nodes(server)
    nodes.put(node("a"))                        # whoever watches is told
    nodes.next(lambda request: request.refuse(410, "gone"))    # instead of the next answer
"""
import json
import queue
import subprocess
import threading

from process_support import SECONDS, TESTS

PATH = "/api/v1/nodes"
TYPE = "node.kubernetes.io/instance-type"


def node(name, kind="p5.48xlarge", ready=True, efa=32, **labels):
    return {"kind": "Node", "apiVersion": "v1",
            "metadata": {"name": name, "labels": {TYPE: kind, "kubernetes.io/hostname": name, **labels}},
            "status": {"capacity": {"vpc.amazonaws.com/efa": str(efa), "nvidia.com/gpu": "8"},
                       "allocatable": {"hugepages-2Mi": "5Gi"},
                       "conditions": [{"type": "Ready", "status": "True" if ready else "False"}]}}


def event(kind, thing):
    return {"type": kind, "object": thing}


def bookmark(version):
    return event("BOOKMARK", {"kind": "Node", "apiVersion": "v1",
                              "metadata": {"resourceVersion": str(version), "creationTimestamp": None}})


def status(code, message):
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message,
            "reason": "Expired", "code": code}


class Nodes:
    def __init__(self, server, page=500):
        self.page = page  # the server may hand out less than it was asked for
        self.nodes = {}
        self.version = 100
        self.script = []
        self.watchers = []
        self.lock = threading.Lock()
        server.on("GET", PATH, self.answer)

    def next(self, *handlers):
        """They answer what is asked next, one each."""
        with self.lock:
            self.script += handlers

    def put(self, thing):
        with self.lock:
            self.version += 1
            name = thing["metadata"]["name"]
            kind = "MODIFIED" if name in self.nodes else "ADDED"
            thing["metadata"]["resourceVersion"] = str(self.version)
            self.nodes[name] = thing
            self.tell(event(kind, thing))

    def remove(self, name):
        with self.lock:
            self.version += 1
            thing = self.nodes.pop(name)
            thing["metadata"]["resourceVersion"] = str(self.version)
            self.tell(event("DELETED", thing))

    def tell(self, line):
        for watcher in self.watchers:
            watcher.put(line)

    def end_watches(self):
        with self.lock:
            self.tell(None)

    def answer(self, request):
        with self.lock:
            handler = self.script.pop(0) if self.script else None
        if handler is not None:
            handler(request)
        elif "watch" in request.query:
            self.watch(request)
        else:
            self.list(request)

    def list(self, request):
        with self.lock:
            names = sorted(self.nodes)
            first = int(request.query.get("continue") or 0)
            size = min(self.page, int(request.query["limit"])) if "limit" in request.query else len(names)
            items = [self.nodes[name] for name in names[first:first + size]]
            metadata = {"resourceVersion": str(self.version)}
        if first + size < len(names):
            metadata |= {"continue": str(first + size), "remainingItemCount": len(names) - first - size}
        request.reply(200, {"kind": "NodeList", "apiVersion": "v1", "metadata": metadata, "items": items})

    def watch(self, request):
        """What changes from now on; tests change nothing between list and watch."""
        lines = queue.Queue()
        with self.lock:
            self.watchers.append(lines)
        request.begin_chunks()
        while not request.server.stopping.is_set():
            try:
                line = lines.get(timeout=0.05)
            except queue.Empty:
                continue
            if line is None:
                break
            request.chunk(line)
        with self.lock:
            self.watchers.remove(lines)
        request.end_chunks()


class Watch:
    """A node_watch_driver, and what it has told."""

    def __init__(self, kubeconfig):
        self.process = subprocess.Popen(
            [TESTS / "system/node_watch_driver", kubeconfig], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        self.told = []
        self.end = None
        self.changed = threading.Condition()
        self.thread = threading.Thread(target=self.read)
        self.thread.start()

    def read(self):
        for line in self.process.stdout:
            with self.changed:
                self.told.append(json.loads(line))
                self.changed.notify_all()

    def all(self, kind):
        return [told for told in self.told if told["event"] == kind]

    def wait(self, is_there, what, seconds=SECONDS):
        with self.changed:
            if not self.changed.wait_for(is_there, seconds):
                raise AssertionError(f"{what} never came, but {self.told[-8:]}")

    def wait_nodes(self, count):
        """What was published last has so many nodes."""
        def is_there():
            published = self.all("publish")
            return bool(published) and published[-1]["nodes"] == count
        self.wait(is_there, f"a view of {count} nodes")
        return self.all("publish")[-1]

    def wait_many(self, kind, count):
        """All of that kind, as soon as there are so many."""
        self.wait(lambda: len(self.all(kind)) >= count, f"{kind} number {count}")
        return self.all(kind)

    def stop(self):
        """Its exit status and what it printed on standard error; a second time the same."""
        if self.end is None:
            self.process.stdin.close()
            try:
                code = self.process.wait(SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                raise
            finally:
                self.thread.join()
            self.end = code, self.process.stderr.read().decode()
            self.process.stdout.close()
            self.process.stderr.close()
        return self.end
