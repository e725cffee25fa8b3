# SPDX-License-Identifier: Apache-2.0
"""The catalogue's file format: check one type, write the file, read it back strictly.

A type is a dict with the keys of KEYS; `accelerator` and `devicePluginChart` may be missing, and `note`
(never a YAML key) says why a type with devices has no `accelerator`. The reader takes exactly what the
writer makes, so that a hand edit that the writer would lose is refused instead of lost.
"""

import re
import textwrap

KEYS = (
    "efaInterfaces",
    "networkCards",
    "networkGbps",
    "card0Efa",
    "efaOnly",
    "accelerator",
    "arch",
    "vcpus",
    "memory",
    "interop",
    "gpudirectRdma",
    "rdmaRead",
    "rdmaWrite",
    "hugepagesPool",
    "devicePluginChart",
    "source",
)
OPTIONAL = ("accelerator", "devicePluginChart")
COUNTS = {"efaInterfaces": (1, 1024), "networkCards": (1, 1024), "vcpus": (1, 65536)}
CHOICES = {
    "efaOnly": ("yes", "no", "card1-only"),
    "arch": ("amd64", "arm64"),
    "interop": ("any", "p4", "dl1"),
    "gpudirectRdma": ("yes", "no", "unknown", "n/a"),
    "rdmaRead": ("yes", "no", "unknown"),
    "rdmaWrite": ("yes", "no", "unknown"),
}
QUOTED = ("efaOnly", "gpudirectRdma", "rdmaRead", "rdmaWrite")
RESOURCES = ("nvidia.com/gpu", "aws.amazon.com/neuron", "habana.ai/gaudi")

MAX_MEBIBYTES = 1 << 30
TOKEN = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
NUMBER = re.compile(r"[1-9][0-9]*|(0|[1-9][0-9]*)\.[0-9]*[1-9]")
MEBIBYTES = re.compile(r"(0|[1-9][0-9]*)Mi")
CHART = re.compile(r"v(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*)){2}")
TYPE_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*\.[a-z0-9]+(-[a-z0-9]+)*")
FLOW = re.compile(r"\{resource: (\S+), count: ([1-9][0-9]*), model: (\S+)\}")
PRINTABLE = re.compile(r"[\x20-\x7e]+")

HEADER = """\
# SPDX-License-Identifier: Apache-2.0
# Every EC2 instance type with Elastic Fabric Adapter (EFA) interfaces, and what one node of it offers.
#
# Made from config/instance-types.csv by `config/make-instance-types.py -o config/instance-types.yaml`; do not
# edit by hand. To refresh from EC2 itself, which keeps the types and the columns that the API does not know:
#   aws ec2 describe-instance-types --filters Name=network-info.efa-supported,Values=true > types.json
#   config/make-instance-types.py --aws types.json --merge config/instance-types.yaml
# `make catalogue-check` compares the result with a second record of EC2's API.
#
# These counts are an upper bound: what a cluster's nodes advertise wins over them, and never above them.
#
# sources: short id -> where a type's numbers come from.
# instanceTypes: EC2 API name (without the `ml.` of SageMaker HyperPod) ->
#   efaInterfaces      EFA interfaces of one node = the most `vpc.amazonaws.com/efa` that it can advertise;
#                      what a pod that has all accelerators is given
#   networkCards       network cards; at most one EFA interface a card
#   networkGbps        network bandwidth of one node, Gbit/s, all cards together; for people and messages only
#   card0Efa           whether card 0 can carry EFA (false: it is ENA only); for node group layouts
#   efaOnly            whether interfaces can be of type efa-only: "yes", "no", or "card1-only" (not beside
#                      the primary interface on card 0); for node group layouts
#   accelerator        resource: the extended resource of its device plugin; count: devices of one node, as
#                      that resource counts them; model: lower-case name, equal for the same device.
#                      No key: the type has none that a pod can ask for
#   arch               amd64 or arm64, as the node label kubernetes.io/arch
#   vcpus              vCPUs of one node
#   memory             memory of one node, MiB, before the system's share
#   interop            types talk EFA only within their class: any, p4 (P4d, P4de) or dl1 (DL1)
#   gpudirectRdma      whether EFA reads and writes device memory directly: "yes", "no", "unknown", or "n/a"
#                      (no accelerator); for the agent's and the doctor's findings
#   rdmaRead           whether the EFA interfaces support RDMA read: "yes", "no" or "unknown"; for findings
#   rdmaWrite          the same for RDMA write
#   hugepagesPool      2 MiB huge pages that the EKS AMIs set aside on a node with EFA, in MiB (220 MiB
#                      a vCPU); an upper bound for injected hugepages-2Mi. 0Mi: none
#   devicePluginChart  first aws-efa-k8s-device-plugin chart that knows the type (older ones run no plugin pod
#                      there); no key: not known; for the doctor
#   source             id under sources
---
"""


