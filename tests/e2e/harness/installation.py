# SPDX-License-Identifier: Apache-2.0
"""deploy/ as an admin installs it, with its pods as processes of this machine."""
import base64
import json
import os
import pathlib
import shutil
import subprocess
import tempfile

from . import pki
from .api import collection
from .kubelet import Kubelet
from .nodes import delete_nodes, make_nodes
from .objects import annotated_pod
from .process import wait_for
from .programs import ROOT, program
from .service_proxy import ServiceProxy

NAMESPACE = "efa-injector"
SERVICE = "efa-webhook"
CONFIGURATION = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/z-efa-injector"
OVERLAYS = ROOT / "deploy/kustomize/overlays"
CLUSTER_COLLECTIONS = [collection(kind, f"{group}/v1") for kind, group in (
    ("MutatingWebhookConfiguration", "admissionregistration.k8s.io"),
    ("ValidatingAdmissionPolicyBinding", "admissionregistration.k8s.io"),
    ("ValidatingAdmissionPolicy", "admissionregistration.k8s.io"),
    ("ClusterRoleBinding", "rbac.authorization.k8s.io"), ("ClusterRole", "rbac.authorization.k8s.io"),
    ("PriorityClass", "scheduling.k8s.io"), ("FlowSchema", "flowcontrol.apiserver.k8s.io"))]


def make_certificate_by_hand(cluster, folder):
    """A CA and a leaf for the Service, put where the webhook and the API server look: no manager involved."""
    folder = pathlib.Path(folder)
    pki.make_ca(folder, "webhook-ca")
    pki.make_certificate(folder, "webhook", "/CN=efa-webhook", "serverAuth",
                         f"DNS:{SERVICE}.{NAMESPACE}.svc", ca="webhook-ca")
    files = {"tls.crt": "webhook.crt", "tls.key": "webhook.key"}
    data = {key: base64.b64encode((folder / name).read_bytes()).decode() for key, name in files.items()}
    cluster.api.apply(f"{collection('Secret', 'v1', NAMESPACE)}/efa-webhook-tls", {
        "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls",
        "metadata": {"name": "efa-webhook-tls", "namespace": NAMESPACE}, "data": data})
    set_ca_bundle(cluster, (folder / "webhook-ca.crt").read_bytes())


def set_ca_bundle(cluster, pem):
    bundle = base64.b64encode(pem).decode()
    cluster.api.must("PATCH", CONFIGURATION, [{"op": "add", "path": "/webhooks/0/clientConfig/caBundle",
                                               "value": bundle}], "application/json-patch+json")


