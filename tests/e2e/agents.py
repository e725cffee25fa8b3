# SPDX-License-Identifier: Apache-2.0
"""efa-agent's part of deploy/ in a cluster, and the API as its pods' tokens see it."""
import contextlib

from harness import manifests
from harness.api import Api, collection
from harness.process import wait_for
from harness.programs import ROOT

NAMESPACE = "efa-agent"
ACCOUNT = "efa-agent"
MANIFESTS = ROOT / "deploy/kustomize/agent"
TAINT = "efa-injector.io/efa-not-ready"
APPLY = "application/apply-patch+yaml"


def install(cluster, kustomization):
    """kubectl apply -k deploy/kustomize/agent/KUSTOMIZATION; what remove() takes out."""
    return cluster.kubectl("apply", "-k", MANIFESTS / kustomization)


def remove(cluster):
    manifests.remove(cluster, NAMESPACE)


def pod_on(cluster, node):
    """The DaemonSet's pod on a node, once it is bound."""
    def look():
        return next((pod for pod in cluster.pods(NAMESPACE) if pod["spec"].get("nodeName") == node), None)
    return wait_for(f"{node} has a pod of efa-agent", look, 60)


def request_token(cluster, bound_to=None):
    """A token of efa-agent, bound to an object as the kubelet asks for it; None: to nothing."""
    spec = {"expirationSeconds": 3600}
    if bound_to:
        spec["boundObjectRef"] = {"apiVersion": "v1", "kind": bound_to.get("kind", "Pod"),
                                  "name": bound_to["metadata"]["name"], "uid": bound_to["metadata"]["uid"]}
    path = f"{collection('ServiceAccount', 'v1', NAMESPACE)}/{ACCOUNT}/token"
    request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec}
    return cluster.api.must("POST", path, request)["status"]["token"]


@contextlib.contextmanager
def user_of(cluster, token):
    """The API with a token."""
    api = Api(cluster.port, cluster.ca, token=token)
    try:
        yield api
    finally:
        api.close()


def condition(status="True", reason="DevicesMatch", message="32 of 32 EFA devices"):
    moment = "2026-01-01T00:00:00Z"
    return {"type": "EFAReady", "status": status, "reason": reason, "message": message,
            "lastHeartbeatTime": moment, "lastTransitionTime": moment}


def status_patch(node, *conditions):
    """What is applied to nodes/NODE/status."""
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": node},
            "status": {"conditions": list(conditions) or [condition()]}}


def wait_until_in_force(api, node):
    """The policy is heeded once the status of a node that is not the token's own is refused."""
    def is_refused():
        answer = api.call("PATCH", f"/api/v1/nodes/{node}/status?fieldManager=efa-agent&dryRun=All",
                          status_patch(node), APPLY)
        return answer.status == 403 and "may not write node" in answer.body["message"]
    wait_for("the policy efa-agent-own-node is in force", is_refused)
