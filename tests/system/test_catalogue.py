# SPDX-License-Identifier: Apache-2.0
"""The catalogue's data and its generator, with Python's standard library alone."""

import csv
import io
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from catalogue_support import Base, catalogue, catalogue_aws, make, run  # noqa: E402

# What acceptance asks: interfaces, accelerators, resource.
COUNTS = {
    "p4d.24xlarge": (4, 8, "nvidia.com/gpu"),
    "p5.48xlarge": (32, 8, "nvidia.com/gpu"),
    "p5e.48xlarge": (32, 8, "nvidia.com/gpu"),
    "p5en.48xlarge": (16, 8, "nvidia.com/gpu"),
    "p6-b200.48xlarge": (8, 8, "nvidia.com/gpu"),
    "p6-b300.48xlarge": (16, 8, "nvidia.com/gpu"),
    "p6e-gb200.36xlarge": (4, 4, "nvidia.com/gpu"),
    "trn1.32xlarge": (8, 16, "aws.amazon.com/neuron"),
    "trn1n.32xlarge": (16, 16, "aws.amazon.com/neuron"),
    "trn2.48xlarge": (16, 16, "aws.amazon.com/neuron"),
    "p5.4xlarge": (1, 1, "nvidia.com/gpu"),
    "g6e.48xlarge": (4, 8, "nvidia.com/gpu"),
    "c6in.32xlarge": (2, 0, None),
}


class TestData(Base):
    def test_committed_is_what_the_csv_makes(self):
        done = run("make-instance-types.py")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout, self.text)
        self.assertEqual(run("make-instance-types.py", "--check").returncode, 0)

    def test_every_row_of_the_csv_is_there(self):
        rows = list(csv.DictReader(io.StringIO(self.csv_text)))
        self.assertEqual(len(rows), 305)
        self.assertEqual({row["instance_type"] for row in rows}, set(self.types))
        for row in rows:
            entry = self.types[row["instance_type"]]
            self.assertEqual(
                (
                    row["efa_interfaces"],
                    row["network_cards"],
                    row["vcpu"],
                    row["memory_mib"],
                    row["arch"],
                    row["interop"],
                    row["hugepages_2mi_pool_mib"],
                    row["accelerator_count"],
                ),
                (
                    str(entry["efaInterfaces"]),
                    str(entry["networkCards"]),
                    str(entry["vcpus"]),
                    str(entry["memory"]),
                    entry["arch"],
                    entry["interop"],
                    str(entry["hugepagesPool"]),
                    str(entry.get("accelerator", {}).get("count", 0)),
                ),
                row["instance_type"],
            )

    def test_counts_of_acceptance(self):
        for name, (efa, count, resource) in COUNTS.items():
            accelerator = self.types[name].get("accelerator", {})
            self.assertEqual(
                (self.types[name]["efaInterfaces"], accelerator.get("count", 0), accelerator.get("resource")),
                (efa, count, resource),
                name,
            )

    def test_family_tables_agree_with_the_csv(self):
        for name, entry in self.types.items():
            self.assertEqual(catalogue_aws.get_rdma(name), (entry["rdmaRead"], entry["rdmaWrite"]), name)
            if "accelerator" in entry:
                self.assertEqual(catalogue_aws.get_gpudirect(name), entry["gpudirectRdma"], name)
            self.assertEqual(catalogue_aws.get_hugepages(name, entry["vcpus"]), entry["hugepagesPool"], name)
            family = catalogue_aws.get_family(name)
            self.assertEqual(catalogue_aws.INTEROP.get(family, "any"), entry["interop"], name)

    def test_types_without_a_resource_say_why(self):
        noted = {name for name, entry in self.types.items() if "note" in entry}
        self.assertEqual(noted, {"dl2q.24xlarge", "f2.48xlarge", "vt1.24xlarge"})
        self.assertEqual(self.types["p6e-gb200.36xlarge"]["accelerator"]["model"], "gb200")


