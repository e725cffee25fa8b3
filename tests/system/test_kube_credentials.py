#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Who the Kubernetes client says it is: tokens, authorities and certificates that change."""
import base64
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from kube_support import TOKEN, ClientCase, CredentialCase, make_client_certificate

PATH = "/api/v1/nodes"
SECOND = "second-token-that-nobody-may-see-9876"


def replace(path, text):
    """As kubelet does it: the new one takes the old one's place."""
    new = path.with_name(path.name + ".new")
    new.write_text(text, encoding="ascii")
    new.rename(path)


class Pod(CredentialCase):
    """The service account of a pod."""

    def setUp(self):
        super().setUp()
        self.account = self.folder / "serviceaccount"
        self.account.mkdir()
        self.write_account()
        self.variables = {"KUBERNETES_SERVICE_HOST": "127.0.0.1",
                          "KUBERNETES_SERVICE_PORT": str(self.server.port)}

    def write_account(self):
        (self.account / "token").write_text(TOKEN + "\n", encoding="ascii")
        (self.account / "namespace").write_text("efa-injector", encoding="ascii")
        shutil.copy(self.server.authority, self.account / "ca.crt")

    def pod(self, **variables):
        return self.drive("--pod-folder", self.account, **(self.variables | variables))

    def test_the_account_is_used(self):
        client = self.pod()
        self.assertEqual((True, self.server.url, "efa-injector"),
                         (client.opened["ok"], client.opened["server"], client.opened["namespace"]))
        self.assertTrue(client.call(PATH)["ok"])

    def test_it_is_found_where_a_pod_has_it(self):
        script = (f"mount -t tmpfs none /run && mkdir -p /run/secrets/kubernetes.io && "
                  f"cp -r {self.account} /run/secrets/kubernetes.io && exec \"$@\"")
        before = ["unshare", "--map-root-user", "--mount", "sh", "-c", script, "sh"]
        if subprocess.run([*before, "true"], capture_output=True, check=False).returncode != 0:
            self.skipTest("a mount namespace of one's own is not to be had here")
        client = self.drive(before=before, **self.variables)
        self.assertEqual("efa-injector", client.opened["namespace"])
        self.assertTrue(client.call(PATH)["ok"])

    def test_an_ipv6_address_stands_in_brackets(self):
        client = self.pod(KUBERNETES_SERVICE_HOST="fd00::1")
        self.assertEqual(f"https://[fd00::1]:{self.server.port}", client.opened["server"])

    def test_a_namespace_is_not_needed(self):
        (self.account / "namespace").unlink()
        self.assertIsNone(self.pod().opened["namespace"])

    def test_the_token_is_read_again_when_it_is_replaced(self):
        client = self.pod()
        self.assertTrue(client.call(PATH)["ok"])
        replace(self.account / "token", SECOND)
        self.server.token = SECOND
        self.assertTrue(client.call(PATH)["ok"])
        self.assertEqual([f"Bearer {TOKEN}", f"Bearer {SECOND}"], self.shown())

    def test_a_401_has_the_token_read_again_and_asks_once_more(self):
        client = self.pod()
        self.assertTrue(client.call(PATH)["ok"])
        path = self.account / "token"
        times = path.stat()
        path.write_text(SECOND[:len(TOKEN)] + "\n", encoding="ascii")  # of the same size, and
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))      # the same time: nothing shows it
        self.server.token = SECOND[:len(TOKEN)]
        self.secrets = (TOKEN, self.server.token)
        self.assertTrue(client.call(PATH)["ok"])
        self.assertEqual(3, len(self.server.requests))

    def test_an_expired_token_is_refused_once_and_named(self):
        client = self.pod()
        self.server.token = "another"
        self.assert_refused(client.call(PATH), "401: Unauthorized", str(self.account / "token"), status=401)
        self.assertEqual(1, len(self.server.requests))
        self.assert_refused(client.stream(PATH), "401: Unauthorized", status=401)

    def test_a_token_that_is_broken_for_a_while_changes_nothing(self):
        client = self.pod()
        self.assertTrue(client.call(PATH)["ok"])
        for text in ("", "two words", "line\nline", "\x01"):
            replace(self.account / "token", text)
            self.assertTrue(client.call(PATH)["ok"], text)
        (self.account / "token").unlink()
        self.assertTrue(client.call(PATH)["ok"])

    def test_the_authority_is_read_again_when_it_is_replaced(self):
        client = self.pod()
        self.assertTrue(client.call(PATH)["ok"])
        self.server.renew_certificate()
        self.server.drop_connections()
        self.assert_refused(client.call(PATH), "certificate", str(self.account / "ca.crt"))
        replace(self.account / "ca.crt", self.server.authority.read_text(encoding="ascii"))
        self.assertTrue(client.call(PATH)["ok"])
        replace(self.account / "ca.crt", "half-written")
        self.server.drop_connections()
        self.assertTrue(client.call(PATH)["ok"])

    def test_a_folder_with_a_file_that_cannot_be_used_is_refused(self):
        for name, text, words in (("token", "", "is empty"), ("token", "a b", "is no token"),
                                  ("ca.crt", "nonsense", "is no certificate"), ("ca.crt", "", "is no certificate")):
            self.write_account()
            (self.account / name).write_text(text, encoding="ascii")
            self.assert_refused(self.pod().opened, words, kind="input")
        self.write_account()
        (self.account / "ca.crt").unlink()
        self.assert_refused(self.pod().opened, "ca.crt: No such file", kind="input")
        (self.account / "token").unlink()
        self.assert_refused(self.pod().opened, "automountServiceAccountToken", kind="input")

    def test_an_environment_that_is_none_of_a_pod_is_refused(self):
        for host, port, words in (("", "443", "must both be set"), ("10.0.0.1", "", "must both be set"),
                                  ("10.0.0.1", "https", "no number"), ("a b", "443", "must be https://host:port")):
            opened = self.pod(KUBERNETES_SERVICE_HOST=host, KUBERNETES_SERVICE_PORT=port).opened
            self.assert_refused(opened, words, kind="input")


