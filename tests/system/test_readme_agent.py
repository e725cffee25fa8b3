# SPDX-License-Identifier: Apache-2.0
"""What README.md says of efa-agent: options, members of its JSON and metrics are those of the program."""
import re
import subprocess
import unittest

from agent_support import AGENT, AgentCase
from process_support import ROOT, SECONDS

SECTION = (ROOT / "README.md").read_text(encoding="utf-8").split("\n## Watch the nodes\n", 1)[1].split("\n## ", 1)[0]
COMMON = {"--help", "--version"}


def members(value):
    """Names of members that are ours, at every depth; sizes, resources and modules are the node's."""
    if isinstance(value, list):
        return set().union(*map(members, value))
    if not isinstance(value, dict):
        return set()
    own = {name for name in value if re.fullmatch(r"[a-z][A-Za-z]*", name)}
    return own.union(*map(members, value.values()))


class ReadmeOfAgent(AgentCase):
    def test_every_option_is_named(self):
        told = subprocess.run([AGENT, "--help"], capture_output=True, text=True, check=True, timeout=SECONDS).stdout
        options = set(re.findall(r"(?m)^  .{4}(--[a-z-]+)", told)) - COMMON
        self.assertLess(20, len(options))
        self.assertEqual(options, set(re.findall(r"`(?:[^`]* )?(--[a-z-]+)", SECTION)) - COMMON)

    def test_every_member_is_named(self):
        report, _ = self.node("like=p5.48xlarge", "unbound=1", "no_counters=1").report("--expect", "efa=32")
        named = set(re.findall(r"`([A-Za-z]+)`", SECTION))
        for part in ("devices", "rdmaDevices", "acceleratorDevices", "findings"):
            self.assertEqual(set(), members(report[part]) - named, part)
        self.assertEqual(set(), set(report) - named)
        self.assertEqual(set(), set(report["expected"]) - named)
        self.assertEqual(set(), set(report["hugepages"]["2Mi"]) - named)

    def test_every_metric_is_named(self):
        source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "src/agent").glob("agent_metrics*.c"))
        shown = set(re.findall(r'(?:describe|gauge|counter)\(\s*&?out,\s*"([a-z_]+)"', source))
        self.assertLess(20, len(shown))
        self.assertEqual({f"efa_agent_{name}" for name in shown},
                         set(re.findall(r"`(efa_agent_[a-z_]+)", SECTION)))


if __name__ == "__main__":
    unittest.main(verbosity=2)
