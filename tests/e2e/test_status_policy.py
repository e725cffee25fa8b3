#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Which pods the API server sends to the webhook, and which it refuses without our status.

Nothing of deploy/ runs here: a pod that is sent meets a Service without endpoints. So with failurePolicy Fail its
refusal shows that it was sent, and with Ignore the policy alone decides.
"""
import itertools
import unittest

from harness import manifests, objects
from harness.case import ClusterTest
from harness.installation import CONFIGURATION, NAMESPACE, OVERLAYS
from harness.process import wait_for

PREFIX = "efa-injector.io"
STATUS = {f"{PREFIX}/status": '{"version":1,"result":"injected"}'}
MIRROR = {"kubernetes.io/config.mirror": "x"}
BINDING = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings/efa-injector-status"
CALLED = 'failed calling webhook "pods.efa-injector.io"'
UNPATCHED = "efa-injector has not patched it"


def annotations(**values):
    return {f"{PREFIX}/{name.replace('_', '-')}": value for name, value in values.items()}


# what, annotations, labels, whether the webhook is asked, whether the policy lets it pass unpatched
ROWS = (
    ("nothing of ours", {}, {}, False, True),
    ("somebody else's annotation", {"example.com/inject": "true"}, {}, False, True),
    ("a prefix that only begins like ours", {"efa-injector.io.example.com/inject": "true"}, {}, False, True),
    ("the annotation", annotations(inject="true"), {}, True, False),
    ("a misspelt value", annotations(inject="True"), {}, True, False),
    ("an annotation without inject", annotations(efa="full"), {}, True, False),
    ("an unknown annotation", annotations(injcet="true"), {}, True, False),
    ("the label", {}, annotations(inject="true"), True, False),
    ("the label with a capital", {}, annotations(inject="True"), True, False),
    ("another label", {}, annotations(group="a"), False, True),
    ("opted out", annotations(inject="false"), {}, True, True),
    ("opted out, with more", annotations(inject="false", efa="full"), {}, True, True),
    ("opted out by label", {}, annotations(inject="false"), True, True),
    ("the annotation wins: out", annotations(inject="false"), annotations(inject="true"), True, True),
    ("the annotation wins: in", annotations(inject="true"), annotations(inject="false"), True, False),
    ("with our status", annotations(inject="true") | STATUS, {}, True, True),
    ("by label, with our status", STATUS, annotations(inject="true"), True, True),
    ("with an empty status", annotations(inject="true", status=""), {}, True, False),
    ("with a status that is not ours", annotations(inject="true", status="ok"), {}, True, False),
    ("our status alone", STATUS, {}, False, True),
)


class StatusPolicyTest(ClusterTest):
    parts = ("controller-manager",)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.addClassCleanup(manifests.remove, cls.cluster)
        cls.names = itertools.count(1)

    def tearDown(self):
        manifests.remove(self.cluster)

    def apply(self, overlay, policy_in_force=True):
        """Install, and wait until the API server heeds webhook and policy."""
        self.kubectl("apply", "-k", OVERLAYS / overlay)
        self.namespace = self.make_namespace({f"{PREFIX}/trial": "true"})
        if policy_in_force:
            self.set_failure_policy("Ignore")
            wait_for("the policy is in force",
                     lambda: UNPATCHED in self.try_pod(annotations(inject="true"))[1], 30)

    def set_failure_policy(self, value):
        self.api.must("PATCH", CONFIGURATION, [{"op": "replace", "path": "/webhooks/0/failurePolicy", "value": value}],
                      "application/json-patch+json")

    def wait_until_called(self, metadata=None, namespace=None):
        wait_for("the webhook is asked",
                 lambda: CALLED in self.try_pod(*(metadata or (annotations(inject="true"),)), namespace=namespace)[1])

    def try_pod(self, notes, labels=None, namespace=None, dry_run=True):
        """The status of a creation, and what was said: the refusal or the warnings."""
        security = {"securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}}
        pod = objects.pod(f"p{next(self.names)}", [objects.container(**security)], notes, labels or {},
                          securityContext=objects.RESTRICTED)
        answer = self.api.try_create(pod, namespace or self.namespace, dry_run)
        return answer.status, answer.body["message"] if answer.status >= 400 else " ".join(answer.warnings)

    def test_only_pods_that_opted_in_are_sent(self):
        self.apply("self-managed")
        self.set_failure_policy("Fail")
        self.wait_until_called()
        for what, notes, labels, is_asked, _ in ROWS:
            with self.subTest(what):
                status, said = self.try_pod(notes, labels)
                self.assertEqual((500, True) if is_asked else (201, False), (status, CALLED in said), said)

    def test_who_opted_in_needs_our_status(self):
        self.apply("self-managed")
        for what, notes, labels, _, passes in ROWS:
            with self.subTest(what):
                status, said = self.try_pod(notes, labels)
                self.assertEqual((201, False) if passes else (422, True), (status, UNPATCHED in said), said)

    def test_the_refusal_says_what_to_do(self):
        self.apply("self-managed")
        said = self.try_pod(annotations(inject="true"))[1]
        self.assertIn("the pod asks for EFA by efa-injector.io/", said)
        self.assertIn("kubectl -n efa-injector get pods,jobs", said)
        self.assertIn('set the annotation efa-injector.io/inject: "false"', said)

    def test_some_namespaces_and_mirror_pods_are_left_alone(self):
        self.apply("self-managed")
        for policy in ("Ignore", "Fail"):
            self.set_failure_policy(policy)
            if policy == "Fail":
                self.wait_until_called()
            for namespace in ("kube-system", "kube-node-lease", NAMESPACE):
                with self.subTest(f"{policy} {namespace}"):
                    self.wait_for_account(namespace)
                    self.assertEqual(201, self.try_pod(annotations(inject="true"), namespace=namespace)[0])
            mirror = objects.pod("static", annotations=annotations(inject="true") | MIRROR, nodeName="a")
            answer = self.api.try_create(mirror, self.namespace, dry_run=True)
            self.assertEqual(201, answer.status, answer.body)

    def wait_for_account(self, namespace):
        path = f"/api/v1/namespaces/{namespace}/serviceaccounts/default"
        wait_for(f"{namespace} has its account", lambda: self.api.find(path))

    def test_a_controller_s_pods_are_late_and_not_lost(self):
        self.apply("self-managed")
        self.api.create(objects.job("train", 1), self.namespace)
        wait_for("the Job tells why", lambda: [event for event in self.cluster.events(self.namespace)
                                               if UNPATCHED in event["message"]])
        self.api.delete(BINDING)  # as if the webhook had come back: nothing is in the way any more
        self.cluster.wait_for_pods(self.namespace, 1, seconds=90)

    def test_other_operations_are_not_looked_at(self):
        self.apply("self-managed")
        self.assertEqual(201, self.try_pod({}, dry_run=False)[0])
        path = f"/api/v1/namespaces/{self.namespace}/pods/p{next(self.names) - 1}"
        changed = self.api.call("PATCH", path, {"metadata": {"annotations": annotations(inject="true")}},
                                "application/merge-patch+json")
        self.assertEqual(200, changed.status, changed.body)

    def test_the_trial_is_one_namespace_and_refuses_nothing(self):
        self.apply("trial", policy_in_force=False)
        wait_for("the policy warns", lambda: UNPATCHED in self.try_pod(annotations(inject="true"))[1])
        self.assertEqual(201, self.try_pod(annotations(inject="true"), dry_run=False)[0])
        outside = self.make_namespace()
        self.assertEqual((201, ""), self.try_pod(annotations(inject="true"), namespace=outside))
        self.set_failure_policy("Fail")
        self.wait_until_called()
        self.assertEqual((201, ""), self.try_pod(annotations(inject="true"), namespace=outside))

    def test_before_1_28_the_label_opts_in(self):
        self.apply("before-1.28", policy_in_force=False)
        self.assertIsNone(self.api.find(BINDING))
        self.wait_until_called(({}, annotations(inject="true")))
        self.assertEqual((201, ""), self.try_pod(annotations(inject="true")))
        self.assertEqual((201, ""), self.try_pod({}))
        self.assertEqual((201, ""), self.try_pod({}, annotations(inject="true"), namespace="kube-system"))

    def test_the_type_checker_of_the_api_server_finds_nothing(self):
        self.apply("self-managed")
        path = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/efa-injector-status"
        checked = wait_for("the policy is checked", lambda: (self.api.get(path).get("status") or {}).get("typeChecking")
                           is not None and self.api.get(path))
        self.assertEqual({}, checked["status"]["typeChecking"])


if __name__ == "__main__":
    unittest.main()
