#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Render the charts into deploy/kustomize (make manifests). They are what is edited; this is for plain kubectl.

    deploy/render.py [HELM]

Without HELM it is the one on PATH, else tests/e2e/build.sh builds it (Go).

Each template becomes a file of the kustomization that it belongs to, comments included. Before, the list of instance
types that a chart carries is made from the catalogue, which lies outside of the charts, where helm does not look.
After, rendered.sha256 is written over the charts and what came out of them, so that `sha256sum -c` tells when either
was changed alone.
"""
import dataclasses
import hashlib
import pathlib
import re
import shutil
import subprocess
import sys

DEPLOY = pathlib.Path(__file__).resolve().parent
CONFIG = DEPLOY.parent / "config"
KUSTOMIZE = DEPLOY / "kustomize"
SUMS = KUSTOMIZE / "rendered.sha256"
SPDX = "# SPDX-License-Identifier: Apache-2.0\n"

sys.path.insert(0, str(CONFIG))
import catalogue  # noqa: E402  pylint: disable=wrong-import-position


@dataclasses.dataclass
class Run:
    """What a run of helm is for: the values, and the template that only it has, with the folder for it."""

    values: dict
    folder: str = ""
    own: str = ""


@dataclasses.dataclass
class Chart:
    """A chart; its name is the release's and the namespace's too. The first run makes the base."""

    name: str
    base: str
    runs: tuple

    @property
    def folder(self):
        return DEPLOY / "chart" / self.name

    def sources(self):
        """The files that the manifests come out of."""
        folder = self.folder
        lists = [path for path in [folder / "instance-types.txt"] if path.exists()]
        return [folder / "Chart.yaml", *lists, *sorted(folder.glob("templates/*")), folder / "values.yaml"]


CHARTS = (
    Chart("efa-injector", "base", (
        Run({"certificates.source": "self-managed"}, "overlays/self-managed", "certificates-self-managed.yaml"),
        Run({"certificates.source": "cert-manager"}, "overlays/cert-manager", "certificates-cert-manager.yaml"))),
    Chart("efa-agent", "agent/base", (Run({}),)),
)
TYPES = CHARTS[1].folder / "instance-types.txt"


def instance_types():
    """The text of TYPES: the names of the catalogue, one a line."""
    path = CONFIG / "instance-types.yaml"
    _, types = catalogue.parse_catalogue(path, path.read_text(encoding="utf-8"))
    return "".join(f"{name}\n" for name in types)


def template(helm, chart, values):
    """Name of a template -> the documents that it makes, as text."""
    command = [helm, "template", chart.name, chart.folder, "--namespace", chart.name]
    for name, value in values.items():
        command += ["--set", f"{name}={value}"]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    pieces = re.split(rf"^---\n# Source: {chart.name}/templates/(\S+)\n", output, flags=re.M)
    documents = {}
    for name, text in zip(pieces[1::2], pieces[2::2]):
        text = text.replace(SPDX, "").strip("\n") + "\n"
        documents.setdefault(name, []).append(text)
    return documents


def rendered_chart(helm, chart):
    """Path below deploy/kustomize -> text."""
    files = {}
    special = {run.own for run in chart.runs}
    for run in chart.runs:
        for name, documents in template(helm, chart, run.values).items():
            if name != run.own and (name in special or run is not chart.runs[0]):
                continue
            where = run.folder if name == run.own else chart.base
            head = f"# Rendered by `make manifests` from deploy/chart/{chart.name}/templates/{name}: edit that.\n"
            files[f"{where}/{name}"] = SPDX + head + "---\n" + "---\n".join(documents)
    return files


def rendered(helm):
    """The same of all charts."""
    return {path: text for chart in CHARTS for path, text in rendered_chart(helm, chart).items()}


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
    TYPES.write_text(instance_types(), encoding="utf-8")
    files = rendered(find_helm())
    for path, text in files.items():
        (KUSTOMIZE / path).parent.mkdir(parents=True, exist_ok=True)
        (KUSTOMIZE / path).write_text(text, encoding="utf-8")
    sources = [path for chart in CHARTS for path in chart.sources()]
    outputs = [KUSTOMIZE / path for path in sorted(files)]
    SUMS.write_text("".join(digest(path) for path in sources + outputs), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
