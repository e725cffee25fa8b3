#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A running efa-webhook whose files change: certificate, policy, catalogue and nodes."""
import json
import pathlib
import shutil
import ssl
import subprocess
import tempfile
import threading
import time
import unittest

from process_support import ROOT, SECONDS, TESTS
from server_support import REVIEW, Server, make_certificates, patch_of, post, review, wait_until

CERTIFICATE = 'efa_webhook_reloads_total{what="certificate",result="%s"}'
CONFIGURATION = 'efa_webhook_reloads_total{what="configuration",result="%s"}'
EXPIRY = "efa_webhook_certificate_expiry_timestamp_seconds"
SETTLE = 4  # seconds in which a change would have been seen, had it been one


def place(folder, name, data):
    """As an editor saves: the old file is there until the new one is."""
    new = folder / (name + ".new")
    new.write_bytes(data if isinstance(data, bytes) else data.encode())
    new.rename(folder / name)


class Volume:
    """Files behind a symlink that is exchanged, as the kubelet mounts a Secret or ConfigMap."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        self.version = 0

    def show(self, files):
        self.version += 1
        data = self.folder / f"..{self.version}"
        data.mkdir()
        for name, content in files.items():
            (data / name).write_bytes(content)
            if not (self.folder / name).is_symlink():
                (self.folder / name).symlink_to(f"..data/{name}")
        old = (self.folder / "..data").resolve() if (self.folder / "..data").is_symlink() else None
        (self.folder / "..tmp").symlink_to(data.name)
        (self.folder / "..tmp").rename(self.folder / "..data")
        if old is not None:
            shutil.rmtree(old)


class Caller(threading.Thread):
    """A new connection, a handshake and a review, again and again."""

    def __init__(self, server, context):
        super().__init__()
        self.server, self.context = server, context
        self.leaves, self.failures, self.calls = [], [], 0
        self.stopping = threading.Event()

    def run(self):
        while not self.stopping.is_set():
            try:
                with self.server.connect(self.context) as connection:
                    leaf = connection.getpeercert(binary_form=True)
                    body = review()
                    connection.sendall(b"POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                                       b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
                    if not connection.recv(100).startswith(b"HTTP/1.1 200"):
                        raise AssertionError("no 200")
                self.calls += 1
                if leaf not in self.leaves:
                    self.leaves.append(leaf)
            except (OSError, AssertionError) as error:
                self.failures.append(error)


class ReloadCase(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def certificates(self, name):
        """Files of a new authority and leaf; their names as in a Secret."""
        make_certificates(self.folder / name)
        return {file: (self.folder / name / file).read_bytes() for file in ("ca.crt", "tls.crt", "tls.key")}

    def start(self, *arguments):
        server = Server(self.folder / "served", *arguments)
        self.addCleanup(self.end, server)
        return server

    def end(self, server):
        self.assertEqual((0, ""), server.stop())

    def checks(self, server):
        status, details = server.readiness()
        self.assertEqual(200, status)
        return details

    def leaf(self, server):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with server.connect(context) as connection:
            return connection.getpeercert(binary_form=True)


def leaf_of(files):
    return ssl.PEM_cert_to_DER_cert(files["tls.crt"].decode())


class Certificate(ReloadCase):
    def test_a_secret_that_is_exchanged_under_load_fails_no_handshake(self):
        old, new = self.certificates("old"), self.certificates("new")
        volume = Volume(self.folder / "served")
        volume.show(old)
        server = self.start()
        expiry = server.metrics()[EXPIRY]
        context = ssl.create_default_context(cadata=(old["ca.crt"] + new["ca.crt"]).decode())
        before = server.client()
        self.addCleanup(before.close)
        self.assertEqual(200, post(before, review())[0])
        socket = before.sock
        callers = [Caller(server, context) for _ in range(4)]
        for caller in callers:
            caller.start()
        for files in (new, old, new):
            time.sleep(0.3)
            began = time.monotonic()
            volume.show(files)
            wait_until(lambda: self.leaf(server) == leaf_of(files))
            seconds = time.monotonic() - began
        time.sleep(0.3)
        for caller in callers:
            caller.stopping.set()
        for caller in callers:
            caller.join()
        self.assertEqual([], [failure for caller in callers for failure in caller.failures])
        for caller in callers:
            self.assertEqual({leaf_of(old), leaf_of(new)}, set(caller.leaves))
        self.assertEqual(200, post(before, review())[0])
        self.assertIs(socket, before.sock)  # a connection outlives the certificate that it began with
        self.assertEqual(3, server.metrics()[CERTIFICATE % "loaded"])
        self.assertEqual(0, server.metrics()[CERTIFICATE % "refused"])
        self.assertLess(abs(server.metrics()[EXPIRY] - expiry), 60)
        self.assertEqual(["reloaded"] * 3, [event["result"] for event in server.events("certificate")])
        print(f"{sum(caller.calls for caller in callers)} handshakes; a new leaf {seconds:.1f} s after its file",
              flush=True)

    def test_a_pair_that_is_half_written_is_waited_for_and_a_wrong_one_refused_once(self):
        old, new = self.certificates("served"), self.certificates("new")
        server = self.start()
        place(self.folder / "served", "tls.crt", new["tls.crt"])
        line = server.wait_for("certificate")
        self.assertEqual(("error", "refused"), (line["level"], line["result"]))
        self.assertIn("the key is not the certificate's", line["error"])
        self.assertIn("tls.key", line["error"])
        self.assertEqual(leaf_of(old), self.leaf(server))
        self.assertIn("the key is not the certificate's", self.checks(server)["certificate"])
        time.sleep(SETTLE)
        self.assertEqual(1, len(server.events("certificate")))
        self.assertEqual(1, server.metrics()[CERTIFICATE % "refused"])
        place(self.folder / "served", "tls.key", new["tls.key"])
        self.assertEqual("reloaded", server.wait_for("certificate", 2)["result"])
        self.assertEqual(leaf_of(new), self.leaf(server))
        self.assertNotIn("refused", self.checks(server)["certificate"])

    def test_what_is_no_certificate_is_refused_and_healed(self):
        old = self.certificates("served")
        server = self.start()
        served = self.folder / "served"
        refusals = (
            ("begin with -----BEGIN CERTIFICATE-----", lambda: place(served, "tls.crt", "nonsense")),
            ("begin with -----BEGIN CERTIFICATE-----", lambda: (served / "tls.crt").write_bytes(b"")),
            ("begin with -----BEGIN CERTIFICATE-----",
             lambda: place(served, "tls.crt", old["tls.crt"][:len(old["tls.crt"]) // 2])),
            ("No such file", lambda: (served / "tls.crt").unlink()),
            ("larger than 1048576 bytes", lambda: place(served, "tls.crt", old["tls.crt"] + b"\n" * 2**20)),
        )
        for number, (sentence, change) in enumerate(refusals, 1):
            with self.subTest(sentence):
                change()
                line = server.wait_for("certificate", number)
                self.assertEqual("refused", line["result"])
                self.assertIn("--tls-cert", line["error"])
                self.assertIn(sentence, line["error"])
        self.assertEqual(leaf_of(old), self.leaf(server))
        place(served, "tls.crt", old["tls.crt"])
        self.assertEqual("reloaded", server.wait_for("certificate", len(refusals) + 1)["result"])
        self.assertNotIn("BEGIN PRIVATE", "".join(server.lines))

    def test_an_expired_certificate_is_served_and_told(self):
        self.certificates("served")
        server = self.start()
        late = self.folder / "late"
        late.mkdir()
        subprocess.run([TESTS / "system/expired_certs", late], check=True, timeout=SECONDS)
        for file in ("tls.crt", "tls.key"):
            place(self.folder / "served", file, (late / file).read_bytes())
        self.assertEqual("reloaded", server.wait_for("certificate", 1)["result"])
        self.assertEqual("the certificate has expired", server.wait_for("certificate", 2)["error"])
        self.assertIn("expired 1 days ago", self.checks(server)["certificate"])
        self.assertLess(server.metrics()[EXPIRY], time.time())


def cluster(*types):
    """A list of ready nodes, one of each type."""
    return json.dumps({"apiVersion": "v1", "kind": "NodeList", "items": [
        {"metadata": {"name": f"node-{number}", "labels": {"node.kubernetes.io/instance-type": name, "pool": "a"}},
         "status": {"capacity": {"vpc.amazonaws.com/efa": "32", "nvidia.com/gpu": "8"},
                    "allocatable": {"hugepages-2Mi": "10Gi"},
                    "conditions": [{"type": "Ready", "status": "True"}]}}
        for number, name in enumerate(types)]})


POD = {"apiVersion": "v1", "kind": "Pod",
       "metadata": {"name": "worker", "annotations": {"efa-injector.io/inject": "true"}},
       "spec": {"nodeSelector": {"pool": "a"},
                "containers": [{"name": "main", "image": "example.com/main:1",
                                "resources": {"limits": {"nvidia.com/gpu": 8, "memory": "1000Gi"}}}]}}


class Configuration(ReloadCase):
    def setUp(self):
        super().setUp()
        self.certificates("served")

    def patch(self, server):
        client = server.client()
        try:
            return json.dumps(patch_of(post(client, REVIEW.read_bytes())[2]))
        finally:
            client.close()

    def test_a_policy_is_exchanged_whole_and_a_bad_one_refused(self):
        policy = self.folder / "policy.yaml"
        policy.write_text("shm:\n  size: 32Gi\n", encoding="utf-8")
        server = self.start("--policy", policy)
        self.assertIn('"sizeLimit": "32Gi"', self.patch(server))
        policy.write_text("shm:\n  size: 16Gi\n", encoding="utf-8")  # in place
        self.assertEqual("reloaded", server.wait_for("configuration")["result"])
        self.assertIn('"sizeLimit": "16Gi"', self.patch(server))
        place(self.folder, "policy.yaml", "shm:\n  size: 8Gi\n  sise: 4Gi\nhugepages:\n  size: many\n")
        line = server.wait_for("configuration", 2)
        self.assertEqual(("error", "refused", 2), (line["level"], line["result"], line["problems"]))
        self.assertIn("policy.yaml:3:3: ", line["errors"][0])
        self.assertIn("sise", line["errors"][0])
        self.assertIn("policy.yaml:5:9: ", line["errors"][1])
        self.assertIn('"sizeLimit": "16Gi"', self.patch(server))
        self.assertIn("policy.yaml:3:3: ", self.checks(server)["configuration"])
        time.sleep(SETTLE)
        self.assertEqual(2, len(server.events("configuration")))
        values = server.metrics()
        self.assertEqual((1, 1), (values[CONFIGURATION % "loaded"], values[CONFIGURATION % "refused"]))
        policy.unlink()
        self.assertIn("No such file", server.wait_for("configuration", 3)["errors"][0])
        place(self.folder, "policy.yaml", "shm:\n  size: 16Gi\n")
        self.assertEqual("reloaded", server.wait_for("configuration", 4)["result"])
        self.assertNotIn("refused", self.checks(server)["configuration"])

    def test_a_config_map_brings_policy_and_catalogue_together(self):
        shipped = (ROOT / "config/instance-types.yaml").read_bytes()
        volume = Volume(self.folder / "config")
        volume.show({"policy.yaml": b"shm:\n  size: 32Gi\n", "instance-types.yaml": shipped})
        server = self.start("--policy", volume.folder / "policy.yaml",
                            "--instance-types", volume.folder / "instance-types.yaml")
        before = server.metrics()["efa_webhook_instance_types"]
        volume.show({"policy.yaml": b"shm:\n  size: 16Gi\n", "instance-types.yaml": b"types: []\n"})
        self.assertEqual("refused", server.wait_for("configuration")["result"])
        self.assertIn('"sizeLimit": "32Gi"', self.patch(server))
        volume.show({"policy.yaml": b"shm:\n  size: 16Gi\n", "instance-types.yaml": shipped + b"# more\n"})
        self.assertEqual("reloaded", server.wait_for("configuration", 2)["result"])
        self.assertIn('"sizeLimit": "16Gi"', self.patch(server))
        self.assertEqual(before, server.metrics()["efa_webhook_instance_types"])

    def test_nodes_of_a_file_are_exchanged(self):
        nodes = self.folder / "nodes.json"
        nodes.write_text(cluster("p5.48xlarge"), encoding="utf-8")
        server = self.start("--nodes", nodes)
        client = server.client()
        self.addCleanup(client.close)
        self.assertEqual("1 nodes in 1 classes, from a file", self.checks(server)["nodes"])
        post(client, review(pod=POD))
        self.assertEqual("p5.48xlarge", server.wait_for("mutate", 1)["instanceType"])
        place(self.folder, "nodes.json", cluster("p4d.24xlarge", "p4d.24xlarge"))
        self.assertEqual("reloaded", server.wait_for("configuration")["result"])
        post(client, review(pod=POD))
        self.assertEqual("p4d.24xlarge", server.wait_for("mutate", 2)["instanceType"])
        self.assertEqual("2 nodes in 1 classes, from a file", self.checks(server)["nodes"])
        values = server.metrics()
        self.assertEqual((2, 1), (values["efa_webhook_nodes"], values["efa_webhook_node_classes"]))
        self.assertNotIn("efa_webhook_nodes_silence_seconds", values)
        place(self.folder, "nodes.json", cluster("p4d.24xlarge")[:-2])
        line = server.wait_for("configuration", 2)
        self.assertEqual("refused", line["result"])
        self.assertIn("--nodes", line["errors"][0])
        post(client, review(pod=POD))
        self.assertEqual("p4d.24xlarge", server.wait_for("mutate", 3)["instanceType"])

    def test_a_policy_exchanged_under_load_fails_no_review(self):
        policy = self.folder / "policy.yaml"
        sizes = ("32Gi", "16Gi", "8Gi")
        policy.write_text(f"shm:\n  size: {sizes[0]}\n", encoding="utf-8")
        server = self.start("--policy", policy)
        seen, failures, stopping = set(), [], threading.Event()

        def call():
            client = server.client()
            while not stopping.is_set():
                status, _, body = post(client, REVIEW.read_bytes())
                if status != 200:
                    failures.append(body)
                    break
                seen.add(json.dumps(patch_of(body)))
            client.close()

        callers = [threading.Thread(target=call) for _ in range(4)]
        for caller in callers:
            caller.start()
        for count, size in enumerate(sizes[1:], 1):
            place(self.folder, "policy.yaml", f"shm:\n  size: {size}\n")
            server.wait_for("configuration", count)
            time.sleep(0.2)
        stopping.set()
        for caller in callers:
            caller.join()
        self.assertEqual([], failures)
        self.assertEqual(len(sizes), len(seen))
        for size in sizes:
            self.assertEqual(1, sum(f'"sizeLimit": "{size}"' in patch for patch in seen))

    def test_what_can_be_read_only_once_is_left_alone(self):
        server = self.start("--policy", "/dev/null")
        time.sleep(SETTLE)
        self.assertEqual([], server.events("configuration"))


if __name__ == "__main__":
    unittest.main()
