# SPDX-License-Identifier: Apache-2.0
"""Base classes of the tests."""
import os
import sys
import unittest

from .cluster import Cluster
from .control_plane import PARTS, ControlPlane
from .installation import Installation
from .process import end_with_parent
from .programs import FOLDER_OF, Missing, part

NEEDS = {"scheduler": "kube-scheduler", "controller-manager": "kube-controller-manager", "kwok": "kwok",
         "kubeflow": "kubeflow-controllers"}


def require(parts):
    """Skip the test, in a sentence, where a part cannot be had (KUBEBUILDER_ASSETS and no Go)."""
    for name in parts:
        try:
            part(FOLDER_OF[NEEDS.get(name, name)])
        except Missing as missing:
            raise unittest.SkipTest(f"{missing}: {name} is built by Go") from None


class ClusterTest(unittest.TestCase):
    """Tests on the cluster that all test files of a run share: self.cluster, self.api, self.kubectl()."""

    parts = PARTS  # what the tests need besides etcd and kube-apiserver
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        require(cls.parts)
        cls.cluster = cls.get_cluster()
        cls.api = cls.cluster.api
        cls.addClassCleanup(cls.api.close)
        cls.kubectl = cls.cluster.kubectl

    @classmethod
    def get_cluster(cls):
        description = os.environ.get("EFA_E2E_CLUSTER")
        if description:
            end_with_parent()
            return Cluster.attach(description)
        own = ControlPlane(cls.parts)
        cls.addClassCleanup(own.stop)
        return own

    def make_namespace(self, labels=None):
        """A namespace that goes when the test ends."""
        name = self.cluster.make_namespace(labels)
        self.addCleanup(self.cluster.delete_namespace, name)
        return name


class OwnClusterTest(ClusterTest):
    """Tests that restart or break things: each class has a cluster of its own, by `parts` and `options`."""

    options = {}

    @classmethod
    def get_cluster(cls):
        end_with_parent()
        own = ControlPlane(cls.parts, cls.options)
        cls.addClassCleanup(own.stop)
        return own


class InstalledTest(ClusterTest):
    """Tests with deploy/ installed: self.installed (installation.Installation)."""

    overlay = "self-managed"
    install = None  # a function of the cluster, in place of kubectl apply -k
    refreshes = True
    by_hand = False

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.installed = Installation(cls.cluster, cls.overlay, cls.install, cls.refreshes, cls.by_hand)
        cls.addClassCleanup(cls.end_installation)

    def run(self, result=None):
        """As unittest does; where a test fails it is shown how the replicas are and what they wrote last."""
        before = len(result.failures) + len(result.errors) if result else 0
        outcome = super().run(result)
        if result and len(result.failures) + len(result.errors) > before:
            print(self.installed.kubelet.state(), file=sys.stderr)
        return outcome

    @classmethod
    def end_installation(cls):
        cls.installed.remove()


class OwnInstalledTest(InstalledTest, OwnClusterTest):
    """Both: a cluster of its own with deploy/ installed."""

    @classmethod
    def end_installation(cls):
        cls.installed.stop()

    def make_namespace(self, labels=None):
        """A namespace that ends with the cluster."""
        return self.cluster.make_namespace(labels)
