# SPDX-License-Identifier: Apache-2.0
"""A kube_driver process, for tests of the Kubernetes client."""
import os
import pathlib
import subprocess
import tempfile
import unittest

from kube_server import KubeServer
from process_support import Driver, SECONDS, TESTS

TOKEN = "token-that-nobody-may-see-0123456789"
UNSET = ("KUBECONFIG", "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT", "HTTPS_PROXY", "https_proxy",
         "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy")


def make_client_certificate(folder, name):
    folder.mkdir(exist_ok=True)
    subprocess.run([TESTS / "system/kube_client_certificate", folder, name], check=True, timeout=SECONDS)
    return folder / "client.crt", folder / "client.key"


class Client(Driver):
    """One client in a process of its own; every error that it tells is kept."""

    def __init__(self, *arguments, before=(), **variables):
        environment = {name: value for name, value in os.environ.items() if name not in UNSET} | variables
        super().__init__(*before, TESTS / "system/kube_driver", *arguments, env=environment)
        self.said = []
        self.opened = self.read()

    def read(self):
        answer = super().read()
        self.said.append(answer.get("error", ""))
        return answer

    def ask(self, path, method="GET", **options):
        """Ask, without waiting for what comes of it."""
        self.send({"path": path, "method": method, **options})

    def call(self, path, method="GET", **options):
        self.ask(path, method, **options)
        return self.read()

    def stream(self, path, **options):
        return self.call(path, stream=True, **options)


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
        driver = Client(*arguments, **variables)
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