class CatalogueError(Exception):
    """One or more sentences, each naming the place, what is wrong and what is accepted."""

    def __init__(self, messages):
        self.messages = [messages] if isinstance(messages, str) else list(messages)
        super().__init__("\n".join(self.messages))


def find_faults(entry):
    """Yields (key, sentence) for everything in one type that cannot be true or written."""
    for key in KEYS:
        if key not in entry:
            if key not in OPTIONAL:
                yield key, "is missing"
        elif key in CHOICES and entry[key] not in CHOICES[key]:
            yield key, f"'{entry[key]}' is none of {', '.join(CHOICES[key])}"
        elif key in COUNTS and not COUNTS[key][0] <= entry[key] <= COUNTS[key][1]:
            yield key, f"{entry[key]} is not within {COUNTS[key][0]} to {COUNTS[key][1]}"
    for key in ("memory", "hugepagesPool"):
        if entry.get(key, 0) > MAX_MEBIBYTES:
            yield key, f"{entry[key]} MiB is above {MAX_MEBIBYTES} MiB"
    if not NUMBER.fullmatch(entry.get("networkGbps", "1")):
        yield "networkGbps", f"'{entry['networkGbps']}' is not a number of Gbit/s such as 3200 or 37.5"
    if "devicePluginChart" in entry and not CHART.fullmatch(entry["devicePluginChart"]):
        yield "devicePluginChart", f"'{entry['devicePluginChart']}' is not a chart version such as v0.5.10"
    yield from find_accelerator_faults(entry)
    yield from find_contradictions(entry)


def find_accelerator_faults(entry):
    accelerator = entry.get("accelerator")
    if accelerator is None:
        if "note" in entry and not PRINTABLE.fullmatch(entry["note"]):
            yield "accelerator", "the note that says why there is none must be printable ASCII"
        return
    if accelerator["resource"] not in RESOURCES:
        yield "accelerator", f"resource '{accelerator['resource']}' is none of {', '.join(RESOURCES)}"
    if not 1 <= accelerator["count"] <= 1024:
        yield "accelerator", f"count {accelerator['count']} is not within 1 to 1024"
    if not TOKEN.fullmatch(accelerator["model"]):
        yield "accelerator", f"model '{accelerator['model']}' is not lower-case words joined by '-'"


def find_contradictions(entry):
    """What each key allows by itself but not beside the others."""
    if not {"efaInterfaces", "networkCards", "card0Efa", "memory", "hugepagesPool"} <= entry.keys():
        return
    cards = entry["networkCards"] - (0 if entry["card0Efa"] else 1)
    if entry["efaInterfaces"] > cards:
        yield "efaInterfaces", f"{entry['efaInterfaces']} is more than the {cards} network cards with EFA"
    if entry["hugepagesPool"] % 2 != 0:
        yield "hugepagesPool", f"{entry['hugepagesPool']} MiB is no multiple of 2 MiB"
    if entry["hugepagesPool"] >= entry["memory"]:
        yield "hugepagesPool", f"{entry['hugepagesPool']} MiB do not fit into {entry['memory']} MiB of memory"
    if (entry.get("gpudirectRdma") == "n/a") != ("accelerator" not in entry):
        yield "gpudirectRdma", 'is "n/a" exactly where the type has no accelerator'


def sort_key(name, entry):
    """Types with devices first, then the hpc families, then the rest; by family, vCPUs, metal last."""
    family, size = name.split(".", 1)
    group = 0 if "accelerator" in entry or "note" in entry else 1 if family.startswith("hpc") else 2
    return (group, family, entry["vcpus"], size.startswith("metal"), size)


def format_source(ident, text):
    line = f'  {ident}: "{text}"'
    if len(line) <= 110 and '"' not in text and "\\" not in text:
        return line + "\n"
    folded = textwrap.wrap(text, 104, break_long_words=False, break_on_hyphens=False)
    return f"  {ident}: >-\n" + "".join(f"    {part}\n" for part in folded)


def format_value(key, value):
    if key == "accelerator":
        return "{{resource: {resource}, count: {count}, model: {model}}}".format(**value)
    if key in ("memory", "hugepagesPool"):
        return f"{value}Mi"
    if key == "card0Efa":
        return "true" if value else "false"
    return f'"{value}"' if key in QUOTED else str(value)


def format_type(name, entry):
    lines = [f"  {name}:"]
    for key in KEYS:
        if key in entry:
            lines.append(f"    {key}: {format_value(key, entry[key])}")
        elif key == "accelerator" and "note" in entry:
            lines.append(f"    # no accelerator: {entry['note']}")
    return "\n".join(lines) + "\n"


def format_catalogue(sources, types):
    """The whole file. Sources that no type names are left out; the order depends on the content alone."""
    used = {entry["source"] for entry in types.values()}
    names = sorted(types, key=lambda name: sort_key(name, types[name]))
    return "".join(
        [
            HEADER,
            "sources:\n",
            *(format_source(ident, sources[ident]) for ident in sorted(used)),
            "instanceTypes:\n",
            *(format_type(name, types[name]) for name in names),
        ]
    )


