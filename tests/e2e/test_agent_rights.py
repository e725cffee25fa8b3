#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What efa-agent's own token may do, and what its role and the policy efa-agent-own-node refuse, in which words.

Nothing of the agent runs here: its pods are played, and their tokens are real ones.
"""
import copy
import unittest

import agents
from agents import APPLY, TAINT, condition, status_patch
from harness.case import ClusterTest
from harness.nodes import delete_nodes, make_nodes

MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
JSON = "application/json-patch+json"
MOMENT = "2026-01-01T00:00:00Z"
GRANTED = {"kind": "ClusterRoleBinding", "apiVersion": "rbac.authorization.k8s.io/v1",
           "metadata": {"name": "efa-agent-too-much", "labels": {"app.kubernetes.io/name": "efa-agent"}},
           "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
           "subjects": [{"kind": "ServiceAccount", "name": agents.ACCOUNT, "namespace": agents.NAMESPACE}]}
FROZEN = "may not change capacity, allocatable or anything else of a node's status"
CONDITION = "may set the condition EFAReady of a node and no other"
METADATA = "may not change labels, annotations or other metadata of a node"
SPEC = "may not change the spec of a node, its own taint excepted"
OTHER_TAINT = f"may set and remove the taint {TAINT}:NoSchedule and no other"
REPORTER = "an Event of efa-agent is reported by efa-agent on node"
ABOUT = "an Event of efa-agent is about node"

# A status as full as kubelets make it: 50 images of five names each, 30 conditions, 64 volumes.
FULL_STATUS = {
    "images": [{"names": [f"registry.example.com/team-{n}/image@sha256:{n:064x}"] +
                [f"registry.example.com/team-{n}/image:{tag}" for tag in range(4)], "sizeBytes": 10**9 + n}
               for n in range(50)],
    "conditions": [{"type": f"Problem{n}", "status": "False", "reason": "NoProblem", "message": "m" * 200,
                    "lastHeartbeatTime": MOMENT, "lastTransitionTime": MOMENT} for n in range(30)],
    "volumesInUse": [f"kubernetes.io/csi/ebs.csi.aws.com^vol-{n:017x}" for n in range(64)],
    "volumesAttached": [{"name": f"kubernetes.io/csi/ebs.csi.aws.com^vol-{n:017x}", "devicePath": ""}
                        for n in range(64)],
    "allocatable": {"memory": "2004269Mi"},  # less than the capacity, as a kubelet keeps some for itself
    "addresses": [{"type": "InternalIP", "address": "10.0.0.1"}, {"type": "Hostname", "address": "a"}],
    "runtimeHandlers": [{"name": "", "features": {"recursiveReadOnlyMounts": True}}],
}


def event(node, **changes):
    """An Event as the agent makes it, of its node."""
    return {"apiVersion": "v1", "kind": "Event", "metadata": {"generateName": f"{node}.a", "namespace": "default"},
            "involvedObject": {"apiVersion": "v1", "kind": "Node", "name": node, "uid": node},
            "reason": "FewerDevices", "message": "30 of 32 EFA devices", "type": "Warning", "count": 1,
            "source": {"component": "efa-agent", "host": node}, "reportingComponent": "efa-agent",
            "reportingInstance": node, "firstTimestamp": MOMENT, "lastTimestamp": MOMENT} | changes


class RightsTest(ClusterTest):
    """A node with the agent's pod on it, and another node."""

    parts = ("scheduler", "controller-manager", "kwok")
    kustomization = "base"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.addClassCleanup(agents.remove, cls.cluster)
        cls.own, = make_nodes(cls.cluster, 1, "p5.48xlarge")
        cls.other, = make_nodes(cls.cluster, 1, "trn2.48xlarge", labels={"node.kubernetes.io/instance-type": "ml.trn2.48xlarge"})
        nodes = [cls.own, cls.other]
        cls.addClassCleanup(delete_nodes, cls.cluster, nodes)
        agents.install(cls.cluster, cls.kustomization)
        for node in nodes:
            agents.pod_on(cls.cluster, node)
        cls.agent = cls.use(agents.request_token(cls.cluster, agents.pod_on(cls.cluster, cls.own)))
        agents.wait_until_in_force(cls.agent, cls.other)
        cls.fill_status()

    @classmethod
    def use(cls, token):
        user = agents.user_of(cls.cluster, token)
        api = user.__enter__()  # pylint: disable=unnecessary-dunder-call
        cls.addClassCleanup(user.__exit__, None, None, None)
        return api

    @classmethod
    def fill_status(cls):
        cls.api.must("PATCH", f"/api/v1/nodes/{cls.own}/status", {"status": FULL_STATUS}, STRATEGIC)

    def setUp(self):
        self.before = self.api.get(f"/api/v1/nodes/{self.own}")

    def apply_condition(self, api, node, *conditions):
        return api.call("PATCH", f"/api/v1/nodes/{node}/status?fieldManager=efa-agent&force=true",
                        status_patch(node, *conditions), APPLY)

    def patch(self, path, body, content_type=MERGE, api=None):
        return (api or self.agent).call("PATCH", "/api/v1/" + path, body, content_type)

    def refused(self, answer, sentence, status=403):
        """The answer is that refusal, and the node is as it was."""
        self.assertEqual(status, answer.status, answer.body.get("message"))
        self.assertIn(sentence, answer.body["message"])
        self.assertEqual(self.frozen(self.before), self.frozen(self.api.get(f"/api/v1/nodes/{self.own}")))

    @staticmethod
    def frozen(node):
        node = copy.deepcopy(node)
        node["metadata"] = {key: node["metadata"].get(key) for key in ("labels", "annotations", "finalizers")}
        node["status"]["conditions"] = [each for each in node["status"]["conditions"] if each["type"] != "EFAReady"]
        return node

    def own_condition(self):
        return next((each for each in self.api.get(f"/api/v1/nodes/{self.own}")["status"]["conditions"]
                     if each["type"] == "EFAReady"), None)


