# SPDX-License-Identifier: Apache-2.0
"""Our program registered by a URL, with the options that a test wants: any number beside each other."""
import base64
import contextlib
import json
import pathlib
import sys
import tempfile

from harness.api import collection
from harness.case import ClusterTest
from harness.objects import pod
from harness.process import wait_for
from harness.programs import ROOT

sys.path.insert(0, str(ROOT / "tests/system"))
import server_support  # noqa: E402  pylint: disable=wrong-import-position

CONFIGURATIONS = collection("MutatingWebhookConfiguration", "admissionregistration.k8s.io/v1")
WEBHOOK = "pods.efa-injector.io"


class Certificates:
    """A folder with a CA and a leaf for 127.0.0.1."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()
        server_support.make_certificates(self.folder.name)

    def ca_bundle(self):
        return base64.b64encode(pathlib.Path(self.folder.name, "ca.crt").read_bytes()).decode()

    def start(self, *options):
        """efa-webhook on a port of its own."""
        return server_support.Server(self.folder.name, *options)

    def close(self):
        self.folder.cleanup()


def make_webhook(cluster, server, ca_bundle, namespaces=None):
    """The shipped entry, but for where it is, and limited to namespaces with these labels."""
    shipped = json.loads(cluster.kubectl("create", "--dry-run=client", "-o", "json", "-f",
                                         ROOT / "deploy/kustomize/base/webhook.yaml").stdout)["webhooks"][0]
    shipped["clientConfig"] = {"url": f"https://127.0.0.1:{server.port}/mutate", "caBundle": ca_bundle}
    shipped["namespaceSelector"]["matchLabels"] = namespaces or {}
    return shipped


def reviews(server):
    """How many pods the webhook has been asked about."""
    return server.metrics()["efa_webhook_review_seconds_count"]


def probe_pod():
    """A pod that asks for us."""
    return pod("probe", annotations={"efa-injector.io/inject": "true"})


@contextlib.contextmanager
def registered(api, webhooks, is_called):
    """While it holds, pods are sent to these (by name of their configuration): is_called() has said so."""
    try:
        for name, webhook in webhooks.items():
            api.create({"apiVersion": "admissionregistration.k8s.io/v1",
                        "kind": "MutatingWebhookConfiguration", "metadata": {"name": name},
                        "webhooks": [webhook]})
        wait_for(f"{', '.join(webhooks)} are called", is_called)
        yield
    finally:
        for name in webhooks:
            api.delete(f"{CONFIGURATIONS}/{name}")


class WebhookTest(ClusterTest):
    """Our program as it is shipped, for the namespaces that make_namespace() makes."""
    labels = {"e2e.webhook": "shipped"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.certificates = Certificates()
        cls.addClassCleanup(cls.certificates.close)
        cls.folder = pathlib.Path(cls.certificates.folder.name)
        stack = contextlib.ExitStack()
        cls.addClassCleanup(stack.close)
        cls.server = stack.enter_context(cls.webhook("e2e-shipped", cls.labels))

    @classmethod
    @contextlib.contextmanager
    def webhook(cls, name, labels, *options):
        """Our program with these options, for pods of namespaces with these labels."""
        server = cls.certificates.start(*options)
        probe = cls.cluster.make_namespace(labels)
        webhook = make_webhook(cls.cluster, server, cls.certificates.ca_bundle(), namespaces=labels)

        def is_called():
            cls.api.try_create(probe_pod(), probe, dry_run=True)
            return reviews(server) > 0
        try:
            with registered(cls.api, {name: webhook}, is_called):
                yield server
        finally:
            cls.cluster.delete_namespace(probe)
            server.stop()

    def make_namespace(self, labels=None):
        return super().make_namespace(labels or self.labels)

    @contextlib.contextmanager
    def another_webhook(self, *options):
        """A namespace whose pods go to our program with other options."""
        labels = {"e2e.webhook": "another"}
        with self.webhook("e2e-another", labels, *options):
            yield self.make_namespace(labels)
