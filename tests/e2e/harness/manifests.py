# SPDX-License-Identifier: Apache-2.0
"""deploy/ rendered by the real tools, and applied without running anything of it."""
import os
import subprocess

import yaml

from .installation import CLUSTER_COLLECTIONS, NAMESPACE, OVERLAYS
from .programs import ROOT, program

CHART = ROOT / "deploy/chart/efa-injector"
NAMES = {"self-managed": [], **{name: ["-f", CHART / f"variants/{name}.yaml"]
                                for name in ("cert-manager", "trial", "before-1.28")}}


def index(text):
    """(kind, namespace, name) -> object."""
    return {(thing["kind"], thing["metadata"].get("namespace"), thing["metadata"]["name"]): thing
            for thing in yaml.safe_load_all(text) if thing}


def overlay(cluster, name):
    return index(cluster.kubectl("kustomize", OVERLAYS / name).stdout)


def run_helm(*arguments):
    """helm without a cluster, whatever its status."""
    return subprocess.run([program("helm"), *map(str, arguments)],
                          capture_output=True,
                          text=True,
                          timeout=120,
                          check=False,
                          env=os.environ | {"HOME": os.environ.get("TMPDIR", "/tmp")})


def chart(*values):
    """The chart's objects with these arguments of helm template."""
    done = run_helm("template", "efa-injector", CHART, "--namespace", NAMESPACE, *values)
    if done.returncode != 0:
        raise AssertionError(f"helm template {values}: {done.stderr}")
    return index(done.stdout)


def remove(cluster):
    """Take out whatever is there of deploy/."""
    for path in CLUSTER_COLLECTIONS:
        cluster.api.call("DELETE", path + "?labelSelector=app.kubernetes.io/name%3Defa-injector")
    cluster.delete_namespace(NAMESPACE, wait=True)
