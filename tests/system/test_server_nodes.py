#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A running efa-webhook that watches the nodes of an API server which does what a test tells it to."""
import json
import pathlib
import socket
import tempfile
import threading
import time
import unittest

from kube_server import KubeServer
from process_support import SECONDS, VARIANT
from server_support import Server, make_certificates, patch_of, post, review, run, wait_until

NODES = "/api/v1/nodes"
LISTS = "efa_webhook_node_lists_total"
FAILURES = "efa_webhook_node_watch_failures_total"
SILENCE = "efa_webhook_nodes_silence_seconds"
CONFIGURATION = 'efa_webhook_reloads_total{what="configuration",result="%s"}'
POD = {"apiVersion": "v1", "kind": "Pod",
       "metadata": {"name": "worker", "annotations": {"efa-injector.io/inject": "true"}},
       "spec": {"nodeSelector": {"pool": "a"},
                "containers": [{"name": "main", "image": "example.com/main:1",
                                "resources": {"limits": {"nvidia.com/gpu": 8, "memory": "1000Gi"}}}]}}


def node(name, instance_type, version):
    return {"apiVersion": "v1", "kind": "Node",
            "metadata": {"name": name, "resourceVersion": str(version),
                         "labels": {"node.kubernetes.io/instance-type": instance_type, "pool": "a"}},
            "status": {"capacity": {"vpc.amazonaws.com/efa": "32", "nvidia.com/gpu": "8"},
                       "allocatable": {"hugepages-2Mi": "10Gi"},
                       "conditions": [{"type": "Ready", "status": "True"}]}}


class Cluster:
    """Nodes, listed and watched; `spoil` answers in the list's place where it is set."""

    def __init__(self, folder):
        self.server = KubeServer(folder)
        self.kubeconfig = self.server.write_kubeconfig(folder / "kubeconfig", {"token": "a-token"})
        self.news = threading.Condition()
        self.nodes, self.events, self.version, self.generation = {}, [], 100, 0
        self.spoil = None
        self.server.on("GET", NODES, self.answer)

    def put(self, name, instance_type):
        with self.news:
            self.version += 1
            kind = "MODIFIED" if name in self.nodes else "ADDED"
            self.nodes[name] = node(name, instance_type, self.version)
            self.tell(kind, self.nodes[name])

    def remove(self, name):
        with self.news:
            self.version += 1
            gone = self.nodes.pop(name)
            gone["metadata"]["resourceVersion"] = str(self.version)
            self.tell("DELETED", gone)

    def tell(self, kind, item):
        self.events.append((self.version, {"type": kind, "object": item}))
        self.news.notify_all()

    def break_off(self, spoil=None):
        """End what runs, and answer by `spoil` from now on."""
        with self.news:
            self.spoil = spoil
            self.generation += 1
            self.news.notify_all()

    def answer(self, request):
        spoil = self.spoil
        if spoil is not None:
            spoil(request)
        elif "watch" in request.query:
            self.watch(request)
        else:
            with self.news:
                answer = {"apiVersion": "v1", "kind": "NodeList", "items": list(self.nodes.values()),
                          "metadata": {"resourceVersion": str(self.version)}}
            request.reply(200, answer)

    def watch(self, request):
        seen, generation = int(request.query["resourceVersion"]), self.generation
        request.begin_chunks()
        while not self.server.stopping.is_set():
            with self.news:
                self.news.wait_for(lambda: self.version > seen or self.generation != generation, 0.2)
                events = [event for version, event in self.events if version > seen]
                seen = self.version
                if self.generation != generation:
                    request.cut()
                    return
            for event in events:
                request.chunk(event)


