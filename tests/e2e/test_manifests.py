#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""deploy/: the chart and the overlays are the same objects, and the API server takes them, each change of them too."""
import base64
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

from harness import manifests
from harness.api import collection
from harness.case import ClusterTest
from harness.installation import CONFIGURATION, NAMESPACE, OVERLAYS, helm
from harness.nodes import delete_nodes, make_nodes
from harness.process import wait_for
from harness.programs import BIN, ROOT, Missing, part, program

sys.path.insert(0, str(ROOT / "deploy"))
import render  # noqa: E402  pylint: disable=wrong-import-position

CERTS = f"system:serviceaccount:{NAMESPACE}:efa-webhook-certs"
CRDS = "cert-manager.io_certificates", "cert-manager.io_issuers", \
    "monitoring.coreos.com_servicemonitors", "monitoring.coreos.com_prometheusrules"
NOTHING_OPTIONAL = ["--set", "podDisruptionBudget.enabled=false", "--set", "networkPolicy.enabled=false",
                    "--set", "flowSchema.enabled=false", "--set", "statusPolicy.enabled=false",
                    "--set", "priorityClass.create=false,priorityClass.name=system-cluster-critical",
                    "--set", "watchNodes=false", "--set", "certificates.source=existing,certificates.caBundle=AAAA"]
EVERYTHING = ["--set", "image.digest=sha256:" + 64 * "a", "--set", "image.pullSecrets[0].name=pull",
              "--set", "replicas=3,drainDelaySeconds=30,logLevel=debug", "--set-string", "tlsMin=1.2",
              "--set", "extraArgs[0]=--threads=4", "--set", "policy.hugepages.size=2560Mi",
              "--set", "tolerations[0].key=system,tolerations[0].operator=Exists",
              "--set-string", "podLabels.team=ml,podAnnotations.a=b,nodeSelector.disk=ssd",
              "--set", "webhook.annotations.a=b", "--set", "statusPolicy.validationActions={Warn,Audit}",
              "--set-string", "instanceTypes=instanceTypes: {}",
              "--set", "certificates.selfManaged.jobTtlSeconds=null"]
MISTAKES = {
    "webhook.failurePolicy=fail": "'Fail', 'Ignore'",
    "statusPolicy.validationActions={Deny,Warn}": "Deny and Warn do not go together",
    "annotationPrefix=a/b": "/annotationPrefix",
    "policy.annotationPrefix=x": "set the chart's value annotationPrefix instead",
    "webhook.optInBy=label": "set statusPolicy.enabled to false",
    "certificates.source=existing": "give the base64 of the CA's PEM",
    "replicaCount=3": "'replicaCount' not allowed",
    "webhook.excludedNamespaces={ml}": "'kube-system'",
    "drainDelaySeconds=soon": "/drainDelaySeconds",
}


class Rendered(ClusterTest):
    """Without a cluster, but with kubectl and helm."""

    parts = ("helm",)

    def test_every_overlay_is_the_chart_with_its_variant(self):
        for name, values in manifests.NAMES.items():
            overlay, chart = manifests.overlay(self.cluster, name), manifests.chart(*values)
            self.assertEqual(sorted(overlay, key=str), sorted(chart, key=str), name)
            for key, thing in chart.items():
                with self.subTest(f"{name}: {key}"):
                    self.assertEqual(thing, overlay[key])

    def test_kustomize_is_what_the_chart_renders(self):
        for path, text in render.rendered(program("helm")).items():
            with self.subTest(path):
                self.assertEqual(text, (render.KUSTOMIZE / path).read_text(encoding="utf-8"), "run `make manifests`")

    def test_helm_finds_no_fault(self):
        for name, values in manifests.NAMES.items():
            linted = manifests.run_helm("lint", "--strict", "--namespace", NAMESPACE, manifests.CHART, *values)
            self.assertEqual(0, linted.returncode, f"{name}: {linted.stdout}{linted.stderr}")

    def test_a_mistake_is_told_in_a_sentence(self):
        for value, sentence in MISTAKES.items():
            with self.subTest(value):
                done = manifests.run_helm("template", "x", manifests.CHART, "-n", NAMESPACE, "--set", value)
                self.assertEqual(1, done.returncode)
                self.assertIn(sentence, done.stderr)
        done = manifests.run_helm("template", "x", manifests.CHART, "-n", "kube-system")
        self.assertIn("efa-injector needs one of its own", done.stderr)

    def test_another_image_is_another_job(self):
        names = {name for values in ([], ["--set", "image.tag=other"], ["--set", "replicas=5"])
                 for kind, _, name in manifests.chart(*values) if kind == "Job"}
        self.assertEqual(2, len(names))

    def test_the_program_takes_policy_and_catalogue_of_the_values(self):
        catalogue = ROOT / "config/instance-types.yaml"
        things = manifests.chart("--set", "policy.hugepages.size=2560Mi,policy.clusterTypes={p5.48xlarge}",
                                 "--set", "annotationPrefix=efa.example.com", "--set-file", f"instanceTypes={catalogue}")
        data = things["ConfigMap", NAMESPACE, "efa-webhook-config"]["data"]
        self.assertEqual(catalogue.read_text(encoding="utf-8"), data["instance-types.yaml"])
        with tempfile.TemporaryDirectory() as folder:
            for name, text in data.items():
                (pathlib.Path(folder) / name).write_text(text, encoding="utf-8")
            checked = subprocess.run([BIN / "efa-webhook", "--check-config", "--policy", f"{folder}/policy.yaml",
                                      "--instance-types", f"{folder}/instance-types.yaml"],
                                     capture_output=True, text=True, check=False)
        self.assertEqual((0, ""), (checked.returncode, checked.stderr))
        arguments = things["Deployment", NAMESPACE, "efa-webhook"]["spec"]["template"]["spec"]["containers"][0]["args"]
        self.assertIn("--instance-types=/etc/efa-injector/config/instance-types.yaml", arguments)

    def test_one_value_is_the_prefix_everywhere(self):
        for thing in manifests.chart("--set", "annotationPrefix=efa.example.com").values():
            text = json.dumps(thing).replace("pods.efa-injector.io", "")
            self.assertNotIn("efa-injector.io/", text)
            self.assertNotIn("efa-injector.io\\n", text)


