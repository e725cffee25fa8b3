# SPDX-License-Identifier: Apache-2.0
"""deploy/cluster: launch templates, node groups and their generator, against numbers written by hand."""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from cluster_support import CLUSTER, TYPES, CloudFormation, SafeLoader, find_all, generate, read
from process_support import ROOT

TAG = "k8s.io/cluster-autoscaler/node-template/resources/"

# type: (interfaces, of them with EFA, kind of the primary one, first cards with EFA, last of them)
LAYOUTS = {
    "p4d.24xlarge": (5, 4, "interface", [0, 1], 3),
    "p5.48xlarge": (33, 32, "interface", [0, 1], 31),
    "p5en.48xlarge": (17, 16, "interface", [0, 1], 15),
    "p6-b200.48xlarge": (9, 8, "interface", [0, 1], 7),
    "p6-b300.48xlarge": (17, 16, "interface", [1, 2], 16),
    "p6e-gb200.36xlarge": (5, 4, "interface", [1, 5, 9], 13),
    "g6e.48xlarge": (5, 4, "interface", [0, 1], 3),
    "trn1.32xlarge": (9, 8, "interface", [0, 1], 7),
    "trn2.48xlarge": (17, 16, "interface", [0, 1], 15),
    "hpc7a.96xlarge": (3, 2, "interface", [0, 1], 1),
}

# type: (EFA, resource, its count, huge pages) of a node
OFFERED = {
    "p4d.24xlarge": ("4", "nvidia.com/gpu", "8", "21120Mi"),
    "p5.48xlarge": ("32", "nvidia.com/gpu", "8", "42240Mi"),
    "p5en.48xlarge": ("16", "nvidia.com/gpu", "8", "42240Mi"),
    "p6-b200.48xlarge": ("8", "nvidia.com/gpu", "8", "42240Mi"),
    "p6-b300.48xlarge": ("16", "nvidia.com/gpu", "8", "42240Mi"),
    "p6e-gb200.36xlarge": ("4", "nvidia.com/gpu", "4", None),
    "g6e.48xlarge": ("4", "nvidia.com/gpu", "8", "42240Mi"),
    "trn1.32xlarge": ("8", "aws.amazon.com/neuron", "16", "28160Mi"),
    "trn2.48xlarge": ("16", "aws.amazon.com/neuron", "16", "42240Mi"),
    "hpc7a.96xlarge": ("2", None, None, "42240Mi"),
}

# eksctl: what managedNodeGroups may not hold beside launchTemplate.
# Source: https://docs.aws.amazon.com/eks/latest/eksctl/launch-template-support.html
NOT_BESIDE_A_TEMPLATE = {
    "instanceType",
    "ami",
    "ssh",
    "securityGroups",
    "volumeSize",
    "instanceName",
    "instancePrefix",
    "maxPodsPerNode",
    "disableIMDSv1",
    "disablePodIMDS",
    "preBootstrapCommands",
    "overrideBootstrapCommand",
    "placement",
    "efaEnabled",
}


def interfaces_of(stack):
    return stack["Resources"]["LaunchTemplate"]["Properties"]["LaunchTemplateData"]["NetworkInterfaces"]


