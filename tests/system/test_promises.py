#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reading what was promised on a node: Node and pods of an API server of ours, the kubelet's checkpoint."""
import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

from kube_server import KubeServer
from kube_support import TOKEN, UNSET
from process_support import ROOT, SECONDS, TESTS, VARIANT

NODE = "ip-10-0-1-2.ec2.internal"
NODE_PATH = f"/api/v1/nodes/{NODE}"
PODS_PATH = "/api/v1/pods"
SEEDS = ROOT / "tests/fuzz/seeds/node_objects"
STATUS = json.dumps({"version": 1, "result": "injected", "instanceType": "p5.48xlarge",
                     "containers": [{"name": "main", "vpc.amazonaws.com/efa": 32, "nvidia.com/gpu": 8}]})


def seed(name):
    """What a seed holds behind the byte that chooses the reader."""
    return (SEEDS / name).read_bytes()[1:]


def pod(number, status=STATUS):
    annotations = {} if status is None else {"efa-injector.io/status": status}
    return {"metadata": {"namespace": "ml", "name": f"train-{number}", "uid": f"uid-{number}",
                         "annotations": annotations}}


def partial(pods, more=None):
    metadata = {"resourceVersion": "7"} | ({"continue": more} if more else {})
    return {"kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1", "metadata": metadata,
            "items": pods}


def names(said):
    return [each["name"] for each in said["promises"]]


