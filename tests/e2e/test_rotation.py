# SPDX-License-Identifier: Apache-2.0
"""A new CA and a new leaf under load, with replicas that see the leaf 90 s apart: no call fails."""
import base64
import http.client
import socket
import ssl
import threading
import time
import unittest

from harness.api import ApiError, collection
from harness.case import OwnInstalledTest
from harness.installation import CONFIGURATION, NAMESPACE
from harness.load import Load
from harness.process import wait_for

HOST = "efa-webhook.efa-injector.svc"
BETWEEN_REPLICAS = 90
FIRST_DELAY = 10  # seconds between two steps before a replica has anything new to see
LAST_DELAY = BETWEEN_REPLICAS + 10


class Handshakes(threading.Thread):
    """Fresh TLS connections to the Service, each held to the bundle that was in force before it began."""

    def __init__(self, cluster, address):
        super().__init__(daemon=True)
        self.cluster = cluster
        self.address = address
        self.count = 0
        self.failures = []
        self.is_stopping = threading.Event()

    def run(self):
        while not self.is_stopping.wait(0.2):
            try:
                context = ssl.create_default_context(cadata=bundle_of(self.cluster))
                with socket.create_connection(self.address, 5) as plain:
                    with context.wrap_socket(plain, server_hostname=HOST):
                        self.count += 1
            except (ssl.SSLError, OSError, ApiError, http.client.HTTPException) as error:
                self.failures.append(repr(error))
        self.cluster.api.close()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.is_stopping.set()
        self.join(30)


def bundle_of(cluster):
    text = cluster.api.get(CONFIGURATION)["webhooks"][0]["clientConfig"]["caBundle"]
    return base64.b64decode(text).decode()


class RotationTest(OwnInstalledTest):
    parts = ("scheduler", "controller-manager", "kwok")
    refreshes = False

    def authorities(self):
        return bundle_of(self.cluster).count("BEGIN CERTIFICATE")

    def show_leaf_to(self, run):
        """The kubelet has brought the new Secret, and the replica serves it without a restart."""
        old = run.served_certificate()
        self.assertTrue(self.installed.kubelet.refresh(run))
        wait_for("the replica serves the new leaf", lambda: run.served_certificate() != old, 20)

    def rotate(self):
        """All steps of a rotation of CA and leaf, as the CronJob makes them, in less time."""
        first, second = self.installed.replicas
        manage = self.installed.manage_certs
        self.assertEqual(self.authorities(), 1)
        self.api.delete(f"{collection('Secret', 'v1', NAMESPACE)}/efa-webhook-ca")  # the authority is lost
        self.assertIn("set-bundle", manage(f"--step-delay={FIRST_DELAY}"))
        self.assertEqual(self.authorities(), 2)
        time.sleep(FIRST_DELAY)
        self.assertIn("issue-leaf", manage(f"--step-delay={FIRST_DELAY}"))
        issued = time.monotonic()
        self.show_leaf_to(first)
        self.assertNotEqual(first.served_certificate(), second.served_certificate())
        self.assertEqual(manage(f"--step-delay={LAST_DELAY}"), ["wait"])
        self.assertEqual(self.authorities(), 2)
        time.sleep(max(0, issued + BETWEEN_REPLICAS - time.monotonic()))
        self.show_leaf_to(second)
        time.sleep(max(0, issued + LAST_DELAY + 1 - time.monotonic()))
        self.assertIn("set-bundle", manage(f"--step-delay={LAST_DELAY}"))
        self.assertEqual(self.authorities(), 1)

    def test_rotation_under_load(self):
        before = bundle_of(self.cluster)
        with Handshakes(self.cluster, self.installed.proxy.address) as handshakes, \
                Load(self.cluster, self.make_namespace()) as load:
            wait_for("the load is on", lambda: load.created > load.rate)
            self.rotate()
            count = load.created
            wait_for("the load goes on", lambda: load.created > count + 5 * load.rate, 60)
        print(load.summary(), f"{handshakes.count} handshakes beside them")
        self.assertEqual(load.failures[:10], [])
        self.assertEqual(handshakes.failures[:10], [])
        self.assertTrue(load.is_what_was_asked_for(), load.summary())
        self.assertGreater(handshakes.count, 100)
        self.assertNotEqual(bundle_of(self.cluster), before)
        self.assertEqual(len({run.served_certificate() for run in self.installed.replicas}), 1)


if __name__ == "__main__":
    unittest.main()
