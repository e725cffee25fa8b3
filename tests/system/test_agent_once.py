# SPDX-License-Identifier: Apache-2.0
"""efa-agent --once: what it prints and how it exits, on nodes made of files."""
import json
import os
import re
import subprocess
import tempfile
import unittest

from agent_support import AGENT, AgentCase, Node
from process_support import SECONDS

P5 = "like=p5.48xlarge"
PAGE = 2 * 1024 * 1024

# What README promises: members of the document, and of what is in it.
MEMBERS = {"instanceType", "devices", "hugepages", "accelerators", "expected", "findings", "verdict"}
DEVICES = {"sysfs", "character", "verbs", "libfabric", "otherRdma"}
FINDING = {"id", "severity", "expected", "found", "cause", "fix"}


def counts(number, other=0):
    return {"sysfs": number, "character": number, "verbs": number, "libfabric": number, "otherRdma": other}


class Once(AgentCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.whole = Node(folder.name, P5)  # nobody changes it

    def devices(self, report):
        return {name: report["devices"][name] for name in DEVICES}

    def check_shape(self, report):
        self.assertLessEqual(MEMBERS, set(report))
        self.assertLessEqual(DEVICES, set(report["devices"]))
        self.assertIn(report["verdict"], ("good", "mismatch", "unknown"))
        for finding in report["findings"]:
            self.assertLessEqual(FINDING, set(finding))
            self.assertIn(finding["severity"], ("error", "unknown", "warning", "info"))
            self.assertTrue(finding["expected"] and finding["found"] and finding["cause"] and finding["fix"])

    def expect(self, wanted, node, *arguments, **variables):
        """Look; the exit status, the verdict and the worst findings are these. Returns the report."""
        status, ids = wanted
        report, code = node.report(*arguments, **variables)
        self.check_shape(report)
        found = self.findings(report, "error") + self.findings(report, "unknown")
        self.assertEqual((status, ids), (code, found), json.dumps(report["findings"], indent=1))
        self.assertEqual(("good", "mismatch", "unknown")[code], report["verdict"])
        return report


class Devices(Once):
    def test_a_whole_node_is_good(self):
        node = self.whole
        report = self.expect((0, []), node)
        self.assertEqual(counts(32), self.devices(report))
        self.assertEqual("p5.48xlarge", report["instanceType"])
        self.assertEqual({"nvidia.com/gpu": 8}, report["accelerators"])
        self.assertEqual(32, report["expected"]["instanceType"]["efa"])

    def test_some_of_the_devices_are_too_few(self):
        for number in (1, 4, 16):
            with self.subTest(number):
                report = self.expect((1, ["efa-fewer-attached"]), self.node(P5, f"efa={number}"))
                self.assertEqual(counts(number), self.devices(report))

    def test_no_device_is_not_an_unknown_number(self):
        report = self.expect((1, ["efa-not-attached"]), self.node(P5, "efa=0"))
        self.assertEqual(counts(0), self.devices(report))

    def test_other_types_are_good_with_what_they_have(self):
        for keys in (["instance_type=p5en.48xlarge", "efa=16", "gpus=8"],
                     ["instance_type=g5.8xlarge", "efa=1", "gpus=1"],
                     ["instance_type=c5n.18xlarge", "efa=1"],
                     ["instance_type=trn1.32xlarge", "efa=8", "neurons=16"]):
            with self.subTest(keys[0]):
                self.expect((0, []), self.node(*keys))

    def test_a_missing_driver_is_named(self):
        report = self.expect((1, ["driver-missing"]), self.node(P5, "unbound=32", "no_efa_module=1"))
        self.assertEqual(0, report["devices"]["sysfs"])
        self.assertEqual(32, report["devices"]["pciFunctions"])

    def test_a_port_that_is_down_is_named(self):
        report = self.expect((1, ["port-down"]), self.node(P5, "ports_down=2"))
        self.assertEqual(counts(32), self.devices(report))

    def test_a_foreign_device_blinds_libfabric(self):
        report = self.expect((1, ["foreign-rdma-device"]), self.node(P5, "rxe=1"))
        self.assertEqual((0, 1), (report["devices"]["libfabric"], report["devices"]["otherRdma"]))

    def test_no_folder_of_device_files(self):
        node = self.node(P5, "erase=dev/infiniband")
        report = self.expect((1, ["infiniband-not-mounted"]), node, FAKE_UVERBS_HIDDEN="1")
        self.assertEqual((32, 0, 0), tuple(report["devices"][name] for name in ("sysfs", "character", "verbs")))
        self.assertIsNone(report["devices"]["libfabric"])

    def test_a_device_file_that_is_missing(self):
        report = self.expect((1, ["character-missing"]), self.node(P5, "erase=dev/infiniband/uverbs5"))
        self.assertEqual(31, report["devices"]["character"])

    def test_a_device_file_that_does_not_open_keeps_libfabric_from_being_asked(self):
        node = self.node(P5)
        (node.root / "dev/infiniband/uverbs5").unlink()
        (node.root / "dev/infiniband/uverbs5").mkdir()
        for arguments in ([], ["--devices", "open"]):
            with self.subTest(arguments):
                report = self.expect((1, ["character-refused"]), node, *arguments)
                self.assertEqual(31, report["devices"]["character"])
                self.assertIsNone(report["devices"]["libfabric"])

    def test_a_device_that_libfabric_cannot_open_is_missed_by_it(self):
        overlooked = self.folder() / "lsan.supp"  # libfabric 1.17 leaks what it had opened until then
        overlooked.write_text("leak:libfabric.so\n")
        report = self.expect((1, ["libfabric-fewer"]), self.whole, FAKE_UVERBS_FAIL="5,13",
                             LSAN_OPTIONS=f"suppressions={overlooked}:print_suppressions=0")
        self.assertEqual(0, report["devices"]["libfabric"])

    def test_counting_opens_nothing(self):
        report = self.expect((0, []), self.whole, "--devices", "count", FAKE_UVERBS_FAIL="5,13")
        self.assertEqual((32, None), (report["devices"]["character"], report["devices"]["libfabric"]))

    def test_what_cannot_be_read_is_null_with_a_finding(self):
        node = self.node(P5, "erase=sys/class/infiniband", "set=sys/class/infiniband=no folder")
        report = self.expect((2, ["sysfs-not-counted"]), node)
        self.assertIsNone(report["devices"]["sysfs"])
        self.assertIsNone(report["devices"]["otherRdma"])


class Machine(Once):
    def test_a_type_that_nobody_names(self):
        for keys in ([], ["instance_type=Standard PC (Q35 + ICH9, 2009)"]):
            with self.subTest(keys):
                report = self.expect((2, ["instance-type-unknown"]), self.node("efa=4", *keys))
                self.assertIsNone(report["instanceType"])
                self.assertEqual(counts(4), self.devices(report))

    def test_a_type_that_the_catalogue_lacks(self):
        report = self.expect((2, ["instance-type-unknown"]), self.node("efa=1", "instance_type=p99.48xlarge"))
        self.assertEqual("p99.48xlarge", report["instanceType"])

    def test_a_type_by_option_goes_before_the_machine_s_own(self):
        node = self.node(P5, "efa=16")
        report = self.expect((0, []), node, "--instance-type", "ml.p5en.48xlarge")
        self.assertEqual("p5en.48xlarge", report["instanceType"])

    def test_devices_that_are_late_are_waited_for(self):
        node = self.node(P5, "unbound=1", "uptime_seconds=100", usable=32)
        agent = subprocess.Popen([AGENT, "--once", "-o", "json", *node.options(), "--imds", "off", "--interval", "1"],
                                 env=node.variables(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        said = agent.stderr.readline()
        node.change("bind=31")
        told, _ = agent.communicate(timeout=SECONDS)
        self.assertRegex(said, r"^efa-agent: devices may still be coming, 100 s after boot: looking again for up to "
                               r"20 s \(--settle 0 does not wait\)$")
        self.assertEqual((0, "good"), (agent.returncode, json.loads(told)["verdict"]))

    def test_devices_that_do_not_come_are_judged_when_settling_is_over(self):
        node = self.node(P5, "unbound=1", "uptime_seconds=118")
        done = node.once("--interval", "1")
        report = json.loads(done.stdout)
        self.assertEqual(["driver-missing"], self.findings(report, "error"))
        self.assertEqual(1, done.returncode)
        self.assertIn("for up to 2 s", done.stderr)
        self.assertFalse(report["settling"])

    def test_nobody_waits_with_a_settling_of_nothing(self):
        done = self.node(P5, "unbound=1", "uptime_seconds=1").once("--settle", "0")
        self.assertEqual((1, ""), (done.returncode, done.stderr))

    def test_huge_pages_are_shown_by_size_and_numa_node(self):
        node = self.node(P5, "numa_nodes=2", "pages=1000", "pages_used=200", "pages_reserved=30",
                         "pages_surplus=4", "gigantic_pages=6")
        report, _ = node.report()
        pages = report["hugepages"]["2Mi"]
        self.assertEqual((1000, 800, 30, 4), tuple(pages[name] for name in ("total", "free", "reserved", "surplus")))
        self.assertEqual([0, 1], [node["numaNode"] for node in pages["nodes"]])
        self.assertEqual(1000, sum(node["total"] for node in pages["nodes"]))
        self.assertEqual(6, report["hugepages"]["1Gi"]["total"])

    def test_huge_pages_that_cannot_be_read(self):
        report = self.expect((2, ["hugepages-not-counted"]), self.node(P5, "erase=sys/kernel/mm"))
        self.assertIsNone(report["hugepages"])

    def test_a_metadata_service_that_does_not_answer_is_no_failure(self):
        report = self.expect((0, []), self.whole, "--imds-endpoint", "http://127.0.0.1:1", imds=None)
        self.assertIsNone(report["instance"]["zoneId"])


class Expecting(Once):
    def test_all_is_there(self):
        wanted = f"efa=32,accelerators=8,hugepages-2Mi={21121 * PAGE}"
        report = self.expect((0, []), self.whole, "--expect", wanted)
        self.assertEqual(32, report["expected"]["wanted"]["efa"])

    def test_the_catalogue_does_not_count_beside_it(self):
        self.expect((0, []), self.node(P5, "efa=4", "gpus=1"), "--expect", "efa=4")
        self.expect((0, []), self.node("efa=1"), "--expect", "efa=1,accelerators=0")
        self.expect((0, []), self.node("efa=0"), "--expect", "efa=0")

    def test_a_container_with_a_part_of_the_devices(self):
        """It sees the host's sysfs, and files of its own devices alone."""
        node = self.node(P5, *(f"erase=dev/infiniband/uverbs{i}" for i in range(4, 32)), usable=4)
        report = self.expect((0, []), node, "--expect", "efa=4")
        self.assertEqual(counts(4) | {"sysfs": 32}, self.devices(report))

    def test_each_of_them_fails_by_itself(self):
        node = self.whole
        for wanted, finding in (("efa=33", "efa-fewer-than-wanted"), ("accelerators=9", "accelerators-fewer"),
                                ("hugepages-2Mi=64Gi", "hugepages-short")):
            with self.subTest(wanted):
                report = self.expect((1, [finding]), node, "--expect", wanted)
                said = report["findings"][0]["expected"]
                self.assertRegex(said, r"\b(33|9|65536Mi)\b")

    def test_they_fail_together(self):
        ids = ["efa-fewer-than-wanted", "accelerators-fewer", "hugepages-short"]
        self.expect((1, ids), self.whole, "--expect", "efa=33,accelerators=9,hugepages-2Mi=64Gi")

    def test_what_is_wrong_with_the_devices_counts_all_the_same(self):
        self.expect((1, ["port-down"]), self.node(P5, "ports_down=1"), "--expect", "efa=32")

    def test_an_init_container_asks_no_cluster(self):
        """It has a service account and no right to anything."""
        self.expect((0, []), self.whole, "--expect", "efa=32", NODE_NAME="node-1",
                    KUBERNETES_SERVICE_HOST="127.0.0.1", KUBERNETES_SERVICE_PORT="1")

    def test_a_bad_list_is_refused_by_name(self):
        done = self.whole.once("--expect", "efa=32,gpus=8")
        self.assertEqual((2, ""), (done.returncode, done.stdout))
        self.assertEqual("efa-agent: --expect 'gpus': write efa, accelerators or hugepages-2Mi\n", done.stderr)


class Cluster(Once):
    def test_node_and_pods_that_cannot_be_read_are_findings(self):
        node = self.whole
        report = self.expect((2, ["node-not-read", "pods-not-read"]), node, "--node-name", "node-1",
                             "--kubeconfig", "/nonexistent/config")
        self.assertEqual(counts(32), self.devices(report))
        self.assertIn("/nonexistent/config", json.dumps(report["findings"]))

    def test_a_mismatch_outweighs_what_is_unknown(self):
        report, code = self.node(P5, "ports_down=1").report("--node-name", "node-1", "--kubeconfig", "/nonexistent")
        self.assertEqual((1, ["port-down"]), (code, self.findings(report, "error")))
        self.assertEqual(["node-not-read", "pods-not-read"], self.findings(report, "unknown"))

    def test_no_cluster_is_asked_where_nobody_names_the_node(self):
        self.expect((0, []), self.whole)
        self.expect((0, []), self.whole, "--cluster", "off", NODE_NAME="node-1")


class Printing(Once):
    def test_the_table(self):
        done = self.node(P5, "unbound=1").once(output="table")
        self.assertEqual((1, ""), (done.returncode, done.stderr))
        for line in (r"^sysfs +31\b", r"^PCI +32\b", r"^libfabric \S+ +31\b", r"^nvidia.com/gpu +8 +8\b",
                     r"^2Mi +21121 ", r"^rdmap79s0 +0000:4f:00.0 +efa +uverbs0 +usable +yes +yes +ACTIVE\b",
                     r"^error +driver-missing$", r"^ +expected  \S", r"^ +found +\S", r"^ +cause +\S", r"^ +fix +\S",
                     r"^verdict: mismatch \(1 error"):
            self.assertRegex(done.stdout, re.compile(line, re.MULTILINE))
        self.assertNotRegex(done.stdout, r"(?m) $")

    def test_the_same_node_gives_the_same_bytes(self):
        node = self.node(P5, "ports_down=1")
        for output in ("json", "table"):
            with self.subTest(output):
                self.assertEqual(node.once(output=output).stdout, node.once(output=output).stdout)

    def test_the_document_is_one_line(self):
        told = self.whole.once().stdout
        self.assertEqual((1, "\n"), (told.count("\n"), told[-1]))

    def test_output_that_cannot_be_written_is_no_good_node(self):
        node = self.whole
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = subprocess.run([AGENT, "--once", *node.options(), "--imds", "off"], env=node.variables(),
                                  stdout=full, stderr=subprocess.PIPE, text=True, timeout=SECONDS, check=False)
        self.assertEqual((2, "efa-agent: cannot write to standard output\n"), (done.returncode, done.stderr))

    def test_the_sysfs_of_the_environment_is_the_same_as_the_option_s(self):
        node = self.node(P5, "efa=4")
        options = node.options()
        del options[options.index("--sysfs"):options.index("--sysfs") + 2]
        done = subprocess.run([AGENT, "--once", "-o", "json", *options, "--imds", "off"],
                              env=node.variables(SYSFS_PATH=str(node.root / "sys")), capture_output=True, text=True,
                              timeout=SECONDS, check=False)
        self.assertEqual(counts(4), self.devices(json.loads(done.stdout)))


class Usage(AgentCase):
    def run_agent(self, *arguments, **variables):
        kept = {name: value for name, value in os.environ.items() if name != "NODE_NAME"}
        return subprocess.run([AGENT, *arguments], env={**kept, **variables}, capture_output=True, text=True,
                              timeout=SECONDS, check=False)

    def test_what_is_wrong_is_named(self):
        for arguments, said in ((["--once", "--devices", "all"], "--devices all: write one of count|open"),
                                (["--once", "here"], "'here' stands alone: see --help"),
                                (["-o", "json"], "--output goes with --once only"),
                                (["--kubeconfig", "k"], "--kubeconfig says which cluster to ask, and nothing which "
                                                        "node this is: add --node-name NAME"),
                                (["--once", "--policy", "/nonexistent"], "cannot read /nonexistent: "),
                                (["--once", "--instance-types", "/nonexistent"], "cannot read /nonexistent: ")):
            with self.subTest(arguments):
                done = self.run_agent(*arguments)
                self.assertEqual((2, ""), (done.returncode, done.stdout))
                self.assertEqual(1, done.stderr.count("\n"), done.stderr)
                self.assertTrue(done.stderr.startswith(f"efa-agent: {said}"), done.stderr)

    def test_a_node_s_name_that_is_none(self):
        done = self.run_agent("--once", NODE_NAME="$(NODE_NAME)")
        self.assertEqual((2, ""), (done.returncode, done.stdout))
        self.assertIn("$NODE_NAME $(NODE_NAME): set it to the Node's name", done.stderr)

    def test_help_and_version(self):
        done = self.run_agent("--help")
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        self.assertIn("--expect LIST", done.stdout)
        self.assertNotIn("probe-libfabric", done.stdout)
        done = self.run_agent("--version")
        self.assertRegex(done.stdout, r"\Aefa-agent \d+\.\d+\.\d+\n\Z")


if __name__ == "__main__":
    unittest.main(verbosity=2)
