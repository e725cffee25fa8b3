# SPDX-License-Identifier: Apache-2.0
"""A kube_driver process, for tests of the Kubernetes client."""
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

from kube_server import KubeServer
from server_support import ROOT, SECONDS

TESTS = pathlib.Path(os.environ.get("EFA_TESTS", ROOT / "build/release/tests"))
TOKEN = "token-that-nobody-may-see-0123456789"
UNSET = ("KUBECONFIG", "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT", "HTTPS_PROXY", "https_proxy",
         "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy")


def make_client_certificate(folder, name):
    folder.mkdir(exist_ok=True)
    subprocess.run([TESTS / "system/kube_client_certificate", folder, name], check=True, timeout=SECONDS)
    return folder / "client.crt", folder / "client.key"


class Driver:
    """One client in a process of its own; every error that it tells is kept."""

    def __init__(self, *arguments, before=(), **variables):
        environment = {name: value for name, value in os.environ.items() if name not in UNSET} | variables
        self.process = subprocess.Popen([*before, TESTS / "system/kube_driver", *map(str, arguments)],
                                        env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE)
        self.said = []
        self.opened = self.read()

    def read(self):
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(f"the driver ended: {self.process.stderr.read().decode()}")
        answer = json.loads(line)
        self.said.append(answer.get("error", ""))
        return answer

    def send(self, path, method="GET", **options):
        """Ask, without waiting for what comes of it."""
        line = json.dumps({"path": path, "method": method, **options}) + "\n"
        self.process.stdin.write(line.encode())
        self.process.stdin.flush()

    def call(self, path, method="GET", **options):
        self.send(path, method, **options)
        return self.read()

    def stream(self, path, **options):
        return self.call(path, stream=True, **options)

    def stop(self):
        """Ends it; whatever it printed on standard error."""
        self.process.stdin.close()
        try:
            status = self.process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        said = self.process.stderr.read().decode()
        self.process.stdout.close()
        self.process.stderr.close()
        return status, said


class ClientCase(unittest.TestCase):
    """A server and a folder for each test; no error of any client may hold a secret."""
    secrets = (TOKEN,)
    client_authority = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.server = KubeServer(self.folder / "server", self.client_authority)
        self.addCleanup(self.server.stop)

    def drive(self, *arguments, **variables):
        driver = Driver(*arguments, **variables)
        self.addCleanup(self.check_end, driver)
        return driver

    def check_end(self, driver):
        self.assertEqual((0, ""), driver.stop())
        for sentence in driver.said:
            for secret in self.secrets:
                self.assertNotIn(secret, sentence)

    def client(self, user=None, cluster=None, arguments=(), **variables):
        """A client by a kubeconfig with a token, unless `user` says otherwise."""
        path = self.folder / "kubeconfig"
        self.server.write_kubeconfig(path, {"token": TOKEN} if user is None else user, cluster)
        driver = self.drive("--kubeconfig", path, *arguments, **variables)
        self.assertTrue(driver.opened["ok"], driver.opened)
        return driver

    def assert_refused(self, answer, *words, status=0, kind="remote"):
        self.assertFalse(answer["ok"], answer)
        self.assertEqual((kind, status), (answer["kind"], answer.get("status", 0)), answer)
        for word in words:
            self.assertIn(word, answer["error"])


class CredentialCase(ClientCase):
    """A server that knows one token, and says who a client's certificate names."""
    secrets = (TOKEN, "second-token-that-nobody-may-see-9876")

    def setUp(self):
        super().setUp()
        self.server.token = TOKEN
        self.server.on("GET", "/api/v1/nodes", lambda request: request.reply(200, {"user": request.client_name}))

    def shown(self):
        return [request.headers["Authorization"] for request in self.server.requests]
