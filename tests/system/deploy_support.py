# SPDX-License-Identifier: Apache-2.0
"""Reading deploy/ without helm and kustomize: charts' files, and the rendered manifests."""
import json

import yaml

from process_support import ROOT

DEPLOY = ROOT / "deploy"
CHARTS = DEPLOY / "chart"
KUSTOMIZE = DEPLOY / "kustomize"


def load(path):
    return [thing for thing in yaml.safe_load_all(path.read_text(encoding="utf-8")) if thing]


def kustomizations():
    """(path, content) of each."""
    return [(path, load(path)[0]) for path in sorted(KUSTOMIZE.rglob("kustomization.yaml"))]


def resources(folder):
    """The objects of a kustomization and of those that it builds on; patches are the end-to-end tests' business."""
    found = []
    for name in load(KUSTOMIZE / folder / "kustomization.yaml")[0]["resources"]:
        if name.startswith("../"):
            found += resources((KUSTOMIZE / folder / name).resolve().relative_to(KUSTOMIZE))
        else:
            found += load(KUSTOMIZE / folder / name)
    return found


def index(things):
    return {(thing["kind"], thing["metadata"]["name"]): thing for thing in things}


def dockerfile():
    return (DEPLOY / "Dockerfile").read_text(encoding="utf-8")


def image_stage(name):
    """The lines of deploy/Dockerfile that make an image out of nothing."""
    stages = {stage.split("\n", 1)[0]: stage.split("\n") for stage in dockerfile().split("\nFROM ")[1:]}
    return stages[f"scratch AS {name}"]


def unknown_values(chart):
    """Where a chart's values.yaml and its schema differ in what there is, or the schema lets more pass."""
    schema = json.loads((chart / "values.schema.json").read_text(encoding="utf-8"))
    found = []

    def compare(value, described, where):
        described = schema["definitions"].get(described.get("$ref", "").rpartition("/")[2], described)
        known = described.get("properties")
        if not value or not isinstance(value, dict) or known is None:
            return
        if described["additionalProperties"] is not False:
            found.append(f"{where} lets anything pass")
        found.extend(f"{where}.{name}" for name in set(value) ^ set(known) - {"global"})
        for name in set(value) & set(known):
            compare(value[name], known[name], f"{where}.{name}")
    compare(load(chart / "values.yaml")[0], schema, "values")
    return found
