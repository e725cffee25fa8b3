# SPDX-License-Identifier: Apache-2.0
"""Pods of every kind of owner come back patched, are bound, and run."""
import unittest

from harness import objects
from harness.api import collection
from harness.case import InstalledTest
from harness.nodes import delete_nodes, make_nodes
from harness.process import wait_for

ZONE = "topology.kubernetes.io/zone"
GROUP = "efa-injector.io/group"


def zone_terms(pod):
    affinity = (pod["spec"].get("affinity") or {}).get("podAffinity") or {}
    return [term for term in affinity.get("requiredDuringSchedulingIgnoredDuringExecution") or []
            if term["topologyKey"] == ZONE]


def volume_of(pod, path):
    """The volume that the first container mounts there."""
    mounts = {mount["mountPath"]: mount["name"] for mount in pod["spec"]["containers"][0]["volumeMounts"]}
    return next(volume for volume in pod["spec"]["volumes"] if volume["name"] == mounts[path])


class OwnersTest(InstalledTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        nodes = [name for zone in ("us-east-1a", "us-east-1b") for name in
                 make_nodes(cls.cluster, 4, "p5.48xlarge", zone)]
        cls.addClassCleanup(delete_nodes, cls.cluster, nodes)

    def assert_patched(self, pod, with_term=True):
        """It asks for a whole p5.48xlarge, as README shows."""
        resources = pod["spec"]["containers"][0]["resources"]
        for kind in ("limits", "requests"):
            self.assertEqual(resources[kind]["vpc.amazonaws.com/efa"], "32")
            self.assertEqual(resources[kind]["nvidia.com/gpu"], "8")
            self.assertEqual(resources[kind]["hugepages-2Mi"], "5Gi")
        self.assertEqual(volume_of(pod, "/dev/hugepages")["emptyDir"], {"medium": "HugePages"})
        self.assertEqual(volume_of(pod, "/dev/shm")["emptyDir"], {"medium": "Memory", "sizeLimit": "64Gi"})
        self.assertEqual(objects.env_of(pod)["FI_PROVIDER"], "efa")
        self.assertIn("NCCL_SOCKET_IFNAME", objects.env_of(pod))
        self.assertEqual(objects.status_of(pod)["result"], "injected")
        self.assertEqual(objects.status_of(pod)["instanceType"], "p5.48xlarge")
        terms = zone_terms(pod)
        self.assertEqual(len(terms), 1 if with_term else 0, terms)
        if with_term:
            self.assertEqual(terms[0]["labelSelector"]["matchLabels"],
                             {GROUP: pod["metadata"]["labels"][GROUP]})

    def assert_one_group(self, pods):
        """All carry one group, and were bound in one zone."""
        self.assertEqual(len({pod["metadata"]["labels"][GROUP] for pod in pods}), 1)
        zones = {
            self.api.get(f"/api/v1/nodes/{pod['spec']['nodeName']}")["metadata"]["labels"][ZONE]
            for pod in pods
        }
        self.assertEqual(len(zones), 1, zones)

    def run_to(self, thing, count, phase, selector=""):
        namespace = self.make_namespace()
        self.api.create(thing, namespace)
        return self.cluster.wait_for_pods(namespace, count, selector, phase)

    def test_pod(self):
        pod, = self.run_to(objects.annotated_pod("a"), 1, "Running")
        self.assert_patched(pod, with_term=False)  # it has no peers that anything knows of

    def test_pod_that_did_not_ask_is_left_alone(self):
        pod, = self.run_to(objects.pod("a"), 1, "Running")
        self.assertIsNone(objects.status_of(pod))
        self.assertNotIn("resources", [key for key, value in pod["spec"]["containers"][0].items() if value])

    def test_job(self):
        """Pods that ended draw nobody into their zone: none ends before all are bound."""
        pods = self.run_to(objects.job("train", 3, labels={objects.KEEPS_RUNNING: ""}), 3, "Running")
        for pod in pods:
            self.assert_patched(pod)
        self.assert_one_group(pods)
        namespace = pods[0]["metadata"]["namespace"]
        for pod in pods:
            self.api.merge(f"/api/v1/namespaces/{namespace}/pods/{pod['metadata']['name']}",
                           {"metadata": {"labels": {objects.KEEPS_RUNNING: None}}})
        path = f"{collection('Job', 'batch/v1', namespace)}/train"
        wait_for("the Job is complete", lambda: self.api.get(path)["status"].get("succeeded") == 3)

    def test_deployment(self):
        for pod in self.run_to(objects.deployment("serve", 2), 2, "Running"):
            self.assert_patched(pod, with_term=False)  # what serves may do so from several zones

    def test_statefulset(self):
        pods = self.run_to(objects.deployment("rank", 3, kind="StatefulSet"), 3, "Running")
        for pod in pods:
            self.assert_patched(pod)
        self.assert_one_group(pods)

    def test_mpijob(self):
        pods = self.run_to(objects.mpijob("nccl", 3), 4, "Running")
        roles = {"launcher": [], "worker": []}
        for pod in pods:
            roles[pod["metadata"]["labels"]["training.kubeflow.org/replica-type"]].append(pod)
        self.assertEqual(len(roles["worker"]), 3)
        for pod in roles["worker"]:
            self.assert_patched(pod)
            self.assertIn("env-needs-x", objects.status_of(pod)["warnings"])
        self.assert_one_group(roles["worker"])
        launcher, = roles["launcher"]
        self.assertIsNone(objects.status_of(launcher))
        self.assertNotIn("vpc.amazonaws.com/efa", objects.limits_of(launcher))
        self.assertNotIn("FI_PROVIDER", objects.env_of(launcher))

    def test_mpijob_whose_launcher_is_annotated_too(self):
        job = objects.mpijob("nccl", 2)
        template = job["spec"]["mpiReplicaSpecs"]["Launcher"]["template"]
        template["metadata"]["annotations"] = dict(objects.INJECT)
        pods = self.run_to(job, 3, "Running")
        launcher, = [pod for pod in pods
                     if pod["metadata"]["labels"]["training.kubeflow.org/replica-type"] == "launcher"]
        self.assertEqual(objects.status_of(launcher)["result"], "launcher")
        self.assertNotIn("vpc.amazonaws.com/efa", objects.limits_of(launcher))
        self.assertNotIn("FI_PROVIDER", objects.env_of(launcher))

    def test_pytorchjob(self):
        pods = self.run_to(objects.pytorchjob("llm", 2), 3, "Running")
        for pod in pods:
            self.assert_patched(pod)
            names = [variable["name"] for variable in pod["spec"]["containers"][0]["env"]]
            for name in ("MASTER_ADDR", "MASTER_PORT", "WORLD_SIZE", "RANK"):  # the controller's own
                self.assertIn(name, names)
            self.assertEqual(names[-2:], ["FI_PROVIDER", "NCCL_SOCKET_IFNAME"])
        self.assertEqual({objects.env_of(pod)["RANK"] for pod in pods}, {"0", "1", "2"})
        self.assert_one_group(pods)


class CustomOwnersTest(InstalledTest):
    """Controllers that cannot be built here: their pods made by hand, as they make them."""

    KINDS = {
        "JobSet": "jobset.x-k8s.io",
        "LeaderWorkerSet": "leaderworkerset.x-k8s.io",
        "RayCluster": "ray.io"
    }

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        nodes = make_nodes(cls.cluster, 4, "p5.48xlarge")
        cls.addClassCleanup(delete_nodes, cls.cluster, nodes)
        for kind, group in cls.KINDS.items():
            cls.make_definition(kind, group)

    @classmethod
    def make_definition(cls, kind, group):
        plural = kind.lower() + "s"
        schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
        path = collection("CustomResourceDefinition", "apiextensions.k8s.io/v1")
        cls.api.create({
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": {"name": f"{plural}.{group}"},
            "spec": {"group": group, "scope": "Namespaced",
                     "names": {"kind": kind, "plural": plural, "singular": kind.lower()},
                     "versions": [{"name": "v1", "served": True, "storage": True,
                                   "schema": {"openAPIV3Schema": schema}}]}})
        cls.addClassCleanup(cls.api.delete, f"{path}/{plural}.{group}")
        wait_for(f"{kind} is served", lambda: cls.cluster.has(f"/apis/{group}/v1/{plural}"))

    def make_owned(self, kind, pods):
        """An owner of that kind and its pods, by name: dicts of keywords of annotated_pod()."""
        namespace = self.make_namespace()
        group_version = f"{self.KINDS[kind]}/v1"
        owner = self.api.create({
            "apiVersion": group_version,
            "kind": kind,
            "metadata": {
                "name": "train"
            }
        }, namespace)
        reference = {"apiVersion": group_version, "kind": kind, "name": "train", "controller": True,
                     "uid": owner["metadata"]["uid"]}
        for keywords in pods:
            pod = objects.annotated_pod(**keywords)
            pod["metadata"]["ownerReferences"] = [reference]
            self.api.create(pod, namespace)
        made = self.cluster.wait_for_pods(namespace, len(pods), phase="Running")
        return {pod["metadata"]["name"]: pod for pod in made}

    def assert_in_one_group(self, pods):
        for pod in pods:
            self.assertEqual(objects.limits_of(pod)["vpc.amazonaws.com/efa"], "32")
            self.assertEqual(len(zone_terms(pod)), 1)
        self.assertEqual(len({pod["metadata"]["labels"][GROUP] for pod in pods}), 1)

    def test_jobset(self):
        labels = {"jobset.sigs.k8s.io/jobset-uid": "4f2c", "jobset.sigs.k8s.io/jobset-name": "train"}
        pods = self.make_owned("JobSet", [
            {"name": f"train-{role}-0", "labels": labels | {"jobset.sigs.k8s.io/replicatedjob-name": role}}
            for role in ("node", "driver", "dataset-initializer")])
        self.assert_in_one_group([pods["train-node-0"], pods["train-driver-0"]])
        initializer = pods["train-dataset-initializer-0"]
        self.assertNotIn("vpc.amazonaws.com/efa", objects.limits_of(initializer))
        self.assertEqual(objects.status_of(initializer)["result"], "initializer")

    def test_leader_worker_set(self):
        pods = self.make_owned("LeaderWorkerSet", [{
            "name": f"serve-{group}-{worker}",
            "labels": {
                "leaderworkerset.sigs.k8s.io/name": "serve",
                "leaderworkerset.sigs.k8s.io/group-key": f"k{group}"
            }
        } for group in (0, 1) for worker in (0, 1)])
        groups = [[pods[f"serve-{group}-{worker}"] for worker in (0, 1)] for group in (0, 1)]
        for group in groups:
            self.assert_in_one_group(group)
        self.assertNotEqual(groups[0][0]["metadata"]["labels"][GROUP],
                            groups[1][0]["metadata"]["labels"][GROUP])

    def test_ray_cluster(self):
        pods = self.make_owned("RayCluster", [
            {"name": "ray-head", "labels": {"ray.io/cluster": "ray", "ray.io/node-type": "head"},
             "containers": [objects.container("ray-head", limits={"cpu": "4", "memory": "16Gi"})]},
            {"name": "ray-worker-a", "labels": {"ray.io/cluster": "ray", "ray.io/node-type": "worker"}},
            {"name": "ray-worker-b", "labels": {"ray.io/cluster": "ray", "ray.io/node-type": "worker"}}])
        self.assert_in_one_group([pods["ray-worker-a"], pods["ray-worker-b"]])
        self.assertEqual(objects.limits_of(pods["ray-head"]).keys(), {"cpu", "memory"})
        self.assertEqual(objects.status_of(pods["ray-head"])["result"], "ray-head")


if __name__ == "__main__":
    unittest.main()