class StatusTest(RightsTest):
    def test_its_own_condition_is_made_changed_and_removed(self):
        for made in (condition(), condition("False", "FewerDevices", "30 of 32 EFA devices"), condition()):
            answer = self.apply_condition(self.agent, self.own, made)
            self.assertEqual(200, answer.status, answer.body.get("message"))
            self.assertEqual(made, self.own_condition())
        nothing = status_patch(self.own)
        nothing["status"]["conditions"] = []
        self.assertEqual(200, self.patch(f"nodes/{self.own}/status?fieldManager=efa-agent", nothing, APPLY).status)
        self.assertIsNone(self.own_condition())

    def test_the_status_of_another_node_is_refused(self):
        self.refused(self.apply_condition(self.agent, self.other),
                     f"efa-agent of node {self.own} may not write node {self.other}")
        node = self.api.get(f"/api/v1/nodes/{self.other}")
        self.assertNotIn("EFAReady", [each["type"] for each in node["status"]["conditions"]])

    def test_what_the_kubelet_reports_is_refused(self):
        for name, value in (("allocatable", {"vpc.amazonaws.com/efa": "0"}), ("capacity", {"cpu": "1000"}),
                            ("allocatable", None), ("capacity", {"example.com/new": "1"}),
                            ("addresses", [{"type": "InternalIP", "address": "10.0.0.2"}]), ("addresses", None),
                            ("nodeInfo", {"kernelVersion": "9"}), ("images", []), ("volumesInUse", None),
                            ("volumesAttached", []), ("phase", "Running"),
                            ("daemonEndpoints", {"kubeletEndpoint": {"Port": 10251}}),
                            ("runtimeHandlers", [{"name": "runc"}]),
                            ("features", {"supplementalGroupsPolicy": True})):
            with self.subTest(f"{name}: {value}"):
                self.refused(self.patch(f"nodes/{self.own}/status", {"status": {name: value}}), FROZEN)

    def test_a_foreign_condition_is_refused(self):
        ready = next(each for each in self.before["status"]["conditions"] if each["type"] == "Ready")
        for what, made in (("change", ready | {"status": "False"}), ("message", ready | {"message": "m"}),
                           ("add", condition() | {"type": "NetworkingReady"})):
            with self.subTest(what):
                self.refused(self.apply_condition(self.agent, self.own, condition(), made), CONDITION)
                self.refused(self.patch(f"nodes/{self.own}/status", {"status": {"conditions": [made]}}, STRATEGIC),
                             CONDITION)
        for what, operations in (
                ("remove one", [{"op": "remove", "path": "/status/conditions/3"}]),
                ("remove all", [{"op": "remove", "path": "/status/conditions"}]),
                ("in place of it", [{"op": "replace", "path": "/status/conditions/0/type", "value": "EFAReady"}])):
            with self.subTest(what):
                self.refused(self.patch(f"nodes/{self.own}/status", operations, JSON), CONDITION)

    def test_metadata_by_way_of_the_status_is_refused(self):
        for metadata in ({"labels": {"a": "b"}}, {"labels": {"node.kubernetes.io/instance-type": None}},
                         {"annotations": {"a": "b"}}, {"finalizers": ["example.com/a"]}):
            with self.subTest(metadata):
                self.refused(self.patch(f"nodes/{self.own}/status", {"metadata": metadata}), METADATA)

    def test_spec_by_way_of_the_status_changes_nothing(self):
        answer = self.patch(f"nodes/{self.own}/status", {"spec": {"unschedulable": True}})
        self.assertNotIn("unschedulable", self.api.get(f"/api/v1/nodes/{self.own}")["spec"], answer.body)

    def test_the_condition_goes_beside_a_kubelet_that_writes_at_the_same_time(self):
        self.assertEqual(200, self.apply_condition(self.agent, self.own).status)
        heartbeat = {"status": {"conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady",
                                                "lastHeartbeatTime": "2026-02-02T00:00:00Z"}]}}
        self.patch(f"nodes/{self.own}/status", heartbeat, STRATEGIC, self.api)
        self.assertEqual(200, self.apply_condition(self.agent, self.own, condition("False", "A", "b")).status)
        found = {each["type"]: each for each in self.api.get(f"/api/v1/nodes/{self.own}")["status"]["conditions"]}
        self.assertEqual(("False", "2026-02-02T00:00:00Z"),
                         (found["EFAReady"]["status"], found["Ready"]["lastHeartbeatTime"]))


