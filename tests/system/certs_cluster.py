# SPDX-License-Identifier: Apache-2.0
"""What --manage-certs sees of a cluster: two Secrets and a MutatingWebhookConfiguration, under server-side apply.

As the API server does: a resourceVersion that is not the object's is a conflict, save where there is no object; a
field that another manager owns with another value is a conflict unless forced; what a manager applied before and
does not apply now goes away.
"""
import base64
import copy
import datetime
import json
import pathlib
import re
import ssl
import subprocess
import tempfile
import threading
import unittest

from kube_server import KubeServer
from process_support import BIN, SECONDS, TESTS
from server_support import shake_hands

NAMESPACE = "efa-injector"
LEAF = "/api/v1/namespaces/efa-injector/secrets/efa-webhook-tls"
AUTHORITY = "/api/v1/namespaces/efa-injector/secrets/efa-webhook-ca"
CONFIGURATION = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/z-efa-injector"
HOST = "efa-webhook.efa-injector.svc"
CHANGED_AT = "efa-injector.io/changed-at"
DAY = 86400


def encode(data):
    return base64.b64encode(data if isinstance(data, bytes) else data.encode()).decode()


def decode(text):
    return base64.b64decode(text or "").decode()


def configuration(*names, service="efa-webhook", namespace=NAMESPACE):
    """As deploy/ has it: no caBundle."""
    return {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "MutatingWebhookConfiguration",
            "metadata": {"name": "z-efa-injector", "annotations": {"example.com/keep": "this"}},
            "webhooks": [{"name": name, "sideEffects": "None", "admissionReviewVersions": ["v1"],
                          "clientConfig": {"service": {"name": service, "namespace": namespace, "path": "/mutate",
                                                       "port": 443}}}
                         for name in names or ("pods.efa-injector.io",)]}


def leaves_of(thing, path=()):
    """The fields of an applied object, each with its path; webhooks by their names."""
    if isinstance(thing, dict):
        for key, value in thing.items():
            yield from leaves_of(value, (*path, key))
    elif path[-1:] == ("webhooks",):
        for item in thing:
            yield from leaves_of(item, (*path, f"[{item['name']}]"))
    else:
        yield path, thing


def step_into(thing, key):
    if not key.startswith("["):
        return thing.setdefault(key, [] if key == "webhooks" else {})
    for item in thing:
        if item["name"] == key[1:-1]:
            return item
    thing.append({"name": key[1:-1]})
    return thing[-1]


def put(thing, path, value):
    for key in path[:-1]:
        thing = step_into(thing, key)
    if value is None:
        thing.pop(path[-1], None)
    else:
        thing[path[-1]] = value


def find(thing, path):
    return dict(leaves_of(thing)).get(path)


class Cluster(KubeServer):
    """`objects` by path; `owners` by path and field; `writes` that were accepted."""

    def __init__(self, folder):
        super().__init__(folder)
        self.state = threading.RLock()
        self.objects = {}
        self.owners = {}
        self.versions = 100
        self.writes = []
        self.meddle = None  # called with the path before a write is looked at
        every = re.compile("/.*")
        self.on("GET", every, self.answer_get)
        self.on("PATCH", every, self.answer_patch)

    def answer_get(self, request):
        with self.state:
            found = copy.deepcopy(self.objects.get(request.path))
        if found is None:
            name = request.path.rsplit("/", 1)[1]
            request.refuse(404, f'"{name}" not found', "NotFound")
        else:
            request.reply(200, found)

    def answer_patch(self, request):
        if self.meddle is not None:
            self.meddle(request.path)
        with self.state:
            status, answer = self.apply(request)
        if status >= 400:
            request.refuse(status, answer, "Conflict" if status == 409 else "Invalid")
        else:
            request.reply(status, answer)

    def apply(self, request):
        assert request.headers["Content-Type"] == "application/apply-patch+yaml", request.headers["Content-Type"]
        manager = request.query["fieldManager"]
        applied = request.json()
        old = self.objects.get(request.path)
        version = applied["metadata"].pop("resourceVersion")
        if old is not None and version != old["metadata"]["resourceVersion"]:
            return 409, "Operation cannot be fulfilled: the object has been modified"
        fields = {path: value for path, value in leaves_of(applied) if path[-1] not in ("name", "namespace")
                  and path[0] not in ("kind", "apiVersion")}
        owners = self.owners.setdefault(request.path, {})
        for path, value in fields.items():
            others = owners.get(path, set()) - {manager}
            if others and find(old, path) != value and request.query.get("force") != "true":
                return 409, f'Apply failed with 1 conflict: conflict with "{others.pop()}": .{".".join(path)}'
        return self.store(request.path, manager, applied, fields)

    def store(self, at, manager, applied, fields):
        new = copy.deepcopy(self.objects.get(at)) or {"metadata": {"name": applied["metadata"]["name"]}}
        owners = self.owners.setdefault(at, {})
        for path in [path for path, who in owners.items() if who == {manager} and path not in fields]:
            if find(new, path) is not None:
                put(new, path, None)
            del owners[path]
        for path, value in fields.items():
            if find(new, path) != value:
                owners[path] = set()
            owners.setdefault(path, set()).add(manager)
            put(new, path, value)
        if at != CONFIGURATION and set(new.get("data", {})) < {"tls.crt", "tls.key"} and \
                new.get("type") == "kubernetes.io/tls":
            return 422, "data[tls.key]: Required value"
        is_new = at not in self.objects
        self.set(at, new)
        self.writes.append(at)
        return 201 if is_new else 200, new

    def set(self, at, thing, manager=None):
        """What somebody else writes, whole; `manager` owns all of it."""
        with self.state:
            self.versions += 1
            thing = copy.deepcopy(thing)
            thing["metadata"]["resourceVersion"] = str(self.versions)
            thing["metadata"].setdefault("creationTimestamp", self.objects.get(at, {}).get("metadata", {}).get(
                "creationTimestamp", "2020-01-01T00:00:00Z"))
            self.objects[at] = thing
            if manager is not None:
                self.owners[at] = {path: {manager} for path, _ in leaves_of(thing)}

    def change(self, at, change):
        """Change an object in place."""
        with self.state:
            thing = copy.deepcopy(self.objects[at])
            change(thing)
            self.set(at, thing)

    def delete(self, at):
        with self.state:
            del self.objects[at]
            self.owners.pop(at, None)

    def age(self, seconds):
        """As if every change had been made that much earlier."""
        for at in list(self.objects):
            def shift(thing):
                notes = thing["metadata"].get("annotations", {})
                if CHANGED_AT in notes:
                    moment = datetime.datetime.fromisoformat(notes[CHANGED_AT].replace("Z", "+00:00"))
                    moment -= datetime.timedelta(seconds=seconds)
                    notes[CHANGED_AT] = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
            self.change(at, shift)

    def data(self, at, key):
        return decode(self.objects[at]["data"].get(key))

    def bundles(self):
        return [decode(webhook["clientConfig"].get("caBundle"))
                for webhook in self.objects[CONFIGURATION]["webhooks"]]

    def set_bundle(self, data, which=0):
        def change(thing):
            thing["webhooks"][which]["clientConfig"]["caBundle"] = encode(data)
        self.change(CONFIGURATION, change)


