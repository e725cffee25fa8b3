# SPDX-License-Identifier: Apache-2.0
"""Namespaces with a LimitRange, a ResourceQuota, Pod Security `restricted`, and all three."""
import unittest

from harness import objects
from harness.case import InstalledTest
from harness.nodes import delete_nodes, make_nodes
from harness.process import wait_for

RESTRICTED_LABELS = {"pod-security.kubernetes.io/enforce": "restricted"}
NOT_ASKED = {"efa-injector.io/inject": "false"}
CONTAINER_SECURITY = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}


def limit_range(**limits):
    return {"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "limits"},
            "spec": {"limits": [{"type": "Container", **limits}]}}


def quota(**hard):
    return {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {
            "name": "quota"
        },
        "spec": {
            "hard": hard
        }
    }


def restricted_pod(name, container=None, **keywords):
    container = container or objects.gpu_container()
    return objects.annotated_pod(name, containers=[container | {"securityContext": CONTAINER_SECURITY}],
                                 securityContext=objects.RESTRICTED, **keywords)


class NamespacesTest(InstalledTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Huge pages are injected where a node shows that they can be had.
        cls.addClassCleanup(delete_nodes, cls.cluster, make_nodes(cls.cluster, 1, "p5.48xlarge"))

    def make_limited(self, *things, labels=None):
        """A namespace with these objects, once the API server's admission knows them."""
        namespace = self.make_namespace(labels)
        for thing in things:
            self.api.create(thing, namespace)
            if thing["kind"] == "ResourceQuota":
                path = f"/api/v1/namespaces/{namespace}/resourcequotas/quota"
                wait_for("the quota is counted", lambda: self.api.get(path)["status"].get("used"))
            else:
                probe = restricted_pod("probe",
                                       objects.container(requests={"cpu": "1"}),
                                       annotations=NOT_ASKED)
                wait_for("the LimitRange is in force", lambda: objects.limits_of(
                    self.api.create(probe, namespace, dry_run=True)))
        return namespace

    def used(self, namespace, resource):
        quota_path = f"/api/v1/namespaces/{namespace}/resourcequotas/quota"
        return self.api.get(quota_path)["status"]["used"][resource]

    def test_default_of_no_efa_is_kept_and_warned_about(self):
        namespace = self.make_limited(limit_range(default={"vpc.amazonaws.com/efa": "0"},
                                                  defaultRequest={"vpc.amazonaws.com/efa": "0"}))
        answer = self.api.try_create(objects.annotated_pod("a"), namespace)
        self.assertEqual(answer.status, 201)
        self.assertEqual(objects.limits_of(answer.body)["vpc.amazonaws.com/efa"], "0")
        self.assertIn("efa-zero", objects.status_of(answer.body)["warnings"])
        self.assertTrue(any("LimitRange" in text for text in answer.warnings), answer.warnings)

    def test_defaults_of_cpu_and_memory_stay(self):
        namespace = self.make_limited(limit_range(
            default={"cpu": "8", "memory": "200Gi"}, defaultRequest={"cpu": "4", "memory": "100Gi"},
            min={"cpu": "100m", "memory": "1Gi"}))
        container = objects.container(limits={"nvidia.com/gpu": "8"})
        made = self.api.create(objects.annotated_pod("a", containers=[container]), namespace)
        resources = made["spec"]["containers"][0]["resources"]
        self.assertEqual(resources["limits"], {
            "cpu": "8", "memory": "200Gi", "nvidia.com/gpu": "8", "vpc.amazonaws.com/efa": "32",
            "hugepages-2Mi": "5Gi"})
        self.assertEqual(resources["requests"]["cpu"], "4")
        volumes = {volume["name"]: volume for volume in made["spec"]["volumes"]}
        self.assertEqual(volumes["efa-shm"]["emptyDir"]["sizeLimit"], "64Gi")  # not half of the LimitRange's

    def test_default_memory_bounds_shm(self):
        namespace = self.make_limited(
            limit_range(default={"memory": "64Gi"}, defaultRequest={"memory": "64Gi"}))
        container = objects.container(limits={"nvidia.com/gpu": "8"})
        made = self.api.create(objects.annotated_pod("a", containers=[container]), namespace)
        volumes = {volume["name"]: volume for volume in made["spec"]["volumes"]}
        self.assertEqual(volumes["efa-shm"]["emptyDir"]["sizeLimit"], "32Gi")

    def test_largest_amount_that_a_limit_range_allows_is_kept(self):
        """The API server writes a maximum into containers that name no amount, and what is written stands."""
        namespace = self.make_limited(limit_range(max={"hugepages-2Mi": "1Gi"}))
        made = self.api.create(objects.annotated_pod("a"), namespace)
        self.assertEqual(objects.limits_of(made)["hugepages-2Mi"], "1Gi")
        self.assertEqual(objects.limits_of(made)["vpc.amazonaws.com/efa"], "32")

    def test_quota_counts_what_was_patched_in(self):
        namespace = self.make_limited(
            quota(
                **{
                    "requests.vpc.amazonaws.com/efa": "40",
                    "requests.nvidia.com/gpu": "16",
                    "requests.hugepages-2Mi": "64Gi"
                }))
        self.api.create(objects.annotated_pod("a"), namespace)
        wait_for("the quota counts", lambda: self.used(namespace, "requests.vpc.amazonaws.com/efa") == "32")
        self.assertEqual(self.used(namespace, "requests.nvidia.com/gpu"), "8")
        self.assertEqual(self.used(namespace, "requests.hugepages-2Mi"), "5Gi")
        answer = self.api.try_create(objects.annotated_pod("b"), namespace)
        self.assertEqual(answer.status, 403)
        self.assertIn("exceeded quota: quota, requested: requests.vpc.amazonaws.com/efa=32",
                      answer.body["message"])

    def test_quota_on_cpu_takes_a_container_that_names_none(self):
        """Huge pages need a container that names cpu or memory; what we add for that breaks no quota."""
        namespace = self.make_limited(quota(**{"requests.cpu": "1"}))
        made = self.api.create(objects.annotated_pod("a", containers=[
            objects.container(limits={"nvidia.com/gpu": "8"})]), namespace)
        self.assertEqual(made["spec"]["containers"][0]["resources"]["requests"]["cpu"], "0")
        self.assertEqual(objects.limits_of(made)["hugepages-2Mi"], "5Gi")

    def test_restricted(self):
        namespace = self.make_namespace(RESTRICTED_LABELS)
        self.assertEqual(self.api.try_create(objects.annotated_pod("a"), namespace).status,
                         403)  # it is enforced
        made = self.api.create(restricted_pod("a"), namespace)
        self.assertEqual(objects.limits_of(made)["vpc.amazonaws.com/efa"], "32")

    def test_all_three(self):
        namespace = self.make_limited(limit_range(default={
            "cpu": "90",
            "memory": "500Gi"
        },
                                                  defaultRequest={
                                                      "cpu": "1",
                                                      "memory": "1Gi"
                                                  },
                                                  min={
                                                      "cpu": "100m",
                                                      "memory": "128Mi"
                                                  }),
                                      quota(
                                          **{
                                              "requests.cpu": "100",
                                              "limits.cpu": "200",
                                              "requests.memory": "1Ti",
                                              "limits.memory": "2Ti",
                                              "requests.vpc.amazonaws.com/efa": "32"
                                          }),
                                      labels=RESTRICTED_LABELS)
        container = objects.container(limits={"nvidia.com/gpu": "8"})
        made = self.api.create(restricted_pod("a", container), namespace)
        self.assertEqual(objects.status_of(made)["result"], "injected")
        self.assertEqual(objects.limits_of(made)["vpc.amazonaws.com/efa"], "32")
        wait_for("the quota counts", lambda: self.used(namespace, "requests.vpc.amazonaws.com/efa") == "32")
        self.assertEqual(self.api.try_create(restricted_pod("b", container), namespace).status, 403)


if __name__ == "__main__":
    unittest.main()
