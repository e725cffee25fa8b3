# SPDX-License-Identifier: Apache-2.0
"""README.md says what is: its example runs, and its tables, targets and links are those of the tree."""

import pathlib
import re
import shlex
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from process_support import BIN, ROOT, SECONDS  # noqa: E402

TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
MANIFEST = "deploy/demo/nccl-tests.yaml"


def section(title):
    return TEXT.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def fences(text):
    return re.findall(r"^```\w*\n(.*?)^```$", text, re.M | re.S)


def table(text):
    """The rows of the only table there, as lists of cells, without its head."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    return rows[2:]


def catalogue():
    """name -> (interfaces, network cards, accelerators, their resource), from the catalogue's lines."""
    text = (ROOT / "config/instance-types.yaml").read_text(encoding="utf-8").split("\ninstanceTypes:\n", 1)[1]
    types = {}
    for name, body in re.findall(r"^  (\S+):\n((?:    .*\n)+)", text, re.M):
        accelerator = re.search(r"^    accelerator: *\n?(.*(?:\n      .*)*)", body, re.M)
        found = accelerator.group(1) if accelerator else ""
        count = re.search(r"count: (\d+)", found)
        resource = re.search(r"resource: \"?([a-z./]+)", found)
        types[name] = (int(re.search(r"^    efaInterfaces: (\d+)", body, re.M).group(1)),
                       int(re.search(r"^    networkCards: (\d+)", body, re.M).group(1)),
                       int(count.group(1)) if count else 0, resource.group(1) if resource else None)
    return types


def accelerators(cell):
    """A cell of the table: "8", "16 `aws.amazon.com/neuron`" or "none"."""
    if cell == "none":
        return 0, None
    count, _, resource = cell.partition(" ")
    return int(count), resource.strip("`") or "nvidia.com/gpu"


class Readme(unittest.TestCase):
    maxDiff = None

    def test_the_example_is_part_of_the_file_that_is_run(self):
        worker = fences(section("Before and after"))[0]
        self.assertIn('efa-injector.io/inject: "true"', worker)
        self.assertIn(worker, (ROOT / MANIFEST).read_text(encoding="utf-8"))

    def test_the_example_prints_what_is_shown(self):
        line, _, shown = fences(section("Before and after"))[1].partition("\n")
        self.assertEqual(f"$ build/bin/efa-webhook --print-patch {MANIFEST}", line)
        command = [BIN / "efa-webhook", *shlex.split(line)[2:]]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False)
        self.assertEqual((0, shown), (done.returncode, done.stdout), done.stderr)

    def test_every_annotation_is_in_the_table(self):
        source = (ROOT / "src/core/annotations.c").read_text(encoding="utf-8")
        rows = source.split("static const struct row rows[] = {\n", 1)[1].split("};", 1)[0]
        names = re.findall(r'\{TEXT\("([a-z-]+)"\), read_', rows)
        self.assertEqual(rows.count("{"), len(names))
        self.assertEqual(names, [row[0].strip("`") for row in table(section("The annotations"))])

    def test_the_table_of_types_is_the_catalogue(self):
        types = catalogue()
        text = section("The catalogue")
        self.assertEqual(len(types), int(re.match(r"\s*(\d+) instance types", text).group(1)))
        rows = table(text)
        self.assertLess(10, len(rows))
        for names, interfaces, accelerator in rows:
            cards = re.search(r"\(on (\d+) network cards\)", interfaces)
            shown = int(re.match(r"\**(\d+)", interfaces).group(1))
            for name in names.split(", "):
                with self.subTest(name):
                    expected = types[name]
                    self.assertEqual(expected, (shown, int(cards.group(1)) if cards else expected[1],
                                                *accelerators(accelerator)))

    def test_every_target_exists(self):
        named = set(re.findall(r"(?:`|^)make ([a-z-]+)", TEXT, re.M))
        targets = set(re.findall(r"^([a-z-]+):(?!=)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
        self.assertLess(3, len(named))
        self.assertEqual(set(), named - targets)

    def test_every_link_leads_somewhere(self):
        links = [link for link in re.findall(r"\]\(([^)#]+)[^)]*\)", TEXT) if "://" not in link]
        self.assertLess(4, len(links))
        self.assertEqual([], [link for link in links if not (ROOT / link).exists()])


if __name__ == "__main__":
    unittest.main()