class WatchCase(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        make_certificates(self.folder / "served")
        (self.folder / "cluster").mkdir()
        self.cluster = Cluster(self.folder / "cluster")
        self.addCleanup(self.cluster.server.stop)

    def start(self, *arguments):
        server = Server(self.folder / "served", "--watch-nodes", "--kubeconfig", self.cluster.kubeconfig, *arguments)
        self.addCleanup(self.end, server)
        return server

    def end(self, server):
        began = time.monotonic()
        self.assertEqual((0, ""), server.stop())
        self.assertLess(time.monotonic() - began, 5 if VARIANT == "release" else 20)

    def decide(self, server):
        """The type that the pod is taken to be for; empty where it is denied."""
        client = server.client()
        try:
            uid = f"uid-{time.monotonic_ns()}"
            self.assertEqual(200, post(client, review(uid, POD))[0])
        finally:
            client.close()
        wait_until(lambda: any(event["uid"] == uid for event in server.events("mutate")))
        return [event for event in server.events("mutate") if event["uid"] == uid][0]["instanceType"]

    def event(self, server, result, count=1):
        """The count-th `nodes` event with this result."""
        def found():
            return [event for event in server.events("nodes") if event["result"] == result]

        wait_until(lambda: len(found()) >= count)
        return found()[count - 1]


class Watch(WatchCase):
    def test_decisions_follow_the_nodes(self):
        self.cluster.put("other", "c5.large")
        server = self.start()
        self.event(server, "listed")
        self.assertEqual("", self.decide(server))
        self.cluster.put("one", "p5.48xlarge")
        wait_until(lambda: self.decide(server) == "p5.48xlarge")
        self.cluster.put("one", "p4d.24xlarge")
        wait_until(lambda: self.decide(server) == "p4d.24xlarge")
        self.assertRegex(server.readiness()[1]["nodes"], r"\A1 nodes in 1 classes; the API server spoke \d+ s ago\Z")
        self.assertEqual([], [event for event in server.events("nodes") if event["result"] == "failed"])
        values = server.metrics()
        self.assertEqual((1, 1, 1, 0), (values["efa_webhook_nodes"], values["efa_webhook_node_classes"],
                                        values[LISTS], values[FAILURES]))
        self.assertLess(values[SILENCE], SECONDS)
        self.cluster.remove("one")
        wait_until(lambda: self.decide(server) == "")
        self.assertTrue(server.readiness()[1]["nodes"].startswith("0 nodes in 0 classes"))
        print(f"watching, idle in {server.rss_kib()} KiB", flush=True)

    def test_a_label_that_differs_from_node_to_node_is_named(self):
        for number in range(1100):
            self.cluster.put(f"n{number}", "p5.48xlarge")
            self.cluster.nodes[f"n{number}"]["metadata"]["labels"]["example.com/serial"] = f"s{number}"
        told = self.event(self.start(), "label-left-out")
        self.assertEqual(("warn", "example.com/serial"), (told["level"], told["label"]))
        self.assertIn("nodes.ownLabels", told["error"])

    def test_it_is_ready_when_the_first_list_is_there(self):
        release = threading.Event()

        def hold(request):
            release.wait(SECONDS)
            self.cluster.spoil = None
            self.cluster.answer(request)

        self.cluster.spoil = hold
        server = self.start()
        status, details = server.readiness()
        self.assertEqual(503, status)
        self.assertTrue(details["nodes"].startswith("no list of nodes for "), details)
        self.assertEqual(0, server.metrics()["efa_webhook_ready"])
        self.assertEqual("", self.decide(server))  # and serves all the same
        release.set()
        wait_until(lambda: server.readiness()[0] == 200)
        self.assertEqual(1, server.metrics()["efa_webhook_ready"])

    def test_it_waits_ten_seconds_at_most_for_the_first_list(self):
        self.cluster.spoil = lambda request: request.wait(SECONDS)
        server = self.start()
        began = time.monotonic()
        self.assertEqual(503, server.readiness()[0])
        wait_until(lambda: server.readiness()[0] == 200)
        self.assertTrue(5 < time.monotonic() - began < 20)

    def test_it_goes_on_without_its_api_server(self):
        self.cluster.put("one", "p5.48xlarge")
        server = self.start()
        self.event(server, "listed")
        self.cluster.break_off(lambda request: request.cut())
        failed = self.event(server, "failed")
        self.assertEqual("warn", failed["level"])
        self.assertGreater(len(failed["error"]), 10)
        wait_until(lambda: server.metrics()[SILENCE] >= 2)
        self.assertGreaterEqual(server.metrics()[FAILURES], 1)
        status, details = server.readiness()
        self.assertEqual(200, status)
        self.assertRegex(details["nodes"], r"\A1 nodes in 1 classes; the API server spoke [1-9]\d* s ago; .+")
        self.assertEqual("p5.48xlarge", self.decide(server))
        self.cluster.put("one", "p4d.24xlarge")
        self.cluster.break_off()
        wait_until(lambda: self.decide(server) == "p4d.24xlarge")
        self.assertRegex(server.readiness()[1]["nodes"], r"s ago\Z")

    def test_an_api_server_that_is_not_there_at_all(self):
        self.cluster.server.stop()
        server = self.start()
        failed = self.event(server, "failed")
        self.assertIn("127.0.0.1", failed["error"])
        status, details = server.readiness()
        self.assertEqual(200, status)
        self.assertIn("no list of nodes for ", details["nodes"])
        self.assertIn(failed["error"][:40], details["nodes"])
        self.assertEqual("", self.decide(server))
        time.sleep(3)
        told = [event for event in server.events("nodes") if event["error"] == failed["error"]]
        self.assertEqual(1, len(told))  # the same again is counted, not told again
        self.cluster.server.stop = lambda: None

    def test_bad_answers_are_named(self):
        self.cluster.put("one", "p5.48xlarge")
        server = self.start()
        self.event(server, "listed")
        answers = (
            ("forbidden", lambda request: request.refuse(403, "nodes is forbidden: no", "Forbidden")),
            ("401", lambda request: request.refuse(401, "Unauthorized", "Unauthorized")),
            ("", lambda request: request.reply(200, b"<html><body>Sign in</body></html>", "text/html")),
            ("", lambda request: request.reply(200, b"{\"kind\": \"NodeList\", \"items\": [{\"metadata\": ")),
            ("", lambda request: request.reply(200, b"\x00\xff garbage")),
        )
        for word, answer in answers:
            with self.subTest(word):
                before = server.metrics()[FAILURES]
                self.cluster.break_off(answer)
                wait_until(lambda: server.metrics()[FAILURES] > before)
                wait_until(lambda: word in server.readiness()[1]["nodes"])
                self.assertEqual((200, "p5.48xlarge"), (server.readiness()[0], self.decide(server)))
        for event in server.events("nodes"):
            self.assertNotIn("a-token", json.dumps(event))

    def test_a_trickle_holds_nobody_up(self):
        def trickle(request):
            request.begin_chunks()
            while request.wait(0.2):
                request.chunk(b" ")

        self.cluster.put("one", "p5.48xlarge")
        server = self.start()
        self.event(server, "listed")
        self.cluster.break_off(trickle)
        time.sleep(2)
        self.assertEqual((200, "p5.48xlarge"), (server.readiness()[0], self.decide(server)))

    @unittest.skipUnless(VARIANT == "release", "a sanitizer takes memory of its own")
    def test_a_list_without_end_takes_no_memory(self):
        def flood(request):
            request.begin_chunks()
            request.chunk(b'{"kind":"NodeList","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[{"x":"')
            while not self.cluster.server.stopping.is_set() and self.cluster.spoil is not None:
                request.chunk(b"y" * 1024 * 1024)

        self.cluster.put("one", "p5.48xlarge")
        server = self.start()
        self.event(server, "listed")
        self.cluster.break_off(flood)
        most = 0
        for _ in range(30):
            time.sleep(0.1)
            most = max(most, server.rss_kib())
        self.cluster.break_off()
        print(f"at most {most} KiB under a list without end", flush=True)
        self.assertLess(most, 64 * 1024)
        self.assertEqual("p5.48xlarge", self.decide(server))


class Configuration(WatchCase):
    def patch(self, server):
        client = server.client()
        try:
            return json.dumps(patch_of(post(client, review(pod=POD))[2]))
        finally:
            client.close()

    def setUp(self):
        super().setUp()
        self.cluster.put("one", "p5.48xlarge")
        self.policy = self.folder / "policy.yaml"
        self.policy.write_text("shm:\n  size: 32Gi\n", encoding="utf-8")

    def change(self, size):
        new = self.folder / "policy.new"
        new.write_text(f"shm:\n  size: {size}\n", encoding="utf-8")
        new.rename(self.policy)

    def test_a_new_policy_comes_with_nodes_listed_under_it(self):
        server = self.start("--policy", self.policy)
        self.event(server, "listed")
        self.assertIn("32Gi", self.patch(server))
        self.change("16Gi")
        self.assertEqual("reloaded", server.wait_for("configuration")["result"])
        self.assertIn("16Gi", self.patch(server))
        self.event(server, "listed", 2)
        self.cluster.put("one", "p4d.24xlarge")  # the new watch goes on
        wait_until(lambda: self.decide(server) == "p4d.24xlarge")

    def test_a_new_policy_waits_while_its_nodes_cannot_be_listed(self):
        server = self.start("--policy", self.policy)
        self.event(server, "listed")
        self.cluster.break_off(lambda request: request.refuse(403, "nodes is forbidden", "Forbidden"))
        self.event(server, "failed")
        self.change("16Gi")
        wait_until(lambda: "waits for its nodes" in server.readiness()[1]["configuration"])
        self.change("8Gi")  # and one more, before the other is shown
        time.sleep(4)
        self.assertIn("waits for its nodes", server.readiness()[1]["configuration"])
        self.assertIn("32Gi", self.patch(server))
        self.assertEqual([], server.events("configuration"))
        self.assertEqual(200, server.readiness()[0])
        self.cluster.break_off()
        wait_until(lambda: "8Gi" in self.patch(server))
        self.assertEqual("305 instance types", server.readiness()[1]["configuration"])
        self.assertEqual(1, server.metrics()[CONFIGURATION % "loaded"])

    def test_a_bad_policy_leaves_the_watch_alone(self):
        server = self.start("--policy", self.policy)
        self.event(server, "listed")
        self.change("much")
        self.assertEqual("refused", server.wait_for("configuration")["result"])
        self.cluster.put("one", "p4d.24xlarge")
        wait_until(lambda: self.decide(server) == "p4d.24xlarge")
        self.assertEqual(1, server.metrics()[LISTS])
        self.assertIn("32Gi", self.patch(server))


class End(WatchCase):
    """Each server here is ended by end(), which measures how long it takes."""

    def test_while_it_watches(self):
        server = self.start()
        self.event(server, "listed")

    def test_while_it_connects_to_somebody_silent(self):
        silent = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(silent.close)
        config = self.cluster.server.kubeconfig({"token": "a-token"},
                                                {"server": f"https://127.0.0.1:{silent.getsockname()[1]}"})
        pathlib.Path(self.cluster.kubeconfig).write_text(json.dumps(config), encoding="ascii")
        self.start()
        time.sleep(1)

    def test_while_it_waits_to_try_again(self):
        self.cluster.spoil = lambda request: request.refuse(500, "no", "InternalError")
        server = self.start()
        self.event(server, "failed")
        time.sleep(4)

    def test_a_cluster_that_cannot_be_told_is_an_error_at_the_start(self):
        certificates = ("--tls-cert", self.folder / "served/tls.crt", "--tls-key", self.folder / "served/tls.key",
                        "--listen", "127.0.0.1:0", "--plain-listen", "127.0.0.1:0")
        (self.folder / "bad").write_text("contexts: nonsense\n", encoding="ascii")
        for words, arguments in (
                (("--watch-nodes", "none.yaml"), ("--kubeconfig", "none.yaml")),
                (("--watch-nodes", "current-context"), ("--kubeconfig", self.folder / "bad")),
                (("--watch-nodes", "elsewhere"), ("--kubeconfig", self.cluster.kubeconfig, "--context", "elsewhere"))):
            with self.subTest(words):
                result = run("--watch-nodes", *certificates, *arguments)
                self.assertEqual(2, result.returncode, result.stderr)
                self.assertRegex(result.stderr, r"\Aefa-webhook: [^\n]+\n\Z")
                for word in words:
                    self.assertIn(word, result.stderr)


if __name__ == "__main__":
    unittest.main()
