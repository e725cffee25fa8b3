#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""--manage-certs beside others: who owns what, two runs at once, an API server that refuses or is away."""
import unittest

from certs_cluster import AUTHORITY, CONFIGURATION, DAY, LEAF, CertsCase, configuration

FIRST = ["make-authority", "set-bundle", "issue-leaf", "none"]


class Managed(CertsCase):
    """What is another program's is not touched, and exit status 2 says so."""

    def check_refused(self, *words):
        said = self.refuse(2)
        for word in words:
            self.assertIn(word, said)
        self.assertEqual([], self.cluster.writes)

    def mark(self, at, **metadata):
        if at not in self.cluster.objects:
            self.set_secret(at, kind="Opaque" if at == AUTHORITY else "kubernetes.io/tls", tls_crt="", tls_key="")
        self.cluster.change(at, lambda thing: thing["metadata"].update(metadata))

    def test_a_secret_of_cert_manager(self):
        self.mark(LEAF, annotations={"cert-manager.io/certificate-name": "efa-webhook"})
        self.check_refused("Secret efa-webhook-tls is managed by cert-manager", "--manage-certs")

    def test_a_secret_that_cert_manager_labelled(self):
        self.mark(AUTHORITY, labels={"controller.cert-manager.io/fao": "true"})
        self.check_refused("Secret efa-webhook-ca is managed by cert-manager")

    def test_a_configuration_that_cert_manager_fills(self):
        self.mark(CONFIGURATION, annotations={"cert-manager.io/inject-ca-from": "efa-injector/efa-webhook"})
        self.check_refused("MutatingWebhookConfiguration z-efa-injector is managed by cert-manager")

    def test_a_secret_that_a_controller_owns(self):
        self.mark(LEAF, ownerReferences=[
            {"apiVersion": "v1", "kind": "Node", "name": "n", "uid": "1"},
            {"apiVersion": "x/v1", "kind": "ExternalSecret", "name": "hook", "uid": "2", "controller": True}])
        self.check_refused("is managed by ExternalSecret hook")

    def test_a_webhook_of_another_service(self):
        self.cluster.set(CONFIGURATION, configuration(service="other", namespace="ml"))
        self.check_refused("pods.efa-injector.io calls Service other in namespace ml, not efa-webhook in efa-injector",
                           "--service")

    def test_a_webhook_with_a_url(self):
        self.cluster.change(CONFIGURATION, lambda thing: thing["webhooks"][0].update(
            clientConfig={"url": "https://example.com/mutate"}))
        self.check_refused("names no Service but a URL")

    def test_a_bundle_of_more_certificates_than_can_be_kept(self):
        authority = [self.make(f"a{number}")[0] for number in range(66)]
        self.cluster.set_bundle("".join(authority))
        self.check_refused("more than 60 certificates", "empty it")

    def test_a_certificate_of_the_admins_own_stays_while_it_works(self):
        authority = self.make("authority")
        leaf = self.make("leaf", "authority")
        self.set_secret(LEAF, "kubectl-create", "kubernetes.io/tls", tls_crt=leaf[0], tls_key=leaf[1])
        self.cluster.set_bundle(authority[0])
        self.assertEqual(["make-authority", "set-bundle", "wait"], self.run_steps())
        self.cluster.age(600)
        said = self.refuse(2)
        self.assertIn("Secret efa-webhook-tls was written by somebody else and works", said)
        self.assertIn('conflict with "kubectl-create"', said)
        self.assertEqual(leaf[0], self.pair()[0])
        self.check_trusted()

    def test_a_bundle_of_the_admins_own_stays_while_it_works(self):
        authority = self.make("authority")
        leaf = self.make("leaf", "authority")
        self.set_secret(LEAF, kind="kubernetes.io/tls", tls_crt=leaf[0], tls_key=leaf[1])
        self.cluster.set_bundle(authority[0])
        self.cluster.owners[CONFIGURATION] = {
            ("webhooks", "[pods.efa-injector.io]", "clientConfig", "caBundle"): {"flux"}}
        said = self.refuse(2)
        self.assertIn("caBundle of MutatingWebhookConfiguration z-efa-injector was written by somebody else", said)
        self.assertEqual([authority[0]], self.cluster.bundles())

    def test_what_we_made_is_ours_although_somebody_restored_it(self):
        self.run_steps()
        self.cluster.age(DAY)
        for at in (LEAF, AUTHORITY, CONFIGURATION):
            self.cluster.set(at, self.cluster.objects[at], "velero-server")
        self.cluster.delete(AUTHORITY)
        self.run_steps()
        self.cluster.age(600)
        self.assertEqual(["issue-leaf", "wait"], self.run_steps())
        self.cluster.age(600)
        self.assertEqual(["set-bundle", "forget-authority", "none"], self.run_steps())
        self.check_settled()


