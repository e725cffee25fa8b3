#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the catalogue of instance types, config/instance-types.yaml, from a CSV or from EC2's own answer.

  make-instance-types.py                               print it, from config/instance-types.csv
  make-instance-types.py --csv FILE                    from another such CSV
  make-instance-types.py --aws FILE --merge CATALOGUE  from `aws ec2 describe-instance-types` JSON; types and
                                                       columns that it does not say are kept from CATALOGUE
  make-instance-types.py --check                       say whether the committed catalogue is what is made

Only Python's standard library. Exit codes: 0 done, 1 --check found a difference, 2 bad input.
"""

import argparse
import csv
import difflib
import io
import os
import re
import sys

sys.dont_write_bytecode = True
from catalogue import (
    CatalogueError,
    NUMBER,
    PRINTABLE,
    RESOURCES,
    TOKEN,
    TYPE_NAME,  # noqa: E402
    find_faults,
    format_catalogue,
    load_catalogue,
    load_text,
)
from catalogue_aws import format_token, parse_aws  # noqa: E402

FOLDER = os.path.dirname(os.path.abspath(__file__))
DEFAULT_CSV = os.path.join(FOLDER, "instance-types.csv")
DEFAULT_CATALOGUE = os.path.join(FOLDER, "instance-types.yaml")
DEFAULT_SOURCE = "ec2-api=EC2 DescribeInstanceTypes by aws ec2 describe-instance-types"

COLUMNS = (
    "instance_type",
    "arch",
    "vcpu",
    "memory_mib",
    "accelerator_vendor",
    "accelerator_resource",
    "accelerator_count",
    "accelerator_model",
    "efa_interfaces",
    "network_cards",
    "card0_efa",
    "interop",
    "network_gbps",
    "efa_only",
    "gpudirect_rdma",
    "rdma_read",
    "rdma_write",
    "hugepages_2mi_pool_mib",
    "first_efa_chart",
    "source",
)
COLUMN_OF = {
    "efaInterfaces": "efa_interfaces",
    "networkCards": "network_cards",
    "networkGbps": "network_gbps",
    "card0Efa": "card0_efa",
    "efaOnly": "efa_only",
    "vcpus": "vcpu",
    "memory": "memory_mib",
    "gpudirectRdma": "gpudirect_rdma",
    "rdmaRead": "rdma_read",
    "rdmaWrite": "rdma_write",
    "hugepagesPool": "hugepages_2mi_pool_mib",
    "devicePluginChart": "first_efa_chart",
    "accelerator": "accelerator_model",
}
VENDORS = dict(zip(("nvidia", "aws-neuron", "habana"), RESOURCES))

# Short ids of the sources that several types share; a source of one type is named after the type.
KARPENTER = "EC2 DescribeInstanceTypes via karpenter-provider-aws@1d92708 instance-types.md (2026-08-18)"
MOTO = "EC2 DescribeInstanceTypes as shipped in moto 5.2.5 (PyPI, 2026-10-27)"
SOURCE_IDS = {
    KARPENTER: "karpenter-1d92708",
    f"{KARPENTER}; network_cards: {MOTO}": "karpenter-1d92708-moto-5-2-5-cards",
    MOTO: "moto-5-2-5",
}


class Row:
    """One line of the CSV; failures name file, line and column and are collected."""

    def __init__(self, place, cells):
        self.place = place
        self.cells = cells
        self.faults = []

    def add_fault(self, column, sentence):
        self.faults.append(f"{self.place}: column {column}: {sentence}")

    def get_count(self, column):
        if re.fullmatch(r"0|[1-9][0-9]{0,8}", self.cells[column]):
            return int(self.cells[column])
        self.add_fault(column, f"'{self.cells[column]}' is not a whole number from 0 to 999999999")
        return None

    def get_choice(self, column, answers):
        if self.cells[column] in answers:
            return answers[self.cells[column]]
        self.add_fault(
            column, f"'{self.cells[column]}' is none of {', '.join(a or '(empty)' for a in answers)}"
        )
        return None

    def get_number(self, column):
        text = self.cells[column]
        text = text.rstrip("0").rstrip(".") if "." in text else text
        if not NUMBER.fullmatch(text):
            self.add_fault(column, f"'{self.cells[column]}' is not a number such as 3200 or 37.5")
        return text


def parse_accelerator(row):
    """(accelerator or None, note or None) from the four accelerator columns."""
    vendor = row.get_choice("accelerator_vendor", dict(VENDORS, none="none"))
    count = row.get_count("accelerator_count")
    resource, model = row.cells["accelerator_resource"], row.cells["accelerator_model"]
    if vendor is None or count is None:
        return None, None
    if vendor == "none":
        if resource or count:
            row.add_fault(
                "accelerator_resource", "must be empty, and accelerator_count 0, where the vendor is none"
            )
        return None, model or None
    if resource != vendor:
        row.add_fault("accelerator_resource", f"'{resource}' where the vendor's resource is {vendor}")
    return {"resource": vendor, "count": count, "model": model.split(" (", 1)[0]}, None


def parse_row(row):
    """The catalogue's entry for one line; what is wrong is added to row.faults."""
    accelerator, note = parse_accelerator(row)
    rdma = {"yes": "yes", "no": "no", "": "unknown", "unknown": "unknown"}
    entry = {
        "efaInterfaces": row.get_count("efa_interfaces"),
        "networkCards": row.get_count("network_cards"),
        "networkGbps": row.get_number("network_gbps"),
        "card0Efa": row.get_choice("card0_efa", {"yes": True, "no": False}),
        "efaOnly": row.cells["efa_only"],
        "accelerator": accelerator,
        "arch": row.cells["arch"],
        "vcpus": row.get_count("vcpu"),
        "memory": row.get_count("memory_mib"),
        "interop": row.cells["interop"],
        "gpudirectRdma": row.get_choice("gpudirect_rdma", dict(rdma, **{"n/a": "n/a"})),
        "rdmaRead": row.get_choice("rdma_read", rdma),
        "rdmaWrite": row.get_choice("rdma_write", rdma),
        "hugepagesPool": row.get_count("hugepages_2mi_pool_mib"),
        "devicePluginChart": row.cells["first_efa_chart"] or None,
        "note": note,
    }
    entry = {key: value for key, value in entry.items() if value is not None}
    if not row.faults:
        for key, sentence in find_faults(dict(entry, source="")):
            row.add_fault(COLUMN_OF.get(key, key), sentence)
    return entry


