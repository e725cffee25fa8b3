# SPDX-License-Identifier: Apache-2.0
"""A serving efa-agent: what it sees while it runs, its port, its log and its end."""
import json
import shutil
import signal
import socket
import subprocess
import time
import unittest

from agent_support import AGENT, SHOWN, AgentCase
from process_support import SECONDS, VARIANT

P5 = "like=p5.48xlarge"
SHOWN_HERE = SHOWN if VARIANT == "release" else 4 * SHOWN
SYSFS = 'efa_agent_devices{source="sysfs"}'
LIBFABRIC = 'efa_agent_devices{source="libfabric"}'
MISMATCH = 'efa_agent_health{state="mismatch"}'
DRIVER_MISSING = 'efa_agent_finding{id="driver-missing",severity="error"}'

# Lint of promtool that stands: the name says hw_counters, as sysfs calls them.
LINT = {'efa_agent_hw_counter_total metric name should not include type \'counter\''}


class Watching(AgentCase):
    def test_a_device_that_goes_is_seen_and_so_is_its_return(self):
        node = self.node(P5)
        agent = self.agent(node, interval=2)
        agent.wait_for_metric(SYSFS, 32)
        self.assertEqual(0, agent.metrics()[MISMATCH])
        node.change("unbind=rdmap80s0")
        agent.wait_for_metric(DRIVER_MISSING, 1, SHOWN_HERE)
        seen = agent.metrics()
        self.assertEqual((31, 32, 1), (seen[SYSFS], seen['efa_agent_devices{source="pci"}'], seen[MISMATCH]))
        told = agent.wait_for("findings", 2)
        self.assertEqual(("mismatch", "warn", 31), (told["health"], told["level"], told["sysfs"]))
        self.assertIn("driver-missing", told["findings"])
        self.assertIn("0000:50:00.0", told["message"])
        node.change("bind=0000:50:00.0")
        agent.wait_for_metric(SYSFS, 32, SHOWN_HERE)
        told = agent.wait_for("findings", 3)
        self.assertEqual(("good", "info", 32), (told["health"], told["level"], told["sysfs"]))
        self.assertEqual(0, agent.metrics()[DRIVER_MISSING])

    def test_nothing_is_logged_while_nothing_changes(self):
        agent = self.agent(self.node(P5), interval=1)
        agent.wait_for("findings")
        time.sleep(4)
        self.assertEqual(1, len(agent.events("findings")))
        self.assertLessEqual(4, agent.metrics()["efa_agent_looks_total"])
        self.assertEqual(1, agent.metrics()["efa_agent_readings_total"])

    def test_a_refresh_reads_everything_anew(self):
        """What no fingerprint shows: a type that is said by DMI alone."""
        node = self.node(P5)
        agent = self.agent(node, "--refresh", "5")
        agent.wait_for("findings")
        node.change("set=sys/class/dmi/id/product_name=p5en.48xlarge")
        agent.wait_for_metric('efa_agent_expected_devices{by="catalogue"}', 16, 4 * SHOWN_HERE)
        self.assertLessEqual(2, agent.metrics()["efa_agent_readings_total"])

    def test_huge_pages_that_are_taken_are_seen(self):
        node = self.node(P5)
        agent = self.agent(node)
        free = 'efa_agent_hugepages{size_bytes="2097152",numa_node="",state="free"}'
        agent.wait_for_metric(free, 21121)
        node.change("set=sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages=121")
        agent.wait_for_metric(free, 121, SHOWN_HERE)
        self.assertEqual(21121, agent.metrics()[free.replace("free", "total")])

    def test_late_devices_are_waited_for_before_they_are_judged(self):
        node = self.node(P5, "unbound=4", "uptime_seconds=60", usable=32)
        agent = self.agent(node)
        told = agent.wait_for("findings")
        self.assertEqual(("unknown", True), (told["health"], told["settling"]))
        self.assertIn("settling", told["findings"])
        readings = agent.metrics()["efa_agent_readings_total"]
        agent.wait_for_metric("efa_agent_readings_total", readings + 2, SHOWN_HERE)  # though nothing changed
        node.change("bind=28", "bind=29", "bind=30", "bind=31")
        agent.wait_for_metric('efa_agent_health{state="good"}', 1, SHOWN_HERE)
        self.assertFalse(agent.events("findings")[-1]["settling"])

    def test_libfabric_is_asked_at_changes_alone(self):
        node = self.node(P5)
        agent = self.agent(node, "--devices", "open", "--refresh", "5")
        agent.wait_for_metric(LIBFABRIC, 32, SECONDS)
        agent.wait_for_metric("efa_agent_readings_total", 2, SECONDS)
        self.assertEqual(1, agent.metrics()["efa_agent_libfabric_readings_total"])
        node.change("unbind=rdmap80s0")
        agent.wait_for_metric(LIBFABRIC, 31, SECONDS)
        self.assertEqual(1, agent.metrics()[DRIVER_MISSING])

    def test_bad_news_does_not_wait_for_libfabric(self):
        """Opening takes two seconds a device here, and libfabric has ten."""
        node = self.node(P5)
        agent = self.agent(node, "--devices", "open", FAKE_UVERBS_DELAY_MS="2000")
        node.change("unbind=rdmap80s0")
        agent.wait_for_metric(DRIVER_MISSING, 1, SHOWN_HERE)
        self.assertNotIn(LIBFABRIC, agent.metrics())

    def test_devices_that_are_counted_are_not_opened(self):
        agent = self.agent(self.node(P5), FAKE_UVERBS_FAIL="5,13")
        agent.wait_for_metric('efa_agent_health{state="good"}', 1, SHOWN_HERE)
        self.assertNotIn(LIBFABRIC, agent.metrics())
        self.assertEqual(0, agent.metrics()["efa_agent_libfabric_readings_total"])