class Installation:
    """What `kubectl apply -k OVERLAY` (or `install`, a function of the cluster) makes, running: remove() it.

    `kubelet` and `proxy` play the machines; `refreshes` is kubelet.Kubelet's; with by_hand the certificates
    are put there by the test instead of the manager's Job.
    """

    def __init__(self, cluster, overlay="self-managed", install=None, refreshes=True, by_hand=False):
        self.cluster = cluster
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="i"))  # short: a socket's path has 107 bytes
        self.kubelet = self.proxy = None
        self.machines = [name for zone in ("us-east-1a", "us-east-1b", "us-east-1c")
                         for name in make_nodes(cluster, 1, "m7i.2xlarge", zone)]
        try:
            self.output = install(cluster) if install else self.apply(overlay)
            if by_hand:
                make_certificate_by_hand(cluster, self.folder)
            self.kubelet = Kubelet(cluster, NAMESPACE, self.folder / "pods", refreshes)
            self.proxy = ServiceProxy(cluster, NAMESPACE, SERVICE, self.folder)
            self.wait_until_in_force()
        except BaseException:
            self.remove()
            raise

    def apply(self, overlay):
        """As an admin does it; the API server's warnings are in the result's stderr."""
        return self.cluster.kubectl("apply", "-k", OVERLAYS / overlay)

    def wait_until_in_force(self, replicas=2):
        """The replicas are ready, the Service leads to them, and the API server calls it."""
        self.kubelet.wait_until_ready(replicas)
        self.proxy.wait_for_endpoints(replicas)
        labels = {"efa-injector.io/trial": "true"}
        namespace = self.cluster.make_namespace(labels)

        def is_patched():
            answer = self.cluster.api.try_create(annotated_pod("probe"), namespace, dry_run=True)
            if answer.status < 300 and "efa-injector.io/status" in answer.body["metadata"]["annotations"]:
                return True
            self.last = answer.body
            return None
        try:
            wait_for("the webhook is in force", is_patched, 30)
        except AssertionError:
            raise AssertionError(f"not in force: {self.last}\n{self.kubelet.state()}") from None
        self.cluster.delete_namespace(namespace)

    @property
    def replicas(self):
        """The webhook's runs, oldest first (kubelet.Run: .pid, .log, .get("/metrics"), .address)."""
        return self.kubelet.serving()

    def metric(self, name):
        """The sum of a metric over all replicas and labels."""
        total = 0.0
        for run in self.replicas:
            for line in run.get("/metrics")[1].splitlines():
                if line.partition("{")[0].partition(" ")[0] == "efa_webhook_" + name:
                    total += float(line.rsplit(" ", 1)[1])
        return total

    def manage_certs(self, *arguments):
        """Run the certificates' CronJob now, with further arguments; the steps that it logged."""
        path = f"{collection('CronJob', 'batch/v1', NAMESPACE)}/efa-webhook-certs"
        spec = self.cluster.api.get(path)["spec"]["jobTemplate"]["spec"]
        spec["template"]["spec"]["containers"][0]["args"] += arguments
        thing = {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {
                "generateName": "again-"
            },
            "spec": spec
        }
        name = self.cluster.api.create(thing, NAMESPACE)["metadata"]["name"]

        def ended():
            runs = [
                run for run in [*self.kubelet.runs.values(), *self.kubelet.past] if
                run.name.startswith(name) and run.container is not None and run.container.poll() is not None
            ]
            return runs[0] if runs else None
        run = wait_for(f"Job {name} has ended", ended, 60)
        if run.container.poll() != 0:
            raise AssertionError(f"--manage-certs failed: {run.log}")
        return [json.loads(line)["step"] for line in run.log.splitlines() if '"step"' in line]

    def scale(self, replicas):
        """kubectl scale, and wait until it is so."""
        self.cluster.kubectl("-n", NAMESPACE, "scale", f"deployment/{SERVICE}", f"--replicas={replicas}")
        wait_for(f"{replicas} replicas", lambda: len(self.replicas) == replicas and all(
            run.is_ready for run in self.replicas), 90)
        wait_for("the others have ended", lambda: len(
            [run for run in list(self.kubelet.runs.values()) if run.spec.get("ports")]) == replicas, 90)
        self.proxy.wait_for_endpoints(replicas)

    def remove(self):
        """Take out everything that was installed, and stop what runs."""
        api = self.cluster.api
        for path in CLUSTER_COLLECTIONS:
            api.call("DELETE", path + "?labelSelector=app.kubernetes.io/name%3Defa-injector")
        self.stop()
        self.cluster.delete_namespace(NAMESPACE, wait=True)
        delete_nodes(self.cluster, self.machines)

    def stop(self):
        """End what runs; enough for a cluster that ends too."""
        if self.proxy:
            self.proxy.stop()
        if self.kubelet:
            self.kubelet.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def helm(cluster, *arguments):
    """Run helm against the cluster; its output."""
    done = subprocess.run(
        [program("helm"), *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env=os.environ | {
            "KUBECONFIG": str(cluster.kubeconfig),
            "HELM_CACHE_HOME": str(cluster.folder / "helm"),
            "HELM_CONFIG_HOME": str(cluster.folder / "helm"),
            "HELM_DATA_HOME": str(cluster.folder / "helm")
        })
    if done.returncode != 0:
        raise AssertionError(f"helm {' '.join(map(str, arguments))}: {done.stdout}{done.stderr}")
    return done
