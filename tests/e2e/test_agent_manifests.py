#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""efa-agent's part of deploy/: chart and overlays are the same objects, the API server takes them, pods come where they
should."""
import json
import unittest

import agents
from harness import manifests
from harness.api import collection
from harness.case import ClusterTest
from harness.installation import helm
from harness.nodes import delete_nodes, make_nodes
from harness.process import wait_for
from harness.programs import Missing, ROOT, part

CHART = manifests.AGENT_CHART
DAEMONSET = "DaemonSet", agents.NAMESPACE, "efa-agent"
MONITORING = ["--set", "metrics.podMonitor.enabled=true,metrics.prometheusRule.enabled=true",
              "--set-string", "metrics.podMonitor.labels.release=a,metrics.prometheusRule.labels.release=a"]
NOTHING_OPTIONAL = ["--set", "networkPolicy.enabled=false,ownNodePolicy.enabled=false,checkpoint.enabled=false"]
EVERYTHING = ["--set", "image.digest=sha256:" + 64 * "a", "--set", "image.pullSecrets[0].name=pull",
              "--set", "devices=open,taint.enabled=true,hostNetwork=true,logLevel=debug",
              "--set", "checkpoint.kubeletFolder=/mnt/kubelet,maxUnavailable=3",
              "--set", "extraArgs[0]=--settle=300", "--set", "priorityClassName=system-cluster-critical",
              "--set", "tolerations[0].key=gpu,tolerations[0].operator=Exists",
              "--set-string", "podLabels.team=ml,podAnnotations.a=b,nodeSelector.disk=ssd",
              "--set", "ownNodePolicy.validationActions={Audit}",
              "--set-file", f"instanceTypes={ROOT / 'config/instance-types.yaml'}"]
MISTAKES = {
    "devices=all": "'count', 'open'",
    "annotationPrefix=a/b": "/annotationPrefix",
    "ownNodePolicy.validationActions={Deny,Warn}": "Deny and Warn do not go together",
    "checkpoint.kubeletFolder=kubelet": "/checkpoint/kubeletFolder",
    "maxUnavailable=0%": "/maxUnavailable",
    "taint=true": "/taint",
    "instanceTypes=p5.48xlarge": "give a file like config/instance-types.yaml",
    "hostnetwork=true": "'hostnetwork' not allowed",
}


def container(things):
    return things[DAEMONSET]["spec"]["template"]["spec"]["containers"][0]


def types(things):
    affinity = things[DAEMONSET]["spec"]["template"]["spec"]["affinity"]["nodeAffinity"]
    term, = affinity["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"]
    return term["matchExpressions"][0]["values"]


class Rendered(ClusterTest):
    """Without a cluster, but with kubectl and helm. That the base is what the chart renders test_manifests says."""

    parts = ("helm",)

    def test_every_overlay_is_the_chart_with_its_variant(self):
        for name in manifests.AGENT_NAMES:
            overlay = manifests.kustomization(self.cluster, manifests.AGENT_OVERLAYS / name)
            chart = manifests.chart("-f", CHART / f"variants/{name}.yaml", folder=CHART)
            self.assertEqual(sorted(overlay, key=str), sorted(chart, key=str), name)
            for key, thing in chart.items():
                with self.subTest(f"{name}: {key}"):
                    self.assertEqual(thing, overlay[key])

    def test_helm_finds_no_fault(self):
        for values in ([], EVERYTHING, NOTHING_OPTIONAL, MONITORING):
            linted = manifests.run_helm("lint", "--strict", "--namespace", agents.NAMESPACE, CHART, *values)
            self.assertEqual(0, linted.returncode, f"{values}: {linted.stdout}{linted.stderr}")

    def test_a_mistake_is_told_in_a_sentence(self):
        for value, sentence in MISTAKES.items():
            with self.subTest(value):
                done = manifests.run_helm("template", "x", CHART, "-n", agents.NAMESPACE, "--set", value)
                self.assertEqual(1, done.returncode)
                self.assertIn(sentence, done.stderr)
        for namespace in ("kube-system", "efa-injector"):
            done = manifests.run_helm("template", "x", CHART, "-n", namespace)
            self.assertIn("efa-agent needs one of its own", done.stderr)

    def test_opening_devices_is_being_privileged(self):
        security = container(manifests.chart("--set", "devices=open", folder=CHART))["securityContext"]
        self.assertEqual({"privileged": True, "readOnlyRootFilesystem": True, "runAsUser": 0, "runAsGroup": 0}, security)

    def test_one_value_is_the_prefix_everywhere(self):
        things = manifests.chart("--set", "annotationPrefix=efa.example.com,taint.enabled=true", folder=CHART)
        for thing in things.values():
            self.assertNotIn("efa-injector.io", json.dumps(thing))
        self.assertIn("efa.example.com/efa-not-ready",
                      json.dumps(things["ValidatingAdmissionPolicy", None, "efa-agent-own-node"]))

    def test_another_prefix_or_catalogue_makes_new_pods(self):
        templates = [manifests.chart(*values, folder=CHART)[DAEMONSET]["spec"]["template"] for values in (
            [], ["--set", "annotationPrefix=efa.example.com"], ["--set-string", "instanceTypes=instanceTypes: {a.b: {}}"],
            ["--set-string", "instanceTypes=instanceTypes: {a.b: {}} # again"])]
        self.assertEqual(4, len({json.dumps(template) for template in templates}))

    def test_it_runs_on_the_types_of_another_catalogue(self):
        text = "instanceTypes: {p5.48xlarge: {}, a1.metal: {}}\n"
        things = manifests.chart("--set-string", f"instanceTypes={text.replace(',', chr(92) + ',')}", folder=CHART)
        self.assertEqual(["a1.metal", "p5.48xlarge", "ml.a1.metal", "ml.p5.48xlarge"], types(things))
        self.assertEqual(text, things["ConfigMap", agents.NAMESPACE, "efa-agent-config"]["data"]["instance-types.yaml"])
        self.assertIn("--instance-types=/etc/efa-agent/instance-types.yaml", container(things)["args"])

    def test_without_the_checkpoint_its_folder_is_not_there(self):
        things = manifests.chart("--set", "checkpoint.enabled=false", folder=CHART)
        self.assertNotIn("device-plugins", json.dumps(things[DAEMONSET]))
        self.assertIn("--checkpoint=", container(things)["args"])


class Accepted(ClusterTest):
    """By the API server, and placed by the real scheduler and DaemonSet controller; kwok plays the pods."""

    parts = ("scheduler", "controller-manager", "kwok", "helm")

    def tearDown(self):
        agents.remove(self.cluster)

    def accept(self, things):
        """Each object, with nothing unknown in it and not one warning."""
        if self.api.find(f"/api/v1/namespaces/{agents.NAMESPACE}") is None:
            self.api.create(things["Namespace", None, agents.NAMESPACE])
        for (kind, namespace, name), thing in things.items():
            if kind == "Namespace":
                continue
            path = collection(kind, thing["apiVersion"], namespace) + "?dryRun=All&fieldValidation=Strict"
            answer = self.api.call("POST", path, thing)
            with self.subTest(f"{kind} {name}"):
                self.assertEqual((201, []), (answer.status, answer.warnings), answer.body)

    def test_every_overlay_and_value(self):
        for folder in (agents.MANIFESTS / "base", *sorted((agents.MANIFESTS / "overlays").iterdir())):
            self.accept(manifests.kustomization(self.cluster, folder))
        self.accept(manifests.chart(*NOTHING_OPTIONAL, folder=CHART))
        self.accept(manifests.chart(*EVERYTHING, folder=CHART))

    def test_what_prometheus_is_told(self):
        try:
            folder = part("crds")
        except Missing as missing:
            self.skipTest(str(missing))
        for plural in ("podmonitors", "prometheusrules"):
            self.kubectl("apply", "--server-side", "-f", folder / f"monitoring.coreos.com_{plural}.yaml")
            self.addCleanup(self.kubectl, "delete", "crd", f"{plural}.monitoring.coreos.com")
            wait_for(plural, lambda path=f"/apis/monitoring.coreos.com/v1/{plural}": self.cluster.has(path))
        things = manifests.chart(*MONITORING, folder=CHART)
        self.assertLessEqual({"PodMonitor", "PrometheusRule"}, {kind for kind, _, _ in things})
        self.accept(things)

    def test_applying_again_changes_nothing(self):
        for name in ("base", "overlays/open-devices", "overlays/taint", "base"):
            agents.install(self.cluster, name)
            different = self.kubectl("diff", "-k", agents.MANIFESTS / name, check=False)
            self.assertEqual((0, ""), (different.returncode, different.stdout), different.stderr)

    def test_both_components_go_together(self):
        folder = self.cluster.folder / "both"
        folder.mkdir()
        (folder / "deploy").symlink_to(agents.MANIFESTS)
        (folder / "kustomization.yaml").write_text(
            "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [deploy/base]\n"
            "components: [deploy/components/open-devices, deploy/components/taint]\n", encoding="ascii")
        both = manifests.kustomization(self.cluster, folder)
        chart = manifests.chart("--set", "devices=open,taint.enabled=true", folder=CHART)
        self.assertEqual(chart, both)

    def test_there_is_a_pod_on_each_node_with_efa_and_on_no_other(self):
        wanted = make_nodes(self.cluster, 1, "p5.48xlarge") + make_nodes(
            self.cluster, 1, "trn2.48xlarge", labels={"node.kubernetes.io/instance-type": "ml.trn2.48xlarge"})
        others = make_nodes(self.cluster, 1, "m7i.2xlarge")
        self.addCleanup(delete_nodes, self.cluster, wanted + others)
        for name in wanted:
            self.api.merge(f"/api/v1/nodes/{name}", {"spec": {"unschedulable": True, "taints": [
                {"key": "nvidia.com/gpu", "effect": "NoSchedule"}, {"key": agents.TAINT, "effect": "NoSchedule"}]}})
        agents.install(self.cluster, "base")
        pods = self.cluster.wait_for_pods(agents.NAMESPACE, 2, phase="Running")
        self.assertEqual(sorted(wanted), sorted(pod["spec"]["nodeName"] for pod in pods))
        for pod in pods:
            self.assertEqual(2000001000, pod["spec"]["priority"])
            self.assertNotIn("vpc.amazonaws.com/efa", json.dumps(pod["spec"]["containers"]))
            self.assertLess(len(json.dumps(pod)), 24 * 1024)
        self.assertFalse([event["message"] for event in self.cluster.events(agents.NAMESPACE)
                          if event["reason"] == "FailedCreate"])

    def test_helm_installs_upgrades_and_removes(self):
        chart = [CHART, "--namespace", agents.NAMESPACE]
        helm(self.cluster, "install", "efa-agent", *chart, "--create-namespace")
        helm(self.cluster, "upgrade", "efa-agent", *chart, "--set", "devices=open,taint.enabled=true")
        made = self.api.get("/apis/apps/v1/namespaces/efa-agent/daemonsets/efa-agent")
        self.assertTrue(made["spec"]["template"]["spec"]["containers"][0]["securityContext"]["privileged"])
        helm(self.cluster, "uninstall", "efa-agent", "--namespace", agents.NAMESPACE)
        left = self.kubectl("get", "-l", "app.kubernetes.io/name=efa-agent", "-A", "-o", "name",
                            "validatingadmissionpolicies,validatingadmissionpolicybindings,clusterroles,"
                            "clusterrolebindings,serviceaccounts,configmaps,daemonsets,networkpolicies")
        self.assertEqual("", left.stdout.strip())


if __name__ == "__main__":
    unittest.main()