def is_trusted(certificate, key, bundle, host=HOST):
    """Whether a client that trusts the bundle accepts the server: a TLS handshake in memory."""
    with tempfile.TemporaryDirectory() as folder:
        pair = pathlib.Path(folder) / "pair.pem"
        pair.write_text(certificate + key, encoding="ascii")
        server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server_context.load_cert_chain(pair)
    client_context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if bundle:
        client_context.load_verify_locations(cadata=bundle)
    try:
        return shake_hands(server_context, client_context, host).getpeercert() is not None
    except ssl.SSLCertVerificationError:
        return False


class CertsCase(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.cluster = Cluster(self.folder / "server")
        self.addCleanup(self.cluster.stop)
        self.cluster.set(CONFIGURATION, configuration())
        self.kubeconfig = self.cluster.write_kubeconfig(self.folder / "config", {"token": "the-token-of-nobody"})

    def start(self, *arguments):
        return subprocess.Popen([BIN / "efa-webhook", "--manage-certs", "--kubeconfig", self.kubeconfig, *arguments],
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def end(self, process, status=0):
        """Its events and what it said on standard error; never a secret."""
        stdout, stderr = process.communicate(timeout=SECONDS)
        for secret in ("PRIVATE", "the-token-of-nobody", "LS0tLS1CRUdJTiBQ", "MIGHAgEAMBM"):
            self.assertNotIn(secret, stdout + stderr)
        self.assertEqual(status, process.returncode, stdout + stderr)
        return [json.loads(line) for line in stdout.splitlines()], stderr

    def run_steps(self, *arguments):
        """One run; the steps that it made."""
        events, stderr = self.end(self.start(*arguments))
        self.assertEqual("", stderr)
        return [event["step"] for event in events]

    def refuse(self, status, *arguments):
        """One run that fails; its sentence."""
        stderr = self.end(self.start(*arguments), status)[1]
        self.assertRegex(stderr, r"\Aefa-webhook: [^\n]+\n\Z")
        return stderr

    def make(self, name, signer="-", begins=-DAY, ends=100 * DAY, hosts=(HOST,)):
        """A certificate and its key, as texts."""
        subprocess.run([TESTS / "system/certificate_maker", self.folder, name, signer, str(begins), str(ends), *hosts],
                       check=True, timeout=SECONDS)
        return [(self.folder / f"{name}.{part}").read_text(encoding="ascii") for part in ("crt", "key")]

    def set_secret(self, at, manager=None, kind="Opaque", **data):
        """A Secret that somebody else made; `ca_crt` stands for ca.crt."""
        values = {key.replace("_", "."): encode(value) for key, value in data.items()}
        self.cluster.set(at, {"metadata": {"name": at.rsplit("/", 1)[1]}, "type": kind, "data": values}, manager)

    def pair(self):
        return self.cluster.data(LEAF, "tls.crt"), self.cluster.data(LEAF, "tls.key")

    def check_trusted(self, pair=None):
        """Every webhook's bundle trusts the leaf, or the pair given."""
        for bundle in self.cluster.bundles():
            self.assertTrue(is_trusted(*(pair or self.pair()), bundle))

    def check_settled(self):
        """All is well: what is served is trusted, and another run writes nothing."""
        self.check_trusted()
        before = len(self.cluster.writes)
        self.assertEqual(["none"], self.run_steps())
        self.assertEqual(before, len(self.cluster.writes))
