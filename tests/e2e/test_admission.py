# SPDX-License-Identifier: Apache-2.0
"""Who is asked, what the API server shows of the answer, and another webhook that changes pods after us."""
import json
import pathlib
import tempfile
import unittest

from harness import objects
from harness.case import InstalledTest
from harness.nodes import delete_nodes, make_nodes
from harness.other_webhook import OtherWebhook
from harness.process import wait_for

WEBHOOK = "pods.efa-injector.io"


class AdmissionTest(InstalledTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Huge pages are injected where a node shows that they can be had.
        cls.addClassCleanup(delete_nodes, cls.cluster, make_nodes(cls.cluster, 1, "p5.48xlarge"))

    def reviews(self):
        """How many reviews all replicas have answered."""
        return self.installed.metric("review_seconds_count")

    def test_pods_that_did_not_opt_in_never_come_to_us(self):
        namespace = self.make_namespace()
        before = self.reviews()
        unlike = [{}, {
            "example.com/inject": "true"
        }, {
            "efa-injector.io/status": "{}"
        }, {
            "xefa-injector.io/inject": "true"
        }]
        for i in range(500):
            self.api.create(objects.pod(f"plain-{i}", annotations=unlike[i % len(unlike)]), namespace)
        self.assertEqual(self.reviews(), before)
        self.api.create(objects.annotated_pod("asked"), namespace)
        self.assertEqual(self.reviews(), before + 1)

    def test_label_opts_in_too(self):
        namespace = self.make_namespace()
        pod = objects.pod("a", [objects.gpu_container()], labels={"efa-injector.io/inject": "true"},
                          nodeSelector=objects.P5)
        self.assertEqual(objects.limits_of(self.api.create(pod, namespace))["vpc.amazonaws.com/efa"], "32")

    def test_lone_annotation_is_refused_with_a_sentence(self):
        namespace = self.make_namespace()
        pod = objects.pod("a", [objects.gpu_container()], {"efa-injector.io/efa": "full"},
                          nodeSelector=objects.P5)
        answer = self.api.try_create(pod, namespace)
        self.assertEqual(answer.status, 403)
        self.assertIn(f'admission webhook "{WEBHOOK}" denied the request: ', answer.body["message"])
        self.assertIn("efa-injector.io/inject", answer.body["message"])

    def test_pods_of_excluded_namespaces_never_come_to_us(self):
        before = self.reviews()
        for namespace in ("kube-system", "kube-node-lease", "efa-injector"):
            pod = objects.annotated_pod("a", containers=[objects.gpu_container(securityContext={
                "allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}})],
                securityContext=objects.RESTRICTED, automountServiceAccountToken=False)
            answer = self.api.try_create(pod, namespace, dry_run=True)
            self.assertEqual(answer.status, 201, answer.body)
            self.assertIsNone(objects.status_of(answer.body))
        self.assertEqual(self.reviews(), before)

    def test_updates_never_come_to_us(self):
        namespace = self.make_namespace()
        self.api.create(objects.annotated_pod("a"), namespace)
        before = self.reviews()
        self.api.merge(f"/api/v1/namespaces/{namespace}/pods/a", {"metadata": {"labels": {"new": "label"}}})
        self.assertEqual(self.reviews(), before)

    def test_kubectl_prints_our_warnings(self):
        namespace = self.make_namespace()
        pod = objects.annotated_pod("a", containers=[objects.gpu_container(gpus=4, memory="20Gi")])
        done = self.kubectl("-n", namespace, "create", "-f", "-", stdin=pod)
        self.assertIn("pod/a created", done.stdout)
        warnings = [line for line in done.stderr.splitlines() if line.startswith("Warning: ")]
        for text in ("4 of 8 accelerators", "/dev/shm is 10", "no group is known"):
            self.assertEqual(len([line for line in warnings if text in line]), 1, warnings)
        self.assertEqual(len(warnings), 3, warnings)

    def test_kubectl_prints_why_a_pod_is_refused(self):
        namespace = self.make_namespace()
        pod = objects.annotated_pod("a", instance_type="p5en.48xlarge", containers=[
            objects.container(limits={"nvidia.com/gpu": "8", "vpc.amazonaws.com/efa": "32"})])
        done = self.kubectl("-n", namespace, "create", "-f", "-", stdin=pod, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f'admission webhook "{WEBHOOK}" denied the request: ', done.stderr)
        self.assertIn("p5en.48xlarge", done.stderr)
        self.assertIn("16", done.stderr)

    def test_dry_run_shows_the_patched_pod_and_makes_none(self):
        namespace = self.make_namespace()
        done = self.kubectl("-n", namespace, "create", "--dry-run=server", "-o", "json", "-f", "-",
                            stdin=objects.annotated_pod("a"))
        self.assertEqual(objects.limits_of(json.loads(done.stdout))["vpc.amazonaws.com/efa"], "32")
        self.assertEqual(self.cluster.pods(namespace), [])

    def audit_event(self, namespace, name):
        def look():
            events = [event for event in self.cluster.audit_events(namespace)
                      if event["stage"] == "ResponseComplete" and (
                          event["objectRef"].get("name") == name or name in event.get("requestURI", ""))]
            return events[-1] if events else None
        return wait_for("the audit log has the creation", look)

    def test_audit_log_says_what_was_decided(self):
        namespace = self.make_namespace()
        self.api.create(objects.annotated_pod("a"), namespace)
        notes = self.audit_event(namespace, "a")["annotations"]
        self.assertEqual(notes[f"{WEBHOOK}/decision"], "injected")
        self.assertEqual(notes[f"{WEBHOOK}/instance-type"], "p5.48xlarge")
        self.assertEqual(notes[f"{WEBHOOK}/efa"], "32")
        self.assertEqual(notes[f"{WEBHOOK}/accelerators"], "8")
        self.assertRegex(notes[f"{WEBHOOK}/patch-xxh128"], "^[0-9a-f]{32}$")
        mutations = [json.loads(value) for key, value in notes.items() if key.startswith("mutation.webhook.")]
        self.assertIn({"configuration": "z-efa-injector", "webhook": WEBHOOK, "mutated": True}, mutations)

    def test_audit_log_has_the_refused_and_the_dry(self):
        namespace = self.make_namespace()
        refused = objects.pod("a", annotations={"efa-injector.io/inject": "True"})
        self.assertEqual(self.api.try_create(refused, namespace).status, 403)
        notes = self.audit_event(namespace, "/pods")["annotations"]
        self.assertEqual(notes[f"{WEBHOOK}/decision"], "bad-annotation")
        self.api.create(objects.annotated_pod("b"), namespace, dry_run=True)
        self.assertEqual(
            self.audit_event(namespace, "dryRun=All")["annotations"][f"{WEBHOOK}/decision"], "injected")

    def test_what_was_patched_is_not_patched_again(self):
        """A pod copied from a patched one, status and all, comes back as it is."""
        namespace = self.make_namespace()
        first = self.api.create(objects.annotated_pod("a"), namespace)
        copy = {"apiVersion": "v1", "kind": "Pod", "spec": first["spec"],
                "metadata": {key: first["metadata"].get(key) for key in ("name", "labels", "annotations")}}
        copy["metadata"]["name"] = "b"
        second = self.api.create(copy, namespace)
        self.assertEqual(second["spec"], first["spec"])
        self.assertEqual(second["metadata"]["annotations"], first["metadata"]["annotations"])


class ReinvocationTest(InstalledTest):

    SIDECAR = objects.gpu_container("profiler", gpus=4, memory="10Gi")

    def add_other(self, name):
        folder = pathlib.Path(tempfile.mkdtemp())
        other = OtherWebhook(self.cluster, folder, self.SIDECAR, name)
        self.addCleanup(other.stop)
        namespace = self.make_namespace({"other": "on"})
        wait_for("the other webhook is in force", lambda: len(self.api.create(
            objects.pod("probe"), namespace, dry_run=True)["spec"]["containers"]) == 2)
        return other, namespace

    def assert_shared(self, pod):
        """main and profiler have 4 GPUs each: half of the interfaces each, all in all."""
        for name in ("main", "profiler"):
            self.assertEqual(objects.limits_of(pod, name)["vpc.amazonaws.com/efa"], "16")
        totals = {
            each["name"]: each.get("vpc.amazonaws.com/efa")
            for each in objects.status_of(pod)["containers"]
        }
        self.assertEqual(totals, {"main": 16, "profiler": 16})
        self.assertEqual(objects.env_of(pod, "profiler")["FI_PROVIDER"], "efa")

    def half(self, name):
        return objects.annotated_pod(name, containers=[objects.gpu_container(gpus=4)])

    def test_sidecar_added_after_us_gets_its_share(self):
        other, namespace = self.add_other("zz-other")
        before = self.installed.metric("review_seconds_count")
        pod = self.api.create(self.half("a"), namespace)
        self.assertEqual(self.installed.metric("review_seconds_count"),
                         before + 2)  # once more, after the sidecar
        self.assertGreaterEqual(other.asked, 1)
        self.assert_shared(pod)

    def test_sidecar_added_before_us_gets_its_share(self):
        _, namespace = self.add_other("a-other")
        self.assert_shared(self.api.create(self.half("a"), namespace))

    def test_our_answer_brings_no_endless_round(self):
        """A pod with all GPUs, and a sidecar with more: refused in a sentence, not patched."""
        _, namespace = self.add_other("zz-other")
        answer = self.api.try_create(objects.annotated_pod("a"), namespace)
        self.assertEqual(answer.status, 403)
        self.assertIn("12", answer.body["message"])


if __name__ == "__main__":
    unittest.main()