class TestCsv(Base):
    def edit(self, name, column, value):
        """The header and one row of the CSV with one cell changed."""
        rows = list(csv.reader(io.StringIO(self.csv_text)))
        row = next(row for row in rows if row[0] == name)
        row[rows[0].index(column)] = value
        out = io.StringIO()
        csv.writer(out).writerows([rows[0], row])
        return out.getvalue()

    def test_bad_cells_are_named(self):
        cases = (
            (
                "efa_interfaces",
                "32x",
                r"t.csv:2 \(p5.48xlarge\): column efa_interfaces: '32x' is not a whole number",
            ),
            ("efa_interfaces", "33", r"column efa_interfaces: 33 is more than the 32 network cards"),
            ("efa_interfaces", "0", r"column efa_interfaces: 0 is not within 1 to 1024"),
            ("card0_efa", "no", r"column efa_interfaces: 32 is more than the 31 network cards"),
            ("card0_efa", "true", r"column card0_efa: 'true' is none of yes, no"),
            ("arch", "x86_64", r"column arch: 'x86_64' is none of amd64, arm64"),
            ("vcpu", "-1", r"column vcpu: '-1' is not a whole number"),
            ("memory_mib", "", r"column memory_mib: '' is not a whole number"),
            ("memory_mib", "1024", r"column hugepages_2mi_pool_mib: 42240 MiB do not fit into 1024 MiB"),
            ("network_gbps", "fast", r"column network_gbps: 'fast' is not a number"),
            ("interop", "p9", r"column interop: 'p9' is none of any, p4, dl1"),
            ("efa_only", "maybe", r"column efa_only: 'maybe' is none of yes, no, card1-only"),
            ("gpudirect_rdma", "n/a", r"column gpudirect_rdma: is \"n/a\" exactly where"),
            ("rdma_read", "Yes", r"column rdma_read: 'Yes' is none of yes, no, \(empty\), unknown"),
            (
                "hugepages_2mi_pool_mib",
                "4223",
                r"column hugepages_2mi_pool_mib: 4223 MiB is no multiple of 2 MiB",
            ),
            ("first_efa_chart", "0.4", r"column first_efa_chart: '0.4' is not a chart version"),
            ("accelerator_vendor", "amd", r"column accelerator_vendor: 'amd' is none of nvidia, aws-neuron"),
            ("accelerator_vendor", "none", r"column accelerator_resource: must be empty"),
            (
                "accelerator_resource",
                "amd.com/gpu",
                r"column accelerator_resource: 'amd.com/gpu' where .* nvidia.com/gpu",
            ),
            ("accelerator_count", "0", r"column accelerator_model: count 0 is not within"),
            ("accelerator_model", "H 100", r"column accelerator_model: model 'H 100' is not lower-case"),
            ("source", "", r"column source: '' must say"),
            ("instance_type", "p5", r"column instance_type: 'p5' is given twice or is no name"),
        )
        for column, value, pattern in cases:
            with self.subTest(column=column, value=value):
                self.assert_refused(pattern, make.parse_csv, "t.csv", self.edit("p5.48xlarge", column, value))

    def test_every_fault_is_told_at_once(self):
        text = (
            self.edit("p5.48xlarge", "vcpu", "x")
            + self.edit("p4d.24xlarge", "arch", "mips").split("\n", 1)[1]
        )
        with self.assertRaises(catalogue.CatalogueError) as caught:
            make.parse_csv("t.csv", text)
        self.assertEqual(
            [message.split(":")[1] for message in caught.exception.messages],
            ["2 (p5.48xlarge)", "3 (p4d.24xlarge)"],
        )

    def test_bad_files(self):
        header, row = self.csv_text.split("\n")[0], self.csv_text.split("\n")[2]
        for text, pattern in (
            ("", "no types"),
            (header + "\n", "no types"),
            (header.replace(",vcpu", ",cpu") + "\n" + row, "columns missing: vcpu"),
            (header + ",colour\n" + row, "columns unknown: colour"),
            (header + ",vcpu\n" + row, "columns given twice: vcpu"),
            (header + "\n" + row + ",more\n", r"t.csv:2 .*: 21 fields where the header has 20"),
            (header + "\n" + row + "\n" + row + "\n", "t.csv:3 .*column instance_type: .* given twice"),
            (header + '\n"' + row, "t.csv:2: "),
        ):
            with self.subTest(pattern=pattern):
                self.assert_refused(pattern, make.parse_csv, "t.csv", text)

    def test_source_ids(self):
        ids, sources = make.add_source_ids(
            {"a.large": "Same text", "b.large": "Same text", "c.large": "Other"}
        )
        self.assertEqual(ids, {"a.large": "same-text", "b.large": "same-text", "c.large": "c-large"})
        self.assertEqual(sources, {"same-text": "Same text", "c-large": "Other"})

    def test_command_line(self):
        with tempfile.TemporaryDirectory() as folder:
            bad, out = os.path.join(folder, "bad.csv"), os.path.join(folder, "out.yaml")
            with open(bad, "w", encoding="utf-8") as file:
                file.write(self.edit("p5.48xlarge", "vcpu", "many"))
            done = run("make-instance-types.py", "--csv", bad)
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertIn("bad.csv:2 (p5.48xlarge): column vcpu: 'many'", done.stderr)
            with open(bad, "wb") as file:
                file.write(b"instance_type\n\xff\n")
            self.assertIn("byte 15 is not UTF-8", run("make-instance-types.py", "--csv", bad).stderr)
            self.assertIn("No such file", run("make-instance-types.py", "--csv", out).stderr)
            self.assertEqual(run("make-instance-types.py", "-o", out).returncode, 0)
            self.assertEqual(catalogue.load_text(out), self.text)
            with open(out, "w", encoding="utf-8") as file:
                file.write(self.text.replace("efaInterfaces: 16", "efaInterfaces: 32", 1))
            done = run("make-instance-types.py", "--check", out)
            self.assertEqual(done.returncode, 1)
            self.assertIn("+    efaInterfaces: 16", done.stderr)


