# SPDX-License-Identifier: Apache-2.0
"""deploy/cluster as the tests see it: its generator's modules, the catalogue, and files read as YAML."""

import pathlib
import sys

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
CLUSTER = ROOT / "deploy/cluster"
sys.path[:0] = [str(ROOT / "config"), str(CLUSTER)]

import catalogue  # noqa: E402
import generate  # noqa: E402

_, TYPES = catalogue.load_catalogue(ROOT / "config/instance-types.yaml")


SafeLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # in C where it is there


class CloudFormation(SafeLoader):
    """!Ref, !If and their like become {"Ref": ...}, {"If": [...]}."""


def construct(loader, suffix, node):
    if isinstance(node, yaml.ScalarNode):
        return {suffix: loader.construct_scalar(node)}
    return {suffix: loader.construct_sequence(node, deep=True)}


CloudFormation.add_multi_constructor("!", construct)


def read(path, loader=SafeLoader):
    """The only document of a file below deploy/cluster."""
    return yaml.load((CLUSTER / path).read_text(encoding="utf-8"), loader)


def read_all(text):
    return [document for document in yaml.load_all(text, SafeLoader) if document]


def find_all(value, key):
    """Every value of `key`, however deep."""
    if isinstance(value, dict):
        for name, member in value.items():
            if name == key:
                yield member
            yield from find_all(member, key)
    elif isinstance(value, list):
        for member in value:
            yield from find_all(member, key)


__all__ = [
    "CLUSTER",
    "CloudFormation",
    "ROOT",
    "SafeLoader",
    "TYPES",
    "catalogue",
    "find_all",
    "generate",
    "read",
    "read_all",
]
