# SPDX-License-Identifier: Apache-2.0
"""The watch of nodes: what it sees decides, and it comes back when the API server and etcd's history go."""
import base64
import http.client
import json
import re
import ssl
import unittest

from harness import objects
from harness.api import collection
from harness.case import OwnInstalledTest
from harness.installation import NAMESPACE
from harness.nodes import delete_nodes, make_nodes
from harness.process import wait_for

FEWER = {"vpc.amazonaws.com/efa": "16"}  # than the 32 of the catalogue: only who sees the node knows


class WatchTest(OwnInstalledTest):
    parts = ("scheduler", "controller-manager", "kwok")

    def setUp(self):
        self.namespace = self.make_namespace()

    def interfaces(self):
        """What a pod gets now from each replica, asked directly: the API server keeps to one connection."""
        return {self.interfaces_from(run) for run in self.installed.replicas}

    def interfaces_from(self, run):
        pod = objects.annotated_pod("a")
        review = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {
            "uid": "e2e", "operation": "CREATE", "namespace": self.namespace, "object": pod, "dryRun": True,
            "kind": {"group": "", "version": "v1", "kind": "Pod"},
            "resource": {"group": "", "version": "v1", "resource": "pods"}}}
        context = ssl._create_unverified_context()  # pylint: disable=protected-access
        client = http.client.HTTPSConnection(run.address, 8443, timeout=5, context=context)
        client.request("POST", "/mutate", json.dumps(review), {"Content-Type": "application/json"})
        answer = json.loads(client.getresponse().read())["response"]
        client.close()
        patch = json.loads(base64.b64decode(answer["patch"]))
        return next(change["value"] for change in patch
                    if change["path"] == "/spec/containers/0/resources/limits/vpc.amazonaws.com~1efa")

    def make_nodes(self, count=1, **keywords):
        names = make_nodes(self.cluster, count, "p5.48xlarge", **keywords)
        self.addCleanup(delete_nodes, self.cluster, names)
        return names

    def wait_for_interfaces(self, expected, seconds=60):
        wait_for(f"every replica gives {expected} interfaces", lambda: self.interfaces() == {expected},
                 seconds)

    def detail(self, run):
        checks = json.loads(run.get("/readyz")[1])["checks"]
        return next(check["detail"] for check in checks if check["name"] == "nodes")

    def test_nodes_that_come_change_and_go_are_seen(self):
        self.wait_for_interfaces("32")
        name, = self.make_nodes(capacity=FEWER)
        self.wait_for_interfaces("16")
        capacity = {
            "capacity": {
                "vpc.amazonaws.com/efa": "24"
            },
            "allocatable": {
                "vpc.amazonaws.com/efa": "24"
            }
        }
        self.api.merge(f"/api/v1/nodes/{name}/status", {"status": capacity})
        self.wait_for_interfaces("24")
        delete_nodes(self.cluster, [name])
        self.wait_for_interfaces("32")

    def test_type_comes_from_the_nodes_that_a_label_chooses(self):
        self.make_nodes(2, labels={"example.com/pool": "training"})
        pod = objects.annotated_pod("a", nodeSelector={"example.com/pool": "training"})

        def type_of():
            answer = self.api.try_create(pod, self.namespace, dry_run=True)
            return answer.status == 201 and objects.status_of(answer.body)["instanceType"]
        self.assertEqual(wait_for("the label is known", type_of), "p5.48xlarge")

    def test_watch_needs_no_more_than_its_role(self):
        account = f"--as=system:serviceaccount:{NAMESPACE}:efa-webhook"
        for verb, resource, expected in (("list", "nodes", "yes"), ("watch", "nodes", "yes"),
                                         ("patch", "nodes", "no"), ("get", "secrets", "no"),
                                         ("list", "pods", "no"), ("patch", "mutatingwebhookconfigurations",
                                                                  "no")):
            done = self.kubectl("auth", "can-i", verb, resource, account, "-A", check=False)
            self.assertEqual(done.stdout.strip(), expected, f"{verb} {resource}")

    def test_api_server_restarts(self):
        name, = self.make_nodes(capacity=FEWER)
        self.wait_for_interfaces("16")
        self.cluster.stop_apiserver()
        for run in self.installed.replicas:  # what it knew stays
            status, text = run.get("/readyz")
            self.assertEqual(status, 200, text)
        self.cluster.start_apiserver()
        self.wait_for_interfaces("16")
        delete_nodes(self.cluster, [name])
        self.wait_for_interfaces("32", 120)

    def test_etcd_is_compacted_while_the_api_server_is_away(self):
        """The version that the watch knows is gone: it lists anew."""
        name, = self.make_nodes(capacity=FEWER)
        self.wait_for_interfaces("16")
        lists = self.lists()
        self.cluster.stop_apiserver()
        for i in range(50):
            self.cluster.etcd_call("/v3/kv/put", {"key": "ZTJl", "value": "eA=="})
        self.cluster.compact_etcd()
        self.cluster.start_apiserver()
        self.wait_for_interfaces("16")
        self.api.merge(f"/api/v1/nodes/{name}/status", {"status": {
            "capacity": {"vpc.amazonaws.com/efa": "8"}, "allocatable": {"vpc.amazonaws.com/efa": "8"}}})
        self.wait_for_interfaces("8", 120)
        wait_for("both have listed anew", lambda: all(
            self.lists()[run] > before for run, before in lists.items()), 120)

    def lists(self):
        pattern = re.compile(r"^efa_webhook_node_lists_total (\d+)$", re.M)
        return {run: int(pattern.search(run.get("/metrics")[1])[1]) for run in self.installed.replicas}

    def test_role_that_is_taken_away_is_said_in_readiness(self):
        """Without its role the webhook serves on with what it knew, and says what the API server said."""
        self.make_nodes(capacity=FEWER)
        self.wait_for_interfaces("16")
        run = self.installed.replicas[0]
        path = collection("ClusterRoleBinding", "rbac.authorization.k8s.io/v1") + "/efa-webhook"
        binding = self.api.get(path)
        self.api.delete(path)
        again = {key: binding[key] for key in ("apiVersion", "kind", "roleRef", "subjects")}
        again["metadata"] = {"name": "efa-webhook", "labels": binding["metadata"]["labels"]}
        self.addCleanup(wait_for, "the watch is back", lambda: "403" not in self.detail(run), 120)
        self.addCleanup(self.api.create, again)
        self.cluster.stop_apiserver()  # which ends the watch
        self.cluster.start_apiserver()
        detail = wait_for("readiness says so", lambda: "403" in self.detail(run) and self.detail(run), 60)
        self.assertIn("forbidden", detail)
        self.assertEqual(self.interfaces(), {"16"})


if __name__ == "__main__":
    unittest.main()
