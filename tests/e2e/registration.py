# SPDX-License-Identifier: Apache-2.0
"""Webhooks of our own beside the installed one: any number, each with options and namespaces of its own."""
import base64
import contextlib
import pathlib
import sys
import tempfile

from harness.api import collection
from harness.process import wait_for
from harness.programs import ROOT

sys.path.insert(0, str(ROOT / "tests/system"))
import server_support  # noqa: E402  pylint: disable=wrong-import-position

CONFIGURATIONS = collection("MutatingWebhookConfiguration", "admissionregistration.k8s.io/v1")
OPTED_IN = ("has(object.metadata.annotations) && object.metadata.annotations.exists(key,"
            " key.startsWith('efa-injector.io/') && key != 'efa-injector.io/status')"
            " || has(object.metadata.labels) && 'efa-injector.io/inject' in object.metadata.labels")


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


WEBHOOK = "pods.efa-injector.io"


def make_webhook(server, ca_bundle, condition=OPTED_IN, namespaces=None):
    """The entry of a MutatingWebhookConfiguration; `condition` is CEL, `namespaces` are labels."""
    return {"name": WEBHOOK, "admissionReviewVersions": ["v1"], "sideEffects": "None", "failurePolicy": "Fail",
            "timeoutSeconds": 5, "reinvocationPolicy": "IfNeeded", "namespaceSelector": {"matchLabels": namespaces or {}},
            "matchConditions": [{"name": "opted-in", "expression": condition}],
            "clientConfig": {"url": f"https://127.0.0.1:{server.port}/mutate", "caBundle": ca_bundle},
            "rules": [{"operations": ["CREATE"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"]}]}


def probe_pod():
    """A pod that asks for us."""
    return {"apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": "probe", "annotations": {"efa-injector.io/inject": "true"}},
            "spec": {"containers": [{"name": "main", "image": "example.com/main:1"}]}}


def reviews(server):
    """How many pods the webhook has been asked about."""
    return server.metrics()["efa_webhook_review_seconds_count"]


@contextlib.contextmanager
def registered(api, webhooks, is_called):
    """While it holds, pods are sent to these (by name of their configuration), once is_called() says so of all."""
    try:
        for name, webhook in webhooks.items():
            api.create({"apiVersion": "admissionregistration.k8s.io/v1", "kind": "MutatingWebhookConfiguration",
                        "metadata": {"name": name}, "webhooks": [webhook]})
        wait_for(f"{', '.join(webhooks)} are called", is_called)
        yield
    finally:
        api.close()  # the API server may have closed an idle connection meanwhile
        for name in webhooks:
            api.delete(f"{CONFIGURATIONS}/{name}")