def parse_source(row):
    text = re.sub(r" ([;:,)])", r"\1", " ".join(row.cells["source"].split()))
    if not PRINTABLE.fullmatch(text):
        row.add_fault("source", f"'{text}' must say in printable ASCII where the numbers come from")
    return text


def add_source_ids(texts):
    """Returns {type: id} and {id: text} for {type: text}."""
    ids, sources = {}, {}
    for name, text in texts.items():
        if text in sources.values():
            ids[name] = next(ident for ident, known in sources.items() if known == text)
            continue
        shared = sum(other == text for other in texts.values()) > 1
        base = SOURCE_IDS.get(text) or format_token(text[:40] if shared else name)
        ident, number = base, 2
        while ident in sources:
            ident, number = f"{base}-{number}", number + 1
        ids[name], sources[ident] = ident, text
    return ids, sources


def check_header(path, header):
    missing = [column for column in COLUMNS if column not in header]
    extra = [column for column in header if column not in COLUMNS]
    twice = [column for column in COLUMNS if header.count(column) > 1]
    for kind, columns in (("missing", missing), ("unknown", extra), ("given twice", twice)):
        if columns:
            raise CatalogueError(
                f"{path}:1: columns {kind}: {', '.join(columns)}; accepted are {', '.join(COLUMNS)}"
            )


