# SPDX-License-Identifier: Apache-2.0
"""What a reporter sees of a cluster: Nodes with conditions and taints, and Events; and a reporter to watch.

As the API server does: conditions are applied by type; a JSON Patch whose test fails is unprocessable; an
Event of a name that is there already is a conflict, and one whose object is elsewhere is invalid.
"""
import copy
import datetime
import pathlib
import re
import tempfile
import threading
import unittest

from kube_server import KubeServer
from process_support import Driver, TESTS

NODE = re.compile("/api/v1/nodes/([^/]+)")
STATUS = re.compile("/api/v1/nodes/([^/]+)/status")
EVENTS = re.compile("/api/v1/namespaces/([^/]+)/events")
TAINT = {"key": "efa-injector.io/efa-not-ready", "effect": "NoSchedule"}
EVENT_MEMBERS = {"apiVersion", "kind", "metadata", "involvedObject", "type", "reason", "message", "source",
                 "count", "firstTimestamp", "lastTimestamp", "reportingComponent", "reportingInstance"}


def seconds_of(moment):
    return int(datetime.datetime.strptime(moment, "%Y-%m-%dT%H:%M:%S%z").timestamp())


def node(name, condition=None, taints=None, uid=None):
    conditions = [{"type": "Ready", "status": "True", "reason": "KubeletReady"}]
    if condition is not None:
        conditions.append({"type": "EFAReady", **condition})
    spec = {} if taints is None else {"taints": taints}
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "uid": uid or f"uid-of-{name}"},
            "spec": spec, "status": {"conditions": conditions, "images": [{"names": ["x" * 1000]}] * 20}}


