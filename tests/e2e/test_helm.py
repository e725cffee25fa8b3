#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The chart, installed and upgraded by helm while its pods run."""
import unittest

from harness import manifests, objects
from harness.api import collection
from harness.case import InstalledTest
from harness.installation import NAMESPACE, helm
from harness.process import wait_for

CHART = [manifests.CHART, "--namespace", NAMESPACE]


def install(cluster):
    return helm(cluster, "install", "efa-injector", *CHART, "--create-namespace")


class HelmTest(InstalledTest):
    parts = ("scheduler", "controller-manager", "kwok", "helm")
    install = staticmethod(install)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Runs before the installation is removed, or helm would find nothing.
        cls.addClassCleanup(helm, cls.cluster, "uninstall", "efa-injector", "--namespace", NAMESPACE)

    def upgrade(self, *values):
        """helm upgrade, waiting as a pipeline would: for the Deployment, and for the Job of the certificates."""
        helm(self.cluster, "upgrade", "efa-injector", *CHART, "--reset-values", *values, "--wait", "--wait-for-jobs",
             "--timeout", "120s")
        wait_for("the old replicas are gone",
                 lambda: len(self.cluster.pods(NAMESPACE, "app.kubernetes.io/component=webhook")) == 2, 60)
        self.installed.proxy.wait_for_endpoints(2)

    def made(self, annotations=None, **keywords):
        return self.api.create(objects.annotated_pod("p", annotations, **keywords), self.namespace, dry_run=True)

    def setUp(self):
        self.namespace = self.make_namespace()

    def test_pods_are_patched(self):
        self.assertEqual("32", objects.limits_of(self.made())["vpc.amazonaws.com/efa"])

    def test_the_rights_suffice_to_watch_nodes(self):
        wait_for("each replica has a list", lambda: self.installed.metric("node_lists_total") >= 2)
        self.assertEqual(0, self.installed.metric("node_watch_failures_total"))

    def test_an_upgrade_makes_new_replicas_and_no_new_certificate(self):
        before = {run.name for run in self.installed.replicas}
        leaf = self.secret("efa-webhook-tls")
        self.upgrade("--set", "logLevel=debug")
        self.assertFalse(before & {run.name for run in self.installed.replicas})
        self.assertEqual(leaf, self.secret("efa-webhook-tls"))
        self.assertEqual("32", objects.limits_of(self.made())["vpc.amazonaws.com/efa"])

    def test_an_upgrade_of_the_image_does_not_stumble_over_the_job(self):
        jobs = self.jobs()
        self.upgrade("--set", "image.repository=registry.example.com/efa-injector")
        self.assertEqual(1, len(self.jobs()))
        self.assertNotEqual(jobs, self.jobs())
        self.upgrade()
        self.assertEqual(jobs, self.jobs())
        self.assertEqual("32", objects.limits_of(self.made())["vpc.amazonaws.com/efa"])

    def test_another_prefix_is_one_value(self):
        self.upgrade("--set", "annotationPrefix=efa.example.com")
        self.addCleanup(self.upgrade)
        pod = objects.pod("p", [objects.gpu_container()], {"efa.example.com/inject": "true"},
                          nodeSelector={"node.kubernetes.io/instance-type": "p5.48xlarge"})

        def is_patched():
            answer = self.api.try_create(pod, self.namespace, dry_run=True)
            return answer.status == 201 and answer.body

        made = wait_for("the other prefix is patched", is_patched)
        self.assertEqual("32", objects.limits_of(made)["vpc.amazonaws.com/efa"])
        self.assertIn("efa.example.com/status", made["metadata"]["annotations"])
        self.assertNotIn("vpc.amazonaws.com/efa", objects.limits_of(self.made()))

    def secret(self, name):
        return self.api.get(f"{collection('Secret', 'v1', NAMESPACE)}/{name}")["data"]

    def jobs(self):
        return [job["metadata"]["name"] for job in self.api.items(collection("Job", "batch/v1", NAMESPACE))
                if not job["metadata"].get("ownerReferences") and "deletionTimestamp" not in job["metadata"]]


if __name__ == "__main__":
    unittest.main()
