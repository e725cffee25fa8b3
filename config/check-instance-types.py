#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares config/instance-types.yaml with a second, independent record of EC2's API.

The record is the DescribeInstanceTypes data that the PyPI package moto ships (pinned in
tests/requirements.txt, read where it is installed, never copied), or --record FILE: JSON of
`aws ec2 describe-instance-types`.
Every difference fails unless it is listed below with both values and its reason; so does a listed one that is
gone. Exit codes: 0 the same but for what is listed, 1 differences, 2 bad input.
"""

import argparse
import gzip
import importlib.metadata
import importlib.util
import json
import os
import re
import sys

sys.dont_write_bytecode = True
from catalogue import CatalogueError, load_catalogue, load_text  # noqa: E402
from catalogue_aws import Item, get_accelerator, get_arch, get_cards, parse_answer  # noqa: E402

DEFAULT_CATALOGUE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "instance-types.yaml")
REQUIREMENTS = os.path.join(os.path.dirname(DEFAULT_CATALOGUE), os.pardir, "tests", "requirements.txt")
MOTO_DATA = "ec2/resources/instance_types.json.gz"

# (type, key): what the catalogue says, what the record says, why both may stand.
KNOWN = {
    ("trn2u.48xlarge", "accelerator"): (
        "aws.amazon.com/neuron x16 trainium2",
        "none",
        "EC2's answer for this type has no NeuronInfo; the Neuron SDK's documents give 16 Trainium2 devices",
    ),
}

# Types with EFA that only one side has: why.
ONLY_CATALOGUE = {
    "p6e-gb200.36xlarge": "sold as UltraServers; no answer of EC2's API that we know has it: the count of "
    "the layout in AWS's documents",
    "dl1.24xlarge": "being retired: in EC2's answers until mid-2026; kept for nodes that still run",
}
ONLY_RECORD = {}


def describe_accelerator(accelerator):
    return "none" if accelerator is None else "{resource} x{count} {model}".format(**accelerator)


def describe_entry(entry):
    """{key: text} of what both sides know, from the catalogue."""
    found = {key: str(entry[key]) for key in ("efaInterfaces", "networkCards", "arch", "vcpus", "memory")}
    found["card0Efa"] = str(entry["card0Efa"])
    found["accelerator"] = describe_accelerator(entry.get("accelerator"))
    return found


def describe_item(item):
    """The same from the record."""
    supported = item.get("NetworkInfo.EfaSupported", bool)
    efa = item.get("NetworkInfo.EfaInfo.MaximumEfaInterfaces", int) if supported else 0
    cards = item.get("NetworkInfo.MaximumNetworkCards", int)
    return {
        "efaInterfaces": str(efa),
        "networkCards": str(cards),
        "arch": get_arch(item),
        "vcpus": str(item.get("VCpuInfo.DefaultVCpus", int)),
        "memory": str(item.get("MemoryInfo.SizeInMiB", int)),
        "card0Efa": str(get_cards(item, efa, cards)[0]),
        "accelerator": describe_accelerator(get_accelerator(item)[0]),
    }


def find_differences(types, items):
    """{(type, key): (catalogue's, record's)} over the types of both sides."""
    found = {}
    for name in sorted(types.keys() & items.keys()):
        ours, theirs = describe_entry(types[name]), describe_item(items[name])
        found.update({(name, key): (ours[key], theirs[key]) for key in ours if ours[key] != theirs[key]})
    return found


def judge_differences(found, known):
    """Yields (is a failure, sentence) for each difference, and for each listed one that is gone."""
    for (name, key), values in found.items():
        ours, theirs = values
        said = f"{name}.{key}: catalogue {ours}, record {theirs}"
        if (name, key) not in known:
            yield True, f"DIFFERENT {said}; correct config/instance-types.csv or list it with its reason"
        elif known[name, key][:2] != values:
            yield True, f"DIFFERENT {said}; listed are {' and '.join(known[name, key][:2])}"
        else:
            yield False, f"known     {said}: {known[name, key][2]}"
    for name, key in known.keys() - found.keys():
        yield True, f"STALE     {name}.{key}: listed as different, but is the same now; remove it from KNOWN"


def judge_alone(side, alone, listed):
    """Yields (is a failure, sentence) for each type that one side alone has."""
    for name in sorted(alone):
        if name in listed:
            yield False, f"only in the {side}: {name}: {listed[name]}"
        else:
            yield True, f"ONLY IN THE {side.upper()}: {name}; correct the catalogue or list why it may be"
    for name in sorted(listed.keys() - alone):
        yield True, f"STALE     {name}: listed as only in the {side}, but is not; remove it from the list"


def compare(types, items):
    """Returns the findings, [(is a failure, sentence)], and the counts for the summary."""
    with_efa = {name for name, item in items.items() if item.get("NetworkInfo.EfaSupported", bool)}
    ours, theirs = types.keys() - items.keys(), with_efa - types.keys()
    findings = [
        *judge_differences(find_differences(types, items), KNOWN),
        *judge_alone("catalogue", ours, ONLY_CATALOGUE),
        *judge_alone("record", theirs, ONLY_RECORD),
    ]
    return findings, (len(types.keys() & items.keys()), len(ours), len(theirs))


def load_moto():
    """Returns (what it is, the values) of the installed moto; the package itself is not imported."""
    spec = importlib.util.find_spec("moto")
    if spec is None or not spec.submodule_search_locations:
        raise CatalogueError(
            "moto is not installed for this Python; run `make catalogue-check`, or "
            "`pip install --no-deps -r tests/requirements.txt`, or give --record FILE"
        )
    version = importlib.metadata.version("moto")
    pinned = re.findall(r"^moto==(\S+)$", load_text(REQUIREMENTS), re.MULTILINE)
    if pinned != [version]:
        raise CatalogueError(
            f"moto {version} is installed where tests/requirements.txt pins {' '.join(pinned)}; "
            "run `make catalogue-check`, which has its own"
        )
    path = os.path.join(spec.submodule_search_locations[0], MOTO_DATA)
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            answer = json.load(file)
    except (OSError, EOFError, ValueError) as failure:
        raise CatalogueError(
            f"{path}: {failure}; another version of moto keeps its data elsewhere"
        ) from failure
    return f"moto {version}", list(answer.values())


def load_record(path):
    """Returns (what it is, {type: Item})."""
    label, values = (path, parse_answer(path, load_text(path))) if path else load_moto()
    items = {}
    for index, value in enumerate(values):
        item = Item(f"{label}: [{index}]", value)
        name = item.get("InstanceType", str)
        item.place = f"{label}: {name}"
        if name in items:
            item.fail("InstanceType", "is given twice")
        items[name] = item
    return label, items


def main(arguments):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--catalogue", metavar="FILE", default=DEFAULT_CATALOGUE)
    parser.add_argument("--record", metavar="FILE", help="instead of the installed moto")
    options = parser.parse_args(arguments)
    try:
        types = load_catalogue(options.catalogue)[1]
        label, items = load_record(options.record)
        findings, counts = compare(types, items)
    except CatalogueError as failure:
        print("\n".join(failure.messages), file=sys.stderr)
        return 2
    failures = sum(failed for failed, _ in findings)
    for _, sentence in sorted(findings):
        print(sentence)
    print(
        f"{counts[0]} types compared with {label}, {failures} failures, {len(findings) - failures} listed; "
        f"{counts[1]} types only in the catalogue, {counts[2]} only in the record"
    )
    return 1 if failures or counts[0] == 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