class TokenTest(RightsTest):
    def test_a_token_that_is_bound_to_nothing_is_refused(self):
        api = self.use(agents.request_token(self.cluster))
        self.refused(self.apply_condition(api, self.own),
                     "the token of efa-agent names no node: it has to be bound to a pod that runs on one")

    def test_impersonating_the_account_is_refused(self):
        answer = self.kubectl("--as", f"system:serviceaccount:{agents.NAMESPACE}:{agents.ACCOUNT}", "apply",
                              "--server-side", "--subresource=status", "--field-manager=efa-agent", "-f", "-",
                              stdin=status_patch(self.own), check=False)
        self.assertIn("names no node", answer.stderr)

    def test_a_token_bound_to_the_node_is_that_node_s(self):
        answer = self.api.get(f"/api/v1/nodes/{self.other}")
        api = self.use(agents.request_token(self.cluster, answer | {"kind": "Node"}))
        self.assertEqual(200, self.apply_condition(api, self.other).status)
        self.refused(self.apply_condition(api, self.own), f"efa-agent of node {self.other} may not write")

    def test_each_pod_s_token_is_its_node_s(self):
        api = self.use(agents.request_token(self.cluster, agents.pod_on(self.cluster, self.other)))
        self.assertEqual(200, self.apply_condition(api, self.other).status)
        self.refused(self.apply_condition(api, self.own), f"efa-agent of node {self.other} may not write")

    def test_others_are_not_looked_at(self):
        for node in (self.own, self.other):
            self.assertEqual(200, self.patch(f"nodes/{node}", {"metadata": {"labels": {"a": "b"}}},
                                             api=self.api).status)