class Accepted(ClusterTest):
    """By the API server, as they are, with nothing of it running."""

    parts = ("controller-manager", "helm")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.addClassCleanup(manifests.remove, cls.cluster)

    def tearDown(self):
        manifests.remove(self.cluster)

    def make_crds(self):
        """Those of cert-manager and of the Prometheus operator."""
        try:
            folder = part("crds")
        except Missing as missing:
            self.skipTest(str(missing))
        for name in CRDS:
            self.kubectl("apply", "--server-side", "-f", folder / f"{name}.yaml")
            group, plural = name.split("_")
            self.addCleanup(self.kubectl, "delete", "crd", f"{plural}.{group}")
            wait_for(f"{group} has {plural}", lambda path=f"/apis/{group}/v1/{plural}": self.cluster.has(path))

    def accept(self, things):
        """Each object, with nothing unknown in it and not one warning."""
        namespace = things["Namespace", None, NAMESPACE]
        if self.api.find(f"/api/v1/namespaces/{NAMESPACE}") is None:
            self.api.create(namespace)
        for (kind, namespace, name), thing in things.items():
            if kind == "Namespace":
                continue
            path = collection(kind, thing["apiVersion"], namespace) + "?dryRun=All&fieldValidation=Strict"
            answer = self.api.call("POST", path, thing)
            with self.subTest(f"{kind} {name}"):
                self.assertEqual((201, []), (answer.status, answer.warnings), answer.body)

    def test_every_overlay(self):
        self.make_crds()
        for name in manifests.NAMES:
            self.accept(manifests.overlay(self.cluster, name))

    def test_every_value(self):
        self.make_crds()
        self.accept(manifests.chart(*NOTHING_OPTIONAL))
        self.accept(manifests.chart(*EVERYTHING))
        self.accept(manifests.chart("--set", "metrics.serviceMonitor.enabled=true,metrics.prometheusRule.enabled=true",
                                    "--set", "certificates.source=cert-manager",
                                    "--set", "certificates.certManager.issuerRef.name=ours"))

    def test_applying_again_changes_nothing_and_keeps_the_bundle(self):
        self.kubectl("apply", "-k", OVERLAYS / "self-managed")
        bundle = base64.b64encode(self.cluster.ca.read_bytes()).decode()
        self.apply_bundle(bundle)
        different = self.kubectl("diff", "-k", OVERLAYS / "self-managed", check=False)
        self.assertEqual((0, ""), (different.returncode, different.stdout), different.stderr)
        for overlay in ("self-managed", "trial", "self-managed"):
            self.kubectl("apply", "-k", OVERLAYS / overlay)
            webhook = self.api.get(CONFIGURATION)["webhooks"][0]
            self.assertEqual(bundle, webhook["clientConfig"]["caBundle"])
            self.assertEqual("Ignore" if overlay == "trial" else "Fail", webhook["failurePolicy"])

    def apply_bundle(self, bundle):
        """As the certificate manager does, with its rights."""
        body = {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "MutatingWebhookConfiguration",
                "metadata": {"name": "z-efa-injector"},
                "webhooks": [{"name": "pods.efa-injector.io", "clientConfig": {"caBundle": bundle}}]}
        self.kubectl("--as", CERTS, "apply", "--server-side", "--field-manager=efa-webhook-certs", "-f", "-",
                     stdin=body)

    def test_the_certificate_manager_may_write_its_objects_and_no_other(self):
        self.kubectl("apply", "-k", OVERLAYS / "self-managed")
        for name, verdict in (("efa-webhook-ca", 0), ("efa-webhook-tls", 0), ("other", 1)):
            secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": NAMESPACE},
                      "stringData": {"a": "b"}}
            for value in ("b", "c"):  # made, then changed
                secret["stringData"]["a"] = value
                done = self.kubectl("--as", CERTS, "apply", "--server-side", "--field-manager=efa-webhook-certs",
                                    "-f", "-", stdin=secret, check=False)
                self.assertEqual(verdict, done.returncode, done.stderr)
        for verb in ("list", "watch", "delete", "deletecollection", "update"):
            done = self.kubectl("auth", "can-i", verb, "secrets", "-n", NAMESPACE, "--as", CERTS, check=False)
            self.assertEqual("no", done.stdout.strip(), verb)

    def test_pods_meet_what_the_namespace_enforces(self):
        self.kubectl("apply", "-k", OVERLAYS / "self-managed")
        pods = self.cluster.wait_for_pods(NAMESPACE, 3)
        for pod in pods:
            self.assertEqual(1000000000, pod["spec"]["priority"])
        self.assertFalse([event["message"] for event in self.cluster.events(NAMESPACE)
                          if event["reason"] == "FailedCreate"])

    def test_helm_installs_upgrades_and_leaves_the_secrets(self):
        chart = [manifests.CHART, "--namespace", NAMESPACE]
        helm(self.cluster, "install", "efa-injector", *chart, "--create-namespace")
        labels = self.api.get(f"/api/v1/namespaces/{NAMESPACE}")["metadata"]["labels"]
        self.assertEqual("restricted", labels["pod-security.kubernetes.io/enforce"])
        before = self.jobs()
        self.api.create({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "efa-webhook-ca"},
                         "stringData": {"a": "b"}}, NAMESPACE)
        helm(self.cluster, "upgrade", "efa-injector", *chart, "--set", "image.repository=registry.example.com/efa")
        wait_for("the Job is another", lambda: len(self.jobs()) == 1 and self.jobs() != before)
        helm(self.cluster, "upgrade", "efa-injector", *chart, "--reset-values")
        helm(self.cluster, "upgrade", "efa-injector", *chart)  # again, with no change
        self.assertEqual(before, wait_for("the Job is the first again", lambda: self.jobs() == before and before))
        helm(self.cluster, "uninstall", "efa-injector", "--namespace", NAMESPACE)
        self.assertEqual(["efa-webhook-ca"], [secret["metadata"]["name"]
                                              for secret in self.api.items(collection("Secret", "v1", NAMESPACE))])
        left = self.kubectl("get", "-l", "app.kubernetes.io/name=efa-injector", "-A", "-o", "name",
                            "namespaces,mutatingwebhookconfigurations,validatingadmissionpolicies,"
                            "validatingadmissionpolicybindings,clusterroles,clusterrolebindings,roles,rolebindings,"
                            "serviceaccounts,services,configmaps,deployments,jobs,cronjobs,flowschemas,"
                            "priorityclasses,networkpolicies,poddisruptionbudgets")
        self.assertEqual(f"namespace/{NAMESPACE}", left.stdout.strip())
        helm(self.cluster, "install", "efa-injector", *chart)  # takes over what was left
        helm(self.cluster, "uninstall", "efa-injector", "--namespace", NAMESPACE)

    def jobs(self):
        return [job["metadata"]["name"] for job in self.api.items(collection("Job", "batch/v1", NAMESPACE))
                if "deletionTimestamp" not in job["metadata"]]


