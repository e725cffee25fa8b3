#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every golden case through the command line and the HTTPS server: the bytes that the core answered."""
import collections
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

from process_support import ROOT, SECONDS, TESTS
from server_support import Server, make_certificates, post, run

CASES = ROOT / "tests/golden"
INPUTS = ("pod.yaml", "pod.json", "review.json")
KINDS = {"input": (2, 400), "system": (1, 500)}  # exit status and HTTP status

# The command line looks at a file before it asks, which the server does not. These differ: the exit status
# and what it says.
LOOKED_AT = {
    "another-kind-than-a-review-is-refused": (0, r'Pod p$|"allowed":true'),  # some kind that holds a pod
    "efa-quantity-that-is-none-is-denied": (2, "is a placeholder"),  # $EFA_PER_NODE was not filled in
}


class Case:
    """A folder: what is asked, and what is expected."""

    def __init__(self, folder, reviews):
        self.name = folder.name
        self.folder = folder
        self.input = next(folder / name for name in INPUTS if (folder / name).exists())
        self.review = (reviews / f"{folder.name}.json").read_bytes()
        self.answer = self.expected("answer.json")
        self.patch = self.expected("patch.json")
        self.error = self.expected("error.txt")

    def expected(self, name):
        path = self.folder / name
        return path.read_bytes() if path.exists() else None

    def configuration(self):
        """What the case asks of, as bytes: cases with the same share a server."""
        return (self.expected("policy.yaml"), self.expected("nodes.json"))

    def options(self):
        files = (("--policy", "policy.yaml"), ("--nodes", "nodes.json"))
        return [word for option, name in files if (self.folder / name).exists()
                for word in (option, self.folder / name)]

    def exit_status(self):
        if self.error is not None:
            return KINDS[self.error.decode().split(":")[0]][0]
        return 0 if json.loads(self.answer)["response"]["allowed"] else 3


def write_reviews(folder):
    """The reviews that the core was asked, written by the program that asked it."""
    subprocess.run([TESTS / "golden/golden"], cwd=ROOT, check=True, timeout=SECONDS,
                   env={**os.environ, "REVIEWS": folder, "CASE": ""})


class Golden(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        reviews = cls.folder / "reviews"
        reviews.mkdir()
        write_reviews(reviews)
        cls.cases = [Case(path, reviews) for path in sorted(CASES.iterdir()) if path.is_dir()]

    def check_run(self, case, output, expected):
        ended = run("--print-patch", case.input, "--output", output, *case.options())
        if case.name in LOOKED_AT:
            status, said = LOOKED_AT[case.name]
            self.assertEqual(status, ended.returncode, ended.stderr)
            self.assertRegex(ended.stdout + ended.stderr, re.compile(said, re.M))
            return
        self.assertEqual(case.exit_status(), ended.returncode, ended.stderr)
        self.assertEqual((expected or b"").decode(), ended.stdout)
        if ended.returncode != 0:
            self.assertIn(str(case.input), ended.stderr)

    def check_command_line(self, output, choose):
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            runs = {case: pool.submit(self.check_run, case, output, choose(case)) for case in self.cases}
        for case, ended in runs.items():
            with self.subTest(case.name):
                ended.result()

    def test_the_command_line_prints_the_patch(self):
        self.check_command_line("patch", lambda case: case.patch)

    def test_the_command_line_prints_the_answer(self):
        self.check_command_line("review", lambda case: case.answer)

    def check_post(self, client, case):
        status, headers, body = post(client, case.review)
        if case.error is not None:
            kind, sentence = case.error.decode().rstrip("\n").split(": ", 1)
            self.assertEqual(KINDS[kind][1], status)
            self.assertIn(sentence, body.decode())
            return
        self.assertEqual(200, status)
        self.assertEqual("application/json", headers["Content-Type"])
        self.assertEqual(case.answer.rstrip(b"\n"), body)

    def check_server(self, cases):
        server = Server(self.folder / "certificates", *cases[0].options())
        client = server.client()
        try:
            for case in cases:
                with self.subTest(case.name):
                    self.check_post(client, case)
        finally:
            client.close()
            ended = server.stop()
        self.assertEqual((0, ""), ended)

    def test_the_server_answers_the_same_bytes(self):
        make_certificates(self.folder / "certificates")
        groups = collections.defaultdict(list)
        for case in self.cases:
            groups[case.configuration()].append(case)
        for cases in groups.values():
            self.check_server(cases)

    def test_there_are_cases_of_every_outcome(self):
        self.assertLess(300, len(self.cases))
        self.assertEqual({0, 2, 3}, {case.exit_status() for case in self.cases})


if __name__ == "__main__":
    unittest.main()