class RoleTest(RightsTest):
    def test_it_reads_its_node_and_the_pods_and_nothing_else(self):
        for path in (f"nodes/{self.own}", f"pods?fieldSelector=spec.nodeName={self.own}"):
            self.assertEqual(200, self.agent.call("GET", "/api/v1/" + path).status)
        namespace = f"namespaces/{agents.NAMESPACE}"
        pod = agents.pod_on(self.cluster, self.own)["metadata"]["name"]
        for method, path in (("GET", "nodes"), ("GET", "secrets"), ("GET", f"{namespace}/secrets/a"),
                             ("GET", "configmaps"), ("GET", "events"), ("GET", f"{namespace}/pods/{pod}"),
                             ("GET", f"{namespace}/pods/{pod}/log"), ("DELETE", f"{namespace}/pods/{pod}"),
                             ("POST", f"{namespace}/pods"), ("POST", f"{namespace}/pods/{pod}/eviction"),
                             ("POST", f"{namespace}/pods/{pod}/exec?command=a"), ("DELETE", f"nodes/{self.own}"),
                             ("POST", "nodes"), ("GET", f"nodes/{self.own}/proxy/pods"), ("PUT", f"nodes/{self.own}"),
                             ("POST", f"{namespace}/serviceaccounts/{agents.ACCOUNT}/token"),
                             ("PUT", f"nodes/{self.own}/status"), ("DELETE", f"{namespace}/events/a")):
            with self.subTest(f"{method} {path}"):
                answer = self.agent.call(method, "/api/v1/" + path, {} if method in ("POST", "PUT") else None)
                self.assertEqual(403, answer.status, answer.body)
                self.assertIn(f'User "system:serviceaccount:{agents.NAMESPACE}:efa-agent" cannot',
                              answer.body["message"])

    def test_its_node_itself_is_refused_without_the_taint(self):
        for body in ({"metadata": {"labels": {"a": "b"}}}, {"spec": {"unschedulable": True}},
                     {"spec": {"taints": [{"key": TAINT, "effect": "NoSchedule"}]}}):
            with self.subTest(body):
                self.refused(self.patch(f"nodes/{self.own}", body), 'cannot patch resource "nodes"')

    def test_a_role_that_is_given_more_does_not_lift_the_policy(self):
        self.api.create(GRANTED)
        self.addCleanup(self.api.delete, "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/efa-agent-too-much")
        node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "made-by-efa-agent"}}
        self.api.create(event(self.own, metadata={"name": "kept", "namespace": "default"}))
        self.addCleanup(self.api.delete, "/api/v1/namespaces/default/events")
        for method, path, body, sentence in (
                ("DELETE", f"nodes/{self.own}", None, "DELETE nodes is not for it"),
                ("DELETE", f"nodes?dryRun=All&labelSelector=kubernetes.io/hostname%3D{self.own}", None,
                 "DELETE nodes is not for it"),
                ("POST", "nodes", node, "CREATE nodes is not for it"),
                ("DELETE", "namespaces/default/events/kept", None, "DELETE events is not for it"),
                ("PATCH", "namespaces/default/events/kept", {"message": "b"}, "UPDATE events is not for it")):
            with self.subTest(f"{method} {path}"):
                self.refused(self.agent.call(method, "/api/v1/" + path, body,
                                             MERGE if method == "PATCH" else "application/json"), sentence)
        self.refused(self.patch(f"nodes/{self.own}", {"spec": {"unschedulable": True}}), SPEC)
        self.refused(self.patch(f"nodes/{self.own}", {"metadata": {"labels": {"a": "c"}}}), METADATA)
        self.refused(self.agent.call("GET", f"/api/v1/nodes/{self.own}/proxy/pods"),
                     "CONNECT nodes/proxy is not for it")


class EventTest(RightsTest):
    def pod_event(self, namespace, **changes):
        return event(self.own, metadata={"generateName": "train-0.a", "namespace": namespace},
                     involvedObject={"apiVersion": "v1", "kind": "Pod", "name": "train-0", "uid": "u",
                                     "namespace": namespace}, **changes)

    def test_of_its_node_and_of_pods(self):
        namespace = self.make_namespace()
        nobody = {"component": "efa-agent", "host": self.own}
        for made in (event(self.own), self.pod_event(namespace), event(self.own, source={}),
                     event(self.own, source=nobody, reportingComponent="", reportingInstance="")):
            answer = self.agent.try_create(made)
            self.assertEqual(201, answer.status, answer.body)
        self.assertEqual(["train-0"], [each["involvedObject"]["name"] for each in self.cluster.events(namespace)])
        self.api.delete("/api/v1/namespaces/default/events")

    def test_in_another_s_name_are_refused(self):
        for changes in ({"source": {"component": "kubelet", "host": self.own}}, {"reportingComponent": "kubelet"},
                        {"source": {"component": "efa-agent", "host": self.other}},
                        {"reportingInstance": self.other}, {"source": {}, "reportingInstance": ""},
                        {"source": {}, "reportingComponent": ""}):
            with self.subTest(changes):
                self.refused(self.agent.try_create(event(self.own, **changes)), f"{REPORTER} {self.own}")

    def test_about_anything_else_are_refused(self):
        namespace = self.make_namespace()
        node = {"apiVersion": "v1", "kind": "Node", "name": self.other}
        service = {"apiVersion": "v1", "kind": "Service", "name": "a", "namespace": namespace}
        self.refused(self.agent.try_create(event(self.own, involvedObject=node)), f"{ABOUT} {self.own} or about a pod")
        self.refused(self.agent.try_create(self.pod_event(namespace) | {"involvedObject": service}), ABOUT)
        self.refused(self.agent.try_create(event(self.own, related=node)), ABOUT)

    def test_the_newer_api_is_held_to_the_same(self):
        self.api.create(GRANTED)
        self.addCleanup(self.api.delete, "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/efa-agent-too-much")
        made = {"apiVersion": "events.k8s.io/v1", "kind": "Event",
                "metadata": {"generateName": "a-", "namespace": "default"}, "reason": "A", "action": "B", "note": "c",
                "regarding": {"apiVersion": "v1", "kind": "Node", "name": self.other}, "type": "Warning",
                "reportingController": "efa-agent", "reportingInstance": self.own,
                "eventTime": "2026-01-01T00:00:00.000000Z"}
        self.refused(self.agent.try_create(made), ABOUT)
        made["regarding"]["name"] = self.own
        answer = self.agent.try_create(made)
        self.assertEqual(201, answer.status, answer.body)
        self.api.delete("/api/v1/namespaces/default/events")