def read_lines(path, text):
    """Yields (line number, cells) of a CSV, the header first."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for cells in reader:
            if cells:
                yield reader.line_num, cells
    except csv.Error as failure:
        raise CatalogueError(f"{path}:{reader.line_num}: {failure}") from failure


def parse_csv(path, text):
    """Returns (sources, types) of a CSV with COLUMNS; CatalogueError holds every fault."""
    lines = list(read_lines(path, text))
    if len(lines) < 2:
        raise CatalogueError(
            f"{path}: no types; expected a header line of {', '.join(COLUMNS)} and a line a type"
        )
    header = lines[0][1]
    check_header(path, header)
    types, texts, faults = {}, {}, []
    for number, cells in lines[1:]:
        row = Row(f"{path}:{number} ({cells[0]})", dict(zip(header, cells)))
        if len(cells) != len(header):
            faults.append(f"{row.place}: {len(cells)} fields where the header has {len(header)}")
            continue
        name = row.cells["instance_type"]
        if not TYPE_NAME.fullmatch(name) or name in types:
            row.add_fault("instance_type", f"'{name}' is given twice or is no name such as p5.48xlarge")
        types[name], texts[name] = parse_row(row), parse_source(row)
        faults += row.faults
    if faults:
        raise CatalogueError(faults)
    ids, sources = add_source_ids(texts)
    return sources, {name: dict(entry, source=ids[name]) for name, entry in types.items()}


def merge(old, new, path):
    """(sources, types) of both, the new ones winning; one id may not stand for two texts."""
    for ident, text in new[0].items():
        if old[0].get(ident, text) != text:
            raise CatalogueError(
                f"{path}: sources: {ident} has another text there; choose another id with --source"
            )
    return {**old[0], **new[0]}, {**old[1], **new[1]}


def parse_arguments(arguments):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--csv", metavar="FILE", help="the types, columns as config/instance-types.csv (the default)"
    )
    which.add_argument(
        "--aws", metavar="FILE", help="JSON of aws ec2 describe-instance-types; - is standard input"
    )
    parser.add_argument(
        "--merge", metavar="CATALOGUE", help="keep what FILE does not say from this catalogue"
    )
    parser.add_argument(
        "--source",
        metavar="ID=TEXT",
        default=DEFAULT_SOURCE,
        help="with --aws: what to write as source, such as 'ec2-2026-11=EC2 API, us-east-1, 2026-11-23'",
    )
    parser.add_argument("-o", metavar="FILE", dest="output", help="write there instead of standard output")
    parser.add_argument(
        "--check",
        nargs="?",
        metavar="CATALOGUE",
        const=DEFAULT_CATALOGUE,
        help="compare with this catalogue instead of printing (config/instance-types.yaml)",
    )
    return parser.parse_args(arguments)


def load_input(options):
    """Returns (sources, types) as the options say."""
    old = load_catalogue(options.merge) if options.merge else ({}, {})
    if options.aws:
        ident, _, text = options.source.partition("=")
        if not TOKEN.fullmatch(ident) or not PRINTABLE.fullmatch(text):
            raise CatalogueError(
                f"--source: '{options.source}' is not ID=TEXT, ID lower-case words joined by '-'"
            )
        text_in = load_text(options.aws, sys.stdin.buffer if options.aws == "-" else None)
        new = {ident: text}, parse_aws(options.aws, text_in, old[1], ident)
    else:
        path = options.csv or DEFAULT_CSV
        new = parse_csv(path, load_text(path))
    return merge(old, new, options.merge)


def check(made, path):
    """Prints how the file differs from what is made; returns the exit code."""
    found = load_text(path)
    if found == made:
        return 0
    print(
        f"{path} is not what the generator makes; run config/make-instance-types.py -o {path}",
        file=sys.stderr,
    )
    lines = difflib.unified_diff(found.split("\n"), made.split("\n"), path, "made", lineterm="", n=1)
    print("\n".join(list(lines)[:60]), file=sys.stderr)
    return 1


def write_output(path, made):
    if path is None:
        sys.stdout.write(made)
        return
    try:
        with open(path, "w", encoding="utf-8", newline="\n") as file:
            file.write(made)
    except OSError as failure:
        raise CatalogueError(f"{path}: {failure.strerror}") from failure


def main(arguments):
    options = parse_arguments(arguments)
    try:
        made = format_catalogue(*load_input(options))
        if options.check:
            return check(made, options.check)
        write_output(options.output, made)
    except CatalogueError as failure:
        for message in failure.messages:
            print(message, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
