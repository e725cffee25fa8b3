#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The life of a running efa-webhook: start, log, probes, metrics, idle connections, and its end."""
import json
import pathlib
import platform
import re
import signal
import ssl
import tempfile
import time
import unittest

from process_support import VARIANT
from server_support import REVIEW, Server, ServerCase, make_certificates, post, read_answer, review, run

HEAD = b"POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
MUTATE_KEYS = ["time", "level", "event", "reason", "allowed", "namespace", "pod", "uid", "instanceType",
               "operations", "warnings", "micros", "dryRun", "status"]
SAMPLE = re.compile(r'[a-z_]+(\{[a-z_]+="[^"\\\n]*"(,[a-z_]+="[^"\\\n]*")*\})? (\+Inf|-?[0-9.]+(e[-+][0-9]+)?)')
# Most of it is libraries: libcurl alone brings 20 of them, and those of releases after Debian 12 are larger.
IDLE_MIB = 10 if platform.freedesktop_os_release().get("VERSION_ID") == "12" else 12
CANARY = "canary-5f3a9c"


class Probes(ServerCase):
    def test_health_and_readiness(self):
        self.assertEqual((200, "ok\n"), self.server.get("/healthz")[::2])
        status, headers, body = self.server.get("/readyz")
        self.assertEqual((200, "application/json"), (status, headers["Content-Type"]))
        answer = json.loads(body)
        self.assertIs(True, answer["ready"])
        self.assertEqual(["configuration", "certificate", "nodes", "serving"],
                         [check["name"] for check in answer["checks"]])
        self.assertIn(str(self.server.started["types"]), answer["checks"][0]["detail"])

    def test_head_is_get_without_the_body(self):
        for path in ("/healthz", "/readyz", "/metrics"):
            with self.subTest(path):
                status, headers, body = self.server.get(path, "HEAD")
                self.assertEqual((200, ""), (status, body))
                self.assertGreater(int(headers["Content-Length"]), 2)

    def test_other_paths_and_methods_are_refused(self):
        for path in ("/", "/mutate", "/healthz/", "/debug"):
            self.assertEqual(404, self.server.get(path)[0], path)
        for method in ("POST", "PUT", "DELETE"):
            status, headers, _ = self.server.get("/healthz", method)
            self.assertEqual((405, "GET, HEAD"), (status, headers["Allow"]))

    def test_metrics_are_valid_text(self):
        self.post(REVIEW.read_bytes())
        status, headers, text = self.server.get("/metrics")
        self.assertEqual(200, status)
        self.assertTrue(headers["Content-Type"].startswith("text/plain; version=0.0.4"))
        described, seen = set(), set()
        for line in text.splitlines():
            comment = re.fullmatch(r"# (HELP|TYPE) (\w+) (.+)", line)
            if comment:
                described.add((comment[1], comment[2]))
                continue
            self.assertRegex(line, SAMPLE.pattern + r"\Z")
            series = line.rsplit(" ", 1)[0]
            self.assertNotIn(series, seen)
            seen.add(series)
            name = re.sub(r"_(bucket|sum|count)$", "", series.split("{")[0])
            self.assertTrue({("HELP", name), ("TYPE", name)} <= described, line)

    def test_metrics_count(self):
        before = self.server.metrics()
        self.post(review())
        self.post(b"{")
        self.post(review(), Content_Type="text/plain")
        after = self.server.metrics()
        grown = {name: after[name] - before.get(name, 0) for name in after if after[name] != before.get(name, 0)}
        self.assertEqual(1, grown['efa_webhook_decisions_total{reason="not-opted-in",allowed="true"}'])
        self.assertEqual(1, grown['efa_webhook_failures_total{kind="input"}'])
        for code in (200, 400, 415):
            self.assertEqual(1, grown[f'efa_webhook_http_answers_total{{port="https",code="{code}"}}'])
        self.assertEqual(1, grown["efa_webhook_review_seconds_count"])
        self.assertEqual(1, grown['efa_webhook_review_seconds_bucket{le="+Inf"}'])

    def test_the_histogram_grows_and_resolves_ten_microseconds(self):
        values = [(name, value) for name, value in self.server.metrics().items() if "_seconds_bucket" in name]
        self.assertIn('le="1e-05"', values[0][0])
        counts = [value for _, value in values]
        self.assertEqual(sorted(counts), counts)

    def test_metrics_know_the_certificate_and_the_build(self):
        values = self.server.metrics()
        left = values["efa_webhook_certificate_expiry_timestamp_seconds"] - time.time()
        self.assertTrue(300 * 86400 < left < 400 * 86400)
        self.assertEqual(1, values["efa_webhook_ready"])
        self.assertEqual(1, sum("build_info{version=" in name for name in values))