class Reader:
    """Reads what format_catalogue() writes, line by line."""

    def __init__(self, path, text):
        self.path = path
        self.lines = text.removesuffix("\n").split("\n")
        self.at = 0

    def fail(self, sentence):
        raise CatalogueError(f"{self.path}:{self.at + 1}: {sentence}")

    def skip_header(self):
        while (self.peek() or "").startswith("#"):
            self.at += 1

    def peek(self):
        """The line at hand; None at the end."""
        return self.lines[self.at] if self.at < len(self.lines) else None

    def expect(self, line):
        found = self.peek()
        if found != line:
            self.fail(f"'{found or 'end of file'}' where '{line}' is expected")
        self.at += 1

    def read_sources(self):
        sources = {}
        while match := re.fullmatch(r'  (\S+): (?:"([^"\\]*)"|(>-))', self.peek() or ""):
            ident, quoted, folded = match.groups()
            if not TOKEN.fullmatch(ident) or ident in sources:
                self.fail(f"source id '{ident}' is given twice or is not lower-case words joined by '-'")
            self.at += 1
            sources[ident] = self.read_folded() if folded else quoted
        return sources

    def read_folded(self):
        parts = []
        while self.at < len(self.lines) and (match := re.fullmatch(r"    (\S.*)", self.lines[self.at])):
            parts.append(match.group(1))
            self.at += 1
        if not parts:
            self.fail("no text follows '>-'")
        return " ".join(parts)

    def read_types(self):
        types = {}
        while match := re.fullmatch(r"  (\S+):", self.peek() or ""):
            name = match.group(1)
            if not TYPE_NAME.fullmatch(name) or name in types:
                self.fail(f"instance type '{name}' is given twice or is no name such as p5.48xlarge")
            self.at += 1
            types[name] = self.read_type(name)
        return types

    def read_type(self, name):
        entry, first = {}, self.at
        while self.at < len(self.lines) and (match := re.fullmatch(r"    ( *\S.*)", self.lines[self.at])):
            self.read_member(entry, match.group(1))
            self.at += 1
        faults = [f"{self.path}:{first}: {name}.{key}: {fault}" for key, fault in find_faults(entry)]
        if faults:
            raise CatalogueError(faults)
        return entry

    def read_member(self, entry, line):
        if line.startswith("# no accelerator: "):
            entry["note"] = line[len("# no accelerator: ") :]
            return
        match = re.fullmatch(r"([A-Za-z0-9]+): (\S.*)", line)
        if not match or match.group(1) not in KEYS:
            self.fail(f"'{line}' is not one of the keys {', '.join(KEYS)}")
        key, text = match.groups()
        if key in entry:
            self.fail(f"{key} is given twice")
        entry[key] = self.parse_value(key, text)

    def parse_value(self, key, text):
        value = parse_scalar(key, text)
        if value is None or format_value(key, value) != text:
            self.fail(f"{key}: '{text}' is not written as the generator writes this key")
        return value


def parse_scalar(key, text):
    """The value of one key, or None when the text has not the key's form."""
    if key == "accelerator":
        match = FLOW.fullmatch(text)
        return match and {"resource": match.group(1), "count": int(match.group(2)), "model": match.group(3)}
    if key in COUNTS:
        return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else None
    if key in ("memory", "hugepagesPool"):
        return int(text[:-2]) if MEBIBYTES.fullmatch(text) else None
    if key == "card0Efa":
        return {"true": True, "false": False}.get(text)
    return text[1:-1] if key in QUOTED else text


def parse_catalogue(path, text):
    """Returns (sources, types) of a file that format_catalogue() wrote; CatalogueError has the line."""
    reader = Reader(path, text)
    reader.skip_header()
    reader.expect("---")
    reader.expect("sources:")
    sources = reader.read_sources()
    reader.expect("instanceTypes:")
    types = reader.read_types()
    if reader.peek() is not None:
        reader.fail(f"'{reader.peek()}' is no instance type, and not indented as a part of one")
    for name, entry in types.items():
        if entry["source"] not in sources:
            raise CatalogueError(f"{path}: {name}.source: '{entry['source']}' is not among the sources")
    return sources, types


def load_catalogue(path):
    return parse_catalogue(str(path), load_text(path))


def load_text(path, stream=None):
    """The text of a UTF-8 file, or of the byte stream given."""
    try:
        if stream is None:
            with open(path, "rb") as file:
                return file.read().decode("utf-8-sig")
        return stream.read().decode("utf-8-sig")
    except OSError as failure:
        raise CatalogueError(f"{path}: {failure.strerror}") from failure
    except UnicodeDecodeError as failure:
        raise CatalogueError(f"{path}: byte {failure.start + 1} is not UTF-8") from failure
