# SPDX-License-Identifier: Apache-2.0
"""Pods of every kind of owner come back patched, and run."""
import unittest

from harness import objects
from harness.case import InstalledTest


class OwnersTest(InstalledTest):
    overlay = "../base"
    by_hand = True

    def test_bare_pod(self):
        namespace = self.make_namespace()
        made = self.api.create(objects.annotated_pod("a"), namespace)
        self.assertEqual(objects.limits_of(made)["vpc.amazonaws.com/efa"], "32")


if __name__ == "__main__":
    unittest.main()