class Log(ServerCase):
    arguments = ("--log-level", "debug")

    def test_a_review_is_one_line_with_the_same_keys_every_time(self):
        asked = json.loads(REVIEW.read_text(encoding="utf-8"))["request"]
        before = len(self.server.events("mutate"))
        self.post(REVIEW.read_bytes())
        self.post(review("plain"))
        patched, plain = self.server.wait_for("mutate", before + 1), self.server.wait_for("mutate", before + 2)
        self.assertEqual([MUTATE_KEYS, MUTATE_KEYS], [list(patched), list(plain)])
        self.assertEqual((asked["uid"], asked["namespace"], asked["name"]),
                         (patched["uid"], patched["namespace"], patched["pod"]))
        self.assertEqual(("injected", "p5.48xlarge", True, 200, False),
                         tuple(patched[key] for key in ("reason", "instanceType", "allowed", "status", "dryRun")))
        self.assertGreater(patched["operations"], 0)
        self.assertEqual(("not-opted-in", 0, []), (plain["reason"], plain["operations"], plain["warnings"]))
        self.assertRegex(patched["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$")

    def test_names_that_are_odd_stay_in_their_line(self):
        before = len(self.server.events("mutate"))
        name = "a\"b\\c\nd\u0001\u007f\u00e4\U0001f600\u2028" + "x" * 5000
        self.post(review(name))
        uid = self.server.wait_for("mutate", before + 1)["uid"]
        self.assertTrue(uid.startswith(name[:14]) and uid.endswith("..."), uid)
        self.assertTrue(all(len(line) <= 4096 for line in self.server.lines))

    def test_secrets_of_a_pod_are_never_logged(self):
        body = json.loads(REVIEW.read_text(encoding="utf-8"))
        pod = body["request"]["object"]
        main = pod["spec"]["containers"][0]
        main["env"] += [{"name": "TOKEN", "value": CANARY}, {"name": "NCCL_NET", "value": CANARY}]
        main["args"] = [CANARY]
        pod["metadata"]["annotations"]["other"] = CANARY
        whole = json.dumps(body).encode()
        for broken in (whole, whole[:-1], whole.replace(CANARY.encode() + b'"', CANARY.encode() + b'\\q"'),
                       whole.replace(b'"uid"', b'"uuid"'), CANARY.encode(), b'{"' + CANARY.encode() + b'":1}'):
            self.post(broken)
        main["resources"]["limits"]["nvidia.com/gpu"] = "1.5"
        self.post(json.dumps(body).encode())
        post(self.client(), whole, path="/" + CANARY)
        self.post(whole, Content_Type=CANARY, Authorization="Bearer " + CANARY)
        self.server.wait_for("refused", 5)
        self.assertNotIn(CANARY, "".join(self.server.lines))

    def test_refusals_are_logged_with_their_status(self):
        before = len(self.server.events("refused"))
        self.post(b"nonsense")
        line = self.server.wait_for("refused", before + 1)
        self.assertEqual((400, "warn"), (line["status"], line["level"]))


class Start(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        make_certificates(cls.folder / "good")
        make_certificates(cls.folder / "other")
        cls.good = ("--tls-cert", cls.folder / "good/tls.crt", "--tls-key", cls.folder / "good/tls.key")

    def refused(self, status, *words, arguments=()):
        result = run(*arguments)
        self.assertEqual((status, ""), (result.returncode, result.stdout), result.stderr)
        self.assertRegex(result.stderr, r"\Aefa-webhook: [^\n]+\n\Z")
        for word in words:
            self.assertIn(word, result.stderr)

    def test_bad_certificates_are_named(self):
        empty = self.folder / "empty.pem"
        empty.write_bytes(b"")
        good, other = self.folder / "good", self.folder / "other"
        cases = (
            (1, ("--tls-cert", "none.pem", "No such file"), "none.pem", good / "tls.key"),
            (1, ("--tls-key", "none.pem", "No such file"), good / "tls.crt", "none.pem"),
            (1, ("--tls-cert", str(good)), good, good / "tls.key"),
            (2, ("certificate", "BEGIN CERTIFICATE"), empty, good / "tls.key"),
            (2, ("certificate", "BEGIN CERTIFICATE"), good / "tls.key", good / "tls.key"),
            (2, ("key", "BEGIN PRIVATE KEY"), good / "tls.crt", empty),
            (2, ("key", "BEGIN PRIVATE KEY"), good / "tls.crt", good / "tls.crt"),
            (2, ("the key is not the certificate's", "--tls-key", "tls.key"), good / "tls.crt", other / "tls.key"),
        )
        for status, words, certificate, key in cases:
            with self.subTest(words=words):
                self.refused(status, *words, arguments=("--tls-cert", certificate, "--tls-key", key,
                                                        "--listen", "127.0.0.1:0", "--plain-listen", "127.0.0.1:0"))

    def test_a_port_in_use_is_named(self):
        server = Server(self.folder / "good")
        try:
            taken, free = f"127.0.0.1:{server.port}", "127.0.0.1:0"
            self.refused(1, "--listen", taken, "in use",
                         arguments=(*self.good, "--listen", taken, "--plain-listen", free))
            self.refused(1, "--plain-listen", taken, "in use",
                         arguments=(*self.good, "--listen", free, "--plain-listen", taken))
        finally:
            self.assertEqual((0, ""), server.stop())

    def test_bad_options_are_named(self):
        for words, arguments in (
                (("--tls-cert", "make certs"), ()),
                (("--lsiten",), ("--lsiten", "x")),
                (("--listen", "nowhere", "127.0.0.1:8443"), (*self.good, "--listen", "nowhere")),
                (("--drain-delay", "3600"), (*self.good, "--drain-delay", "forever"))):
            with self.subTest(words):
                self.refused(2, *words, arguments=arguments)

    def test_every_address_is_listened_on_by_default(self):
        server = Server(self.folder / "good", "--listen", ":0")
        try:
            with server.connect() as connection:
                connection.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % len(review()) + review())
                self.assertEqual(200, read_answer(connection)[0])
        finally:
            self.assertEqual((0, ""), server.stop())

    @unittest.skipUnless(VARIANT == "release", "a sanitizer takes time and memory of its own")
    def test_it_is_ready_in_100_ms_and_idles_in_little_memory(self):
        seconds, kib = [], []
        for _ in range(5):
            server = Server(self.folder / "good")
            seconds.append(server.seconds_to_start)
            kib.append(server.rss_kib())
            self.assertEqual((0, ""), server.stop())
        print(f"ready after {min(seconds) * 1000:.0f} ms, idle in {min(kib)} KiB", flush=True)
        self.assertLess(min(seconds), 0.1)
        self.assertLess(min(kib), IDLE_MIB * 1024)

    @unittest.skipUnless(VARIANT == "release", "a sanitizer takes memory of its own")
    def test_large_bodies_leave_no_memory_behind(self):
        server = Server(self.folder / "good")
        try:
            client = server.client()
            for _ in range(30):
                self.assertEqual(200, post(client, review().ljust(7 * 1024 * 1024))[0])
            client.close()
            self.assertLess(server.rss_kib(), 12 * 1024)
        finally:
            self.assertEqual((0, ""), server.stop())


class End(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        make_certificates(folder.name)
        self.folder = folder.name

    def test_a_request_in_flight_is_finished_and_its_connection_closed(self):
        server = Server(self.folder)
        body = review("in flight")
        with server.connect() as connection, server.connect() as idle:
            connection.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body[:50])
            while server.metrics()["efa_webhook_in_flight_requests"] != 1:
                pass
            server.process.send_signal(signal.SIGTERM)
            server.wait_for("stopping")
            self.wait_for_refusal(server)
            self.assertEqual(503, server.get("/readyz")[0])
            self.assertIsNone(server.process.poll())
            connection.sendall(body[50:])
            status, headers, answer = read_answer(connection)
            self.assertEqual((200, "close"), (status, headers["Connection"]))
            self.assertEqual("in flight", json.loads(answer)["response"]["uid"])
            self.assertEqual((0, ""), server.wait())
            del idle
        self.assertEqual("SIGTERM", server.events("stopping")[0]["signal"])
        self.assertEqual(1, len(server.events("stopped")))

    def wait_for_refusal(self, server):
        """Until no new connection is taken."""
        for _ in range(1000):
            try:
                server.connect().close()
            except OSError:
                return
            time.sleep(0.01)
        self.fail("new connections are still taken")

    def test_while_it_waits_it_serves_but_is_not_ready(self):
        server = Server(self.folder, "--drain-delay", "60")
        self.assertEqual(200, server.get("/readyz")[0])
        server.process.send_signal(signal.SIGINT)
        self.assertEqual("SIGINT", server.wait_for("stopping")["signal"])
        while server.get("/readyz")[0] != 503:
            pass
        self.assertIs(False, json.loads(server.get("/readyz")[2])["ready"])
        self.assertEqual(200, server.get("/healthz")[0])
        client = server.client()
        self.assertEqual(200, post(client, review())[0])
        client.close()
        self.assertEqual((0, ""), server.stop())  # a second signal ends the wait

    def test_idle_connections_do_not_hold_it_up(self):
        server = Server(self.folder)
        client = server.client()
        post(client, review())
        began = time.monotonic()
        self.assertEqual((0, ""), server.stop())
        self.assertLess(time.monotonic() - began, 5)
        client.close()


class Idle(ServerCase):
    def test_only_a_client_that_sent_a_review_may_idle_for_long(self):
        proven = self.client()
        self.assertEqual(200, post(proven, review())[0])
        refused = self.client()
        self.assertEqual(400, post(refused, b"{")[0])
        silent, stuck = self.connect(), self.connect()
        stuck.sendall(HEAD + b"Content-Length: 100\r\n\r\n{")
        began = time.monotonic()
        for connection in (silent, stuck, refused.sock):
            connection.settimeout(20)
            try:
                self.assertEqual(b"", connection.recv(1000))
            except (ConnectionError, ssl.SSLError):
                pass
        self.assertTrue(8 < time.monotonic() - began < 16, "closed after 10 seconds")
        before = proven.sock
        self.assertEqual(200, post(proven, review())[0])
        self.assertIs(before, proven.sock)


if __name__ == "__main__":
    unittest.main()