class PromisesCase(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.server = KubeServer(self.folder / "server")
        self.addCleanup(self.server.stop)
        self.server.token = TOKEN
        self.kubeconfig = self.server.write_kubeconfig(self.folder / "kubeconfig", {"token": TOKEN})
        self.checkpoint = self.folder / "checkpoint"
        self.checkpoint.write_bytes(seed("checkpoint-by-numa-node"))
        self.server.on("GET", NODE_PATH, lambda request: request.reply(200, seed("node-p5")))
        self.server.on("GET", PODS_PATH, lambda request: request.reply(200, partial([pod(1), pod(2, None)])))

    def run_driver(self, *arguments):
        environment = {name: value for name, value in os.environ.items() if name not in UNSET}
        done = subprocess.run([TESTS / "system/promises_driver", *map(str, arguments)], env=environment,
                              timeout=SECONDS * 3, capture_output=True, text=True, check=False)
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        self.assertNotIn(TOKEN, done.stdout)
        return json.loads(done.stdout)

    def read(self, node=NODE, prefix="efa-injector.io", checkpoint=None, kubeconfig=None):
        said = self.run_driver(self.kubeconfig if kubeconfig is None else kubeconfig, node, prefix,
                               self.checkpoint if checkpoint is None else checkpoint)["expectation"]
        self.assertFalse(said["failed"])
        return said

    def assert_pods_missed(self, said, *words):
        """Not a number, and no pod but those of the checkpoint; the Node was read all the same."""
        self.assertIsInstance(said["pods"], str)
        self.assertEqual([], [each for each in said["promises"] if each["name"] is not None])
        self.assertEqual(1, said["node"])
        for word in words:
            self.assertIn(word, said["pods"])


class Reads(PromisesCase):
    def test_all_three_are_put_together(self):
        first = seed("pods-partial").replace(b'"continue":"ey/1",', b"")
        self.server.on("GET", PODS_PATH, lambda request: request.reply(200, first))
        said = self.read()
        self.assertEqual((1, NODE, 32, "p5.48xlarge"),
                         (said["node"], said["nodeName"], said["capacityEfa"], said["type"]))
        self.assertEqual((4, 5), (said["pods"], said["checkpoint"]))
        self.assertEqual(["train-0", "train-1", "plain", "forged", None], names(said))
        self.assertEqual(["rdmap79s0", "rdmap80s0", "rdmap81s0"], said["promises"][0]["efaIds"])
        self.assertEqual([True, True, False, False, False], [each["hasStatus"] for each in said["promises"]])
        self.assertEqual(["rdmap82s0"], said["promises"][4]["efaIds"])

    def test_what_is_asked_for(self):
        self.read()
        node, pods = self.server.requests
        self.assertEqual({"resourceVersion": "0"}, node.query)
        selector = f"spec.nodeName={NODE},status.phase!=Succeeded,status.phase!=Failed"
        self.assertEqual({"fieldSelector": selector, "limit": "500", "resourceVersion": "0"}, pods.query)
        self.assertEqual("application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json",
                         pods.headers["Accept"])

    def test_a_server_may_answer_with_whole_pods(self):
        self.server.on("GET", PODS_PATH, lambda request: request.reply(200, seed("pods-whole")))
        said = self.read()
        self.assertEqual((2, 32), (said["pods"], said["promises"][0]["efa"]))

    def test_a_server_may_answer_in_pages(self):
        pages = {None: partial([pod(1), pod(2)], "a+b/c=="), "a+b/c==": partial([], "&limit=1"),
                 "&limit=1": partial([pod(3)])}
        self.server.on("GET", PODS_PATH,
                       lambda request: request.reply(200, pages[request.query.get("continue")]))
        said = self.read()
        self.assertEqual(3, said["pods"])
        self.assertEqual(["train-1", "train-2", "train-3", None, None], names(said))
        later = [request.query for request in self.server.requests if "continue" in request.query]
        self.assertEqual(2, len(later))
        for query in later:
            self.assertNotIn("resourceVersion", query)
            self.assertEqual("500", query["limit"])

    def test_a_node_without_pods_has_none(self):
        self.server.on("GET", PODS_PATH, lambda request: request.reply(200, partial([])))
        said = self.read(checkpoint="")
        self.assertEqual((0, []), (said["pods"], said["promises"]))
        self.assertIsNone(said["checkpoint"])

    def test_another_prefix_is_another_annotation(self):
        said = self.read(prefix="x.org")
        self.assertEqual([False, False], [each["hasStatus"] for each in said["promises"][:2]])

    def test_without_a_cluster_nobody_is_asked(self):
        said = self.read(kubeconfig="")
        self.assertEqual((None, None, 5), (said["node"], said["pods"], said["checkpoint"]))
        self.assertEqual(2, len(said["promises"]))
        self.assertEqual([], self.server.requests)

    def test_a_node_with_many_images_is_read(self):
        node = json.loads(seed("node-p5"))
        node["status"]["images"] = [{"names": ["registry.example/" + "a" * 200], "sizeBytes": 1}] * 8000
        self.server.on("GET", NODE_PATH, lambda request: request.reply(200, node))
        self.assertEqual(32, self.read()["capacityEfa"])

    def test_reading_again_and_again_costs_no_memory_and_no_descriptors(self):
        node = json.loads(seed("node-p5"))
        node["status"]["images"] = [{"names": ["registry.example/" + "a" * 200], "sizeBytes": 1}] * 1000
        self.server.on("GET", NODE_PATH, lambda request: request.reply(200, node))
        pods = partial([pod(i) for i in range(100)])
        self.server.on("GET", PODS_PATH, lambda request: request.reply(200, pods))
        said = self.run_driver(self.kubeconfig, NODE, "efa-injector.io", self.checkpoint, 300)
        self.assertEqual(100, said["expectation"]["pods"])
        self.assertEqual(said["descriptorsBefore"], said["descriptors"])
        if VARIANT == "release":
            self.assertLess(said["memory"], said["memoryBefore"] + 512)


class Misses(PromisesCase):
    def test_a_refusal_is_told_in_the_server_s_words(self):
        forbidden = 'pods is forbidden: User "system:serviceaccount:efa-agent:efa-agent" cannot list'
        self.server.on("GET", PODS_PATH, lambda request: request.refuse(403, forbidden, "Forbidden"))
        self.assert_pods_missed(self.read(), "GET /api/v1/pods: 403: " + forbidden)

    def test_a_node_that_is_not_there_is_told(self):
        self.server.on("GET", NODE_PATH,
                       lambda request: request.refuse(404, f'nodes "{NODE}" not found', "NotFound"))
        said = self.read()
        self.assertIn(f'GET {NODE_PATH}: 404: nodes "{NODE}" not found', said["node"])
        self.assertEqual((None, None, 2), (said["nodeName"], said["capacityEfa"], said["pods"]))

    def test_a_token_that_is_not_known_is_told(self):
        self.server.token = "another"
        said = self.read()
        for what in (said["node"], said["pods"]):
            self.assertIn("401: Unauthorized", what)
        self.assertEqual(5, said["checkpoint"])

    def test_a_server_that_is_away_is_told(self):
        self.server.stop()
        said = self.read()
        for what in (said["node"], said["pods"]):
            self.assertIn(self.server.url, what)

    def test_names_that_are_none_are_never_asked_for(self):
        for name in ("", "a/b", "a?b", "A", "a b", "a%2e", "a,b", "a=b", "../pods", "a" * 254, "\u00e9"):
            with self.subTest(name):
                said = self.read(node=name)
                for what in (said["node"], said["pods"]):
                    self.assertRegex(what, "is no name of a Node|nobody says which Node this is")
        self.assertEqual([], self.server.requests)

    def test_some_pods_are_not_taken_for_all(self):
        def answer(request):
            if "continue" in request.query:
                request.refuse(410, "The provided continue parameter is too old", "Expired")
            else:
                request.reply(200, partial([pod(1)], "more"))
        self.server.on("GET", PODS_PATH, answer)
        self.assert_pods_missed(self.read(), "410", "too old")

    def test_pages_without_end_are_given_up(self):
        self.server.on("GET", PODS_PATH, lambda request: request.reply(200, partial([pod(1)], "more")))
        self.assert_pods_missed(self.read(), "more than 50 pages")

    def test_what_is_no_list_is_told(self):
        for body, word in (({"kind": "Table"}, "its kind is 'Table'"), (b"[1, 2", "the list of pods"),
                           (partial([{"metadata": {}}]), "must have a name and a uid")):
            with self.subTest(word):
                self.server.on("GET", PODS_PATH, lambda request, body=body: request.reply(200, body))
                self.assert_pods_missed(self.read(), word)

    def test_a_page_for_people_is_told(self):
        self.server.on("GET", PODS_PATH, lambda request: request.reply(200, b"<p>hello</p>", "text/html"))
        self.assert_pods_missed(self.read(), "text/html came instead of")

    def test_what_is_too_large_is_not_read(self):
        def pour(request):
            request.begin_chunks()
            try:
                while request.wait(0):
                    request.chunk(b" " * 65536)
            except OSError:
                pass
        self.server.on("GET", NODE_PATH, pour)
        self.server.on("GET", PODS_PATH, pour)
        said = self.read()
        self.assertIn(f"longer than the {4 << 20} bytes", said["node"])
        self.assertIn(f"longer than the {16 << 20} bytes", said["pods"])

    def test_a_checkpoint_that_cannot_be_had_says_why(self):
        large = self.folder / "large"
        with large.open("wb") as file:
            file.truncate((16 << 20) + 1)
        garbage = self.folder / "garbage"
        garbage.write_text("{}", encoding="ascii")
        for path, words in ((self.folder / "none", "No such file or directory"),
                            (self.folder, "it is a folder"), (large, "larger than 16777216 bytes"),
                            (garbage, "has no Data.PodDeviceEntries")):
            with self.subTest(path):
                said = self.read(checkpoint=path)
                self.assertIn(words, said["checkpoint"])
                self.assertEqual((2, 2), (said["pods"], len(said["promises"])))

    @unittest.skipIf(os.geteuid() == 0, "root may read everything")
    def test_a_checkpoint_that_may_not_be_read_says_so(self):
        self.checkpoint.chmod(0)
        self.assertRegex(self.read()["checkpoint"], re.escape(str(self.checkpoint)) + ".*Permission denied")


if __name__ == "__main__":
    unittest.main()