class Scheduled(ClusterTest):
    """Where the real scheduler puts the two replicas."""

    parts = ("scheduler", "controller-manager")

    def place(self, *zones):
        """The nodes of the replicas, in a cluster with one node in each of these zones."""
        nodes = [make_nodes(self.cluster, 1, "m7i.2xlarge", zone)[0] for zone in zones]
        try:
            self.kubectl("apply", "-k", OVERLAYS / "self-managed")
            pods = wait_for("both are bound", lambda: self.bound(nodes), 60)
            return sorted(nodes.index(pod["spec"]["nodeName"]) for pod in pods)
        finally:
            manifests.remove(self.cluster)
            delete_nodes(self.cluster, nodes)

    def bound(self, nodes):
        pods = [pod for pod in self.cluster.pods(NAMESPACE, "app.kubernetes.io/component=webhook")
                if pod["spec"].get("nodeName") in nodes]
        return pods if len(pods) == 2 else None

    def test_two_zones_get_one_each(self):
        first, second = self.place("us-east-1a", "us-east-1a", "us-east-1b")
        self.assertIn(first, (0, 1))
        self.assertEqual(2, second)

    def test_two_nodes_of_a_zone_get_one_each(self):
        self.assertEqual([0, 1], self.place("us-east-1a", "us-east-1a"))

    def test_one_node_gets_both(self):
        self.assertEqual([0, 0], self.place("us-east-1a"))


if __name__ == "__main__":
    unittest.main()
