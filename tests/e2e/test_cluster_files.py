# SPDX-License-Identifier: Apache-2.0
"""What deploy/cluster holds for Kubernetes: its MPIJobs run patched, the device plugin replaces another."""

import os
import pathlib
import subprocess
import tempfile
import unittest

import yaml

from harness import objects
from harness.case import ClusterTest, InstalledTest
from harness.nodes import TYPES, delete_nodes, make_nodes
from harness.process import wait_for
from harness.programs import ROOT, program

CLUSTER = ROOT / "deploy/cluster"
EFA = "vpc.amazonaws.com/efa"
PLUGIN = "602401143452.dkr.ecr.us-west-2.amazonaws.com/eks/aws-efa-k8s-device-plugin"


def documents(path):
    return [each for each in yaml.safe_load_all(path.read_text(encoding="utf-8")) if each]


def as_v1(thing):
    """An MPIJob for the controller of this cluster: its v1 takes what our files use of v2beta1."""
    return thing | {"apiVersion": "kubeflow.org/v1"} if thing["kind"] == "MPIJob" else thing


def job_files():
    return sorted(CLUSTER.glob("types/*/all-reduce.yaml")) + sorted(CLUSTER.glob("types/*/training.yaml"))


def role(name):
    return f"training.kubeflow.org/replica-type={name}"


class JobsTest(InstalledTest):
    """With our webhook in the cluster."""

    def make_type(self, instance_type, count):
        made = make_nodes(self.cluster, count, instance_type, "us-east-1a")
        self.addCleanup(delete_nodes, self.cluster, made)

    def test_the_server_takes_every_job_as_it_is_written(self):
        namespace = self.make_namespace()
        for path in job_files():
            for thing in documents(path):
                with self.subTest(f"{path.parent.name}/{path.name} {thing['kind']}"):
                    self.kubectl(
                        "create",
                        "--dry-run=server",
                        "--validate=strict",
                        "-n",
                        namespace,
                        "-f",
                        "-",
                        stdin=as_v1(thing),
                    )

    def test_the_server_takes_every_worker_as_it_is_patched(self):
        namespace = self.make_namespace()
        for path in job_files():
            job = documents(path)[0]
            worker = job["spec"]["mpiReplicaSpecs"]["Worker"]["template"]
            pod = {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": worker["metadata"]
                | {
                    "name": "worker-0",
                    "labels": {
                        "training.kubeflow.org/job-name": job["metadata"]["name"],
                        "training.kubeflow.org/replica-type": "worker",
                    },
                },
                "spec": worker["spec"],
            }
            interfaces, resource, count = TYPES.get(path.parent.name, (None, None, None))[:3]
            with self.subTest(f"{path.parent.name}/{path.name}"):
                limits = objects.limits_of(self.api.create(pod, namespace, dry_run=True))
                self.assertEqual(
                    limits[EFA], str(interfaces or 16)
                )  # 16: p6-b300, which the harness does not know
                if resource:
                    self.assertEqual(limits[resource], str(count))

    def run_job(self, path, workers, resource, per_node):
        """Create the job, wait until its pods run, and return the launcher and the workers."""
        namespace = self.make_namespace()
        for thing in documents(path):
            self.api.create(as_v1(thing), namespace)
        found = self.cluster.wait_for_pods(namespace, workers, role("worker"), "Running")
        (launcher,) = self.cluster.wait_for_pods(namespace, 1, role("launcher"))
        for pod in found:
            for member in ("limits", "requests"):
                amounts = pod["spec"]["containers"][0]["resources"][member]
                self.assertEqual((amounts[EFA], amounts[resource]), per_node)
        self.assertEqual(len({pod["spec"]["nodeName"] for pod in found}), workers)
        self.assertNotIn(EFA, objects.limits_of(launcher))
        self.assertIsNone(objects.status_of(launcher))
        return found

    def test_the_all_reduce_benchmark_runs_on_two_p5(self):
        self.make_type("p5.48xlarge", 2)
        for pod in self.run_job(
            CLUSTER / "types/p5.48xlarge/all-reduce.yaml", 2, "nvidia.com/gpu", ("32", "8")
        ):
            self.assertEqual(objects.limits_of(pod)["hugepages-2Mi"], "5Gi")

    def test_the_training_job_runs_on_four_p5en(self):
        self.make_type("p5en.48xlarge", 4)
        found = self.run_job(CLUSTER / "types/p5en.48xlarge/training.yaml", 4, "nvidia.com/gpu", ("16", "8"))
        mounts = {each["mountPath"] for each in found[0]["spec"]["containers"][0]["volumeMounts"]}
        self.assertLessEqual({"/etc/training", "/dev/shm"}, mounts)

    def test_the_training_job_runs_on_four_trn2(self):
        self.make_type("trn2.48xlarge", 4)
        self.run_job(CLUSTER / "types/trn2.48xlarge/training.yaml", 4, "aws.amazon.com/neuron", ("16", "16"))


