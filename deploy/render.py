#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Render the chart into deploy/kustomize (make manifests). The chart is what is edited; this is for plain kubectl.

    deploy/render.py [HELM]

Without HELM it is the one on PATH, else tests/e2e/build.sh builds it (Go).

Each template becomes a file of the kustomization that it belongs to, comments included. Then rendered.sha256 is
written over the chart and what came out of it, so that `sha256sum -c` tells when either was changed alone.
"""
import hashlib
import pathlib
import re
import shutil
import subprocess
import sys

DEPLOY = pathlib.Path(__file__).resolve().parent
CHART = DEPLOY / "chart/efa-injector"
KUSTOMIZE = DEPLOY / "kustomize"
SUMS = KUSTOMIZE / "rendered.sha256"
SPDX = "# SPDX-License-Identifier: Apache-2.0\n"

# What a run of helm is for: the folder of the templates that only it has, and its values.
BASE = {"certificates.source": "self-managed"}
RUNS = (
    ("overlays/self-managed", "certificates-self-managed.yaml", BASE),
    ("overlays/cert-manager", "certificates-cert-manager.yaml", {"certificates.source": "cert-manager"}),
)
SOURCE = re.compile(r"^---\n# Source: efa-injector/templates/(\S+)\n", re.M)


def template(helm, values):
    """Name of a template -> the documents that it makes, as text."""
    command = [helm, "template", "efa-injector", CHART, "--namespace", "efa-injector"]
    for name, value in values.items():
        command += ["--set", f"{name}={value}"]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    pieces = SOURCE.split(output)
    documents = {}
    for name, text in zip(pieces[1::2], pieces[2::2]):
        text = text.replace(SPDX, "").strip("\n") + "\n"
        documents.setdefault(name, []).append(text)
    return documents


def rendered(helm):
    """Path below deploy/kustomize -> text."""
    files = {}
    special = {name for _, name, _ in RUNS}
    for folder, own, values in RUNS:
        for name, documents in template(helm, values).items():
            if name != own and (name in special or values is not BASE):
                continue
            where = folder if name == own else "base"
            head = f"{SPDX}# Rendered by `make manifests` from deploy/chart/efa-injector/templates/{name}: edit that.\n"
            files[f"{where}/{name}"] = head + "---\n" + "---\n".join(documents)
    return files


def find_helm():
    if len(sys.argv) > 1:
        return sys.argv[1]
    found = shutil.which("helm")
    if found:
        return found
    build = DEPLOY.parent / "tests/e2e/build.sh"
    built = subprocess.run([build, "helm"], check=True, stdout=subprocess.PIPE, text=True)
    return pathlib.Path(built.stdout.split(maxsplit=1)[1].strip()) / "helm"


def digest(path):
    return f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(DEPLOY.parent)}\n"


def main():
    files = rendered(find_helm())
    for path, text in files.items():
        (KUSTOMIZE / path).write_text(text, encoding="utf-8")
    chart = [CHART / "Chart.yaml", *sorted(CHART.glob("templates/*")), CHART / "values.yaml"]
    outputs = [KUSTOMIZE / path for path in sorted(files)]
    SUMS.write_text("".join(digest(path) for path in chart + outputs), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
