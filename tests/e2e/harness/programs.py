# SPDX-License-Identifier: Apache-2.0
"""Where the programs are: what tests/e2e/build.sh built, and our own."""
import functools
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[3]
BIN = pathlib.Path(os.environ.get("EFA_BIN", ROOT / "build/bin"))
FOLDER_OF = {
    "etcd": "apiserver", "kube-apiserver": "apiserver", "kubectl": "apiserver",
    "kube-scheduler": "controllers", "kube-controller-manager": "controllers",
    "kwok": "kwok", "kubeflow-controllers": "kubeflow", "helm": "helm",
}
PARTS = ("apiserver", "controllers", "kwok", "kubeflow", "helm", "crds")


class Missing(Exception):
    """A part that is neither built nor can be: the sentence says what it needs."""


@functools.cache
def part(name):
    """Folder of a part, built first where it is missing."""
    known = os.environ.get("EFA_E2E_PART_" + name.upper())
    if known:
        return pathlib.Path(known)
    built = subprocess.run([ROOT / "tests/e2e/build.sh", name],
                           stdout=subprocess.PIPE,
                           text=True,
                           check=False)
    if built.returncode != 0:
        raise Missing(f"{name} is missing and could not be built (see above)")
    return pathlib.Path(built.stdout.split(maxsplit=1)[1].strip())


def program(name):
    return part(FOLDER_OF[name]) / name
