# SPDX-License-Identifier: Apache-2.0
"""Rolling restarts under load: not one call fails."""
import unittest

from harness.case import OwnInstalledTest
from harness.installation import NAMESPACE
from harness.load import Load
from harness.process import wait_for


class RollingTest(OwnInstalledTest):
    parts = ("scheduler", "controller-manager", "kwok")

    def assert_no_failure(self, load):
        print(load.summary())
        if load.failures:
            print(self.story(load))
        self.assertEqual(load.failures[:10], [])
        self.assertTrue(load.is_what_was_asked_for(), load.summary())

    def story(self, load):
        """What happened when, in seconds since the load began."""
        events = [tuple(failure) for failure in load.failures[:20]]
        events += self.installed.proxy.history
        for run in self.installed.kubelet.past:
            events += [(run.terminated_at or 0, f"{run.address} got SIGTERM"),
                       (run.ended_at or 0, f"{run.address} ended")]
        return "\n".join(f"{at - load.began:8.3f} {text}" for at, text in sorted(events))

    def test_rolling_restart(self):
        old = self.installed.replicas
        namespace = self.make_namespace()
        with Load(self.cluster, namespace) as load:
            wait_for("the load is on", lambda: load.created > 2 * load.rate)
            self.kubectl("-n", NAMESPACE, "rollout", "restart", "deployment/efa-webhook")
            self.kubectl("-n", NAMESPACE, "rollout", "status", "deployment/efa-webhook", "--timeout=110s")
            wait_for("the old replicas have ended",
                     lambda: all(run in self.installed.kubelet.past for run in old), 60)
            before = load.created
            wait_for("the new replicas carry the load", lambda: load.created > before + 2 * load.rate)
        self.assert_no_failure(load)
        for run in old:
            self.assertIsNotNone(run.terminated_at)
            self.assertEqual(run.container.poll(), 0, run.log)
        answered = self.installed.metric("review_seconds_count")
        self.assertGreater(answered, 0)


if __name__ == "__main__":
    unittest.main()
