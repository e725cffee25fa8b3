# SPDX-License-Identifier: Apache-2.0
"""efa-agent's part of deploy/ in a cluster: the API as its pods' tokens see it; its pods as processes, on nodes whose files
are in a folder."""
import contextlib
import errno
import json
import os
import pathlib
import shutil
import subprocess
import tempfile

from harness import manifests
from harness.api import Api, collection
from harness.kubelet import Kubelet, Machine
from harness.nodes import delete_nodes, make_nodes
from harness.process import wait_for
from harness.programs import ROOT

TESTS = pathlib.Path(os.environ.get("EFA_TESTS", ROOT / "build/release/tests"))
FAKE_UVERBS = TESTS / "support/fake_uverbs.so"
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


class FakeNode:
    """A p5.48xlarge whose files are in a folder (tests/system/fake_node.c), with its Node in the cluster."""

    def __init__(self, cluster):
        self.cluster = cluster
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="n"))
        self.change("like=p5.48xlarge")
        (self.folder / "var/lib/kubelet/device-plugins").mkdir(parents=True)
        self.hold_devices()
        self.name, = make_nodes(cluster, 1, "p5.48xlarge", capacity={"hugepages-2Mi": "42242Mi"})

    def change(self, *words):
        """Such as "unbind=rdmap79s0"."""
        subprocess.run([TESTS / "system/fake_node", self.folder, *words], check=True, timeout=60)

    def hold_devices(self, pod_uid=None):
        """What the kubelet notes: that the pod holds all devices; None: that nobody holds any."""
        devices = {"vpc.amazonaws.com/efa": sorted(path.name for path in self.folder.glob("sys/class/infiniband/*")),
                   "nvidia.com/gpu": [f"GPU-{number:08x}-0000-0000-0000-000000000000" for number in range(8)]}
        entries = [{"PodUID": pod_uid, "ContainerName": "main", "ResourceName": name, "DeviceIDs": {"0": names},
                    "AllocResp": ""} for name, names in devices.items()] if pod_uid else None
        text = json.dumps({"Data": {"PodDeviceEntries": entries, "RegisteredDevices": devices}, "Checksum": 0})
        checkpoint = self.folder / "var/lib/kubelet/device-plugins/kubelet_internal_checkpoint"
        checkpoint.with_suffix(".new").write_text(text, encoding="ascii")
        checkpoint.with_suffix(".new").replace(checkpoint)

    def machine(self, opens_devices):
        """What its pods see, with the kernel's side of the devices; a device cgroup forbids (EPERM) to open them."""
        environment = {"FAKE_UVERBS": "32", "LD_PRELOAD": "/preload/fake_uverbs.so"}
        if not opens_devices:
            environment["FAKE_UVERBS_FAIL"] = " ".join(f"{number},{errno.EPERM}" for number in range(32))
        return Machine(self.folder, environment, {"/preload/fake_uverbs.so": FAKE_UVERBS})

    @property
    def path(self):
        return f"/api/v1/nodes/{self.name}"

    def get(self):
        return self.cluster.api.get(self.path)

    def condition(self):
        """EFAReady, or None."""
        return next((each for each in self.get()["status"]["conditions"] if each["type"] == "EFAReady"), None)

    def wait_for_condition(self, status, seconds=45):
        def look():
            found = self.condition()
            return found if found and found["status"] == status else None
        try:
            return wait_for(f"EFAReady is {status}", look, seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}; it is {self.condition()}") from None

    def taints(self):
        return [each for each in self.get()["spec"].get("taints") or [] if each["key"] == TAINT]

    def events(self):
        """Of the Node, by the agent."""
        return [event for event in self.cluster.events("default", involvedObject__name=self.name)
                if event["source"].get("component") == "efa-agent"]

    def remove(self):
        delete_nodes(self.cluster, [self.name])
        shutil.rmtree(self.folder, ignore_errors=True)


class RunningAgents:
    """The DaemonSet with its pods as processes, one on each of `nodes` (FakeNode)."""

    def __init__(self, cluster, kustomization, nodes, opens_devices=False):
        self.cluster = cluster
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="a"))
        machines = {node.name: node.machine(opens_devices) for node in nodes}
        install(cluster, kustomization)
        self.kubelet = Kubelet(cluster, NAMESPACE, self.folder, name="efa-agent", machine_of=machines.__getitem__)
        try:
            self.kubelet.wait_until_ready(len(nodes))
        except BaseException:
            self.stop()
            raise

    def on(self, node):
        """The run on a node (kubelet.Run)."""
        return next(run for run in self.kubelet.serving() if run.pod["spec"]["nodeName"] == node.name)

    def stop(self):
        self.kubelet.stop()
        remove(self.cluster)
        shutil.rmtree(self.folder, ignore_errors=True)
