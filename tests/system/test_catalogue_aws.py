# SPDX-License-Identifier: Apache-2.0
"""The catalogue's generator on answers of EC2's API: conversion, bad answers, merge."""

import copy
import json
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from catalogue_support import (
    CATALOGUE,
    Base,
    build_item,
    build_record,
    catalogue,
    catalogue_aws,
    check,
    run,
)  # noqa: E402


class TestAws(Base):
    def answer(self, *names):
        return [build_item(name, self.types[name]) for name in names]

    def parse(self, items, old=None):
        return catalogue_aws.parse_aws("a.json", json.dumps({"InstanceTypes": items}), old or {}, "ec2")

    def test_whole_answer_gives_the_catalogue(self):
        made = self.parse(list(build_record(self.types).values()))
        self.assertEqual(set(made), set(self.types) - set(check.ONLY_CATALOGUE))
        for name, entry in made.items():
            expected = dict(self.types[name], source="ec2")
            expected.pop("devicePluginChart", None)
            if "note" in expected:
                expected["note"] = "some-fpga x8 (no device-plugin resource in scope)"
            self.assertEqual(entry, expected, name)

    def test_kinds_of_accelerators(self):
        item = self.answer("dl1.24xlarge")[0]
        item["GpuInfo"] = {"Gpus": [{"Name": "Gaudi HL-205", "Manufacturer": "Habana", "Count": 8}]}
        made = self.parse([item])["dl1.24xlarge"]
        self.assertEqual(
            made["accelerator"], {"resource": "habana.ai/gaudi", "count": 8, "model": "gaudi-hl-205"}
        )
        item = self.answer("inf1.24xlarge")[0]
        del item["NeuronInfo"]
        item["InferenceAcceleratorInfo"] = {
            "Accelerators": [{"Name": "Inferentia", "Manufacturer": "AWS", "Count": 16}]
        }
        self.assertEqual(
            self.parse([item])["inf1.24xlarge"]["accelerator"]["resource"], "aws.amazon.com/neuron"
        )
        item["InferenceAcceleratorInfo"]["Accelerators"][0]["Manufacturer"] = "Qualcomm"
        self.assertNotIn("accelerator", self.parse([item])["inf1.24xlarge"])

    def test_card_0(self):
        item = self.answer("p6-b300.48xlarge")[0]
        self.assertFalse(self.parse([item])["p6-b300.48xlarge"]["card0Efa"])
        del item["NetworkInfo"]["NetworkCards"]
        self.assertFalse(self.parse([item])["p6-b300.48xlarge"]["card0Efa"])
        item = self.answer("p5.48xlarge")[0]
        del item["NetworkInfo"]["NetworkCards"]
        self.assertTrue(self.parse([item])["p5.48xlarge"]["card0Efa"])

    def test_layout_wins_over_the_maximum(self):
        item = self.answer("p6e-gb200.36xlarge")[0]
        item["NetworkInfo"]["EfaInfo"]["MaximumEfaInterfaces"] = 16
        self.assertEqual(self.parse([item])["p6e-gb200.36xlarge"]["efaInterfaces"], 4)

    def test_bandwidth(self):
        item = self.answer("p5.48xlarge")[0]
        for text, old, expected in (
            ("4x 100 Gigabit", None, "400"),
            ("56.25 Gigabit", None, "56.25"),
            ("Up to 100 Gigabit", None, "100"),
            ("Up to 100 Gigabit", "90", "90"),
            ("100 Gigabit", "90", "100"),
        ):
            item["NetworkInfo"]["NetworkPerformance"] = text
            old_types = {"p5.48xlarge": dict(self.types["p5.48xlarge"], networkGbps=old)} if old else {}
            self.assertEqual(self.parse([item], old_types)["p5.48xlarge"]["networkGbps"], expected, text)

    def test_bad_answers_are_named(self):
        def drop(path):
            return lambda item: item["NetworkInfo"].pop(path)

        cases = (
            (
                drop("EfaInfo"),
                r"a.json: InstanceTypes\[0\] p5.48xlarge: NetworkInfo.EfaInfo.\w+: is missing",
            ),
            (drop("EfaSupported"), r"NetworkInfo.EfaSupported: is missing"),
            (lambda item: item.update(InstanceType=5), r"InstanceTypes\[0\]: InstanceType: 5 is no str"),
            (
                lambda item: item.update(MemoryInfo={"SizeInMiB": "2 TB"}),
                r"MemoryInfo.SizeInMiB: \"2 TB\" is no int",
            ),
            (
                lambda item: item.update(VCpuInfo={"DefaultVCpus": True}),
                r"VCpuInfo.DefaultVCpus: true is no int",
            ),
            (lambda item: item.update(VCpuInfo=None), r"VCpuInfo.DefaultVCpus: is missing"),
            (
                lambda item: item.update(ProcessorInfo={"SupportedArchitectures": ["i386"]}),
                r"names not exactly one of",
            ),
            (lambda item: item.pop("GpuInfo"), r"both are missing though the family has accelerators"),
            (
                lambda item: item["GpuInfo"]["Gpus"].append(
                    {"Name": "X", "Manufacturer": "NVIDIA", "Count": 1}
                ),
                "two models",
            ),
            (
                lambda item: item["NetworkInfo"].update(NetworkPerformance="High"),
                "'High' is not as '100 Gigabit'",
            ),
            (
                lambda item: item["NetworkInfo"].update(MaximumNetworkCards=4),
                "efaInterfaces: 32 is more than the 4",
            ),
            (lambda item: item["NetworkInfo"].update(EfaSupported=False), "no type with EfaSupported"),
        )
        for spoil, pattern in cases:
            with self.subTest(pattern=pattern):
                items = self.answer("p5.48xlarge")
                spoil(items[0])
                self.assert_refused(pattern, self.parse, items)
        self.assert_refused("given twice", self.parse, self.answer("p5.48xlarge") * 2)
        for text, pattern in (
            ("{", "not JSON"),
            ("[]", "no list InstanceTypes"),
            ("[" * 100000, "not JSON"),
            ('{"InstanceTypes": [], "NextToken": "x"}', "one page of several"),
            ('{"InstanceTypes": [7]}', "InstanceType: is missing"),
        ):
            self.assert_refused(pattern, catalogue_aws.parse_aws, "a.json", text, {}, "ec2")

    def test_merge_keeps_what_the_api_does_not_say(self):
        items = self.answer("p5.48xlarge", "p6e-gb200.36xlarge")
        items[0]["MemoryInfo"]["SizeInMiB"] = 4194304
        new = build_item("p9.48xlarge", self.types["p5en.48xlarge"])
        done = run(
            "make-instance-types.py",
            "--aws",
            "-",
            "--merge",
            CATALOGUE,
            "--source",
            "ec2-x=EC2 API, a test",
            stdin=json.dumps({"InstanceTypes": [*items, new]}),
        )
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        sources, types = catalogue.parse_catalogue("out", done.stdout)
        self.assertEqual(sources["ec2-x"], "EC2 API, a test")
        expected = copy.deepcopy(self.types)
        expected["p5.48xlarge"].update(memory=4194304, source="ec2-x")
        expected["p6e-gb200.36xlarge"].update(source="ec2-x")
        expected["p9.48xlarge"] = dict(
            self.types["p5en.48xlarge"],
            source="ec2-x",
            gpudirectRdma="unknown",
            rdmaRead="unknown",
            rdmaWrite="unknown",
        )
        del expected["p9.48xlarge"]["devicePluginChart"]
        self.assertEqual(types, expected)

    def test_merge_refuses_an_id_with_two_texts(self):
        done = run(
            "make-instance-types.py",
            "--aws",
            "-",
            "--merge",
            CATALOGUE,
            "--source",
            "moto-5-2-5=Else",
            stdin=json.dumps({"InstanceTypes": self.answer("p5.48xlarge")}),
        )
        self.assertEqual(done.returncode, 2)
        self.assertIn("moto-5-2-5 has another text", done.stderr)
        done = run("make-instance-types.py", "--aws", "-", "--source", "No id", stdin="{}")
        self.assertIn("--source: 'No id' is not ID=TEXT", done.stderr)


if __name__ == "__main__":
    unittest.main()
