#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The API server's own validation takes what the golden cases expect, and refuses the rest as they say."""
import contextlib
import itertools
import pathlib
import unittest

from golden_cases import STATUS, generated_pods, load_cases
from harness.api import Api, collection
from harness.case import ClusterTest
from registration import WEBHOOK, Certificates, make_webhook, probe_pod, registered, reviews

YOUNG_FIELDS = ("spec.schedulingGroup",)  # that cases need and that not every version knows
GENERATED = 1000
SHIPPED = "golden-shipped"  # users of ours, by whom the API server chooses the webhook that it asks
OTHER = "golden-other"


class Client(Api):
    """The admin under another name."""
    user = "nobody's"

    def send(self, method, path, body, headers):
        return super().send(method, path, body, headers | {"Impersonate-User": self.user,
                                                           "Impersonate-Group": "system:masters"})

    def post(self, pod, namespace, user="nobody's"):
        """The answer to a dry run: with a user of our own through a webhook, else through none."""
        self.user = user
        return self.call("POST", collection("Pod", "v1", namespace) + "?dryRun=All", pod)


class GoldenCases(ClusterTest):
    parts = ("controller-manager",)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        certificates = Certificates()
        cls.addClassCleanup(certificates.close)
        cls.folder = pathlib.Path(certificates.folder.name)
        (cls.folder / "reviews").mkdir()
        cls.cases = load_cases(cls.folder / "reviews")
        cls.prepare_namespaces()
        keys = cls.cluster.folder / "pki"
        cls.client = Client(cls.cluster.port, cls.cluster.ca, keys / "admin.crt", keys / "admin.key")
        cls.addClassCleanup(cls.client.close)
        cls.start_webhooks(certificates)

    @classmethod
    def prepare_namespaces(cls):
        """What the pods name: groups are hashes of the namespace's name, so it cannot be another."""
        for name in {case.namespace for case in cls.cases} - {"default"}:
            cls.cluster.make_namespace(name=name)
            cls.addClassCleanup(cls.cluster.delete_namespace, name, wait=True)
        accounts = {(case.namespace, case.account) for case in cls.cases if case.account != "default"}
        for namespace, name in accounts:
            account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}}
            cls.api.create(account, namespace)

    @classmethod
    def start_webhooks(cls, certificates):
        """As shipped for one user; for another, what reconfigure() starts in turn: a webhook for each set of
        options at once would have the API server look at each pod so many times."""
        cls.certificates = certificates
        cls.shipped = certificates.start()
        cls.addClassCleanup(cls.shipped.stop)
        cls.other = certificates.start()
        cls.addClassCleanup(lambda: cls.other.stop())  # pylint: disable=unnecessary-lambda
        servers = {SHIPPED: cls.shipped, OTHER: cls.other}
        webhooks = {user: cls.webhook_of(user, server) for user, server in servers.items()}
        stack = contextlib.ExitStack()
        stack.enter_context(registered(cls.api, webhooks, lambda: all(map(cls.is_called, servers.items()))))
        cls.addClassCleanup(stack.close)

    @classmethod
    def webhook_of(cls, user, server):
        """The one that is asked about every pod of a user."""
        webhook = make_webhook(cls.cluster, server, cls.certificates.ca_bundle())
        is_user = f"request.userInfo.username == '{user}'"
        webhook["matchConditions"] = [{"name": "user", "expression": is_user}]
        return webhook

    @classmethod
    def is_called(cls, named):
        user, server = named
        cls.client.post(probe_pod(), "default", user)
        return reviews(server) > 0

    @classmethod
    def reconfigure(cls, options):
        """Start the other webhook anew, where the API server has found it before."""
        words = list(options)
        for i, word in enumerate(options):
            if isinstance(word, bytes):
                words[i] = cls.folder / f"option-{i}"
                words[i].write_bytes(word)
        port = cls.other.port
        cls.other.stop()
        cls.other = cls.certificates.start("--listen", f"127.0.0.1:{port}", *words)

    def check_refused(self, answer, refusal):
        self.assertLessEqual(400, answer.status)
        for line in refusal:
            if not any(words in answer.body["message"] for words in line.split(" || ")):
                self.fail(f"{answer.body['message']} lacks {line}")

    def check_taken(self, answer):
        if answer.status >= 300:
            self.fail(f"refused: {answer.body['message']}")

    @staticmethod
    def unknown_fields(answer):
        return {warning for warning in answer.warnings if warning.startswith("unknown field")}

    def test_patched_pods_are_taken_where_unpatched_ones_are(self):
        taken = 0
        for case in self.cases:
            if not case.is_allowed:
                continue
            with self.subTest(case.name):
                before = self.client.post(case.pod, case.namespace)
                after = self.client.post(case.patched, case.namespace)
                if before.status < 300 or not case.refusal:
                    self.check_taken(after)
                    self.assertLessEqual(self.unknown_fields(after), self.unknown_fields(before))
                    taken += 1
                else:
                    self.check_refused(after, case.refusal)
        self.assertLess(500, taken)

    def check_through_the_webhook(self, case, user):
        answer = self.client.post(case.pod, case.namespace, user)
        if case.refusal:
            self.check_refused(answer, case.refusal)
            return
        self.check_taken(answer)
        for field in YOUNG_FIELDS:
            if f'unknown field "{field}"' in answer.warnings:
                self.skipTest(f"this server drops {field} before it asks anybody")
        self.assertEqual(case.status, (answer.body["metadata"].get("annotations") or {}).get(STATUS))
        self.assertLessEqual(set(case.response.get("warnings", [])), set(answer.warnings))

    def test_pods_come_back_through_the_webhook_as_expected(self):
        ordered = sorted(self.cases, key=lambda case: str(case.options))
        for options, cases in itertools.groupby(ordered, lambda case: case.options):
            if options:
                self.reconfigure(options)
            for case in cases:
                with self.subTest(case.name):
                    self.check_through_the_webhook(case, OTHER if options else SHIPPED)

    def check_generated(self, pod):
        """Whether it was taken; a pod that is good without us is good with us."""
        before = self.client.post(pod, "ml")
        if before.status >= 300:
            return False
        after = self.client.post(pod, "ml", SHIPPED)
        if after.status >= 300:
            self.assertIn(f'admission webhook "{WEBHOOK}" denied the request: ', after.body["message"])
        self.assertLessEqual(self.unknown_fields(after), self.unknown_fields(before))
        return after.status < 300 and STATUS in (after.body["metadata"].get("annotations") or {})

    def test_generated_pods_are_taken_too(self):
        patched = 0
        for seed, pod in enumerate(generated_pods(1, GENERATED)):
            with self.subTest(seed=seed + 1):
                patched += self.check_generated(pod)
        self.assertLess(GENERATED // 20, patched)  # else it tests little


if __name__ == "__main__":
    unittest.main(verbosity=2)
