# SPDX-License-Identifier: Apache-2.0
"""Types from `aws ec2 describe-instance-types` JSON, and what that API does not say, by family."""

import json
import re

from catalogue import CatalogueError, TYPE_NAME, find_faults

HUGEPAGES_PER_VCPU = 220  # MiB: what EKS AL2023 and Bottlerocket set aside on a node with an EFA device
ARCHITECTURES = {"x86_64": "amd64", "arm64": "arm64"}
GPU_RESOURCES = {"NVIDIA": "nvidia.com/gpu", "Habana": "habana.ai/gaudi"}
NEURON_RESOURCE = "aws.amazon.com/neuron"
OTHER_DEVICES = (
    ("InferenceAcceleratorInfo", "Accelerators"),
    ("FpgaInfo", "Fpgas"),
    ("MediaAcceleratorInfo", "Accelerators"),
    ("GpuInfo", "Gpus"),
)
ACCELERATED = re.compile(r"(p|g|gr|trn|inf)[0-9]|dl1\b")

# Types whose devices EC2's API leaves out (seen in moto 5.2.5's copy of its answers).
UNLISTED_ACCELERATORS = {"trn2u.48xlarge": {"resource": NEURON_RESOURCE, "count": 16, "model": "trainium2"}}

# Where a node advertises fewer interfaces than the API's maximum in the layout that AWS recommends.
LAYOUTS = {"p6e-gb200.36xlarge": 4}  # one 400 Gbps interface a GPU, on cards 1, 5, 9, 13

INTEROP = {"p4d": "p4", "p4de": "p4", "dl1": "dl1"}  # EC2 User Guide: no EFA traffic to other types

# 64K-page arm64 kernels: their default huge page is above 16 MiB, and the AMIs set nothing aside.
NO_HUGEPAGES = {"p6e-gb200"}

GPUDIRECT = {
    "yes": "p4d p4de p5 p5e p5en p6-b200 p6-b300 p6e-gb200 g7e trn1 trn1n trn2 trn2u",
    "no": "p3dn g4dn g5 g6 g6e gr6",
}
GPUDIRECT_TYPES = {"p5.4xlarge": "no", "g7e.8xlarge": "no"}

RDMA = {  # (read, write): families
    ("yes", "yes"): """
        c6a c6gn c6i c6id c6in c7g c8a c8gb c8gn c8i c8id f2 g6 g6e g7e gr6 hpc6a hpc6id hpc8a i4g i4i im4gn
        m6a m6i m6id m6idn m6in m8a m8azn m8gb m8gn m8i m8id p5 p5e p5en p6-b200 p6-b300 p6e-gb200 r6a r6i
        r6id r6idn r6in r8a r8gb r8gn r8i r8id trn1 trn1n trn2 trn2u u7i-12tb u7i-6tb u7i-8tb u7in-16tb
        u7in-24tb u7in-32tb x2idn x2iedn x8aedz x8i""",
    ("yes", "no"): "c7a c7gd c7gn c7i c8g dl1 hpc7a hpc7g i7i i7ie i8ge m7a m7g m7gd m7i m8g p4d p4de",
    ("no", "no"): """
        c5n c8gd dl2q g4dn g5 i3en i8g inf1 m5dn m5n m5zn m8gd p3dn r5dn r5n r7a r7g r7gd r7i r7iz r8g r8gd
        vt1 x2iezn x8g""",
}


def get_family(name):
    return name.split(".", 1)[0]


def get_gpudirect(name):
    if name in GPUDIRECT_TYPES:
        return GPUDIRECT_TYPES[name]
    return next(
        (answer for answer, families in GPUDIRECT.items() if get_family(name) in families.split()), "unknown"
    )


def get_rdma(name):
    return next(
        (answer for answer, families in RDMA.items() if get_family(name) in families.split()),
        ("unknown", "unknown"),
    )


def get_hugepages(name, vcpus):
    return 0 if get_family(name) in NO_HUGEPAGES else vcpus * HUGEPAGES_PER_VCPU