class TaintTest(RightsTest):
    kustomization = "overlays/taint"
    foreign = {"key": "nvidia.com/gpu", "value": "true", "effect": "NoSchedule"}
    mine = {"key": TAINT, "effect": "NoSchedule"}

    @classmethod
    def fill_status(cls):
        super().fill_status()
        cls.set_taints(cls.api, cls.foreign)

    @classmethod
    def set_taints(cls, api, *taints):
        return api.call("PATCH", f"/api/v1/nodes/{cls.own}", {"spec": {"taints": list(taints)}}, MERGE)

    def taints(self):
        return self.api.get(f"/api/v1/nodes/{self.own}")["spec"].get("taints")

    def test_its_own_taint_is_set_and_removed(self):
        for wanted in ([self.foreign, self.mine], [self.foreign], [self.mine | {"value": "mismatch"}, self.foreign],
                       [self.foreign]):
            answer = self.set_taints(self.agent, *wanted)
            self.assertEqual(200, answer.status, answer.body.get("message"))
            self.assertEqual(wanted, self.taints())

    def test_every_other_taint_is_refused(self):
        for wanted in ([], [self.mine], [self.foreign | {"value": "false"}], [self.foreign, self.foreign | {"key": "a"}],
                       [self.foreign, self.mine | {"effect": "NoExecute"}],
                       [self.foreign, self.mine | {"effect": "PreferNoSchedule"}]):
            with self.subTest(wanted):
                self.refused(self.set_taints(self.agent, *wanted), OTHER_TAINT)

    def test_the_rest_of_the_spec_is_refused(self):
        for spec in ({"unschedulable": True}, {"providerID": "aws:///a/b"}, {"podCIDR": "10.0.0.0/24"}):
            with self.subTest(spec):
                answer = self.patch(f"nodes/{self.own}", {"spec": spec})
                # Some the API server itself never lets change.
                self.refused(answer, SPEC if answer.status == 403 else "spec", answer.status)
                self.assertIn(answer.status, (403, 422))
        self.refused(self.patch(f"nodes/{self.own}", {"spec": {"unschedulable": True}}), SPEC)

    def test_metadata_is_refused(self):
        for metadata in ({"labels": {"a": "b"}}, {"labels": {"topology.kubernetes.io/zone": "z"}},
                         {"annotations": {"a": "b"}}, {"finalizers": ["example.com/a"]},
                         {"ownerReferences": [{"apiVersion": "v1", "kind": "Node", "name": self.other, "uid": "u"}]}):
            with self.subTest(metadata):
                self.refused(self.patch(f"nodes/{self.own}", {"metadata": metadata}), METADATA)

    def test_another_node_s_taint_is_refused(self):
        self.refused(self.patch(f"nodes/{self.other}", {"spec": {"taints": [self.mine]}}),
                     f"efa-agent of node {self.own} may not write node {self.other}")

    def test_its_node_is_not_deleted(self):
        self.refused(self.agent.call("DELETE", f"/api/v1/nodes/{self.own}"), 'cannot delete resource "nodes"')

    def test_the_type_checker_of_the_api_server_finds_nothing(self):
        path = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/efa-agent-own-node"
        self.assertEqual({}, self.api.get(path).get("status", {}).get("typeChecking", {}))


if __name__ == "__main__":
    unittest.main()
