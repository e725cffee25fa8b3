#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The node watch against an API server of ours: pages, events, and all that goes wrong."""
import json
import pathlib
import tempfile
import time
import unittest

from kube_server import KubeServer
from nodes_server import Nodes, Watch, bookmark, event, node, status
from process_support import VARIANT

MIB = 1024 * 1024


def stream(*parts, cut=False):
    """A watch that says these and then ends."""
    def handler(request):
        request.begin_chunks()
        for part in parts:
            request.chunk(part)
        request.cut() if cut else request.end_chunks()
    return handler


def refuse(code, message="refused", **headers):
    pairs = [(name.replace("_", "-"), value) for name, value in headers.items()]
    return lambda request: request.refuse(code, message, headers=pairs)


class WatchCase(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.server = KubeServer(self.folder / "server")
        self.addCleanup(self.server.stop)
        self.nodes = Nodes(self.server)

    def watch(self):
        watch = Watch(self.server.write_kubeconfig(self.folder / "kubeconfig", {"token": "abc"}))
        self.addCleanup(self.check_end, watch)
        return watch

    def check_end(self, watch):
        self.assertEqual((0, ""), watch.stop())
        self.assertEqual("end", watch.told[-1]["event"])
        self.assertEqual(bool(watch.all("publish")), watch.told[-1]["view"])

    def asked(self, number):
        return self.server.wait_for_requests(number + 1)[number].query

    def watched(self):
        """As far as a watch that runs, of one node a."""
        self.nodes.put(node("a"))
        watch = self.watch()
        watch.wait_many("listed", 1)
        self.server.wait_for_requests(2)
        return watch

    def failure(self, watch, number=1):
        return watch.wait_many("fail", number)[number - 1]["error"]


class Lists(WatchCase):
    def test_a_list_comes_in_pages_and_is_shown_when_it_is_whole(self):
        self.nodes.page = 3
        for i in range(10):
            kind, efa = ("p5.48xlarge", 32) if i < 6 else ("ml.p5en.48xlarge", 16)
            self.nodes.put(node(f"n{i}", kind, efa=efa))
        watch = self.watch()
        listed = watch.wait_many("listed", 1)[0]
        self.assertEqual((10, 2), (listed["nodes"], listed["classes"]))
        published = watch.all("publish")
        self.assertEqual(1, len(published))
        self.assertEqual([{"type": "p5.48xlarge", "nodes": 6, "ready": 6, "efa": 32},
                          {"type": "p5en.48xlarge", "nodes": 4, "ready": 4, "efa": 16}],
                         published[0]["classes"])
        queries = [request.query for request in self.server.wait_for_requests(5)]
        self.assertEqual([None, "3", "6", "9"], [query.get("continue") for query in queries[:4]])
        self.assertEqual({"500"}, {query["limit"] for query in queries[:4]})
        self.assertFalse(any("resourceVersion" in query for query in queries[:4]))
        selector = queries[0]["labelSelector"]
        self.assertTrue(selector.startswith("node.kubernetes.io/instance-type in ("), selector)
        self.assertIn(",p5.48xlarge,ml.p5.48xlarge,", selector)
        self.assertTrue(300 <= int(queries[4].pop("timeoutSeconds")) < 600)
        self.assertEqual({"watch": "true", "allowWatchBookmarks": "true", "resourceVersion": "110",
                          "labelSelector": selector}, queries[4])

    def test_a_cluster_without_such_nodes_is_known_to_have_none(self):
        watch = self.watch()
        self.assertEqual([], watch.wait_nodes(0)["classes"])

    def test_a_page_that_fails_is_asked_for_again(self):
        self.nodes.page = 2
        for i in range(5):
            self.nodes.put(node(f"n{i}"))
        self.nodes.next(self.nodes.list, refuse(503, "etcd is slow"), self.nodes.list,
                        stream(b'{"kind":"NodeL'))
        watch = self.watch()
        watch.wait_nodes(5)
        self.assertIn("etcd is slow", self.failure(watch, 1))
        self.assertIn("the list of nodes is cut off", self.failure(watch, 2))
        self.assertEqual([None, "2", "2", "4", "4"], [self.asked(i).get("continue") for i in range(5)])

    def test_a_list_whose_pages_are_forgotten_comes_in_one_piece(self):
        self.nodes.page = 2
        for i in range(5):
            self.nodes.put(node(f"n{i}"))
        self.nodes.next(self.nodes.list, refuse(410, "The provided continue parameter is too old"))
        watch = self.watch()
        watch.wait(lambda: watch.all("fail"), "the refusal")
        self.nodes.remove("n0")  # it was in a page of the first list
        watch.wait_nodes(4)
        self.assertIn("too old", self.failure(watch))
        self.assertNotIn("limit", self.asked(2))
        self.assertNotIn("continue", self.asked(2))

    def test_where_the_address_is_too_long_the_types_are_not_named(self):
        self.nodes.put(node("a"))
        self.nodes.put(node("m", "m5.large"))
        self.nodes.next(refuse(414, "URI Too Long"))
        self.watch().wait_nodes(1)
        self.assertEqual("node.kubernetes.io/instance-type", self.asked(1)["labelSelector"])
        self.assertEqual("node.kubernetes.io/instance-type", self.asked(2)["labelSelector"])

    def test_a_page_that_never_ends_takes_no_memory(self):
        def endless(request):
            request.begin_chunks()
            request.chunk(b'{"kind":"NodeList","items":[')
            piece = (json.dumps(node("a")) + ",").encode() * 1000
            try:
                for _ in range(60 * MIB // len(piece)):
                    request.chunk(piece)
                request.chunk(b'{"x":"')
                for _ in range(1000):
                    request.chunk(b"x" * MIB)
            except OSError:
                return
        self.nodes.put(node("a"))
        self.nodes.next(endless)
        watch = self.watch()
        watch.wait_nodes(1)
        self.assertIn("has a member of more than 4 MiB", self.failure(watch))
        watch.stop()
        if VARIANT == "release":  # a sanitizer takes memory of its own
            self.assertLess(watch.told[-1]["peakKib"], 64 * 1024)

    def test_refusals_are_told_in_the_servers_words(self):
        self.nodes.put(node("a"))
        self.nodes.next(
            refuse(403, 'nodes is forbidden: User "x" cannot list resource "nodes"'),
            lambda request: request.reply(200, b"<html>Sign in</html>", "text/html"),
            lambda request: request.reply(200, status(500, "no")))
        watch = self.watch()
        watch.wait_nodes(1)
        self.assertIn("403: nodes is forbidden", self.failure(watch, 1))
        self.assertRegex(self.failure(watch, 2), "HTML|html|no JSON")
        self.assertIn("has the kind 'Status'", self.failure(watch, 3))
        self.assertTrue(all(fail["kind"] == 2 for fail in watch.all("fail")))

    def test_the_watch_ends_when_it_is_told_to(self):
        self.nodes.next(lambda request: request.wait(60))
        watch = self.watch()
        self.server.wait_for_requests(1)
        begin = time.monotonic()
        self.assertEqual((0, ""), watch.stop())
        self.assertLess(time.monotonic() - begin, 5)
        self.assertFalse(watch.told[-1]["view"])


class Watches(WatchCase):
    def test_nodes_come_change_and_go(self):
        watch = self.watched()
        self.nodes.put(node("b"))
        watch.wait_nodes(2)
        self.nodes.put(node("b", ready=False))
        watch.wait(lambda: watch.all("publish")[-1]["classes"][0]["ready"] == 1, "one that is ready")
        self.nodes.put(node("c", pool="other"))
        self.assertEqual(2, len(watch.wait_nodes(3)["classes"]))
        self.nodes.remove("c")
        self.nodes.remove("a")
        self.assertEqual([{"type": "p5.48xlarge", "nodes": 1, "ready": 0, "efa": 0}],
                         watch.wait_nodes(1)["classes"])
        self.assertEqual([], watch.all("fail"))

    def test_what_changes_nothing_is_not_published(self):
        watch = self.watched()
        self.nodes.put(node("a", **{"nvidia.com/gfd.timestamp": "1"}))
        watch.wait_many("freshen", 1)
        self.assertEqual(1, len(watch.all("publish")))

    def test_events_of_one_piece_are_shown_at_once(self):
        lines = b"".join(json.dumps(event("ADDED", node(f"n{i}"))).encode() + b"\n" for i in range(50))
        self.nodes.next(self.nodes.list, lambda request: (request.begin_chunks(), request.chunk(lines),
                                                          request.wait(60)))
        watch = self.watched()
        watch.wait_nodes(51)
        self.assertLessEqual(len(watch.all("publish")), 4)

    def test_a_watch_that_ends_goes_on_from_the_last_bookmark(self):
        self.nodes.next(self.nodes.list, stream(bookmark(777)))
        watch = self.watched()
        self.assertEqual("777", self.asked(2)["resourceVersion"])
        self.nodes.put(node("b"))
        self.nodes.end_watches()
        self.assertEqual(str(self.nodes.version), self.asked(3)["resourceVersion"])
        self.assertEqual([], watch.all("fail"))

    def check_list_again(self, watch, *words):
        """The list replaces what was there; until it is whole the old view stays."""
        for word in words:
            self.assertIn(word, self.failure(watch))
        watch.wait_many("listed", 2)
        self.assertEqual([1, 2], [listed["nodes"] for listed in watch.all("listed")])
        self.assertNotIn("resourceVersion", self.asked(2))

    def test_too_old_as_an_event_makes_a_new_list(self):
        self.nodes.next(self.nodes.list, stream(event("ERROR", status(410, "too old resource version: 1 (2)"))))
        watch = self.watched()
        self.change_without_a_word()
        self.check_list_again(watch, "410", "too old resource version")

    def test_too_old_as_a_status_makes_a_new_list(self):
        self.nodes.next(self.nodes.list, refuse(410, "too old resource version: 1 (2)"))
        watch = self.watched()
        self.change_without_a_word()
        self.check_list_again(watch, "410", "too old resource version")

    def change_without_a_word(self):
        """While nobody watches: a goes, b and c come."""
        self.nodes.remove("a")
        self.nodes.put(node("b"))
        self.nodes.put(node("c"))

    def test_other_errors_do_not_lose_the_version(self):
        self.nodes.next(self.nodes.list, stream(bookmark(5), event("ERROR", status(500, "watch chan error"))),
                        refuse(429, "too many", Retry_After="2"), stream(bookmark(6), b'{"type":"ADD', cut=True),
                        stream(bookmark(7), b"<html>oops</html>\n"))
        watch = self.watched()
        begin = time.monotonic()
        self.assertIn("500: watch chan error", self.failure(watch, 1))
        self.assertIn("too many", self.failure(watch, 2))
        self.assertEqual("5", self.asked(3)["resourceVersion"])
        self.assertGreater(time.monotonic() - begin, 2)
        self.failure(watch, 3)
        self.assertEqual("6", self.asked(4)["resourceVersion"])
        self.assertIn("is no JSON", self.failure(watch, 4))
        self.assertEqual("7", self.asked(5)["resourceVersion"])
        self.nodes.put(node("b"))
        watch.wait_nodes(2)
        self.assertEqual(1, len(watch.all("listed")))

    def test_a_watch_refused_again_and_again_makes_a_new_list(self):
        self.nodes.next(self.nodes.list, *[refuse(504, "Too large resource version")] * 3)
        watch = self.watched()
        watch.wait_many("listed", 2)
        self.assertEqual(3, len(watch.all("fail")))

    def test_a_trickled_line_counts_when_it_is_whole(self):
        line = json.dumps(event("ADDED", node("b"))).encode() + b"\n"

        def trickle(request):
            request.begin_chunks()
            for at in range(0, len(line), 8):
                request.chunk(line[at:at + 8])
                request.wait(0.02)
            request.wait(60)
        self.nodes.next(self.nodes.list, trickle)
        self.watched().wait_nodes(2)

    def test_the_server_may_go_and_come_back(self):
        watch = self.watched()
        self.nodes.next(*[lambda request: request.cut()] * 3)
        self.server.drop_connections()
        watch.wait_many("fail", 3)
        waits = [fail["again"] for fail in watch.all("fail")]
        self.assertTrue(all(1 <= wait <= 4 for wait in waits), waits)
        self.assertEqual(1, len(watch.all("publish")))
        self.server.wait_for_requests(6)
        watch.wait(lambda: self.nodes.watchers, "the watch")
        self.nodes.put(node("b"))
        watch.wait_nodes(2)

    def test_a_line_that_never_ends_takes_no_memory(self):
        def endless(request):
            request.begin_chunks()
            request.chunk(bookmark(9))
            request.chunk(b'{"type":"ADDED","object":{"x":"')
            try:
                for _ in range(1000):
                    request.chunk(b"x" * MIB)
            except OSError:
                return
        self.nodes.next(self.nodes.list, endless)
        watch = self.watched()
        self.assertIn("has an event of more than 4 MiB", self.failure(watch))
        self.assertEqual("9", self.asked(2)["resourceVersion"])


if __name__ == "__main__":
    unittest.main()
