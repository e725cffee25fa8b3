#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""--manage-certs against an API server: making, repairing, rotating."""
import datetime
import unittest

from certs_cluster import (AUTHORITY, CHANGED_AT, CONFIGURATION, DAY, HOST, LEAF, CertsCase, configuration, is_trusted)

FIRST = ["make-authority", "set-bundle", "issue-leaf", "none"]


class FirstRun(CertsCase):
    def test_one_run_makes_everything_and_trust_comes_before_what_is_trusted(self):
        self.assertEqual(FIRST, self.run_steps())
        self.assertEqual([AUTHORITY, CONFIGURATION, LEAF], self.cluster.writes)
        self.check_settled()
        self.assertTrue(is_trusted(*self.pair(), self.cluster.bundles()[0], HOST + ".cluster.local"))
        self.assertFalse(is_trusted(*self.pair(), self.cluster.bundles()[0], "efa-webhook.default.svc"))
        self.assertEqual("kubernetes.io/tls", self.cluster.objects[LEAF]["type"])
        self.assertEqual("Opaque", self.cluster.objects[AUTHORITY]["type"])
        self.assertEqual(self.cluster.bundles()[0], self.cluster.data(LEAF, "ca.crt"))

    def test_nothing_else_of_the_configuration_changes(self):
        self.run_steps()
        found = self.cluster.objects[CONFIGURATION]
        expected = configuration()
        expected["webhooks"][0]["clientConfig"]["caBundle"] = found["webhooks"][0]["clientConfig"]["caBundle"]
        self.assertEqual(expected["webhooks"], found["webhooks"])
        self.assertEqual("this", found["metadata"]["annotations"]["example.com/keep"])
        patch = next(request for request in self.cluster.requests
                     if request.method == "PATCH" and request.path == CONFIGURATION)
        self.assertEqual({"name", "clientConfig"}, set(patch.json()["webhooks"][0]))
        self.assertEqual({"caBundle"}, set(patch.json()["webhooks"][0]["clientConfig"]))
        self.assertEqual("efa-webhook-certs", patch.query["fieldManager"])

    def test_every_webhook_of_the_configuration_gets_the_bundle(self):
        self.cluster.set(CONFIGURATION, configuration("a.example.com", "b.example.com"))
        self.assertEqual(FIRST, self.run_steps())
        self.assertEqual(2, len(self.cluster.bundles()))
        self.check_settled()

    def test_names_can_be_given(self):
        self.cluster.set(CONFIGURATION.replace("z-efa", "other"), configuration(service="hook", namespace="ml"))
        self.assertEqual(FIRST, self.run_steps(
            "--namespace", "ml", "--service", "hook", "--tls-secret", "leaf", "--ca-secret", "root",
            "--webhook-configuration", "other-injector"))
        leaf = self.cluster.objects["/api/v1/namespaces/ml/secrets/leaf"]
        self.assertEqual("leaf", leaf["metadata"]["name"])
        self.assertIn("/api/v1/namespaces/ml/secrets/root", self.cluster.objects)

    def test_secrets_are_made_without_a_configuration_and_the_exit_status_says_try_again(self):
        self.cluster.delete(CONFIGURATION)
        self.assertIn("there is no MutatingWebhookConfiguration z-efa-injector", self.refuse(3))
        self.assertEqual([AUTHORITY, LEAF], self.cluster.writes)
        self.refuse(3)
        self.assertEqual([AUTHORITY, LEAF], self.cluster.writes)
        self.cluster.set(CONFIGURATION, configuration())
        self.assertEqual(["set-bundle", "none"], self.run_steps())
        self.check_settled()

    def test_a_configuration_without_webhooks_is_told(self):
        self.cluster.set(CONFIGURATION, {"metadata": {"name": "z-efa-injector"}, "webhooks": []})
        self.assertIn("z-efa-injector lists no webhook", self.refuse(3))


