# SPDX-License-Identifier: Apache-2.0
"""A cluster as its users see it: kubectl, the API, namespaces."""
import itertools
import json
import os
import pathlib
import subprocess

from .api import Api, collection
from .process import wait_for
from .programs import program

names = itertools.count(1)


class Cluster:
    """A running cluster: `api` (as admin), kubectl(), namespaces. control_plane.ControlPlane starts one."""

    def __init__(self, folder, port, network, parts):
        self.folder = pathlib.Path(folder)
        self.port = port
        self.network = network
        self.parts = tuple(parts)
        self.kubeconfig = self.folder / "admin.kubeconfig"
        self.audit_log = self.folder / "audit.log"
        self.ca = self.folder / "pki/ca.crt"
        self.admin_api = None

    @classmethod
    def attach(cls, description):
        """The cluster that another program started: ControlPlane.describe() as JSON."""
        return cls(**json.loads(description))

    @property
    def api(self):
        if self.admin_api is None:
            pki = self.folder / "pki"
            self.admin_api = Api(self.port, self.ca, pki / "admin.crt", pki / "admin.key")
        return self.admin_api

    def has(self, path):
        """Whether the server knows that resource: has("/apis/resource.k8s.io/v1", "resourceclaims")."""
        return self.api.call("GET", path).status == 200

    def kubectl(self, *arguments, stdin=None, check=True):
        """Run kubectl to its end; has .stdout, .stderr and .returncode."""
        text = json.dumps(stdin) if isinstance(stdin, (dict, list)) else stdin
        done = subprocess.run([program("kubectl"), *map(str, arguments)],
                              input=text,
                              capture_output=True,
                              text=True,
                              timeout=120,
                              check=False,
                              env=os.environ | {"KUBECONFIG": str(self.kubeconfig)})
        if check and done.returncode != 0:
            raise AssertionError(f"kubectl {' '.join(map(str, arguments))}: {done.stdout}{done.stderr}")
        return done

    def make_namespace(self, labels=None, name=None):
        """A namespace with its default ServiceAccount; returns its name."""
        name = name or f"e2e-{os.getpid()}-{next(names)}"
        self.api.create({
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {
                "name": name,
                "labels": labels or {}
            }
        })
        if "controller-manager" in self.parts:
            wait_for(f"{name} has a ServiceAccount",
                     lambda: self.api.find(f"/api/v1/namespaces/{name}/serviceaccounts/default"), 120)
        return name

    def delete_pods(self, namespace, selector=""):
        self.api.delete(collection("Pod", "v1", namespace), labelSelector=selector, gracePeriodSeconds=0)

    def delete_namespace(self, name, wait=False):
        """Delete it and what is in it, whose owners go first so that none makes new pods."""
        if self.api.find(f"/api/v1/namespaces/{name}") is None:
            return
        self.api.delete(f"/api/v1/namespaces/{name}")
        for path in self.pod_makers(name):
            self.api.call("DELETE", path + "?propagationPolicy=Background")
        self.delete_pods(name)
        if wait:
            def is_gone():
                if self.api.find(f"/api/v1/namespaces/{name}") is None:
                    return True
                self.delete_pods(name)
                return False
            wait_for(f"namespace {name} is gone", is_gone, 120, 0.3)

    @staticmethod
    def pod_makers(namespace):
        apps = ("deployments", "replicasets", "statefulsets", "daemonsets")
        paths = [f"/apis/apps/v1/namespaces/{namespace}/{plural}" for plural in apps]
        paths += [f"/apis/batch/v1/namespaces/{namespace}/{plural}" for plural in ("cronjobs", "jobs")]
        paths += [
            f"/apis/kubeflow.org/v1/namespaces/{namespace}/{plural}" for plural in ("mpijobs", "pytorchjobs")
        ]
        return paths

    def pods(self, namespace, selector=""):
        return self.api.items(collection("Pod", "v1", namespace), labelSelector=selector)

    def wait_for_pods(self, namespace, count, selector="", phase=None, seconds=60):
        """The pods, once there are that many (in that phase)."""
        def look():
            pods = [pod for pod in self.pods(namespace, selector)
                    if phase is None or pod["status"].get("phase") == phase]
            return pods if len(pods) == count else None
        what = f"{count} pods in {namespace} {selector} {phase or ''}"
        try:
            return wait_for(what, look, seconds)
        except AssertionError:
            events = [f"{event['reason']}: {event.get('message')}" for event in self.events(namespace)]
            raise AssertionError(f"{what}: not within {seconds} s; events:\n" +
                                 "\n".join(events[-20:])) from None

    def events(self, namespace, **fields):
        selector = ",".join(f"{key.replace('__', '.')}={value}" for key, value in fields.items())
        return self.api.items(collection("Event", "v1", namespace), fieldSelector=selector)

    def audit_events(self, namespace):
        """The audit log's lines about that namespace."""
        lines = self.audit_log.read_text(encoding="utf-8").splitlines()
        events = (json.loads(line) for line in lines if f'"{namespace}"' in line)
        return [event for event in events if event.get("objectRef", {}).get("namespace") == namespace]

    def metrics(self):
        """The API server's own metrics as text."""
        return self.api.get("/metrics")