class TestReader(Base):
    def test_what_was_read_writes_the_same_file(self):
        self.assertEqual(catalogue.format_catalogue(self.sources, self.types), self.text)

    def test_hand_edits_are_refused_with_their_line(self):
        line = self.text[: self.text.index("  p5.48xlarge:\n")].count("\n") + 1
        block = self.text[self.text.index("  p5.48xlarge:\n") :]
        block = block[: block.index("    source: ")]
        cases = (
            ("efaInterfaces: 32", "efaInterfaces: 0x20", rf":{line + 1}: efaInterfaces: '0x20'"),
            (
                "efaInterfaces: 32",
                "efaInterfaces: 33",
                rf":{line}: p5.48xlarge.efaInterfaces: 33 is more than",
            ),
            ("efaInterfaces: 32", "efaCount: 32", rf":{line + 1}: 'efaCount: 32' is not one of the keys"),
            ("networkCards: 32", "efaInterfaces: 32", rf":{line + 2}: efaInterfaces is given twice"),
            ("    arch: amd64\n", "", rf":{line}: p5.48xlarge.arch: is missing"),
            ('"yes"', "yes", rf":{line + 5}: efaOnly: 'yes' is not written"),
            ("card0Efa: true", "card0Efa: yes", rf":{line + 4}: card0Efa: 'yes'"),
            ("memory: 2097152Mi", "memory: 2Ti", rf":{line + 9}: memory: '2Ti'"),
            ("    vcpus", "     vcpus", rf":{line + 8}: ' vcpus: 192' is not one"),
            ("arch: amd64", "arch: amd64  # why", rf":{line}: p5.48xlarge.arch: 'amd64  # why' is none of"),
            ("  p5.48xlarge:", "  p5e.48xlarge:", "instance type 'p5e.48xlarge' is given twice"),
            ("    arch", "    # why\n    arch", rf":{line + 7}: '# why' is not one of the keys"),
            ("  p5.48xlarge:", "# why\n  p5.48xlarge:", rf":{line}: '# why' is no instance type"),
            ("  p5.48xlarge:", "  P5:", "instance type 'P5' is given twice or is no name"),
        )
        for old, new, pattern in cases:
            with self.subTest(new=new):
                self.assertIn(old, block)
                edited = self.text.replace(block, block.replace(old, new, 1))
                self.assert_refused(pattern, catalogue.parse_catalogue, "c.yaml", edited)

    def test_other_files_are_refused(self):
        for text, pattern in (
            ("", "'end of file' where '---' is expected"),
            ("a: 1\n", "c.yaml:1: 'a: 1' where '---'"),
            (self.text + "more: 1\n", "'more: 1' is no instance type"),
            (self.text.replace("source: moto-5-2-5\n", "source: hearsay\n", 1), "'hearsay' is not among"),
        ):
            self.assert_refused(pattern, catalogue.parse_catalogue, "c.yaml", text)


if __name__ == "__main__":
    unittest.main()