class Rotation(CertsCase):
    def setUp(self):
        super().setUp()
        self.assertEqual(FIRST, self.run_steps())
        self.cluster.age(DAY)

    def test_an_authority_is_changed_in_three_steps_and_every_leaf_is_trusted_all_the_time(self):
        old = self.pair()
        self.cluster.delete(AUTHORITY)
        self.assertEqual(["make-authority", "set-bundle", "wait"], self.run_steps())
        self.assertEqual(["wait"], self.run_steps())
        self.assertEqual(old, self.pair())
        self.check_trusted()
        self.cluster.age(540)
        self.assertEqual(["wait"], self.run_steps())
        self.cluster.age(60)
        self.assertEqual(["issue-leaf", "wait"], self.run_steps())
        new = self.pair()
        self.assertNotEqual(old, new)
        self.check_trusted(old)
        self.check_trusted(new)
        self.cluster.age(540)
        self.assertEqual(["wait"], self.run_steps())
        self.check_trusted(old)
        self.cluster.age(60)
        self.assertEqual(["set-bundle", "forget-authority", "none"], self.run_steps())
        self.assertFalse(is_trusted(*old, self.cluster.bundles()[0]))
        self.check_settled()
        self.assertEqual("", self.cluster.data(AUTHORITY, "previous.crt"))

    def test_one_run_makes_one_step_however_short_the_delay_is(self):
        self.cluster.delete(AUTHORITY)
        events = self.end(self.start("--step-delay", "0"))[0]
        self.assertEqual(["make-authority", "set-bundle", "wait"], [event["step"] for event in events])
        self.assertEqual("issue-leaf", events[-1]["next"])

    def test_an_authority_whose_life_is_two_thirds_over_is_changed(self):
        certificate, key = self.make("old", begins=-67 * DAY, ends=33 * DAY)
        leaf = self.make("leaf", "old")
        self.set_secret(AUTHORITY, ca_crt=certificate, ca_key=key)
        self.set_secret(LEAF, kind="kubernetes.io/tls", tls_crt=leaf[0], tls_key=leaf[1])
        self.cluster.set_bundle(certificate)
        self.cluster.change(LEAF, lambda thing: thing["metadata"].update(
            annotations={CHANGED_AT: "2026-01-01T00:00:00Z"}))
        self.assertEqual(["make-authority", "set-bundle", "wait"], self.run_steps())
        self.assertEqual(certificate, self.cluster.data(AUTHORITY, "previous.crt"))
        self.assertEqual(key, self.cluster.data(AUTHORITY, "previous.key"))
        self.check_trusted()

    def test_a_leaf_whose_life_is_two_thirds_over_is_renewed_and_the_bundle_stays(self):
        authority = self.make("authority")
        leaf = self.make("leaf", "authority", begins=-67 * DAY, ends=33 * DAY)
        self.set_secret(AUTHORITY, ca_crt=authority[0], ca_key=authority[1])
        self.set_secret(LEAF, kind="kubernetes.io/tls", tls_crt=leaf[0], tls_key=leaf[1])
        self.cluster.set_bundle(authority[0])
        self.assertEqual(["issue-leaf", "none"], self.run_steps())
        self.check_trusted(leaf)
        self.check_settled()

    def test_a_leaf_deleted_while_an_authority_joins_is_signed_by_the_old_one(self):
        self.cluster.delete(AUTHORITY)
        self.run_steps()
        self.cluster.age(600)
        self.run_steps()
        self.cluster.age(600)
        self.run_steps()  # all new
        certificate = self.cluster.data(AUTHORITY, "ca.crt")
        key = self.cluster.data(AUTHORITY, "ca.key")
        other = self.make("other")
        self.set_secret(AUTHORITY, ca_crt=other[0], ca_key=other[1], previous_crt=certificate, previous_key=key)
        self.assertEqual(["set-bundle", "wait"], self.run_steps())
        self.cluster.delete(LEAF)
        self.assertEqual(["issue-leaf", "wait"], self.run_steps())
        self.assertTrue(is_trusted(*self.pair(), certificate))
        self.assertFalse(is_trusted(*self.pair(), other[0]))