class Port(AgentCase):
    @classmethod
    def setUpClass(cls):
        cls.case = cls("test_probes")
        cls.node_shown = cls.case.node(P5)
        cls.shown = cls.case.agent(cls.node_shown)
        cls.addClassCleanup(cls.case.doCleanups)
        cls.shown.wait_for("findings")

    def test_probes(self):
        self.assertEqual((200, "ok\n"), self.shown.ask("/healthz"))
        status, body = self.shown.ask("/readyz")
        checks = {check["name"]: check for check in json.loads(body)["checks"]}
        self.assertEqual((200, {"looking", "devices", "cluster"}), (status, set(checks)))
        self.assertIn("32", checks["devices"]["detail"])
        self.assertEqual("the API server is not asked", checks["cluster"]["detail"])

    def test_other_paths_and_methods(self):
        self.assertEqual((404, "nothing is here: there are /healthz, /readyz and /metrics\n"), self.shown.ask("/"))
        self.assertEqual((405, "use the method GET or HEAD\n"), self.shown.ask("/metrics", "POST"))
        self.assertEqual((200, ""), self.shown.ask("/metrics", "HEAD"))

    def test_counters_are_read_when_they_are_asked_for(self):
        folder = self.node_shown.root / "sys/class/infiniband/rdmap79s0/ports/1/hw_counters"
        series = ('efa_agent_hw_counter_total{device="rdmap79s0",pci="0000:4f:00.0",port="1",counter="%s"}')
        for counter, value in (("tx_bytes", 12345678901234), ("rdma_read_bytes", 7)):
            (folder / counter).write_text(f"{value}\n")
            self.assertEqual(value, self.shown.metrics()[series % counter])
        shown = [name for name in self.shown.metrics() if name.startswith("efa_agent_hw_counter_total")]
        device = self.node_shown.root / "sys/class/infiniband/rdmap79s0"
        files = [path.name for path in device.rglob("hw_counters/*")]
        self.assertEqual(32 * len([name for name in files if name != "lifespan"]), len(shown))

    def test_every_kind_of_finding_has_a_series(self):
        ids = [name for name in self.shown.metrics() if name.startswith("efa_agent_finding{")]
        self.assertLess(40, len(ids))
        self.assertTrue(any('id="pod-fewer-devices",severity="error"' in name for name in ids))

    def test_what_is_expected_and_by_whom(self):
        seen = self.shown.metrics()
        self.assertEqual(32, seen['efa_agent_expected_devices{by="catalogue"}'])
        self.assertEqual(8, seen['efa_agent_expected_accelerators{by="catalogue"}'])
        self.assertEqual(8, seen['efa_agent_accelerators{resource="nvidia.com/gpu"}'])
        self.assertNotIn('efa_agent_expected_devices{by="node-capacity"}', seen)

    @unittest.skipUnless(shutil.which("promtool"), "promtool comes with the Debian package prometheus")
    def test_promtool_takes_the_metrics(self):
        done = subprocess.run(["promtool", "check", "metrics"], input=self.shown.ask("/metrics")[1], text=True,
                              capture_output=True, timeout=SECONDS, check=False)
        said = {line for line in (done.stdout + done.stderr).splitlines() if line}
        self.assertEqual(LINT, said)


