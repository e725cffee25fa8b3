# SPDX-License-Identifier: Apache-2.0
"""deploy/cluster/device-plugin: which nodes get the plugin, from which chart on, how it replaces another."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from cluster_support import CLUSTER, TYPES, read  # noqa: E402

INSTALL = CLUSTER / "device-plugin/install.sh"
IMAGE = "602401143452.dkr.ecr.us-west-2.amazonaws.com/eks/aws-efa-k8s-device-plugin:v0.5.4"

# The oldest chart that serves a type.
FLOORS = {
    "p4d.24xlarge": "v0.4.2",
    "p5.48xlarge": "v0.4.2",
    "p5e.48xlarge": "v0.5.5",
    "p5en.48xlarge": "v0.5.6",
    "trn2.48xlarge": "v0.5.7",
    "p6-b200.48xlarge": "v0.5.10",
    "p6e-gb200.36xlarge": "v0.5.14",
    "p6-b300.48xlarge": "v0.5.23",
    "p5.4xlarge": "v0.5.23",
    "g7e.48xlarge": "v0.5.23",
    "g7.48xlarge": "v0.5.30",
}


def number(version):
    return tuple(map(int, re.findall(r"\d+", version)))


def floors_in_comments():
    """type -> chart, from the head of values.yaml."""
    found, chart = {}, None
    for line in (CLUSTER / "device-plugin/values.yaml").read_text(encoding="utf-8").split("\n"):
        match = re.fullmatch(r"#   (v[0-9.]+|    )\s+(.*)", line)
        if match:
            chart = match[1].strip() or chart
            found |= {name: chart for name in re.findall(r"[a-z0-9-]+\.[a-z0-9-]+", match[2])}
    return found


class TheValues(unittest.TestCase):
    def test_name_every_type_in_both_spellings(self):
        values = read("device-plugin/values.yaml")
        self.assertEqual(values["supportedInstanceLabels"]["keys"], ["node.kubernetes.io/instance-type"])
        wanted = {prefix + name for name in TYPES for prefix in ("", "ml.")}
        self.assertEqual(set(values["supportedInstanceLabels"]["values"]), wanted)

    def test_tolerate_every_taint(self):
        self.assertEqual(read("device-plugin/values.yaml")["tolerations"], [{"operator": "Exists"}])

    def test_tell_the_oldest_chart_of_each_type(self):
        found = floors_in_comments()
        self.assertLessEqual(FLOORS.items(), found.items())
        self.assertEqual(set(found), {name for name, entry in TYPES.items() if "accelerator" in entry})

    def test_the_chart_that_is_installed_serves_them_all(self):
        pinned = re.search(r"^chart_version=(v[0-9.]+)", INSTALL.read_text(encoding="utf-8"), re.M)[1]
        self.assertIn(pinned, (CLUSTER / "device-plugin/values.yaml").read_text(encoding="utf-8"))
        for name, floor in floors_in_comments().items():
            self.assertLessEqual(number(floor), number(pinned), name)


class Installing(unittest.TestCase):
    """With programs in kubectl's and helm's place that note what they were told."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def install(self, listing, *arguments, delete="exit 0"):
        calls = self.folder / "calls"
        calls.write_text("")
        (self.folder / "listing").write_text(listing)
        (self.folder / "kubectl").write_text(
            f'#!/bin/sh\nif [ "$1" = get ]; then cat {self.folder}/listing; exit; fi\n'
            f'echo "kubectl $*" >>{calls}\n{delete}\n'
        )
        (self.folder / "helm").write_text(f'#!/bin/sh\necho "helm $*" >>{calls}\n')
        for program in ("kubectl", "helm"):
            (self.folder / program).chmod(0o755)
        path = f"{self.folder}:{os.environ['PATH']}"
        result = subprocess.run(
            ["sh", str(INSTALL), *arguments],
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | {"PATH": path},
            timeout=30,
        )
        return result, calls.read_text().splitlines()

    def test_on_a_cluster_without_one(self):
        result, calls = self.install("kube-system/aws-node 602401143452/amazon-k8s-cni:v1.20.0\n")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertEqual(len(calls), 1)
        self.assertRegex(
            calls[0],
            r"^helm upgrade --install aws-efa-k8s-device-plugin aws-efa-k8s-device-plugin "
            r"--repo https://aws.github.io/eks-charts --version v0\.5\.30 "
            r"--namespace kube-system --values \S+/device-plugin/values\.yaml --wait$",
        )

    def test_takes_the_place_of_eksctl_s_before_it_installs(self):
        result, calls = self.install(
            f"kube-system/aws-efa-k8s-device-plugin-daemonset {IMAGE}\n"
            "kube-system/kube-proxy eks/kube-proxy:v1\n"
        )
        self.assertEqual(result.returncode, 0)
        self.assertEqual(
            calls[0],
            "kubectl delete daemonset aws-efa-k8s-device-plugin-daemonset --namespace kube-system"
            " --cascade=foreground --wait",
        )
        self.assertEqual([call.split()[0] for call in calls], ["kubectl", "helm"])

    def test_leaves_its_own_alone(self):
        _, calls = self.install(f"kube-system/aws-efa-k8s-device-plugin {IMAGE}\n")
        self.assertEqual([call.split()[0] for call in calls], ["helm"])

    def test_finds_one_in_another_namespace_and_beside_other_containers(self):
        _, calls = self.install(f"efa/mine docker.io/proxy:1 {IMAGE}\n")
        self.assertIn("daemonset mine --namespace efa", calls[0])

    def test_installs_nothing_while_another_one_stays(self):
        result, calls = self.install(f"efa/mine {IMAGE}\n", delete="exit 1")
        self.assertNotEqual(result.returncode, 0)
        self.assertEqual([call.split()[0] for call in calls], ["kubectl"])

    def test_a_dry_run_says_and_does_nothing(self):
        result, calls = self.install(f"efa/mine {IMAGE}\n", "--dry-run")
        self.assertEqual((result.returncode, calls), (0, []))
        self.assertIn("would run: kubectl delete daemonset mine --namespace efa", result.stdout)
        self.assertIn("would run: helm upgrade --install", result.stdout)

    def test_hands_further_options_to_helm(self):
        _, calls = self.install("", "--set", "image.repository=mirror/aws-efa-k8s-device-plugin")
        self.assertTrue(calls[0].endswith("--wait --set image.repository=mirror/aws-efa-k8s-device-plugin"))


if __name__ == "__main__":
    unittest.main()