class Repair(CertsCase):
    def setUp(self):
        super().setUp()
        self.assertEqual(FIRST, self.run_steps())
        self.cluster.age(DAY)
        self.cluster.writes.clear()

    def test_an_expired_leaf_is_replaced_at_once(self):
        certificate = self.cluster.data(AUTHORITY, "ca.crt")
        for name, text in (("authority.crt", certificate), ("authority.key", self.cluster.data(AUTHORITY, "ca.key"))):
            (self.folder / name).write_text(text, encoding="ascii")
        for begins, ends in ((-2 * DAY, -60), (-2 * DAY, 1800), (DAY, 2 * DAY)):
            with self.subTest((begins, ends)):
                leaf = self.make("leaf", "authority", begins, ends)
                self.set_secret(LEAF, kind="kubernetes.io/tls", tls_crt=leaf[0], tls_key=leaf[1])
                self.assertEqual(["issue-leaf", "none"], self.run_steps())
                self.check_settled()

    def test_half_written_leaves_are_replaced_at_once(self):
        certificate, key = self.pair()
        other = self.make("other")
        for name, data in (("no key", {"tls_crt": certificate}), ("no certificate", {"tls_key": key}),
                           ("an empty key", {"tls_crt": certificate, "tls_key": ""}),
                           ("another key", {"tls_crt": certificate, "tls_key": other[1]}),
                           ("half a certificate", {"tls_crt": certificate[:200], "tls_key": key}), ("nothing", {})):
            with self.subTest(name):
                self.set_secret(LEAF, "somebody", "kubernetes.io/tls", **data)
                self.assertEqual(["issue-leaf", "none"], self.run_steps())
                self.check_settled()

    def test_base64_that_is_none_is_a_broken_leaf(self):
        self.cluster.change(LEAF, lambda thing: thing["data"].update({"tls.crt": "?"}))
        self.assertEqual(["issue-leaf", "none"], self.run_steps())
        self.check_settled()

    def test_a_broken_authority_is_replaced_without_touching_what_is_served(self):
        certificate, key = (self.cluster.data(AUTHORITY, name) for name in ("ca.crt", "ca.key"))
        leaf = self.pair()
        for name, data in (("no key", {"ca_crt": certificate}), ("no certificate", {"ca_key": key}),
                           ("a leaf", {"ca_crt": leaf[0], "ca_key": leaf[1]}), ("nothing", {})):
            with self.subTest(name):
                self.cluster.set_bundle(certificate)
                self.set_secret(AUTHORITY, "somebody", **data)
                self.assertEqual(["make-authority", "set-bundle", "wait"], self.run_steps())
                self.assertEqual(leaf, self.pair())
                self.check_trusted()

    def test_an_expired_authority_is_replaced_in_one_run(self):
        authority = self.make("authority", begins=-3 * DAY, ends=-60)
        leaf = self.make("leaf", "authority")
        self.set_secret(AUTHORITY, ca_crt=authority[0], ca_key=authority[1])
        self.set_secret(LEAF, kind="kubernetes.io/tls", tls_crt=leaf[0], tls_key=leaf[1])
        self.cluster.set_bundle(authority[0])
        self.assertEqual(["make-authority", "set-bundle", "issue-leaf", "wait"], self.run_steps())
        self.check_trusted()

    def test_an_emptied_bundle_is_put_back_whoever_emptied_it(self):
        for data in ("", "garbage", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"):
            with self.subTest(data):
                self.cluster.set_bundle(data)
                self.cluster.owners[CONFIGURATION] = {
                    ("webhooks", "[pods.efa-injector.io]", "clientConfig", "caBundle"): {"argocd"}}
                self.assertEqual(["set-bundle", "none"], self.run_steps())
                self.check_settled()

    def test_a_configuration_that_was_put_back_gets_its_bundle(self):
        self.cluster.set(CONFIGURATION, configuration())
        self.assertEqual(["set-bundle", "none"], self.run_steps())
        self.check_settled()

    def test_one_emptied_bundle_of_two_is_put_back(self):
        self.cluster.set(CONFIGURATION, configuration("a.example.com", "b.example.com"))
        self.run_steps()
        self.cluster.set_bundle("", 1)
        self.assertEqual(["set-bundle", "none"], self.run_steps())
        self.check_settled()

    def test_a_renamed_service_gets_a_certificate_at_once(self):
        self.cluster.set(CONFIGURATION, configuration(service="hook"))
        steps = self.run_steps("--service", "hook")
        self.assertEqual(["set-bundle", "issue-leaf", "none"], steps)
        self.assertTrue(is_trusted(*self.pair(), self.cluster.bundles()[0], "hook.efa-injector.svc"))

    def test_strangers_leave_the_bundle(self):
        stranger = self.make("stranger")[0]
        self.cluster.set_bundle(self.cluster.bundles()[0] + "a comment\n" + stranger.replace("\n", "\r\n"))
        self.assertEqual(["set-bundle", "none"], self.run_steps())
        self.check_settled()
        self.assertNotIn(stranger, self.cluster.bundles()[0])

    def test_a_change_of_unknown_time_is_noted_before_anything_leaves(self):
        self.cluster.set_bundle(self.cluster.bundles()[0] + self.make("stranger")[0])
        for note in (None, "yesterday", "2999-01-01T00:00:00Z"):
            with self.subTest(note):
                self.cluster.change(LEAF, lambda thing: thing["metadata"].update(
                    annotations={} if note is None else {CHANGED_AT: note}))
                leaf = self.pair()
                self.assertEqual(["note-leaf", "wait"], self.run_steps())
                self.assertEqual(leaf, self.pair())

    def test_a_new_object_was_not_changed_before_it_was_made(self):
        self.cluster.set_bundle(self.cluster.bundles()[0] + self.make("stranger")[0])
        made = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=30)
        self.cluster.change(LEAF, lambda thing: thing["metadata"].update(
            creationTimestamp=made.strftime("%Y-%m-%dT%H:%M:%SZ")))
        self.assertEqual(["wait"], self.run_steps())

    def test_a_clock_that_is_behind_the_servers_loops_nowhere(self):
        self.cluster.set_bundle(self.cluster.bundles()[0] + self.make("stranger")[0])
        self.cluster.change(LEAF, lambda thing: thing["metadata"].update(creationTimestamp="2999-01-01T00:00:00Z"))
        self.assertEqual(["set-bundle", "none"], self.run_steps())


if __name__ == "__main__":
    unittest.main()