def daemonset(name, version, affinity=None, tolerations=None):
    """The plugin as eksctl's file and as the chart makes it: both select by the same label."""
    labels = {"name": "aws-efa-k8s-device-plugin"}
    spec = {
        "containers": [{"name": "plugin", "image": f"{PLUGIN}:{version}"}],
        "tolerations": tolerations or [],
        "terminationGracePeriodSeconds": 0,
    }
    if affinity:
        spec["affinity"] = affinity
    return {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": {"name": name, "namespace": "kube-system"},
        "spec": {
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": spec},
        },
    }


def in_types(types):
    expression = {"key": "node.kubernetes.io/instance-type", "operator": "In", "values": types}
    return {
        "nodeAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": {
                "nodeSelectorTerms": [{"matchExpressions": [expression]}]
            }
        }
    }


class DevicePluginTest(ClusterTest):
    """install.sh against a real API server and DaemonSet controller. AWS's chart cannot be had here: a
    program in helm's place applies a DaemonSet as the chart makes it, from our values."""

    parts = ("scheduler", "controller-manager", "kwok")

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        made = make_nodes(self.cluster, 1, "p5.48xlarge") + make_nodes(self.cluster, 1, "p6-b200.48xlarge")
        plain = make_nodes(self.cluster, 1, "m7i.2xlarge")
        self.nodes = set(made)
        self.addCleanup(delete_nodes, self.cluster, made + plain)
        self.addCleanup(
            self.kubectl,
            "delete",
            "daemonset",
            "-n",
            "kube-system",
            "--ignore-not-found",
            "aws-efa-k8s-device-plugin",
            "aws-efa-k8s-device-plugin-daemonset",
        )

    def pods(self):
        return [
            pod
            for pod in self.cluster.pods("kube-system", "name=aws-efa-k8s-device-plugin")
            if "deletionTimestamp" not in pod["metadata"]
        ]

    def install(self):
        values = yaml.safe_load((CLUSTER / "device-plugin/values.yaml").read_text(encoding="utf-8"))
        chart = daemonset(
            values["fullnameOverride"],
            "v0.5.20",
            in_types(values["supportedInstanceLabels"]["values"]),
            values["tolerations"],
        )
        (self.folder / "chart.yaml").write_text(yaml.safe_dump(chart))
        helm = self.folder / "helm"
        helm.write_text(f"#!/bin/sh\nexec {program('kubectl')} apply -f {self.folder}/chart.yaml\n")
        helm.chmod(0o755)
        subprocess.run(
            ["sh", str(CLUSTER / "device-plugin/install.sh")],
            check=True,
            timeout=120,
            env=os.environ
            | {
                "KUBECTL": str(program("kubectl")),
                "HELM": str(helm),
                "KUBECONFIG": str(self.cluster.kubeconfig),
            },
        )

    def wait_for_one_a_node(self, version):
        def look():
            found = [
                (pod["spec"].get("nodeName", ""), pod["spec"]["containers"][0]["image"])
                for pod in self.pods()
            ]
            return sorted(found) == sorted((name, f"{PLUGIN}:{version}") for name in self.nodes)

        wait_for(f"one plugin {version} on each node with EFA", look, 60)

    def test_the_chart_takes_the_place_of_eksctl_s_plugin(self):
        # eksctl's knows p5 but not p6-b200, whose node therefore has none.
        old = daemonset("aws-efa-k8s-device-plugin-daemonset", "v0.5.4", in_types(["p5.48xlarge"]))
        self.api.create(old)
        wait_for("eksctl's plugin is on one node", lambda: len(self.pods()) == 1, 60)
        self.install()
        self.wait_for_one_a_node("v0.5.20")
        names = {
            each["metadata"]["name"]
            for each in self.api.items("/apis/apps/v1/namespaces/kube-system/daemonsets")
        }
        self.assertEqual(
            names & {"aws-efa-k8s-device-plugin", "aws-efa-k8s-device-plugin-daemonset"},
            {"aws-efa-k8s-device-plugin"},
        )

    def test_a_second_run_changes_nothing(self):
        self.install()
        self.wait_for_one_a_node("v0.5.20")
        before = {pod["metadata"]["uid"] for pod in self.pods()}
        self.install()
        self.assertEqual({pod["metadata"]["uid"] for pod in self.pods()}, before)


if __name__ == "__main__":
    unittest.main()
