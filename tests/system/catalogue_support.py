# SPDX-License-Identifier: Apache-2.0
"""What the tests of the catalogue share: the modules under test, and EC2 answers made from the catalogue."""

import importlib.machinery
import importlib.util
import os
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True
ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), os.pardir, os.pardir))
CONFIG = os.path.join(ROOT, "config")
CATALOGUE = os.path.join(CONFIG, "instance-types.yaml")
CSV = os.path.join(CONFIG, "instance-types.csv")
sys.path.insert(0, CONFIG)

import catalogue  # noqa: E402
import catalogue_aws  # noqa: E402


def load_script(name):
    loader = importlib.machinery.SourceFileLoader(name.replace("-", "_"), os.path.join(CONFIG, name + ".py"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


make = load_script("make-instance-types")
check = load_script("check-instance-types")

MAKERS = {
    "nvidia.com/gpu": ("GpuInfo", "Gpus", "NVIDIA"),
    "habana.ai/gaudi": ("GpuInfo", "Gpus", "Habana"),
    "aws.amazon.com/neuron": ("NeuronInfo", "NeuronDevices", None),
}


def build_cards(entry):
    names = ["interface", "efa", "efa-only"]
    cards = [
        {"NetworkCardIndex": i, "InterfaceTypes": names, "MaximumNetworkInterfaces": 2}
        for i in range(entry["networkCards"])
    ]
    if not entry["card0Efa"]:
        cards[0]["InterfaceTypes"] = ["interface"]
    if entry["efaOnly"] == "card1-only":
        cards[0]["MaximumNetworkInterfaces"] = 1
    return cards


def build_item(name, entry):
    """What EC2's API would say of a type of the catalogue."""
    item = {
        "InstanceType": name,
        "VCpuInfo": {"DefaultVCpus": entry["vcpus"]},
        "MemoryInfo": {"SizeInMiB": entry["memory"]},
        "ProcessorInfo": {"SupportedArchitectures": ["arm64" if entry["arch"] == "arm64" else "x86_64"]},
        "NetworkInfo": {
            "EfaSupported": True,
            "EfaInfo": {"MaximumEfaInterfaces": entry["efaInterfaces"]},
            "MaximumNetworkCards": entry["networkCards"],
            "NetworkPerformance": f"{entry['networkGbps']} Gigabit",
            "NetworkCards": build_cards(entry),
        },
    }
    if "accelerator" in entry:
        info, members, maker = MAKERS[entry["accelerator"]["resource"]]
        device = {"Name": entry["accelerator"]["model"].upper(), "Count": entry["accelerator"]["count"]}
        item[info] = {members: [dict(device, Manufacturer=maker) if maker else device]}
    if "note" in entry:
        item["FpgaInfo"] = {"Fpgas": [{"Name": "Some FPGA", "Manufacturer": "Xilinx", "Count": 8}]}
    return item


def build_record(types):
    """A record that differs from the catalogue in what the check lists, and in nothing else."""
    items = {
        name: build_item(name, entry) for name, entry in types.items() if name not in check.ONLY_CATALOGUE
    }
    del items["trn2u.48xlarge"]["NeuronInfo"]
    return items


def wrap(items):
    return {name: catalogue_aws.Item(name, item) for name, item in items.items()}


def run(script, *arguments, stdin=None, environment=None):
    return subprocess.run(
        [sys.executable, os.path.join(CONFIG, script), *arguments],
        input=stdin,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


class Base(unittest.TestCase):
    maxDiff = 2000

    @classmethod
    def setUpClass(cls):
        cls.text = catalogue.load_text(CATALOGUE)
        cls.csv_text = catalogue.load_text(CSV)
        cls.sources, cls.types = catalogue.parse_catalogue(CATALOGUE, cls.text)

    def assert_refused(self, pattern, call, *arguments):
        with self.assertRaisesRegex(catalogue.CatalogueError, pattern):
            call(*arguments)
