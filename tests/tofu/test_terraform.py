# SPDX-License-Identifier: Apache-2.0
"""deploy/cluster/terraform under OpenTofu, without an AWS account.

The module efa-layout has no provider and is tested as it is. What wires it to AWS needs providers that cannot
be had here: a copy of it, with stubs/ in the place of each module and each resource of AWS, is planned for
every type with accelerators. `make tofu-test` runs this; TOFU names the program.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
TERRAFORM = ROOT / "deploy/cluster/terraform"
LAYOUT = TERRAFORM / "modules/efa-layout"
sys.path.insert(0, str(ROOT / "tests/system"))
from cluster_support import TYPES  # noqa: E402

ACCELERATED = {name: entry for name, entry in TYPES.items() if "accelerator" in entry}
TAG = "k8s.io/cluster-autoscaler/node-template/resources/"
BLOCK = "cr-0123456789abcdef0"


def find_tofu():
    """The program; built from its Go module where it was not yet."""
    if "TOFU" in os.environ:
        return os.environ["TOFU"]
    result = subprocess.run(
        [str(ROOT / "tests/e2e/build.sh"), "opentofu"], stdout=subprocess.PIPE, text=True, check=False
    )
    if result.returncode != 0:
        sys.exit(
            "tofu-test: OpenTofu could not be built; TOFU=PROGRAM names one that is there (1.9 or later)"
        )
    return result.stdout.split()[1] + "/tofu"


class TofuTest(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.environment = {key: value for key, value in os.environ.items() if not key.startswith("TF_")} | {
            "TF_CLI_CONFIG_FILE": "/dev/null",
            "CHECKPOINT_DISABLE": "1",
            "TF_IN_AUTOMATION": "1",
        }

    @classmethod
    def tofu(cls, where, *arguments, check=True):
        result = subprocess.run(
            [PROGRAM, *arguments],
            cwd=where,
            env=cls.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
        if check and result.returncode != 0:
            raise AssertionError(result.stdout + result.stderr)
        return result


class TheLayout(TofuTest):
    def test_is_written_as_tofu_fmt_writes_it(self):
        self.tofu(TERRAFORM, "fmt", "-check", "-recursive", "-diff")
        self.tofu(HERE / "stubs", "fmt", "-check", "-recursive", "-diff")

    def test_asks_for_no_provider(self):
        copy = shutil.copytree(LAYOUT, self.folder / "providers")
        self.tofu(copy, "init", "-backend=false", "-no-color")
        self.assertNotIn("provider[", self.tofu(copy, "providers", "-no-color").stdout)
        self.assertEqual(self.tofu(copy, "validate", "-no-color").returncode, 0)

    def test_is_right_for_every_type_with_accelerators(self):
        copy = shutil.copytree(LAYOUT, self.folder / "layout")
        self.tofu(copy, "init", "-backend=false", "-no-color")
        said = self.tofu(copy, "test", "-no-color").stdout
        passed = set(re.findall(r'^  run "([^"]+)"\.\.\. pass$', said, re.M))
        self.assertLessEqual({re.sub(r"[.-]", "_", name) for name in ACCELERATED}, passed)
        self.assertRegex(said, rf"Success! {len(passed)} passed, 0 failed\.")

    def test_a_wrong_layout_fails(self):
        copy = shutil.copytree(LAYOUT, self.folder / "broken")
        main = copy / "main.tf"
        main.write_text(main.read_text().replace("device = 1,", "device = 2,"))
        (copy / "tests/types.tftest.hcl").unlink()
        self.tofu(copy, "init", "-backend=false", "-no-color")
        result = self.tofu(copy, "test", "-no-color", check=False)
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("card 0 has its EFA interface at device 1", result.stdout + result.stderr)


def stub(text):
    """A file of the wiring with our stubs in the place of AWS's modules and resources."""
    text = re.sub(
        r'source( +)= "terraform-aws-modules/([a-z-]+)/aws"\n +version +=.*', r'source\1= "./stubs/\2"', text
    )
    resources = set(re.findall(r'^resource "(\w+)" "(\w+)"', text, re.M))
    text = re.sub(
        r'^resource "(\w+)" "(\w+)" \{', r'module "\1__\2" {\n  source = "./stubs/\1"', text, flags=re.M
    )
    text = re.sub(r"\n  lifecycle \{[^}]*\}\n", "\n", text)
    return re.sub(r"^  tag \{", "  tag = {", text, flags=re.M), resources