class Files(CredentialCase):
    """Files that a kubeconfig names."""

    def test_a_token_file_is_relative_to_the_kubeconfig_and_read_again(self):
        path = self.folder / "token"
        path.write_text(TOKEN, encoding="ascii")
        client = self.client({"tokenFile": "token"})
        self.assertTrue(client.call(PATH)["ok"])
        replace(path, SECOND)
        self.server.token = SECOND
        self.assertTrue(client.call(PATH)["ok"])

    def test_a_token_stands_in_for_its_file(self):
        client = self.client({"tokenFile": "nowhere", "token": TOKEN})
        self.assertTrue(client.call(PATH)["ok"])

    def test_a_refused_token_is_named(self):
        client = self.client({"token": "another"})
        self.assert_refused(client.call(PATH), "401: Unauthorized; we showed", "users 'main': token", status=401)
        client = self.client({})
        self.assert_refused(client.call(PATH), "we showed no credential at all", status=401)

    def test_an_authority_may_stand_in_the_kubeconfig(self):
        client = self.client(cluster={"certificate-authority": "/nowhere",
                                      "certificate-authority-data": self.server.authority_data()})
        self.assertTrue(client.call(PATH)["ok"])


class Certificates(ClientCase):
    """TLS clients."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        folder = pathlib.Path(scratch.name)
        self.certificate, self.key = make_client_certificate(folder / "first", "ada")
        self.other, self.other_key = make_client_certificate(folder / "second", "grace")
        both = folder / "authority.crt"
        both.write_bytes(self.certificate.read_bytes() + self.other.read_bytes())
        self.client_authority = both
        super().setUp()
        self.server.on("GET", PATH, lambda request: request.reply(200, {"user": request.client_name}))
        self.user = {"client-certificate": str(self.certificate), "client-key": str(self.key)}

    def test_a_certificate_in_files_is_shown(self):
        answer = self.client(self.user).call(PATH)
        self.assertEqual({"user": "ada"}, json.loads(answer["body"]))

    def test_a_certificate_in_the_kubeconfig_is_shown(self):
        data = {name + "-data": base64.b64encode(pathlib.Path(path).read_bytes()).decode()
                for name, path in self.user.items()}
        answer = self.client(data).call(PATH)
        self.assertEqual({"user": "ada"}, json.loads(answer["body"]))

    def test_a_certificate_is_read_again_when_it_and_its_key_are_replaced(self):
        client = self.client(self.user)
        self.assertTrue(client.call(PATH)["ok"])
        replace(self.certificate, self.other.read_text(encoding="ascii"))
        answer = client.call(PATH)
        self.assertEqual({"user": "ada"}, json.loads(answer["body"]))
        replace(self.key, self.other_key.read_text(encoding="ascii"))
        answer = client.call(PATH)
        self.assertEqual({"user": "grace"}, json.loads(answer["body"]))

    def test_a_pair_that_is_none_is_refused(self):
        path = self.folder / "kubeconfig"
        for user, words in ((self.user | {"client-key": str(self.other_key)}, "the key is not the one"),
                            (self.user | {"client-key": str(self.certificate)}, "is no private key"),
                            (self.user | {"client-certificate": str(self.key)}, "is no certificate"),
                            (self.user | {"client-key": "nowhere"}, "No such file")):
            self.server.write_kubeconfig(path, user)
            self.assert_refused(self.drive("--kubeconfig", path).opened, words, kind="input")


if __name__ == "__main__":
    unittest.main()
