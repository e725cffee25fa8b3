#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""--manage-certs with the rights that deploy/ gives it: making, rotating, two at once, and nothing else allowed."""
import base64
import json
import pathlib
import subprocess
import tempfile
import unittest

from harness import manifests, pki
from harness.api import Api, collection
from harness.case import ClusterTest
from harness.installation import CONFIGURATION, NAMESPACE
from harness.programs import BIN

KINDS = {"ServiceAccount", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding", "MutatingWebhookConfiguration"}
SECRETS = collection("Secret", "v1", NAMESPACE)
LEAF = f"{SECRETS}/efa-webhook-tls"
AUTHORITY = f"{SECRETS}/efa-webhook-ca"
HOST = "efa-webhook.efa-injector.svc"
FIRST = ["make-authority", "set-bundle", "issue-leaf", "none"]


def decode(text):
    return base64.b64decode(text or "").decode()


class CertsTest(ClusterTest):
    parts = ("controller-manager",)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        manifests.remove(cls.cluster)
        cls.addClassCleanup(manifests.remove, cls.cluster)
        cls.things = [thing for (kind, _, name), thing in manifests.overlay(cls.cluster, "self-managed").items()
                      if kind in KINDS and ("certs" in name or kind.startswith("Mutating"))]
        cls.cluster.make_namespace(name=NAMESPACE)
        for thing in cls.things:
            if not thing["kind"].startswith("Mutating"):
                cls.api.create(thing)
        account = f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts/efa-webhook-certs/token"
        token = cls.api.must("POST", account, {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
                                               "spec": {"expirationSeconds": 3600}})["status"]["token"]
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.manager = Api(cls.cluster.port, cls.cluster.ca, token=token)
        cls.addClassCleanup(cls.manager.close)
        cls.kubeconfig = cls.folder / "kubeconfig"
        cls.kubeconfig.write_text(json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "c",
            "clusters": [{"name": "c", "cluster": {"server": f"https://127.0.0.1:{cls.cluster.port}",
                                                   "certificate-authority": str(cls.cluster.ca)}}],
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
            "users": [{"name": "u", "user": {"token": token}}]}), encoding="ascii")

    def setUp(self):
        for path in (LEAF, AUTHORITY, CONFIGURATION):
            self.api.delete(path)
        self.api.create(next(thing for thing in self.things if thing["kind"].startswith("Mutating")))

    def start(self, *arguments):
        return subprocess.Popen([BIN / "efa-webhook", "--manage-certs", "--kubeconfig", self.kubeconfig, *arguments],
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def end(self, process, status=0):
        stdout, stderr = process.communicate(timeout=60)
        self.assertEqual(status, process.returncode, stdout + stderr)
        self.assertNotIn("PRIVATE", stdout + stderr)
        return [json.loads(line)["step"] for line in stdout.splitlines()], stderr

    def run_steps(self, *arguments):
        steps, stderr = self.end(self.start(*arguments))
        self.assertEqual("", stderr)
        return steps

    def refuse(self, status):
        return self.end(self.start(), status)[1]

    def version(self, path):
        return self.api.get(path)["metadata"]["resourceVersion"]

    def leaf(self):
        return decode(self.api.get(LEAF)["data"]["tls.crt"])

    def bundle(self):
        return decode(self.api.get(CONFIGURATION)["webhooks"][0]["clientConfig"].get("caBundle"))

    def check_trusted(self, leaf=None):
        """By OpenSSL: the bundle trusts the leaf (or the one given) for the Service's name."""
        (self.folder / "bundle.pem").write_text(self.bundle(), encoding="ascii")
        (self.folder / "leaf.pem").write_text(leaf or self.leaf(), encoding="ascii")
        pki.openssl("verify", "-CAfile", self.folder / "bundle.pem", "-untrusted", self.folder / "leaf.pem",
                    "-purpose", "sslserver", "-verify_hostname", HOST, self.folder / "leaf.pem")

    def wait_a_step(self):
        self.assertEqual(["wait"], self.run_steps())
        while self.run_steps("--step-delay", "1")[0] == "wait":
            pass

    def make_own_leaf(self, chain=""):
        """A certificate that an admin made by hand, in the Secret, with its CA in the bundle."""
        pki.make_ca(self.folder, "own")
        pki.make_certificate(self.folder, "own-leaf", "/CN=x", "serverAuth", f"DNS:{HOST}", ca="own")
        self.put_leaf((self.folder / "own-leaf.crt").read_text(encoding="ascii") + chain, "own-leaf", "own")

    def put_leaf(self, certificate, key, authority):
        self.cluster.kubectl("-n", NAMESPACE, "create", "-f", "-", stdin={
            "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls", "metadata": {"name": "efa-webhook-tls"},
            "stringData": {"tls.crt": certificate,
                           "tls.key": (self.folder / f"{key}.key").read_text(encoding="ascii")}})
        bundle = base64.b64encode((self.folder / f"{authority}.crt").read_bytes()).decode()
        self.api.must("PATCH", CONFIGURATION, [{"op": "add", "path": "/webhooks/0/clientConfig/caBundle",
                                                "value": bundle}], "application/json-patch+json")

    def test_one_run_makes_everything_and_the_next_writes_nothing(self):
        before = self.api.get(CONFIGURATION)["webhooks"][0]
        self.assertEqual(FIRST, self.run_steps())
        self.check_trusted()
        after = self.api.get(CONFIGURATION)["webhooks"][0]
        after["clientConfig"].pop("caBundle")
        self.assertEqual(before, after)
        versions = [self.version(path) for path in (LEAF, AUTHORITY, CONFIGURATION)]
        self.assertEqual(["none"], self.run_steps())
        self.assertEqual(versions, [self.version(path) for path in (LEAF, AUTHORITY, CONFIGURATION)])

    def test_the_authority_is_rotated_and_every_leaf_is_trusted_all_the_time(self):
        self.assertEqual(FIRST, self.run_steps())
        old = self.leaf()
        self.api.delete(AUTHORITY)
        self.assertEqual(["make-authority", "set-bundle", "wait"], self.run_steps())
        self.assertEqual(old, self.leaf())
        self.check_trusted()
        self.wait_a_step()
        self.assertNotEqual(old, self.leaf())
        self.check_trusted(old)
        self.check_trusted()
        self.wait_a_step()
        self.assertEqual(1, self.bundle().count("BEGIN CERTIFICATE"))
        self.check_trusted()
        with self.assertRaises(subprocess.CalledProcessError):
            self.check_trusted(old)
        self.assertEqual(["none"], self.run_steps())
        self.assertEqual("", self.api.get(AUTHORITY)["data"]["previous.key"])

    def test_several_at_once_make_one_authority(self):
        for _ in range(5):
            self.setUp()
            for process in [self.start() for _ in range(4)]:
                self.end(process)
            self.check_trusted()
            self.assertEqual(1, self.bundle().count("BEGIN CERTIFICATE"))
            self.assertEqual(["none"], self.run_steps())

    def test_an_emptied_bundle_is_taken_back_from_whoever_owns_it(self):
        self.run_steps()
        name = self.api.get(CONFIGURATION)["webhooks"][0]["name"]
        for data in ("", base64.b64encode(b"garbage").decode()):
            self.api.apply(CONFIGURATION, {
                "apiVersion": "admissionregistration.k8s.io/v1", "kind": "MutatingWebhookConfiguration",
                "metadata": {"name": "z-efa-injector"},
                "webhooks": [{"name": name, "clientConfig": {"caBundle": data}}]}, "argocd")
            self.assertEqual(["set-bundle", "none"], self.run_steps())
            self.check_trusted()

    def test_half_a_secret_is_taken_over(self):
        self.run_steps()
        self.api.delete(LEAF)
        self.cluster.kubectl("-n", NAMESPACE, "create", "-f", "-", stdin={
            "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls", "metadata": {"name": "efa-webhook-tls"},
            "stringData": {"tls.crt": "half", "tls.key": ""}})
        self.assertEqual(["issue-leaf", "none"], self.run_steps())
        self.check_trusted()

    def test_a_certificate_made_by_hand_stays_while_it_works(self):
        self.make_own_leaf()
        own = self.leaf()
        self.assertIn("was written by somebody else and works", self.refuse(2))
        self.assertEqual(own, self.leaf())
        self.check_trusted()

    def test_a_chain_through_an_intermediate_is_trusted(self):
        pki.make_ca(self.folder, "root")
        pki.make_certificate(self.folder, "middle", "/CN=middle", "serverAuth,clientAuth", ca="root")
        request = pki.openssl("req", "-new", "-key", self.folder / "middle.key", "-subj", "/CN=middle")
        (self.folder / "middle.ext").write_text("basicConstraints=critical,CA:true\nkeyUsage=keyCertSign\n",
                                                encoding="ascii")
        pki.openssl("x509", "-req", "-CA", self.folder / "root.crt", "-CAkey", self.folder / "root.key",
                    "-CAcreateserial", "-days", "30", "-extfile", self.folder / "middle.ext",
                    "-out", self.folder / "middle.crt", stdin=request)
        pki.make_certificate(self.folder, "end", "/CN=x", "serverAuth", f"DNS:{HOST}", ca="middle")
        chain = "".join((self.folder / f"{name}.crt").read_text(encoding="ascii") for name in ("end", "middle"))
        self.put_leaf(chain, "end", "root")
        self.check_trusted()
        self.refuse(2)  # the bundle is not ours and works: no repair
        self.assertEqual(chain, self.leaf())

    def test_what_cert_manager_manages_is_refused(self):
        self.make_own_leaf()
        self.cluster.kubectl("-n", NAMESPACE, "annotate", "secret", "efa-webhook-tls",
                             "cert-manager.io/certificate-name=efa-webhook")
        self.assertIn("Secret efa-webhook-tls is managed by cert-manager", self.refuse(2))
        self.assertIsNone(self.api.find(AUTHORITY))

    def test_a_version_that_no_object_has_makes_but_does_not_overwrite(self):
        """What keeps two first runs from overwriting each other's key; the manager relies on it."""
        thing = {"apiVersion": "v1", "kind": "Secret", "metadata": {
            "name": "efa-webhook-ca", "namespace": NAMESPACE, "resourceVersion": "1"}, "type": "Opaque"}
        path = f"{AUTHORITY}?fieldManager=test&force=true"
        self.assertEqual(201, self.manager.call("PATCH", path, thing, "application/apply-patch+yaml").status)
        self.assertEqual(409, self.manager.call("PATCH", path, thing, "application/apply-patch+yaml").status)

    def test_it_may_do_nothing_else(self):
        self.run_steps()
        other = f"{SECRETS}/other"
        secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "efa-webhook-tls"}}
        named = {**secret, "metadata": {"name": "other"}}
        hooks = CONFIGURATION.rsplit("/", 1)[0]
        for method, path, body in (
                ("GET", SECRETS, None), ("GET", other, None), ("POST", SECRETS, secret), ("POST", SECRETS, named),
                ("DELETE", LEAF, None), ("DELETE", AUTHORITY, None), ("PUT", LEAF, secret),
                ("PATCH", f"{other}?fieldManager=x", named), ("GET", "/api/v1/namespaces/default/secrets/x", None),
                ("PATCH", "/api/v1/namespaces/default/secrets/efa-webhook-tls?fieldManager=x", secret),
                ("GET", hooks, None), ("POST", hooks, {"kind": "MutatingWebhookConfiguration", "metadata": {}}),
                ("DELETE", CONFIGURATION, None), ("GET", f"{hooks}/another", None),
                ("PATCH", f"{hooks}/another?fieldManager=x", {}), ("GET", "/api/v1/nodes", None),
                ("GET", f"/api/v1/namespaces/{NAMESPACE}/pods", None),
                ("GET", f"/api/v1/namespaces/{NAMESPACE}/configmaps/efa-webhook-config", None)):
            kind = "application/apply-patch+yaml" if method == "PATCH" else "application/json"
            with self.subTest(f"{method} {path}"):
                self.assertEqual(403, self.manager.call(method, path, body, kind).status)

    def test_a_configuration_that_is_missing_is_not_made(self):
        self.api.delete(CONFIGURATION)
        self.assertIn("there is no MutatingWebhookConfiguration", self.refuse(3))
        self.assertIsNone(self.api.find(CONFIGURATION))
        self.api.create(next(thing for thing in self.things if thing["kind"].startswith("Mutating")))
        self.assertEqual(["set-bundle", "none"], self.run_steps())
        self.check_trusted()


if __name__ == "__main__":
    unittest.main()