def make_wiring(folder):
    """The root module's copy in `folder`, without its providers."""
    folder.mkdir()
    texts, resources = {}, set()
    for path in TERRAFORM.glob("*.tf"):
        if path.name != "versions.tf":
            texts[path.name], found = stub(path.read_text(encoding="utf-8"))
            resources |= found
    for name, text in texts.items():
        for kind, label in resources:
            text = text.replace(f"{kind}.{label}", f"module.{kind}__{label}")
        (folder / name).write_text(text, encoding="utf-8")
    shutil.copytree(TERRAFORM / "modules", folder / "modules")
    shutil.copytree(HERE / "stubs", folder / "stubs")
    shutil.move(folder / "stubs/outputs.tf", folder / "stub_outputs.tf")
    return folder


class TheWiring(TofuTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.wiring = make_wiring(cls.folder / "wiring")
        cls.tofu(cls.wiring, "init", "-backend=false", "-no-color")

    def write(self, variables):
        file = self.folder / "variables.tfvars.json"
        file.write_text(
            json.dumps({"region": "us-west-2", "zones": ["us-west-2a", "us-west-2b"]} | variables)
        )
        return str(file)

    def plan(self, file):
        """The outputs that a plan with this file has."""
        self.tofu(self.wiring, "plan", "-no-color", "-out=plan", f"-var-file={file}")
        shown = json.loads(self.tofu(self.wiring, "show", "-json", "plan").stdout)
        return {name: each["value"] for name, each in shown["planned_values"]["outputs"].items()}

    def refused(self, variables):
        result = self.tofu(
            self.wiring, "plan", "-no-color", f"-var-file={self.write(variables)}", check=False
        )
        self.assertNotEqual(result.returncode, 0)
        return re.sub(r"[│╷╵\s]+", " ", result.stdout + result.stderr)

    def test_takes_any_type_with_accelerators(self):
        groups = {
            name.replace(".", "-"): {"instance_type": name, "zone": "us-west-2a"} for name in ACCELERATED
        }
        found = self.plan(self.write({"node_groups": groups}))
        for name, entry in ACCELERATED.items():
            label = name.replace(".", "-")
            group = found["groups"][label]
            with self.subTest(name):
                self.assertEqual(group["instance_types"], [name])
                self.assertEqual(group["subnet_ids"], ["subnet-us-west-2a"])
                kinds = [each["interface_type"] for each in group["network_interfaces"]]
                self.assertEqual(sum(kind.startswith("efa") for kind in kinds), entry["efaInterfaces"])
                self.assertEqual(kinds[0], "efa" if entry["efaInterfaces"] == 1 else "interface")
                self.assertEqual(group["vpc_security_group_ids"], ["sg-efa"])
                self.assertTrue(group["attach_cluster_primary_security_group"])
                self.assertEqual(
                    (group["enable_efa_support"], group["create_security_group"]), (False, False)
                )
                self.assertEqual(group["placement"], {"group_name": f"efa-{label}"})
                self.assertEqual(found["made_placement_groups"][label], "cluster")
                tags = {
                    each["key"]: each["value"] for each in found["tags"] if each["group"] == f"asg-{label}"
                }
                wanted = {
                    TAG + "vpc.amazonaws.com/efa": str(entry["efaInterfaces"]),
                    TAG + entry["accelerator"]["resource"]: str(entry["accelerator"]["count"]),
                }
                if entry["hugepagesPool"]:
                    wanted[TAG + "hugepages-2Mi"] = f"{entry['hugepagesPool']}Mi"
                self.assertEqual(tags, wanted)
        self.assertEqual(found["rules"], ["sg-efa sg-efa -1", "sg-efa sg-efa -1"])

    def test_plans_the_example(self):
        found = self.plan(TERRAFORM / "example.tfvars")
        block = found["groups"]["p5en-block"]
        self.assertEqual(set(found["groups"]), {"p5", "p5en-block", "g6e", "system"})
        self.assertEqual(
            (block["capacity_type"], block["instance_market_options"]),
            ("CAPACITY_BLOCK", {"market_type": "capacity-block"}),
        )
        self.assertEqual(
            block["capacity_reservation_specification"]["capacity_reservation_target"][
                "capacity_reservation_id"
            ],
            BLOCK,
        )
        self.assertIsNone(block["placement"])
        self.assertEqual(set(found["made_placement_groups"]), {"p5", "g6e"})
        self.assertEqual(found["groups"]["g6e"]["block_device_mappings"]["data"]["device_name"], "/dev/xvdb")
        self.assertEqual(
            found["offered"]["p5"],
            {"vpc.amazonaws.com/efa": "32", "nvidia.com/gpu": "8", "hugepages-2Mi": "42240Mi"},
        )
        self.assertEqual(found["ranges"], ["10.0.0.0/18", "10.0.64.0/18", "10.0.192.0/24", "10.0.193.0/24"])

    def test_uses_a_vpc_and_a_placement_group_that_are_there(self):
        found = self.plan(
            self.write(
                {
                    "vpc_cni_version": "v1.18.5-eksbuild.1",
                    "vpc": {
                        "id": "vpc-mine",
                        "private_subnets": {"us-west-2a": "subnet-1", "us-west-2b": "subnet-2"},
                    },
                    "node_groups": {
                        "p5": {
                            "instance_type": "p5.48xlarge",
                            "zone": "us-west-2b",
                            "capacity_reservation_id": BLOCK,
                            "placement_group_name": "reserved-here",
                        }
                    },
                }
            )
        )
        group = found["groups"]["p5"]
        self.assertEqual(
            (group["subnet_ids"], group["placement"]), (["subnet-2"], {"group_name": "reserved-here"})
        )
        self.assertEqual((group["capacity_type"], group["instance_market_options"]), ("ON_DEMAND", None))
        self.assertEqual((found["made_placement_groups"], found["ranges"]), ({}, []))

    def test_refuses_with_a_sentence(self):
        p5 = {"instance_type": "p5.48xlarge", "zone": "us-west-2a"}
        rows = (
            ({"node_groups": {"a": p5 | {"zone": "us-west-2c"}}}, "zone must be one of zones"),
            ({"node_groups": {"a": p5 | {"instance_type": "m5.large"}}}, "must be an EC2 type with EFA"),
            ({"node_groups": {"a": p5 | {"capacity_block": True}}}, "needs the block's id"),
            ({"node_groups": {}, "zones": ["us-west-2a"]}, "at least two zones"),
            (
                {"node_groups": {"a": p5 | {"ami_release_version": "1.34.2-20260101"}}},
                "of 2026-05-05 or later",
            ),
            ({"node_groups": {}, "vpc_cni_version": "v1.18.4-eksbuild.1"}, "v1.18.5 or later"),
            ({"node_groups": {}, "vpc_cni_version": "latest"}, "must look like v1.20.4-eksbuild.2"),
            ({"node_groups": {}, "kubernetes_version": "latest"}, "must look like 1.36"),
            (
                {"node_groups": {}, "vpc": {"id": "vpc-1", "private_subnets": {"us-west-2a": "subnet-1"}}},
                "a subnet for each of zones",
            ),
        )
        for variables, sentence in rows:
            with self.subTest(sentence):
                self.assertIn(sentence, self.refused(variables))


if __name__ == "__main__":
    PROGRAM = find_tofu()
    unittest.main()
