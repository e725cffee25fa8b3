#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Exec plugins of the Kubernetes client: those that give, fail, hang and babble."""
import json
import os
import pathlib
import ssl
import stat
import time
import unittest

from kube_support import TOKEN, CredentialCase, make_client_certificate
from process_support import SECONDS

PATH = "/api/v1/nodes"
SECOND = "second-token-that-nobody-may-see-9876"
V1 = "client.authentication.k8s.io/v1"
V1BETA1 = "client.authentication.k8s.io/v1beta1"


class Plugins(CredentialCase):
    """Exec plugins: shell scripts here."""

    def script(self, body):
        path = self.folder / "plugin"
        path.write_text("#!/bin/sh\necho run >>runs\n".replace("runs", str(self.folder / "runs")) + body,
                        encoding="ascii")
        path.chmod(stat.S_IRWXU)
        return path

    def runs(self):
        return len((self.folder / "runs").read_text(encoding="ascii").splitlines())

    def plugin(self, body, version=V1, cluster=None, arguments=(), **more):
        """A client whose credentials the script gives."""
        self.script(body)
        user = {"exec": {"apiVersion": version, "command": "./plugin", "interactiveMode": "Never", **more}}
        return self.client(user, cluster, arguments)

    @staticmethod
    def credential(version=V1, **status):
        return json.dumps({"apiVersion": version, "kind": "ExecCredential", "status": status or {"token": TOKEN}})

    def test_both_versions_give_a_token(self):
        for version in (V1, V1BETA1):
            client = self.plugin(f"echo '{self.credential(version)}'", version)
            for _ in range(3):
                self.assertTrue(client.call(PATH)["ok"])
        self.assertEqual(2, self.runs())

    def test_it_is_told_what_the_kubeconfig_says(self):
        client = self.plugin(f"""
            printf '%s\\n' "$@" >{self.folder}/arguments
            printf '%s' "$KUBERNETES_EXEC_INFO" >{self.folder}/info
            printf '%s' "$NAME $HOME" >{self.folder}/variables
            ls /proc/self/fd >{self.folder}/descriptors
            cat >{self.folder}/input
            echo '{self.credential()}'""", args=["eks", "get-token"], provideClusterInfo=True,
            env=[{"name": "NAME", "value": "a value"}, {"name": "HOME", "value": "/elsewhere"}],
            cluster={"extensions": [{"name": "client.authentication.k8s.io/exec",
                                     "extension": {"audience": ["a", 1, None]}}]})
        self.assertTrue(client.call(PATH)["ok"])
        read = {name: (self.folder / name).read_text(encoding="ascii")
                for name in ("arguments", "info", "variables", "descriptors", "input")}
        self.assertEqual("eks\nget-token\n", read["arguments"])
        self.assertEqual("a value /elsewhere", read["variables"])
        self.assertEqual("", read["input"])
        self.assertLessEqual(len(read["descriptors"].split()), 4)  # 0, 1, 2 and the folder that ls reads
        self.assertEqual({"apiVersion": V1, "kind": "ExecCredential", "spec": {
            "interactive": False, "cluster": {
                "server": self.server.url, "insecure-skip-tls-verify": False,
                "certificate-authority-data": self.server.authority_data(),
                "config": {"audience": ["a", 1, None]}}}}, json.loads(read["info"]))

    def test_it_learns_nothing_of_the_cluster_unless_it_wants_to(self):
        client = self.plugin(f"printf '%s' \"$KUBERNETES_EXEC_INFO\" >{self.folder}/info; echo '{self.credential()}'")
        self.assertTrue(client.call(PATH)["ok"])
        info = json.loads((self.folder / "info").read_text(encoding="ascii"))
        self.assertEqual({"interactive": False}, info["spec"])

    def test_it_is_asked_again_when_its_credential_expires(self):
        past = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 1))
        future = time.strftime("%Y-%m-%dT%H:%M:%S.123+02:00", time.gmtime(time.time() + 2 * 3600 + 600))
        client = self.plugin(f"echo '{self.credential(token=TOKEN, expirationTimestamp=past)}'")
        for _ in range(3):
            self.assertTrue(client.call(PATH)["ok"])
        self.assertEqual(3, self.runs())
        client = self.plugin(f"echo '{self.credential(token=TOKEN, expirationTimestamp=future)}'")
        for _ in range(3):
            self.assertTrue(client.call(PATH)["ok"])
        self.assertEqual(4, self.runs())

    def test_it_is_asked_again_after_a_401_and_only_once(self):
        client = self.plugin(f"""
            if [ "$(wc -l <{self.folder}/runs)" -gt 1 ]; then echo '{self.credential(token=SECOND)}'
            else echo '{self.credential()}'; fi""")
        self.assertTrue(client.call(PATH)["ok"])
        self.server.token = SECOND
        self.assertTrue(client.call(PATH)["ok"])
        self.assertEqual(2, self.runs())
        self.server.token = "another"
        self.assert_refused(client.call(PATH), "401: Unauthorized", "users 'main': exec", status=401)
        self.assertEqual(3, self.runs())

    def test_it_may_give_a_certificate(self):
        certificate, key = make_client_certificate(self.folder / "client", "ada")
        self.server.token = None
        self.server.context.load_verify_locations(certificate)
        self.server.context.verify_mode = ssl.CERT_OPTIONAL
        pair = {"clientCertificateData": certificate.read_text(encoding="ascii"),
                "clientKeyData": key.read_text(encoding="ascii")}
        (self.folder / "pair").write_text(self.credential(**pair), encoding="ascii")
        answer = self.plugin(f"cat {self.folder}/pair").call(PATH)
        self.assertEqual({"user": "ada"}, json.loads(answer["body"]))
        (self.folder / "pair").write_text(self.credential(clientCertificateData=pair["clientCertificateData"]),
                                          encoding="ascii")
        self.assert_refused(self.plugin(f"cat {self.folder}/pair").call(PATH), "only one of")
        (self.folder / "pair").write_text(self.credential(**pair | {"clientKeyData": TOKEN}), encoding="ascii")
        self.assert_refused(self.plugin(f"cat {self.folder}/pair").call(PATH), "cannot be used")

    def test_garbage_is_refused(self):
        other = self.credential(V1BETA1)
        for printed, words in (
                ("", "no JSON"), ("hello", "no JSON"), ('{"kind":', "no JSON"), ("[]", "no ExecCredential"),
                ("{}", "no ExecCredential"), (other, "answers in version 'client.authentication.k8s.io/v1beta1'"),
                (self.credential(token=""), "without token"), (self.credential(token=5), "is no string"),
                (self.credential(token="two words"), "is no token"), (self.credential(other=1), "without token"),
                (self.credential(token=TOKEN, expirationTimestamp="tomorrow"), "is no time"),
                (self.credential(token=TOKEN, expirationTimestamp="2026-01-02T03:04:05+2"), "is no time"),
                ('{"kind":"ExecCredential","apiVersion":"%s","status":[]}' % V1, "without token")):
            answer = self.plugin(f"printf '%s' '{printed}'").call(PATH)
            self.assertFalse(answer["ok"], printed)
            self.assertIn(words, answer["error"])
        self.assertEqual([], self.server.requests)

    def test_too_much_output_is_refused(self):
        answer = self.plugin("exec cat /dev/zero").call(PATH)
        self.assert_refused(answer, "prints more than 1048576 bytes")
        answer = self.plugin(f"head -c 5000000 /dev/zero >&2; echo '{self.credential()}'").call(PATH)
        self.assertTrue(answer["ok"], answer)

    def test_a_failure_is_told_in_its_last_line_without_its_secrets(self):
        secret = "AKIAabcdefgh0123456789"
        self.secrets = (TOKEN, secret, "0123456789abcdef0123456789abcdef")
        answer = self.plugin(f"""
            echo first >&2
            echo 'denied: {secret} key=0123456789abcdef0123456789abcdef for arn:aws:iam::1:role/x' >&2
            exit 3""").call(PATH)
        self.assert_refused(answer, "users 'main': exec", "failed with status 3: denied: ***", "arn:aws:iam::1:role/x")
        self.assertNotIn("first", answer["error"])
        self.assert_refused(self.plugin("exit 1").call(PATH), "it said nothing")
        self.assert_refused(self.plugin("kill -9 $$").call(PATH), "ended by signal 9")

    def test_one_that_hangs_is_killed_with_its_children(self):
        client = self.plugin(f"sleep 300 & echo $! >{self.folder}/child; wait")
        began = time.monotonic()
        self.assert_refused(client.call(PATH, deadline=1), "did not end in the time", "was killed")
        self.assertLess(time.monotonic() - began, 10)
        child = int((self.folder / "child").read_text(encoding="ascii"))
        self.wait_for_end(child)

    def wait_for_end(self, process):
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            try:
                state = pathlib.Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
            except OSError:
                return
            if state == "Z":
                return
            time.sleep(0.02)
        self.fail(f"process {process} is still there")

    def test_a_tick_ends_the_wait_for_it(self):
        answer = self.plugin("exec sleep 300").stream(PATH, ticks=3)
        self.assertEqual((True, 0, 3), (answer["ok"], answer["status"], answer["ticks"]))

    def test_a_child_that_keeps_its_output_open_holds_nobody_up(self):
        client = self.plugin(f"sleep 5 & echo '{self.credential()}'")
        began = time.monotonic()
        self.assertTrue(client.call(PATH)["ok"])
        self.assertLess(time.monotonic() - began, 4)

    def test_one_that_is_not_there_is_named_with_its_hint(self):
        user = {"exec": {"apiVersion": V1, "command": "no-such-plugin", "interactiveMode": "Never",
                         "installHint": "install\nthe AWS CLI"}}
        self.assert_refused(self.client(user).call(PATH), "no-such-plugin is not there", "install the AWS CLI",
                            kind="input")
        del user["exec"]["installHint"]
        self.assert_refused(self.client(user).call(PATH), "cannot run no-such-plugin: No such file", kind="input")

    def test_one_in_the_path_is_found(self):
        self.script(f"echo '{self.credential()}'")
        user = {"exec": {"apiVersion": V1, "command": "plugin", "interactiveMode": "IfAvailable"}}
        client = self.client(user, PATH=f"{self.folder}:{os.environ['PATH']}")
        self.assertTrue(client.call(PATH)["ok"])


if __name__ == "__main__":
    unittest.main()
