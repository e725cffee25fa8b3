# SPDX-License-Identifier: Apache-2.0
"""What deploy/README.md says of a webhook that does not answer: with Fail, with Ignore, on trial."""
import pathlib
import tempfile
import unittest

from harness import objects
from harness.case import InstalledTest
from harness.installation import CONFIGURATION, set_ca_bundle
from harness import pki
from harness.other_webhook import OtherWebhook
from harness.process import wait_for

FAILED = 'failed calling webhook "pods.efa-injector.io"'
POLICY = "efa-injector has not patched it"
BINDING = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings/efa-injector-status"


class DownTest(InstalledTest):

    def set_failure_policy(self, policy):
        """Fail or Ignore; the API server has it when a dry run is answered accordingly."""
        self.api.must("PATCH", CONFIGURATION, [{
            "op": "replace",
            "path": "/webhooks/0/failurePolicy",
            "value": policy
        }], "application/json-patch+json")
        namespace = self.make_namespace()
        expected = FAILED if policy == "Fail" else POLICY
        wait_for(f"failurePolicy {policy} is in force", lambda: expected in self.message(
            self.api.try_create(objects.annotated_pod("probe"), namespace, dry_run=True)))
        return namespace

    @staticmethod
    def message(answer):
        return answer.body.get("message", "") if answer.status >= 400 else ""

    def take_down(self):
        """As if every replica had died; test_fail does it with the Deployment itself."""
        self.addCleanup(self.installed.wait_until_in_force)
        self.installed.proxy.pause(True)
        self.addCleanup(self.installed.proxy.pause, False)
        self.addCleanup(self.api.must, "PATCH", CONFIGURATION, [{
            "op": "replace",
            "path": "/webhooks/0/failurePolicy",
            "value": "Fail"
        }], "application/json-patch+json")

    def assert_others_are_not_affected(self, namespace):
        """Whoever did not opt in, or opted out, or is in a namespace that is left out."""
        self.api.create(objects.pod("plain"), namespace)
        self.api.create(objects.annotated_pod("probe"), "kube-system", dry_run=True)

    def test_fail(self):
        self.take_down()
        self.installed.scale(0)
        self.addCleanup(self.installed.scale, 2)
        namespace = self.set_failure_policy("Fail")
        done = self.kubectl("-n",
                            namespace,
                            "create",
                            "-f",
                            "-",
                            stdin=objects.annotated_pod("a"),
                            check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(FAILED, done.stderr)
        self.assertIn("connection refused", done.stderr)
        opted_out = self.api.try_create(objects.annotated_pod("b", {"efa-injector.io/inject": "false"}),
                                        namespace)
        self.assertIn(FAILED, self.message(opted_out))  # it carries our annotation, so we are asked
        self.assert_others_are_not_affected(namespace)

    def test_ignore_and_the_policy(self):
        self.take_down()
        namespace = self.set_failure_policy("Ignore")
        done = self.kubectl("-n",
                            namespace,
                            "create",
                            "-f",
                            "-",
                            stdin=objects.annotated_pod("a"),
                            check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("ValidatingAdmissionPolicy 'efa-injector-status'", done.stderr)
        self.assertIn(POLICY, done.stderr)
        self.assertEqual(self.cluster.pods(namespace), [])
        self.api.create(objects.annotated_pod("b", {"efa-injector.io/inject": "false"}), namespace)
        labelled = objects.pod("c", labels={"efa-injector.io/inject": "true"})
        self.assertIn(POLICY, self.message(self.api.try_create(labelled, namespace)))
        self.assert_others_are_not_affected(namespace)

    def test_a_job_tries_again_until_the_webhook_is_back(self):
        self.take_down()
        namespace = self.set_failure_policy("Fail")
        self.api.create(objects.job("train", 2), namespace)
        wait_for("the Job's event says why", lambda: [
            event for event in self.cluster.events(namespace) if FAILED in (event.get("message") or "")])
        self.installed.proxy.pause(False)
        for pod in self.cluster.wait_for_pods(namespace, 2):
            self.assertEqual(objects.limits_of(pod)["vpc.amazonaws.com/efa"], "32")

    def test_copied_status_vouches_for_a_pod(self):
        namespace = self.make_namespace()
        patched = self.api.create(objects.annotated_pod("a"), namespace, dry_run=True)
        copy = objects.annotated_pod("a", patched["metadata"]["annotations"])
        self.take_down()
        self.set_failure_policy("Ignore")
        self.assertEqual(self.api.try_create(copy, namespace).status, 201)
        self.set_failure_policy("Fail")
        copy["metadata"]["name"] = "b"
        self.assertIn(FAILED, self.message(self.api.try_create(copy, namespace)))

    def test_without_the_policy_ignore_lets_pods_through_unpatched(self):
        self.take_down()
        namespace = self.set_failure_policy("Ignore")
        binding = self.api.get(BINDING)
        self.api.delete(BINDING)
        self.addCleanup(
            self.api.apply, BINDING, {key: binding[key]
                                      for key in ("apiVersion", "kind", "spec")}
            | {"metadata": {
                "name": "efa-injector-status",
                "labels": binding["metadata"]["labels"]
            }})

        def is_created():
            answer = self.api.try_create(objects.annotated_pod("a"), namespace, dry_run=True)
            return answer.status == 201 and objects.status_of(answer.body) is None
        wait_for("the policy is gone", is_created)

    def test_away_when_asked_again(self):
        """We patch, another webhook adds a container, and by then we are gone."""
        other = OtherWebhook(self.cluster, pathlib.Path(tempfile.mkdtemp()), objects.container("mesh"))
        self.addCleanup(other.stop)
        namespace = self.make_namespace({"other": "on"})
        wait_for("the other webhook is in force", lambda: len(self.api.create(
            objects.pod("probe"), namespace, dry_run=True)["spec"]["containers"]) == 2)
        frontend = self.installed.proxy.pause
        other.on_asked = lambda: frontend(True)
        self.addCleanup(frontend, False)
        answer = self.api.try_create(objects.annotated_pod("a"), namespace)
        self.assertIn(FAILED, self.message(answer))
        frontend(False)
        self.api.must("PATCH", CONFIGURATION, [{"op": "replace", "path": "/webhooks/0/failurePolicy",
                                                "value": "Ignore"}], "application/json-patch+json")
        self.addCleanup(self.api.must, "PATCH", CONFIGURATION, [{
            "op": "replace",
            "path": "/webhooks/0/failurePolicy",
            "value": "Fail"
        }], "application/json-patch+json")

        def created_as_patched_first():
            frontend(False)
            answer = self.api.try_create(objects.annotated_pod("a"), namespace, dry_run=True)
            return answer.body if answer.status == 201 else None
        pod = wait_for("Ignore is in force", created_as_patched_first)
        self.assertEqual(objects.limits_of(pod)["vpc.amazonaws.com/efa"], "32")
        self.assertEqual(len(pod["spec"]["containers"]), 2)

    def test_wrong_bundle_is_as_away(self):
        bundle = self.api.get(CONFIGURATION)["webhooks"][0]["clientConfig"]["caBundle"]
        folder = pathlib.Path(tempfile.mkdtemp())
        pki.make_ca(folder)
        set_ca_bundle(self.cluster, (folder / "ca.crt").read_bytes())
        self.addCleanup(self.api.must, "PATCH", CONFIGURATION, [{
            "op": "add",
            "path": "/webhooks/0/clientConfig/caBundle",
            "value": bundle
        }], "application/json-patch+json")
        namespace = self.make_namespace()
        text = wait_for("the wrong bundle is in force", lambda: self.message(
            self.api.try_create(objects.annotated_pod("a"), namespace, dry_run=True)))
        self.assertIn(FAILED, text)
        self.assertIn("x509: certificate signed by unknown authority", text)


class TrialTest(InstalledTest):
    """The overlay `trial`: one namespace, Ignore, and the policy on Warn."""

    overlay = "trial"

    def test_only_labelled_namespaces_are_patched(self):
        inside = self.make_namespace({"efa-injector.io/trial": "true"})
        outside = self.make_namespace()
        self.assertIsNotNone(objects.status_of(self.api.create(objects.annotated_pod("a"), inside)))
        self.assertIsNone(objects.status_of(self.api.create(objects.annotated_pod("a"), outside)))

    def test_away_means_unpatched_and_a_warning(self):
        namespace = self.make_namespace({"efa-injector.io/trial": "true"})
        self.installed.scale(0)
        self.addCleanup(self.installed.scale, 2)
        done = self.kubectl("-n", namespace, "create", "-f", "-", stdin=objects.annotated_pod("a"))
        self.assertIn("pod/a created", done.stdout)
        self.assertIn("Warning: ", done.stderr)
        self.assertIn(POLICY, done.stderr)


if __name__ == "__main__":
    unittest.main()
