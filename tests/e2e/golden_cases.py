# SPDX-License-Identifier: Apache-2.0
"""tests/golden as pods for an API server: what is posted, and what should come back."""
import base64
import copy
import json
import os
import pathlib
import subprocess

from harness.programs import ROOT
from registration import WEBHOOK

FOLDERS = ROOT / "tests/golden"
TESTS = pathlib.Path(os.environ.get("EFA_TESTS", ROOT / "build/release/tests"))
STATUS = "efa-injector.io/status"


def apply_patch(document, operations):
    """A copy with the operations applied; ours only ever add and replace."""
    document = copy.deepcopy(document)
    for operation in operations:
        parts = operation["path"].split("/")[1:]
        *parents, last = (part.replace("~1", "/").replace("~0", "~") for part in parts)
        place = document
        for part in parents:
            place = place[int(part)] if isinstance(place, list) else place[part]
        if isinstance(place, list):
            place.insert(len(place) if last == "-" else int(last), operation["value"])
        else:
            place[last] = operation["value"]
    return document


class Case:
    """A folder whose pod an API server can be asked to create."""

    def __init__(self, folder, request):
        self.name = folder.name
        self.folder = folder
        self.pod = request["object"]
        self.namespace = request["namespace"]
        self.response = json.loads((folder / "answer.json").read_text(encoding="utf-8"))["response"]
        patch = self.response.get("patch")
        self.patched = apply_patch(self.pod, json.loads(base64.b64decode(patch))) if patch else self.pod

    @property
    def is_allowed(self):
        return self.response["allowed"]

    @property
    def options(self):
        """Of the webhook that decides as the case wants: cases with the same ask the same one."""
        files = (("--policy", "policy.yaml"), ("--nodes", "nodes.json"))
        return tuple(word for option, name in files if (self.folder / name).exists()
                     for word in (option, (self.folder / name).read_bytes()))

    @property
    def account(self):
        return (self.pod.get("spec") or {}).get("serviceAccountName") or "default"

    @property
    def status(self):
        """Our annotation on the pod that comes back."""
        return (self.patched["metadata"].get("annotations") or {}).get(STATUS)

    @property
    def refusal(self):
        """Parts of what the API server refuses the pod with; none where it takes it."""
        path = self.folder / "refusal.txt"
        if path.exists():
            return path.read_text(encoding="utf-8").splitlines()
        if not self.is_allowed:
            return [f'admission webhook "{WEBHOOK}" denied the request: {self.response["status"]["message"]}']
        return []


def is_creation_of_a_pod(request):
    return (request.get("operation") == "CREATE" and not request.get("subResource")
            and request.get("kind") == {"group": "", "version": "v1", "kind": "Pod"}
            and request.get("resource") == {"group": "", "version": "v1", "resource": "pods"})


def load_cases(folder):
    """All cases that hold the creation of a pod; the others are about reviews that no API server sends."""
    subprocess.run([TESTS / "golden/golden"], cwd=ROOT, check=True,
                   env={**os.environ, "REVIEWS": folder, "CASE": ""})
    cases = []
    for path in sorted(pathlib.Path(folder).iterdir()):
        if (FOLDERS / path.stem / "error.txt").exists():
            continue
        request = json.loads(path.read_bytes())["request"]
        if is_creation_of_a_pod(request):
            cases.append(Case(FOLDERS / path.stem, request))
    return cases


def generated_pods(first_seed, count):
    """Pods of tests/support/pod_maker.c, as an API server could have accepted most of them."""
    printed = subprocess.run([TESTS / "system/generated_reviews", str(first_seed), str(count)],
                             capture_output=True, check=True, text=True).stdout
    pods = (json.loads(line)["request"]["object"] for line in printed.splitlines())
    return [mend(pod, f"p{i}") for i, pod in enumerate(pods)]


def mend(pod, name):
    """The same without what an API server refuses for other reasons than those that we are after."""
    metadata = pod["metadata"]
    metadata.update(name=name, namespace="ml")
    for owner in metadata.get("ownerReferences") or []:
        owner.update({key: owner.get(key) or "x" for key in ("apiVersion", "kind", "name", "uid")})
    (metadata.get("annotations") or {}).pop("example.com/a~b", None)
    spec = pod["spec"]
    volumes = {volume["name"] for volume in spec.get("volumes") or []}
    for kind in ("containers", "initContainers"):
        for i, container in enumerate(spec.get(kind) or []):
            mend_container(container, f"{kind[0]}{i}", volumes)
            if kind == "containers":
                container.pop("restartPolicy", None)
    return pod


def mend_container(container, name, volumes):
    if '"' in (container.get("name") or '"'):
        container["name"] = name
    container["image"] = "example.com/train:1"
    mounts = {mount.get("mountPath"): mount for mount in container.get("volumeMounts") or []
              if mount["name"] in volumes and mount.get("mountPath")}
    container["volumeMounts"] = list(mounts.values())
    resources = container.get("resources") or {}
    limits = resources.get("limits") or {}
    limits.pop("example.com/foo~1", None)
    if resources.get("requests"):
        resources["requests"] = {key: limits[key] for key in resources["requests"]
                                 if limits.get(key) is not None}