def format_token(text):
    """A model as the catalogue writes it: 'RTX PRO Server 6000' -> rtx-pro-server-6000."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


class Item:
    """One element of InstanceTypes; every failure names it and the member."""

    def __init__(self, place, value):
        self.place = place
        self.value = value

    def fail(self, path, sentence):
        raise CatalogueError(f"{self.place}: {path}: {sentence}")

    def find(self, path, kind):
        """The member at a dotted path, None when it or a parent is absent; fails on another kind."""
        value = self.value
        for part in path.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        if value is not None and (not isinstance(value, kind) or isinstance(value, bool) != (kind is bool)):
            self.fail(path, f"{json.dumps(value)[:60]} is no {kind.__name__}")
        return value

    def get(self, path, kind):
        value = self.find(path, kind)
        if value is None:
            self.fail(path, "is missing; give the whole output of `aws ec2 describe-instance-types`")
        return value

    def get_devices(self, info, members):
        """[(maker, name, count)] of one of the lists of devices."""
        found = []
        for device in self.find(f"{info}.{members}", list) or []:
            part = Item(f"{self.place}: {info}.{members}", device)
            found.append(
                (part.find("Manufacturer", str) or "", part.get("Name", str), part.get("Count", int))
            )
        return found


def sum_devices(item, resource, devices):
    """The accelerator of devices that one resource counts; they must be of one model."""
    models = {format_token(name) for _, name, _ in devices}
    if len(models) != 1:
        item.fail(
            "accelerators", f"two models under {resource} ({', '.join(sorted(models))}); the format holds one"
        )
    return {"resource": resource, "count": sum(count for _, _, count in devices), "model": models.pop()}


def get_accelerator(item):
    """(accelerator or None, note or None): what a device plugin in scope counts, else why nothing does."""
    devices = item.get_devices("NeuronInfo", "NeuronDevices")
    if devices:
        return sum_devices(item, NEURON_RESOURCE, devices), None
    for maker, resource in GPU_RESOURCES.items():
        devices = [device for device in item.get_devices("GpuInfo", "Gpus") if device[0] == maker]
        if devices:
            return sum_devices(item, resource, devices), None
    devices = item.get_devices("InferenceAcceleratorInfo", "Accelerators")
    if devices and devices[0][0] == "AWS":
        return sum_devices(item, NEURON_RESOURCE, devices), None
    for info, members in OTHER_DEVICES:
        for _, name, count in item.get_devices(info, members):
            return None, f"{format_token(name)} x{count} (no device-plugin resource in scope)"
    return None, None


def get_cards(item, efa, cards):
    """(card0Efa, efaOnly). Where no interface types are named, card 0 has EFA iff every card has."""
    listed = [
        Item(f"{item.place}: NetworkInfo.NetworkCards", card)
        for card in item.find("NetworkInfo.NetworkCards", list) or []
    ]
    types = {card.get("NetworkCardIndex", int): card.find("InterfaceTypes", list) or [] for card in listed}
    if not types.get(0):
        return efa == cards, "yes"
    carrying = [names for names in types.values() if "efa" in names or "efa-only" in names]
    if not all("efa-only" in names for names in carrying):
        return "efa" in types[0], "no"
    alone = [
        card.find("MaximumNetworkInterfaces", int) for card in listed if card.value["NetworkCardIndex"] == 0
    ] == [1]
    return "efa" in types[0], ("yes" if not alone else "card1-only" if cards > 1 else "no")


def get_bandwidth(item, known):
    """Gbit/s as text; where the API names only a burst ('Up to 100 Gigabit'), what is known already wins."""
    text = item.get("NetworkInfo.NetworkPerformance", str)
    match = re.fullmatch(r"(Up to )?(?:([0-9]+)x )?([0-9]+(?:\.[0-9]+)?) Gigabit", text)
    if not match:
        item.fail("NetworkInfo.NetworkPerformance", f"'{text}' is not as '100 Gigabit' or '4x 100 Gigabit'")
    total = float(match.group(3)) * int(match.group(2) or 1)
    return known if match.group(1) and known else f"{total:.2f}".rstrip("0").rstrip(".")


def get_arch(item):
    found = {
        ARCHITECTURES[name]
        for name in item.get("ProcessorInfo.SupportedArchitectures", list)
        if name in ARCHITECTURES
    }
    if len(found) != 1:
        item.fail("ProcessorInfo.SupportedArchitectures", "names not exactly one of x86_64 and arm64")
    return found.pop()


def convert_item(item, name, old):
    """One entry of the catalogue; `old`, what it held before or {}, answers what the API does not."""
    efa = item.get("NetworkInfo.EfaInfo.MaximumEfaInterfaces", int)
    cards = item.get("NetworkInfo.MaximumNetworkCards", int)
    vcpus = item.get("VCpuInfo.DefaultVCpus", int)
    accelerator, note = get_accelerator(item)
    if accelerator is None and note is None:
        accelerator, note = old.get("accelerator", UNLISTED_ACCELERATORS.get(name)), old.get("note")
    if accelerator is None and note is None and ACCELERATED.match(name):
        item.fail(
            "GpuInfo, NeuronInfo",
            "both are missing though the family has accelerators; --merge a catalogue "
            "that has the type, or add it to UNLISTED_ACCELERATORS of config/catalogue_aws.py",
        )
    card0, efa_only = get_cards(item, efa, cards)
    rdma = get_rdma(name)
    entry = {
        "efaInterfaces": min(efa, LAYOUTS.get(name, efa)),
        "networkCards": cards,
        "networkGbps": get_bandwidth(item, old.get("networkGbps")),
        "card0Efa": card0,
        "efaOnly": efa_only,
        "accelerator": accelerator,
        "arch": get_arch(item),
        "vcpus": vcpus,
        "memory": item.get("MemoryInfo.SizeInMiB", int),
        "interop": old.get("interop", INTEROP.get(get_family(name), "any")),
        "gpudirectRdma": old.get("gpudirectRdma", get_gpudirect(name)) if accelerator else "n/a",
        "rdmaRead": old.get("rdmaRead", rdma[0]),
        "rdmaWrite": old.get("rdmaWrite", rdma[1]),
        "hugepagesPool": old["hugepagesPool"] if old.get("vcpus") == vcpus else get_hugepages(name, vcpus),
        "devicePluginChart": old.get("devicePluginChart"),
        "note": old.get("note", note) if not accelerator else None,
    }
    return {key: value for key, value in entry.items() if value is not None}


def parse_answer(path, text):
    """The list of items of the JSON that the AWS CLI prints."""
    try:
        answer = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as failure:
        raise CatalogueError(f"{path}: not JSON: {failure}") from failure
    if not isinstance(answer, dict) or not isinstance(answer.get("InstanceTypes"), list):
        raise CatalogueError(
            f"{path}: no list InstanceTypes; give what `aws ec2 describe-instance-types "
            "--output json` prints"
        )
    if answer.get("NextToken"):
        raise CatalogueError(
            f"{path}: NextToken: this is one page of several; run the AWS CLI without --max-items"
        )
    return answer["InstanceTypes"]


def parse_aws(path, text, old_types, source):
    """Returns the types with EFA of an answer, each with `source`; CatalogueError holds every fault."""
    types, faults = {}, []
    for index, value in enumerate(parse_answer(path, text)):
        item = Item(f"{path}: InstanceTypes[{index}]", value)
        try:
            name = item.get("InstanceType", str)
            if not TYPE_NAME.fullmatch(name) or name in types:
                item.fail("InstanceType", f"'{name}' is given twice or is no name such as p5.48xlarge")
            item.place += f" {name}"
            if not item.get("NetworkInfo.EfaSupported", bool):
                continue
            types[name] = dict(convert_item(item, name, old_types.get(name, {})), source=source)
            faults += [f"{item.place}: {key}: {fault}" for key, fault in find_faults(types[name])]
        except CatalogueError as failure:
            faults += failure.messages
    if faults:
        raise CatalogueError(faults)
    if not types:
        raise CatalogueError(
            f"{path}: InstanceTypes: no type with EfaSupported; ask with --filters "
            "Name=network-info.efa-supported,Values=true"
        )
    return types
