# SPDX-License-Identifier: Apache-2.0
"""A running efa-webhook for tests, its clients and the bodies they send."""
import base64
import http.client
import json
import pathlib
import socket
import ssl
import subprocess
import tempfile
import time
import unittest

from process_support import BIN, Daemon, ROOT, SECONDS

REVIEW = ROOT / "deploy/demo/mpijob-worker-review.json"
LIMIT = 7 * 1024 * 1024


def run(*arguments, stdin=None):
    """Run efa-webhook to its end."""
    return subprocess.run([BIN / "efa-webhook", *arguments], capture_output=True, text=True, timeout=SECONDS,
                          input=stdin, check=False)


def make_certificates(folder):
    subprocess.run([BIN / "efa-dev-certs", folder], check=True, stdout=subprocess.DEVNULL, timeout=SECONDS)


class Server(Daemon):
    """efa-webhook on free ports of the loopback."""

    def __init__(self, certificates, *arguments):
        self.certificates = pathlib.Path(certificates)
        began = time.monotonic()
        super().__init__(
            BIN / "efa-webhook", "--tls-cert", self.certificates / "tls.crt",
            "--tls-key", self.certificates / "tls.key", "--listen", "127.0.0.1:0",
            "--plain-listen", "127.0.0.1:0", "--drain-delay", "0", *arguments)
        self.started = self.wait_for("started")
        self.seconds_to_start = time.monotonic() - began
        self.port = self.started["httpsPort"]
        self.plain_port = self.started["plainPort"]

    def rss_kib(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return int(status.split("VmRSS:")[1].split()[0])

    def context(self):
        return ssl.create_default_context(cafile=self.certificates / "ca.crt")

    def connect(self, context=None):
        """A TLS connection as bytes."""
        plain = socket.create_connection(("127.0.0.1", self.port), SECONDS)
        try:
            return (context or self.context()).wrap_socket(plain, server_hostname="localhost")
        except OSError:
            plain.close()
            raise

    def client(self):
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=SECONDS, context=self.context())

    def plain_client(self):
        return http.client.HTTPConnection("127.0.0.1", self.plain_port, timeout=SECONDS)

    def get(self, path, method="GET"):
        """Status, headers and text of the plain port."""
        client = self.plain_client()
        try:
            client.request(method, path)
            answer = client.getresponse()
            return answer.status, answer.headers, answer.read().decode()
        finally:
            client.close()

    def readiness(self):
        """The status of /readyz, and its details by name."""
        status, _, body = self.get("/readyz")
        return status, {check["name"]: check["detail"] for check in json.loads(body)["checks"]}

    def metrics(self):
        values = {}
        for line in self.get("/metrics")[2].splitlines():
            if not line.startswith("#"):
                name, value = line.rsplit(" ", 1)
                values[name] = float(value)
        return values


def post(client, body, path="/mutate?timeout=10s", **headers):
    """Status, headers and body; the connection stays open."""
    names = {"Content-Type": "application/json"}
    names.update({name.replace("_", "-"): value for name, value in headers.items()})
    client.request("POST", path, body=body,
                   headers={name: value for name, value in names.items() if value is not None})
    answer = client.getresponse()
    return answer.status, answer.headers, answer.read()


def read_answer(connection):
    """Status, headers and body off a connection of bytes."""
    answer = http.client.HTTPResponse(connection)
    answer.begin()
    return answer.status, answer.headers, answer.read()


def wait_until(question):
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        if question():
            return
        time.sleep(0.05)
    raise AssertionError("it never came to pass")


def review(uid="11111111-2222-3333-4444-555555555555", pod=None):
    """A review of a pod that asks for nothing of ours."""
    pod = pod or {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "plain"},
                  "spec": {"containers": [{"name": "main", "image": "example.com/main:1"}]}}
    return json.dumps({
        "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
        "request": {"uid": uid, "operation": "CREATE", "namespace": "ml",
                    "kind": {"group": "", "version": "v1", "kind": "Pod"},
                    "resource": {"group": "", "version": "v1", "resource": "pods"}, "object": pod}}).encode()


def patch_of(body):
    """The operations that an answer holds."""
    response = json.loads(body)["response"]
    return json.loads(base64.b64decode(response["patch"])) if "patch" in response else []


def shake_hands(server_context, client_context, host):
    """A TLS handshake in memory; the client's side of it, or its error."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = server_context.wrap_bio(to_server, to_client, server_side=True)
    client = client_context.wrap_bio(to_client, to_server, server_hostname=host)
    for side in (client, server, client, server):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            pass
    return client


class ServerCase(unittest.TestCase):
    """One server for all tests of a class."""
    arguments = ()

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        make_certificates(cls.folder.name)
        cls.server = Server(cls.folder.name, *cls.arguments)
        cls.addClassCleanup(cls.end)

    @classmethod
    def end(cls):
        status, stderr = cls.server.stop()
        if status != 0 or stderr:
            raise AssertionError(f"the server ended with {status}: {stderr}")

    def client(self):
        client = self.server.client()
        self.addCleanup(client.close)
        return client

    def connect(self, context=None):
        connection = self.server.connect(context)
        self.addCleanup(connection.close)
        return connection

    def post(self, body, **headers):
        return post(self.client(), body, **headers)