def run_generator(*arguments):
    return subprocess.run(
        [sys.executable, "-B", str(CLUSTER / "generate.py"), *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


class TheLaunchTemplates(unittest.TestCase):
    def test_have_the_interfaces_of_their_family(self):
        self.assertEqual(set(LAYOUTS), set(generate.TYPES))
        for name, (total, efa, primary, first, last) in LAYOUTS.items():
            with self.subTest(name):
                found = interfaces_of(read(f"types/{name}/nodes.yaml", CloudFormation))
                cards = [
                    each["NetworkCardIndex"] for each in found if each["InterfaceType"].startswith("efa")
                ]
                self.assertEqual((len(found), len(cards)), (total, efa))
                self.assertEqual((cards[: len(first)], cards[-1]), (first, last))
                self.assertEqual(
                    [found[0][key] for key in ("NetworkCardIndex", "DeviceIndex", "InterfaceType")],
                    [0, 0, primary],
                )
                for each in found[1:]:
                    self.assertEqual(each["InterfaceType"], "efa-only")
                    self.assertEqual(each["DeviceIndex"], 1 if each["NetworkCardIndex"] == 0 else 0)

    def test_name_both_security_groups_on_every_interface_and_no_subnet(self):
        for name in LAYOUTS:
            stack = read(f"types/{name}/nodes.yaml", CloudFormation)
            for each in interfaces_of(stack):
                self.assertEqual(
                    each["Groups"], [{"Ref": "ClusterSecurityGroup"}, {"Ref": "EfaSecurityGroup"}]
                )
            # EKS refuses these in a node group's launch template.
            for key in ("SubnetId", "IamInstanceProfile", "SecurityGroupIds", "ImageId"):
                self.assertEqual(list(find_all(stack, key)), [])

    def test_every_type_of_the_catalogue_gets_what_it_has(self):
        for name, entry in TYPES.items():
            files = generate.files_of_type(name, entry, {"default": [], "neuron": [], "mpi": []})
            found = interfaces_of(yaml.load(files["nodes.yaml"], CloudFormation))
            cards = [each["NetworkCardIndex"] for each in found if each["InterfaceType"].startswith("efa")]
            places = {(each["NetworkCardIndex"], each["DeviceIndex"]) for each in found}
            with self.subTest(name):
                self.assertEqual(len(cards), entry["efaInterfaces"])
                self.assertEqual(len(set(cards)), len(cards), "one EFA interface a card")
                self.assertEqual(len(places), len(found))
                self.assertLess(max(cards), entry["networkCards"])
                self.assertEqual(0 in cards, entry["card0Efa"])
                self.assertNotEqual(found[0]["InterfaceType"], "efa-only")
                self.assertGreater(len(yaml.load(files["eksctl.yaml"], SafeLoader)["managedNodeGroups"]), 0)

    def test_a_reservation_gets_no_new_placement_group(self):
        conditions = read("types/p5.48xlarge/nodes.yaml", CloudFormation)["Conditions"]
        self.assertEqual(
            conditions["MakesGroup"],
            {"And": [{"Not": [{"Condition": "IsReserved"}]}, {"Not": [{"Condition": "NamesGroup"}]}]},
        )
        self.assertEqual(
            conditions["HasGroup"], {"Or": [{"Condition": "NamesGroup"}, {"Condition": "MakesGroup"}]}
        )

    def test_the_security_group_is_open_to_itself_in_and_out(self):
        resources = read("cloudformation/efa-security-group.yaml", CloudFormation)["Resources"]
        group = {"Ref": "Group"}
        self.assertEqual(
            (resources["In"]["Type"], resources["Out"]["Type"]),
            ("AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress"),
        )
        for name, peer in (("In", "SourceSecurityGroupId"), ("Out", "DestinationSecurityGroupId")):
            rule = resources[name]["Properties"]
            self.assertEqual((rule["GroupId"], rule[peer], rule["IpProtocol"]), (group, group, "-1"))


class TheNodeGroups(unittest.TestCase):
    def groups(self):
        for name in generate.TYPES:
            for group in read(f"types/{name}/eksctl.yaml")["managedNodeGroups"]:
                yield name, group

    def test_say_what_a_node_will_offer(self):
        for name, group in self.groups():
            efa, resource, count, pages = OFFERED[name]
            wanted = {
                TAG + "vpc.amazonaws.com/efa": efa,
                TAG + (resource or ""): count,
                TAG + "hugepages-2Mi": pages,
            }
            self.assertEqual(group["tags"], {key: value for key, value in wanted.items() if value}, name)

    def test_hold_nothing_that_eksctl_refuses_beside_a_launch_template(self):
        for name, group in self.groups():
            self.assertEqual(NOT_BESIDE_A_TEMPLATE & group.keys(), set(), name)
            self.assertRegex(group["launchTemplate"]["id"], r"^lt-[0-9a-f]{17}$")

    def test_are_in_one_zone_and_start_at_zero(self):
        for name, group in self.groups():
            self.assertEqual(len(group["availabilityZones"]), 1, name)
            self.assertEqual((group["minSize"], group["desiredCapacity"]), (0, 0), name)

    def test_there_is_one_for_each_image_that_eks_has(self):
        for name in generate.TYPES:
            families = [group["amiFamily"] for each, group in self.groups() if each == name]
            wanted = (
                ["AmazonLinux2023"] if name == "p6e-gb200.36xlarge" else ["AmazonLinux2023", "Bottlerocket"]
            )
            self.assertEqual(families, wanted, name)

    def test_bottlerocket_s_pool_is_explained_and_not_set(self):
        for name in ("p4d.24xlarge", "p5.48xlarge"):
            text = (CLUSTER / f"types/{name}/eksctl.yaml").read_text(encoding="utf-8")
            pages = TYPES[name]["vcpus"] * 110
            self.assertGreater(pages, 5128)
            self.assertIn(f"here {pages}\n", text)
            self.assertIn("5128 pages (10256Mi)", text)
            self.assertNotIn("nr_hugepages=", text)
            self.assertNotIn("UserData", (CLUSTER / f"types/{name}/nodes.yaml").read_text(encoding="utf-8"))

    def test_belong_to_the_cluster_that_is_made(self):
        cluster = read("eksctl/cluster.yaml")
        for name in generate.TYPES:
            metadata = read(f"types/{name}/eksctl.yaml")["metadata"]
            for key in metadata:
                self.assertEqual(metadata[key], cluster["metadata"][key])
        for _, group in self.groups():
            self.assertIn(group["availabilityZones"][0], cluster["availabilityZones"])
        self.assertGreaterEqual(cluster["metadata"]["version"], "1.33", "P6e-GB200 needs it")


class TheGenerator(unittest.TestCase):
    def test_finds_the_committed_files_fresh(self):
        result = run_generator("--check")
        self.assertEqual((result.returncode, result.stderr), (0, ""))

    def test_finds_them_stale_once_a_count_changes(self):
        text = (ROOT / "config/instance-types.yaml").read_text(encoding="utf-8")
        changed = text.replace(
            "  p5en.48xlarge:\n    efaInterfaces: 16", "  p5en.48xlarge:\n    efaInterfaces: 15"
        )
        self.assertNotEqual(text, changed)
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write(changed)
            file.flush()
            result = run_generator("--check", "--catalogue", file.name)
        self.assertEqual(result.returncode, 1)
        for path in (
            "types/p5en.48xlarge/nodes.yaml",
            "types/p5en.48xlarge/eksctl.yaml",
            "terraform/modules/efa-layout/instance-types.json",
        ):
            self.assertIn(f"deploy/cluster/{path} is stale", result.stderr)
        self.assertNotIn("p5.48xlarge", result.stderr)
        self.assertIn("make cluster-files", result.stderr)

    def test_writes_the_files_of_any_type(self):
        folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, folder)
        result = run_generator("--type", "ml.p5e.48xlarge", "--out", str(folder))
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(
            {path.name for path in folder.iterdir()},
            {"nodes.yaml", "eksctl.yaml", "all-reduce.yaml", "training.yaml"},
        )
        self.assertEqual(
            len(interfaces_of(yaml.load((folder / "nodes.yaml").read_text(), CloudFormation))), 33
        )

    def test_refuses_what_it_cannot_read(self):
        policy = (ROOT / "config/policy.yaml").read_text(encoding="utf-8")
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write(policy.replace("    - {name: FI_PROVIDER, value: efa}", "    - FI_PROVIDER=efa", 1))
            file.flush()
            rows = (
                (("--type", "m5.large", "--out", "/nowhere"), "--type: 'm5.large' is not in"),
                (("--type", "p5.48xlarge"), "--type and --out go together"),
                (("--check", "--catalogue", "/nowhere.yaml"), "/nowhere.yaml: No such file"),
                (("--check", "--policy", file.name), "'- FI_PROVIDER=efa' is not {name: "),
            )
            for arguments, sentence in rows:
                with self.subTest(arguments):
                    result = run_generator(*arguments)
                    self.assertEqual(result.returncode, 2)
                    self.assertIn(sentence, result.stderr)
                    self.assertNotIn("Traceback", result.stderr)

    def test_names_a_file_that_nothing_makes(self):
        copy = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, copy)
        for folder in ("config", "deploy/cluster"):
            shutil.copytree(ROOT / folder, copy / folder)
        (copy / "deploy/cluster/types/p5.48xlarge/stray.yaml").write_text("---\n", encoding="utf-8")
        program = [sys.executable, "-B", str(copy / "deploy/cluster/generate.py")]
        result = subprocess.run(
            [*program, "--check"], capture_output=True, text=True, check=False, timeout=60
        )
        self.assertEqual(result.returncode, 1)
        self.assertIn("types/p5.48xlarge/stray.yaml is made by nothing", result.stderr)
        subprocess.run(program, check=True, timeout=60, stdout=subprocess.DEVNULL)
        self.assertFalse((copy / "deploy/cluster/types/p5.48xlarge/stray.yaml").exists())


if __name__ == "__main__":
    unittest.main()