class Races(CertsCase):
    def touch_before(self, at, times):
        """Somebody changes an object in the moment before it is written."""
        left = [times]

        def meddle(path):
            if path == at and left[0] > 0:
                left[0] -= 1
                if at in self.cluster.objects:
                    self.cluster.change(at, lambda thing: thing["metadata"].update(labels={"x": str(left)}))
                else:
                    self.set_secret(at)
        self.cluster.meddle = meddle

    def test_a_conflict_is_looked_at_again(self):
        for at, conflict in ((AUTHORITY, 0), (CONFIGURATION, 1), (LEAF, 2)):
            with self.subTest(at):
                for other in (LEAF, AUTHORITY):
                    self.cluster.objects.pop(other, None)
                self.cluster.set(CONFIGURATION, configuration())
                self.touch_before(at, 1)
                steps = list(FIRST)
                steps.insert(conflict, "conflict")
                self.assertEqual(steps, self.run_steps())
                self.cluster.meddle = None
                self.check_settled()

    def test_endless_conflicts_end_the_run_without_harm(self):
        self.touch_before(CONFIGURATION, 1000)
        self.assertEqual(["make-authority"] + 5 * ["conflict"], self.run_steps())
        self.cluster.meddle = None
        self.assertEqual(["set-bundle", "issue-leaf", "none"], self.run_steps())
        self.check_settled()

    def test_two_first_runs_at_once_make_one_authority(self):
        for _ in range(5):
            for at in (LEAF, AUTHORITY):
                self.cluster.objects.pop(at, None)
            self.cluster.set(CONFIGURATION, configuration())
            self.cluster.writes.clear()
            processes = [self.start() for _ in range(3)]
            for process in processes:
                self.end(process)
            self.assertEqual(1, self.cluster.writes.count(AUTHORITY))
            self.assertEqual(1, self.cluster.writes.count(CONFIGURATION))
            self.assertEqual(1, self.cluster.writes.count(LEAF))
            self.check_settled()

    def test_rotations_at_once_make_each_step_once(self):
        self.run_steps()
        self.cluster.age(DAY)
        self.cluster.delete(AUTHORITY)
        old = self.pair()
        for _ in range(3):
            for process in [self.start() for _ in range(3)]:
                self.end(process)
            self.check_trusted()
            self.cluster.age(600)
        self.check_settled()
        self.assertNotEqual(old, self.pair())
        self.assertEqual(2, self.cluster.writes.count(LEAF))


class Trouble(CertsCase):
    def answer(self, method, at, status, message, **more):
        self.cluster.on(method, at, lambda request: request.refuse(status, message, **more))

    def test_a_refusal_is_told_in_the_servers_words(self):
        self.answer("GET", AUTHORITY, 403, 'secrets "efa-webhook-ca" is forbidden: User "x" cannot get resource')
        said = self.refuse(3)
        self.assertIn("GET /api/v1/namespaces/efa-injector/secrets/efa-webhook-ca: 403: secrets", said)
        self.assertIn("cannot get resource", said)

    def test_a_write_that_is_refused_is_told_with_its_step(self):
        self.answer("PATCH", AUTHORITY, 403, "not allowed")
        self.assertIn("make-authority: PATCH /api/v1/namespaces/efa-injector/secrets/efa-webhook-ca: 403: not allowed",
                      self.refuse(3))
        self.assertEqual([], self.cluster.writes)

    def test_a_namespace_that_is_missing_is_told(self):
        self.answer("PATCH", AUTHORITY, 404, 'namespaces "efa-injector" not found')
        self.assertIn('404: namespaces "efa-injector" not found', self.refuse(3))

    def test_a_token_that_expired_is_told(self):
        self.cluster.token = "another"
        self.assertIn("401", self.refuse(3))

    def test_what_is_no_secret_is_the_servers_fault(self):
        for body in ({}, [], {"metadata": {}}, {"metadata": {"resourceVersion": "1"}, "data": {"tls.crt": 1}}, b"{",
                     {"metadata": {"resourceVersion": "1", "annotations": []}}):
            with self.subTest(body):
                self.cluster.on("GET", LEAF, lambda request, body=body: request.reply(200, body))
                self.assertIn("secrets/efa-webhook-tls: the answer", self.refuse(3))
        self.assertEqual([], self.cluster.writes)

    def test_what_is_no_configuration_is_the_servers_fault(self):
        for body in ({"metadata": {"resourceVersion": "1"}, "webhooks": [{}]}, {"webhooks": []}, b"null",
                     {"metadata": {"resourceVersion": "1"}, "webhooks": [{"name": "a", "clientConfig": 1}]}):
            with self.subTest(body):
                self.cluster.on("GET", CONFIGURATION, lambda request, body=body: request.reply(200, body))
                self.assertIn("z-efa-injector: the answer", self.refuse(3))

    def test_html_is_told(self):
        self.cluster.on("GET", LEAF, lambda request: request.reply(200, b"<html>", "text/html"))
        self.assertIn("text/html", self.refuse(3))

    def test_a_server_that_is_away_is_told(self):
        self.cluster.write_kubeconfig(self.kubeconfig, cluster={"server": "https://127.0.0.1:1"})
        self.assertIn("127.0.0.1:1", self.refuse(3))

    def test_a_kubeconfig_that_is_missing_is_told(self):
        self.kubeconfig = "/nowhere/config"
        self.assertIn("/nowhere/config", self.refuse(2))

    def test_an_extension_that_swallows_writes_does_not_loop(self):
        def swallow(request):
            request.reply(200, self.cluster.objects[CONFIGURATION])
        self.cluster.on("PATCH", CONFIGURATION, swallow)
        self.assertIn("after 12 steps there is still one to make", self.refuse(3))


if __name__ == "__main__":
    unittest.main()
