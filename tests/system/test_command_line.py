# SPDX-License-Identifier: Apache-2.0
"""efa-webhook as a command: what it says on standard error, once, and its exit status."""

import pathlib
import subprocess
import tempfile
import unittest

from process_support import BIN, ROOT, SECONDS
from server_support import run

MANIFEST = ROOT / "deploy/demo/nccl-tests.yaml"
MISTAKES = "devices: {efa: 1}\nnonsense: 1\n"


class CommandLine(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.policy = pathlib.Path(folder.name) / "policy.yaml"
        self.policy.write_text(MISTAKES)

    def test_a_policy_that_is_well(self):
        self.policy.write_text("# nothing\n")
        done = run("--check-config", "--policy", self.policy)
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        self.assertRegex(done.stdout, r"\Aok: \d+ types, policy ")

    def test_a_check_names_file_line_and_column_first(self):
        done = run("--check-config", "--policy", self.policy)
        self.assertEqual((2, ""), (done.returncode, done.stdout))
        lines = done.stderr.splitlines()
        self.assertEqual(2, len(lines), done.stderr)
        for number, line in enumerate(lines, 1):
            self.assertTrue(line.startswith(f"{self.policy}:{number}:1: "), line)

    def test_a_check_of_what_cannot_be_read(self):
        for option in ("--policy", "--instance-types"):
            with self.subTest(option):
                done = run("--check-config", option, "/nonexistent/file.yaml")
                self.assertEqual((2, ""), (done.returncode, done.stdout))
                self.assertRegex(done.stderr, r"\A[^\n]*/nonexistent/file.yaml[^\n]*\n\Z")

    def test_otherwise_each_line_says_whose_it_is(self):
        for arguments in (("--print-patch", MANIFEST), ("--tls-cert", "c.pem", "--tls-key", "k.pem")):
            with self.subTest(arguments):
                done = run(*arguments, "--policy", self.policy)
                self.assertEqual((2, ""), (done.returncode, done.stdout))
                lines = done.stderr.splitlines()
                self.assertEqual(2, len(lines), done.stderr)
                for number, line in enumerate(lines, 1):
                    self.assertTrue(line.startswith(f"efa-webhook: {self.policy}:{number}:1: "), line)

    def test_a_namespace_is_a_dns_label(self):
        done = run("--print-patch", MANIFEST, "-n", "Team A")
        self.assertEqual((2, ""), (done.returncode, done.stdout))
        self.assertIn("--namespace Team A: write at most 63 lower-case letters", done.stderr)

    def test_a_full_disk_is_said_once(self):
        for arguments in (("--print-patch", MANIFEST), ("--help",)):
            with self.subTest(arguments), open("/dev/full", "wb") as full:
                done = subprocess.run([BIN / "efa-webhook", *arguments], stdout=full, stderr=subprocess.PIPE, text=True,
                                      timeout=SECONDS, check=False)
                self.assertEqual(1, done.returncode)
                said = [line for line in done.stderr.splitlines() if "warning" not in line]
                self.assertEqual(["efa-webhook: cannot write to standard output"], said)


if __name__ == "__main__":
    unittest.main()