class Life(AgentCase):
    def test_sigterm_ends_it_at_once(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(number):
                agent = self.agent(self.node(P5, "efa=1"))
                agent.wait_for("findings")
                self.assertLess(agent.seconds_to_stop(number), 1 if VARIANT == "release" else 10)
                self.assertEqual(number.name, agent.events("stopping")[0]["signal"])
                self.assertEqual(1, len(agent.events("stopped")))

    def test_sigterm_does_not_wait_for_libfabric(self):
        agent = self.agent(self.node(P5), "--devices", "open", FAKE_UVERBS_DELAY_MS="2000")
        time.sleep(1)
        self.assertLess(agent.seconds_to_stop(), 5 if VARIANT == "release" else 20)

    def test_the_start_is_logged(self):
        agent = self.agent(self.node(P5, "efa=1"), "--devices", "count")
        started = agent.wait_for("started")
        self.assertEqual(("count", False, "info"), (started["devices"], started["cluster"], started["level"]))
        self.assertLess(100, started["types"])

    def test_a_port_that_is_taken_is_a_sentence(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            listen = f"127.0.0.1:{taken.getsockname()[1]}"
            node = self.node("efa=0")
            done = subprocess.run([AGENT, *node.options(), "--imds", "off", "--plain-listen", listen],
                                  env=node.variables(), capture_output=True, text=True, timeout=SECONDS, check=False)
        self.assertEqual(1, done.returncode)
        self.assertRegex(done.stderr, rf"\Aefa-agent: --plain-listen: .*{listen}.*\n\Z")


class Cluster(AgentCase):
    def kubeconfig(self, port):
        path = self.folder() / "config"
        path.write_text(json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "c",
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
            "clusters": [{"name": "c", "cluster": {"server": f"https://127.0.0.1:{port}"}}],
            "users": [{"name": "u", "user": {"token": "s3cret-token"}}]}))
        return str(path)

    def test_an_api_server_that_is_away_stops_nothing(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        node = self.node(P5)
        agent = self.agent(node, "--node-name", "node-1", "--kubeconfig", self.kubeconfig(port))
        agent.wait_for_metric('efa_agent_finding{id="node-not-read",severity="unknown"}', 1, SECONDS)
        self.assertEqual(0, agent.metrics()["efa_agent_cluster_ok"])
        told = agent.wait_for("cluster")
        self.assertEqual((False, "warn"), (told["ok"], told["level"]))
        node.change("unbind=rdmap80s0")
        agent.wait_for_metric(DRIVER_MISSING, 1, SHOWN_HERE)
        self.assertEqual(200, agent.ask("/readyz")[0])
        self.assertNotIn("s3cret", "".join(agent.lines) + agent.ask("/readyz")[1])

    def test_an_api_server_that_hangs_stops_nothing(self):
        server = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(server.close)
        server.settimeout(SECONDS)
        node = self.node(P5)
        agent = self.agent(node, "--node-name", "node-1", "--kubeconfig",
                           self.kubeconfig(server.getsockname()[1]))
        asked, _ = server.accept()  # and never answered
        self.addCleanup(asked.close)
        agent.wait_for_metric(SYSFS, 32, SHOWN_HERE)
        node.change("unbind=rdmap80s0")
        agent.wait_for_metric(DRIVER_MISSING, 1, SHOWN_HERE)
        self.assertEqual("the API server has not answered yet",
                         json.loads(agent.ask("/readyz")[1])["checks"][2]["detail"])
        self.assertLess(agent.seconds_to_stop(), 5 if VARIANT == "release" else 20)


if __name__ == "__main__":
    unittest.main(verbosity=2)
