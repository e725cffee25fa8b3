# SPDX-License-Identifier: Apache-2.0
"""A test with a cluster and our webhook in it."""
import contextlib
import pathlib
import unittest

from harness.control_plane import ControlPlane
from registration import Certificates, make_webhook, probe_pod, registered, reviews

PARTS = ("scheduler", "controller-manager", "kwok")
NAMESPACE = {"e2e.webhook": "shipped"}  # labels of namespaces whose pods go to the webhook as it is shipped


class ClusterCase(unittest.TestCase):
    """The cluster's parts and the webhook's options are the class's."""
    parts = PARTS
    options = ()

    @classmethod
    def setUpClass(cls):
        cls.certificates = Certificates()
        cls.addClassCleanup(cls.certificates.close)
        cls.folder = pathlib.Path(cls.certificates.folder.name)
        cls.cluster = ControlPlane(cls.parts)
        cls.addClassCleanup(cls.cluster.stop)
        cls.api = cls.cluster.api
        cls.addClassCleanup(cls.api.close)
        cls.server = cls.enterClassContext(cls.webhook("efa-e2e-shipped", NAMESPACE, *cls.options))

    @classmethod
    def enterClassContext(cls, manager):  # unittest has it from Python 3.11 on
        value = manager.__enter__()
        cls.addClassCleanup(manager.__exit__, None, None, None)
        return value

    @classmethod
    @contextlib.contextmanager
    def webhook(cls, name, labels, *options):
        """Our program, to which pods of namespaces with these labels are sent."""
        server = cls.certificates.start(*options)
        probe = cls.cluster.make_namespace(labels)
        webhook = make_webhook(server, cls.certificates.ca_bundle(), namespaces=labels)

        def is_called():
            cls.api.try_create(probe_pod(), probe, dry_run=True)
            return reviews(server) > 0
        try:
            with registered(cls.api, {name: webhook}, is_called):
                yield server
        finally:
            cls.cluster.delete_namespace(probe)
            server.stop()

    def make_namespace(self, labels=None):
        name = self.cluster.make_namespace(labels or NAMESPACE)
        self.addCleanup(self.cluster.delete_namespace, name)
        return name

    @contextlib.contextmanager
    def another_webhook(self, *options):
        """A namespace whose pods go to our program with other options."""
        labels = {"e2e.webhook": "another"}
        with self.webhook("efa-e2e-another", labels, *options):
            yield self.make_namespace(labels)
