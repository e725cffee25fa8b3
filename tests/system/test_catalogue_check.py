# SPDX-License-Identifier: Apache-2.0
"""The bite of config/check-instance-types.py, on a record made from the catalogue itself.

`make catalogue-check` runs it on the real record; these need Python's standard library alone.
"""

import contextlib
import copy
import io
import json
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from catalogue_support import Base, build_item, build_record, check, run, wrap  # noqa: E402


class TestCheck(Base):
    def setUp(self):
        self.items = build_record(self.types)

    def failures(self, types=None, items=None):
        findings, _ = check.compare(types or self.types, wrap(items or self.items))
        return [sentence for failed, sentence in findings if failed]

    def test_same_record_passes_and_names_what_is_listed(self):
        findings, counts = check.compare(self.types, wrap(self.items))
        self.assertEqual([sentence for failed, sentence in findings if failed], [])
        self.assertEqual(counts, (303, 2, 0))
        text = "\n".join(sentence for _, sentence in findings)
        for name in ("trn2u.48xlarge.accelerator", "dl1.24xlarge", "p6e-gb200.36xlarge"):
            self.assertIn(name, text)

    def test_every_single_change_in_the_catalogue_is_noticed(self):
        changes = {"efaInterfaces": 3, "networkCards": 5, "vcpus": 7, "memory": 2048}
        for name in sorted(self.items):
            for key, step in changes.items():
                types = dict(
                    self.types, **{name: dict(self.types[name], **{key: self.types[name][key] + step})}
                )
                self.assert_one_failure(types, f"{name}.{key}")
            other = "arm64" if self.types[name]["arch"] == "amd64" else "amd64"
            self.assert_one_failure(
                dict(self.types, **{name: dict(self.types[name], arch=other)}), f"{name}.arch"
            )
            accelerator = dict(
                self.types[name].get("accelerator", {"resource": "nvidia.com/gpu", "model": "x"}), count=99
            )
            self.assert_one_failure(
                dict(self.types, **{name: dict(self.types[name], accelerator=accelerator)}),
                f"{name}.accelerator",
            )

    def assert_one_failure(self, types, expected):
        name = expected.rsplit(".", 1)[0]
        one = {name: self.items[name]}
        found = check.find_differences({name: types[name]}, wrap(one))
        failures = [
            sentence
            for failed, sentence in check.judge_differences(
                found, {key: value for key, value in check.KNOWN.items() if key[0] == name}
            )
            if failed
        ]
        self.assertEqual(len(failures), 1, failures)
        self.assertIn(f"DIFFERENT {expected}:", failures[0])

    def test_accelerators_of_another_kind_or_model_are_noticed(self):
        for change in ({"resource": "habana.ai/gaudi"}, {"model": "h200"}, {"count": 4}):
            entry = copy.deepcopy(self.types["p5.48xlarge"])
            entry["accelerator"].update(change)
            self.assertEqual(len(self.failures(dict(self.types, **{"p5.48xlarge": entry}))), 1, change)

    def test_type_that_we_lack_fails(self):
        items = dict(self.items, **{"p9.48xlarge": build_item("p9.48xlarge", self.types["p5.48xlarge"])})
        self.assertEqual(len(self.failures(items=items)), 1)
        self.assertIn("ONLY IN THE RECORD: p9.48xlarge", self.failures(items=items)[0])
        items["p9.48xlarge"]["NetworkInfo"]["EfaSupported"] = False
        self.assertEqual(self.failures(items=items), [])

    def test_type_that_they_lack_fails_unless_listed(self):
        del self.items["p5.48xlarge"]
        self.assertIn("ONLY IN THE CATALOGUE: p5.48xlarge", self.failures()[0])

    def test_type_whose_efa_is_gone_fails(self):
        self.items["p5.48xlarge"]["NetworkInfo"]["EfaSupported"] = False
        self.assertIn("p5.48xlarge.efaInterfaces: catalogue 32, record 0", self.failures()[0])

    def test_listed_difference_that_is_gone_fails(self):
        self.items["trn2u.48xlarge"]["NeuronInfo"] = {"NeuronDevices": [{"Name": "Trainium2", "Count": 16}]}
        self.assertIn("STALE     trn2u.48xlarge.accelerator", self.failures()[0])
        self.items["trn2u.48xlarge"]["NeuronInfo"]["NeuronDevices"][0]["Count"] = 8
        self.assertIn("listed are aws.amazon.com/neuron x16 trainium2 and none", self.failures()[0])
        self.setUp()
        self.items["dl1.24xlarge"] = build_item("dl1.24xlarge", self.types["dl1.24xlarge"])
        self.assertIn("STALE     dl1.24xlarge: listed as only in the catalogue", self.failures()[0])

    def test_command_line(self):
        with tempfile.TemporaryDirectory() as folder:
            record, edited = os.path.join(folder, "record.json"), os.path.join(folder, "edited.yaml")
            with open(record, "w", encoding="utf-8") as file:
                json.dump({"InstanceTypes": list(self.items.values())}, file)
            done = run("check-instance-types.py", "--record", record)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertIn(f"303 types compared with {record}, 0 failures, 3 listed", done.stdout)
            at = self.text.index("  p5en.48xlarge:\n")
            with open(edited, "w", encoding="utf-8") as file:
                file.write(
                    self.text[:at] + self.text[at:].replace("efaInterfaces: 16", "efaInterfaces: 15", 1)
                )
            done = run("check-instance-types.py", "--record", record, "--catalogue", edited)
            self.assertEqual(done.returncode, 1)
            self.assertIn("p5en.48xlarge.efaInterfaces: catalogue 15, record 16", done.stdout)
            done = run("check-instance-types.py", "--record", record, "--catalogue", record)
            self.assertEqual((done.returncode, done.stdout), (2, ""))

    def test_other_moto_than_pinned_is_an_error(self):
        with tempfile.TemporaryDirectory() as folder:
            os.makedirs(os.path.join(folder, "moto"))
            os.makedirs(os.path.join(folder, "moto-1.2.3.dist-info"))
            with open(os.path.join(folder, "moto", "__init__.py"), "w", encoding="utf-8"):
                pass
            with open(
                os.path.join(folder, "moto-1.2.3.dist-info", "METADATA"), "w", encoding="utf-8"
            ) as file:
                file.write("Metadata-Version: 2.1\nName: moto\nVersion: 1.2.3\n")
            done = run("check-instance-types.py", environment=dict(os.environ, PYTHONPATH=folder))
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("moto 1.2.3 is installed where tests/requirements.txt pins 5.2.5", done.stderr)

    def test_missing_moto_is_an_error_not_a_pass(self):
        found = check.importlib.util.find_spec
        check.importlib.util.find_spec = lambda name: None
        self.addCleanup(setattr, check.importlib.util, "find_spec", found)
        with contextlib.redirect_stderr(io.StringIO()) as said, contextlib.redirect_stdout(io.StringIO()):
            self.assertEqual(check.main([]), 2)
        self.assertIn("moto is not installed", said.getvalue())


if __name__ == "__main__":
    unittest.main()
