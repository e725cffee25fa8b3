# SPDX-License-Identifier: Apache-2.0
"""deploy/ rendered by the real tools, and applied without running anything of it."""
import os
import subprocess

import yaml

from .installation import CLUSTER_COLLECTIONS, NAMESPACE, OVERLAYS
from .programs import ROOT, program

CHART = ROOT / "deploy/chart/efa-injector"
AGENT_CHART = ROOT / "deploy/chart/efa-agent"
AGENT_OVERLAYS = ROOT / "deploy/kustomize/agent/overlays"
NAMES = {"self-managed": [], **{name: ["-f", CHART / f"variants/{name}.yaml"]
                                for name in ("cert-manager", "trial", "before-1.28")}}


AGENT_NAMES = ("open-devices", "taint")


def index(text):
    """(kind, namespace, name) -> object."""
    return {(thing["kind"], thing["metadata"].get("namespace"), thing["metadata"]["name"]): thing
            for thing in yaml.safe_load_all(text) if thing}


def overlay(cluster, name):
    return kustomization(cluster, OVERLAYS / name)


def kustomization(cluster, folder):
    return index(cluster.kubectl("kustomize", folder).stdout)


def run_helm(*arguments):
    """helm without a cluster, whatever its status."""
    return subprocess.run([program("helm"), *map(str, arguments)],
                          capture_output=True,
                          text=True,
                          timeout=120,
                          check=False,
                          env=os.environ | {"HOME": os.environ.get("TMPDIR", "/tmp")})


def chart(*values, folder=CHART):
    """A chart's objects with these arguments of helm template; release and namespace have the chart's name."""
    done = run_helm("template", folder.name, folder, "--namespace", folder.name, *values)
    if done.returncode != 0:
        raise AssertionError(f"helm template {values}: {done.stderr}")
    return index(done.stdout)


def remove(cluster, name=NAMESPACE):
    """Take out whatever is there of the chart of that name, which is its namespace's too."""
    for path in CLUSTER_COLLECTIONS:
        cluster.api.call("DELETE", f"{path}?labelSelector=app.kubernetes.io/name%3D{name}")
    cluster.delete_namespace(name, wait=True)