class Cluster(KubeServer):
    """`nodes` by name, `events` in order, `writes` as (kind, node's name or namespace, what)."""

    def __init__(self, folder):
        super().__init__(folder)
        self.state = threading.RLock()
        self.nodes = {}
        self.versions = 100
        self.events = []
        self.writes = []
        self.meddle = None  # called with (kind, name) before a request is looked at; it may return a refusal
        self.on("GET", NODE, self.answer_node)
        self.on("PATCH", NODE, self.answer_patch)
        self.on("PATCH", STATUS, self.answer_status)
        self.on("POST", EVENTS, self.answer_event)

    def put(self, thing):
        with self.state:
            self.versions += 1
            thing["metadata"]["resourceVersion"] = str(self.versions)
            self.nodes[thing["metadata"]["name"]] = thing

    def condition(self, name):
        found = [c for c in self.nodes[name]["status"]["conditions"] if c["type"] == "EFAReady"]
        return found[0] if found else None

    def taints(self, name):
        return self.nodes[name]["spec"].get("taints")

    def refused(self, kind, name, request):
        """Whether the test refuses it, or there is no such Node."""
        trouble = self.meddle(kind, name) if self.meddle is not None else None
        if trouble is not None:
            status, message, *headers = trouble
            request.refuse(status, message, headers=headers)
        elif kind in ("read", "status", "taint") and name not in self.nodes:
            request.refuse(404, f'nodes "{name}" not found', "NotFound")
        else:
            return False
        return True

    def answer_node(self, request):
        name = NODE.fullmatch(request.path)[1]
        with self.state:
            if not self.refused("read", name, request):
                request.reply(200, self.nodes[name])

    def answer_status(self, request):
        name = STATUS.fullmatch(request.path)[1]
        with self.state:
            if self.refused("status", name, request):
                return
            assert request.headers["Content-Type"] == "application/apply-patch+yaml"
            assert request.query == {"fieldManager": "efa-agent", "force": "true"}, request.query
            body = request.json()
            condition = body["status"]["conditions"][0]
            assert body == {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name},
                            "status": {"conditions": [condition]}}, body
            thing = copy.deepcopy(self.nodes[name])
            others = [c for c in thing["status"]["conditions"] if c["type"] != condition["type"]]
            thing["status"]["conditions"] = [*others, condition]
            self.put(thing)
            self.writes.append(("status", name, condition))
            self.reply_metadata(request, 200, thing)

    def answer_patch(self, request):
        name = NODE.fullmatch(request.path)[1]
        with self.state:
            if self.refused("taint", name, request):
                return
            assert request.headers["Content-Type"] == "application/json-patch+json"
            thing = copy.deepcopy(self.nodes[name])
            test, change = request.json()
            assert (test["op"], test["path"]) == ("test", "/metadata/resourceVersion"), test
            if test["value"] != thing["metadata"]["resourceVersion"]:
                request.refuse(422, "the server rejected our request", "Invalid")
                return
            self.change_taints(thing["spec"], change)
            self.put(thing)
            self.writes.append(("taint", name, change))
            self.reply_metadata(request, 200, thing)

    @staticmethod
    def change_taints(spec, change):
        """RFC 6902, of a list of taints."""
        place = change["path"].removeprefix("/spec/taints")
        if change["op"] == "remove":
            spec["taints"].pop(int(place[1:]))
        elif place == "":
            assert not spec.get("taints"), "a list is overwritten"
            spec["taints"] = change["value"]
        else:
            assert place == "/-", place
            spec["taints"].append(change["value"])

    @staticmethod
    def reply_metadata(request, status, thing):
        """As an API server does that is asked for metadata alone."""
        assert "as=PartialObjectMetadata" in request.headers["Accept"], request.headers["Accept"]
        request.reply(status, {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1",
                               "metadata": thing["metadata"]})

    def answer_event(self, request):
        namespace = EVENTS.fullmatch(request.path)[1]
        with self.state:
            if self.refused("event", namespace, request):
                return
            event = request.json()
            assert set(event) == EVENT_MEMBERS, event
            about = event["involvedObject"]
            places = {about.get("namespace", "default"), event["metadata"]["namespace"]}
            if places != {namespace} or len(event["message"].encode()) > 1024 or \
                    len(event["metadata"]["name"]) > 253:
                request.refuse(422, "Event is invalid", "Invalid")
            elif any(event["metadata"] == other["metadata"] for other in self.events):
                request.refuse(409, f'events "{event["metadata"]["name"]}" already exists', "AlreadyExists")
            else:
                self.events.append(event)
                self.writes.append(("event", namespace, event))
                self.reply_metadata(request, 201, event)

    def told(self):
        """The Events as (kind, name, reason)."""
        return [(event["involvedObject"]["kind"], event["involvedObject"]["name"], event["reason"])
                for event in self.events]

    def statuses(self):
        return {what["status"] for kind, _, what in self.writes if kind == "status"}

    def reasons(self):
        return [event["reason"] for event in self.events]

    def heartbeats(self, name):
        return [seconds_of(what["lastHeartbeatTime"]) for kind, of, what in self.writes
                if (kind, of) == ("status", name)]


class Reporter(Driver):
    """A reporter_driver process."""

    def __init__(self, kubeconfig, name, *arguments):
        super().__init__(TESTS / "system/reporter_driver", "--kubeconfig", kubeconfig, "--node", name, *arguments)

    def live(self, since, until, health="good", **more):
        """What the node is like from a second to another; what the reporter counts by then."""
        self.send({"from": since, "until": until, "health": health, **more})
        return self.read()


class ReporterCase(unittest.TestCase):
    """A cluster with Node "a", and reporters of it."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.cluster = Cluster(self.folder / "server")
        self.addCleanup(self.cluster.stop)
        self.cluster.put(node("a"))

    def reporter(self, name="a", *arguments):
        kubeconfig = self.cluster.write_kubeconfig(self.folder / "kubeconfig", {"token": "abc"})
        reporter = Reporter(kubeconfig, name, *arguments)
        self.addCleanup(lambda: self.assertEqual((0, ""), reporter.stop()))
        return reporter

    def kinds(self):
        return [kind for kind, _, _ in self.cluster.writes]
