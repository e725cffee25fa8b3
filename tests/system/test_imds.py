#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Asking the instance metadata service: one of ours, and everything else that may listen where it should."""
import contextlib
import json
import os
import socket
import subprocess
import threading
import time
import unittest

from process_support import SECONDS, TESTS, VARIANT

TOKEN = "AQAEAtokenThatNobodyMaySee0123456789=="
VALUES = {
    "/latest/meta-data/instance-type": "p5.48xlarge",
    "/latest/meta-data/placement/availability-zone": "us-west-2b",
    "/latest/meta-data/placement/availability-zone-id": "usw2-az2",
    "/latest/meta-data/placement/group-name": "training group 1",
}
TYPE, ZONE, ZONE_ID, GROUP = VALUES
FIELDS = ("type", "zone", "zoneId", "group")
UNSET = ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "AWS_EC2_METADATA_DISABLED",
         "http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy", "no_proxy", "NO_PROXY")
SLACK_MS = 2000 if VARIANT == "release" else 5000


def ask(*arguments, **variables):
    environment = {name: value for name, value in os.environ.items() if name not in UNSET} | variables
    done = subprocess.run([TESTS / "system/imds_driver", *map(str, arguments)], env=environment,
                          timeout=SECONDS, capture_output=True, text=True, check=False)
    if done.returncode != 0 or done.stderr:
        raise AssertionError(f"{done.returncode}: {done.stderr}")
    return json.loads(done.stdout)


def answer(status, body=b"", *headers):
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Content-Type: text/plain", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


class Service:
    """Takes connections and reads requests; what is answered is the test's `answers`, by method and path."""

    def __init__(self, family=socket.AF_INET):
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        self.socket.bind(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0))
        self.socket.listen(8)
        host = "[::1]" if family == socket.AF_INET6 else "127.0.0.1"
        self.endpoint = f"http://{host}:{self.socket.getsockname()[1]}"
        self.requests = []
        self.answers = {("PUT", "/latest/api/token"): self.give_token}
        for path, value in VALUES.items():
            self.answers["GET", path] = self.checked(answer("200 OK", value.encode()))
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self.accept)]
        self.threads[0].start()

    def give_token(self, connection, head):
        seconds = head["x-aws-ec2-metadata-token-ttl-seconds"]
        good = seconds.isdigit() and 1 <= int(seconds) <= 21600 and head["content-length"] == "0"
        connection.sendall(answer("200 OK", TOKEN.encode()) if good else answer("400 Bad Request"))

    @staticmethod
    def checked(said):
        """Said only to those who show the token."""
        def reply(connection, head):
            is_known = head.get("x-aws-ec2-metadata-token") == TOKEN
            connection.sendall(said if is_known else answer("401 Unauthorized"))
        return reply

    def say(self, method, path, said):
        self.answers[method, path] = lambda connection, head: connection.sendall(said)

    def accept(self):
        while not self.stopping.is_set():
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            thread = threading.Thread(target=self.serve, args=(connection,))
            self.threads.append(thread)
            thread.start()

    def serve(self, connection):
        connection.settimeout(0.1)
        with connection, contextlib.suppress(OSError):
            while (head := self.read_head(connection)) is not None:
                self.requests.append(head)
                self.answers.get((head["method"], head["path"]), self.not_found)(connection, head)

    def read_head(self, connection):
        data = b""
        while not data.endswith(b"\r\n\r\n"):
            try:
                got = connection.recv(1)
            except socket.timeout:
                if self.stopping.is_set():
                    return None
                continue
            if not got:
                return None
            data += got
        first, *lines = data.decode("latin-1").split("\r\n")[:-2]
        head = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in lines)}
        head["method"], head["path"], _ = first.split(" ")
        return head

    @staticmethod
    def not_found(connection, _):
        connection.sendall(answer("404 Not Found", b"<html>no</html>"))

    def stop(self):
        self.stopping.set()
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        for thread in self.threads:
            thread.join()


class ImdsCase(unittest.TestCase):
    def setUp(self):
        self.service = self.serve()

    def serve(self, family=socket.AF_INET):
        service = Service(family)
        self.addCleanup(service.stop)
        return service

    def ask(self, deadline_ms=0, **variables):
        said = ask(self.service.endpoint, deadline_ms, **variables)
        self.assertFalse(said["failed"])
        self.assertEqual("from DMI", said["dmi"])
        self.assertNotIn(TOKEN, json.dumps(said))
        self.assertLess(said["ms"], (deadline_ms or 2000) + SLACK_MS, said)
        return said

    def assert_none(self, said, state, *words):
        """That state, a reason with these words, and no value whatever."""
        self.assertEqual(state, said["state"], said)
        self.assertEqual([None] * 4, [said[field] for field in FIELDS], said)
        for word in words:
            self.assertIn(word, said["why"])


class Answers(ImdsCase):
    def test_all_that_is_asked_for_is_told(self):
        said = self.ask()
        self.assertEqual(("answered", None), (said["state"], said["why"]))
        self.assertEqual(list(VALUES.values()), [said[field] for field in FIELDS])
        self.assertEqual(["PUT"] + ["GET"] * 4, [head["method"] for head in self.service.requests])
        self.assertNotIn("x-forwarded-for", self.service.requests[0])

    def test_what_the_instance_does_not_have_is_absent(self):
        for path in (GROUP, ZONE_ID):
            del self.service.answers["GET", path]
        said = self.ask()
        self.assertEqual("answered", said["state"])
        self.assertEqual(["p5.48xlarge", "us-west-2b", None, None], [said[field] for field in FIELDS])

    def test_types_and_zones_of_every_kind_are_taken(self):
        for kind, zone in (("u-6tb1.112xlarge", "us-gov-west-1a"), ("mac2-m2pro.metal", "us-west-2-lax-1a"),
                           ("p6e-gb200.36xlarge", "us-east-1-wl1-bos-wlz-1"), ("m5.large", "cn-north-1b")):
            with self.subTest(kind):
                self.service.say("GET", TYPE, answer("200 OK", kind.encode() + b"\n"))
                self.service.say("GET", ZONE, answer("200 OK", zone.encode()))
                said = self.ask()
                self.assertEqual(("answered", kind, zone), (said["state"], said["type"], said["zone"]))

    def test_the_address_may_be_of_ipv6(self):
        try:
            self.service = self.serve(socket.AF_INET6)
        except OSError:
            self.skipTest("this machine has no IPv6")
        self.assertEqual("answered", self.ask()["state"])

    def test_slashes_at_the_end_of_the_endpoint_do_no_harm(self):
        self.service.endpoint += "//"
        self.assertEqual("answered", self.ask()["state"])
        self.assertEqual("/latest/api/token", self.service.requests[0]["path"])

    def test_the_environment_may_name_the_endpoint(self):
        said = ask(AWS_EC2_METADATA_SERVICE_ENDPOINT=self.service.endpoint + "/")
        self.assertEqual(("answered", "p5.48xlarge"), (said["state"], said["type"]))

    def test_proxies_are_passed_by(self):
        proxy = self.serve()
        said = self.ask(http_proxy=proxy.endpoint, ALL_PROXY=proxy.endpoint)
        self.assertEqual("answered", said["state"])
        self.assertEqual([], proxy.requests)

    def test_connections_that_are_closed_after_each_answer_do_no_harm(self):
        for path, value in VALUES.items():
            self.service.say("GET", path, answer("200 OK", value.encode(), "Connection: close"))
        self.assertEqual("answered", self.ask()["state"])

    def test_it_can_be_switched_off_by_the_environment(self):
        variables = {"AWS_EC2_METADATA_DISABLED": "TRUE",
                     "AWS_EC2_METADATA_SERVICE_ENDPOINT": self.service.endpoint}
        self.assert_none(ask(**variables), "not asked", "$AWS_EC2_METADATA_DISABLED is true")
        self.assertEqual([], self.service.requests)
        self.assertEqual("answered", self.ask(**variables)["state"])  # but not where it is asked for by name


class Silence(ImdsCase):
    def test_a_token_that_never_comes_is_the_hop_limit(self):
        self.service.answers["PUT", "/latest/api/token"] = lambda connection, head: None
        said = self.ask(600)
        self.assert_none(said, "hop limit", "takes connections", "PUT /latest/api/token", "within 600 ms",
                         "hop limit is 1")
        self.assertGreaterEqual(said["ms"], 600)

    def test_the_deadline_is_two_seconds_unless_another_is_named(self):
        self.service.answers["PUT", "/latest/api/token"] = lambda connection, head: None
        said = self.ask()
        self.assert_none(said, "hop limit", "within 2000 ms")
        self.assertGreaterEqual(said["ms"], 2000)

    def test_nobody_there_is_out_of_reach_at_once(self):
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))
            self.service.endpoint = f"http://127.0.0.1:{nobody.getsockname()[1]}"
            said = self.ask()
        self.assert_none(said, "out of reach", "PUT http://127.0.0.1:", "connect")
        self.assertLess(said["ms"], SLACK_MS)

    def test_a_connection_that_is_never_taken_is_out_of_reach(self):
        with socket.socket() as full, contextlib.ExitStack() as waiting:
            full.bind(("127.0.0.1", 0))
            full.listen(0)
            for _ in range(4):  # more than its queue holds: the kernel answers no further SYN
                client = waiting.enter_context(socket.socket())
                client.setblocking(False)
                client.connect_ex(full.getsockname())
            time.sleep(0.1)
            self.service.endpoint = f"http://127.0.0.1:{full.getsockname()[1]}"
            self.assert_none(self.ask(500), "out of reach", "no connection to http://127.0.0.1:",
                             "within 500 ms")

    def test_a_connection_that_ends_without_a_word_is_out_of_reach(self):
        def cut(connection, head):
            connection.shutdown(socket.SHUT_RDWR)
        self.service.answers["PUT", "/latest/api/token"] = cut
        self.assert_none(self.ask(), "out of reach", "the connection ended before the answer did")

    def test_a_value_that_never_comes_is_not_the_hop_limit(self):
        self.service.answers["GET", ZONE] = lambda connection, head: None
        self.assert_none(self.ask(500), "out of reach", "no whole answer to GET " + ZONE, "within 500 ms")

    def test_the_deadline_is_for_all_of_it(self):
        def dawdle(connection, head):
            time.sleep(0.3)
            connection.sendall(answer("200 OK", VALUES[head["path"]].encode()))
        for path in VALUES:
            self.service.answers["GET", path] = dawdle
        self.assert_none(self.ask(700), "out of reach", "no whole answer to GET", "within 700 ms")

    def test_an_answer_that_trickles_is_cut_off(self):
        def trickle(connection, head):
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            while not self.service.stopping.wait(0.02):
                connection.sendall(b"A")
        self.service.answers["PUT", "/latest/api/token"] = trickle
        self.assert_none(self.ask(500), "out of reach", "no whole answer to PUT", "within 500 ms")


class Refusals(ImdsCase):
    def test_a_status_is_told_with_its_meaning(self):
        for status, words in (("403", "switched off for this instance"), ("404", "gives no token"),
                              ("405", "gives no token"), ("500", ""), ("429", ""), ("204", "")):
            with self.subTest(status):
                self.service.say("PUT", "/latest/api/token", answer(f"{status} Oh"))
                self.assert_none(self.ask(), "refused", "PUT /latest/api/token", f"answers {status}", words)

    def test_a_token_that_is_not_taken_is_told(self):
        self.service.say("PUT", "/latest/api/token", answer("200 OK", b"another-token"))
        self.assert_none(self.ask(), "refused", "GET " + TYPE, "answers 401")

    def test_redirects_are_not_followed(self):
        other = self.serve()
        self.service.say("PUT", "/latest/api/token",
                         answer("307 Elsewhere", b"", f"Location: {other.endpoint}/latest/api/token"))
        self.assert_none(self.ask(), "refused", "answers 307", "redirects are not followed")
        self.service.answers["PUT", "/latest/api/token"] = self.service.give_token
        self.service.say("GET", TYPE, answer("302 Found", b"", f"Location: {other.endpoint}{TYPE}"))
        self.assert_none(self.ask(), "refused", "answers 302", "redirects are not followed")
        self.assertEqual([], other.requests)

    def test_five_gigabytes_are_not_read(self):
        def pour(connection, head):
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5368709120\r\n\r\n")
            with contextlib.suppress(OSError):
                while not self.service.stopping.is_set():
                    connection.sendall(b"A" * 65536)
        for path in (("PUT", "/latest/api/token"), ("GET", TYPE)):
            with self.subTest(path):
                self.service.answers[path] = pour
                said = self.ask()
                self.assert_none(said, "refused", "too many bytes")
                if VARIANT == "release":
                    self.assertLess(said["peakKib"], 32 * 1024)
                self.service.answers["PUT", "/latest/api/token"] = self.service.give_token

    def test_headers_without_end_are_not_read(self):
        def pour(connection, head):
            connection.sendall(b"HTTP/1.1 200 OK\r\n")
            with contextlib.suppress(OSError):
                while not self.service.stopping.is_set():
                    connection.sendall(b"X-More: " + b"A" * 1000 + b"\r\n")
        self.service.answers["PUT", "/latest/api/token"] = pour
        self.assert_none(self.ask(), "refused", "too many headers")

    def test_what_is_no_token_is_never_shown_to_anybody(self):
        for body in (b"", b" ", b"<html> <p>", b"a\r\nX-Injected: 1", b"a\x00b", "\u00e9".encode(),
                     b"A" * 1025):
            with self.subTest(body):
                self.service.requests.clear()
                self.service.say("PUT", "/latest/api/token", answer("200 OK", body))
                self.assert_none(self.ask(), "refused", "is no token")
                self.assertEqual(1, len(self.service.requests))

    def test_a_page_for_people_is_no_value(self):
        page = b"<html><body>Welcome to p5.48xlarge</body></html>"
        for path, what in ((TYPE, "instance type"), (ZONE, "zone"), (ZONE_ID, "zone id")):
            with self.subTest(path):
                self.service = self.serve()
                self.service.say("GET", path, answer("200 OK", page))
                said = self.ask()
                self.assert_none(said, "refused", f"GET {path}: what came from", f"is no {what};")
                self.assertNotIn("Welcome", said["why"])

    def test_values_that_are_none_are_refused(self):
        bad = {TYPE: (b"", b"p5", b".p5", b"p5.", b"p5.48.xl", b"P5.48xlarge", b"p5.48xlarge\nx", b"p5.4\x00",
                      b"p 5.4", b"a." + b"b" * 300),
               ZONE: (b"", b"uswest", b"-us", b"us-west-2b.", b"US-WEST-2b", b"us-" + b"a" * 300, b"2-b"),
               GROUP: (b"", b"a\nb", "\u00e9".encode(), b"a" * 256, b"\x1b[1m")}
        for path, bodies in bad.items():
            self.service = self.serve()
            for body in bodies:
                with self.subTest(path, body=body):
                    self.service.say("GET", path, answer("200 OK", body))
                    self.assert_none(self.ask(), "refused", f"GET {path}: what came from")

    def test_the_type_has_to_be_told(self):
        del self.service.answers["GET", TYPE]
        self.assert_none(self.ask(), "refused", "GET " + TYPE, "answers 404")

    def test_what_is_no_http_is_refused(self):
        for said in (b"SSH-2.0-OpenSSH_9\r\n", b"\x16\x03\x01\x00", b"HTTP/1.1 abc\r\n\r\n",
                     b"HTTP/9.9 200 OK\r\n\r\n"):
            with self.subTest(said):
                def hang_up(connection, head, said=said):
                    connection.sendall(said)
                    connection.shutdown(socket.SHUT_RDWR)
                self.service.answers["PUT", "/latest/api/token"] = hang_up
                answered = self.ask()
                self.assertIn(answered["state"], ("out of reach", "refused"))
                self.assertEqual([None] * 4, [answered[field] for field in FIELDS])

    def test_a_token_in_an_answer_of_errors_is_not_repeated(self):
        self.service.say("GET", TYPE, f"HTTP/1.1 {TOKEN}\r\n\r\n".encode())
        self.assertNotEqual("answered", self.ask()["state"])

    def test_an_endpoint_that_is_none_is_named(self):
        for endpoint in ("169.254.169.254", "https://169.254.169.254", "ftp://169.254.169.254", "http://",
                         "http:///", "http://user:secret@169.254.169.254", "http://a b", "http://a?b",
                         "http://a#b", "http://" + "a" * 200, "http://a\nb", "file:///etc/passwd"):
            with self.subTest(endpoint):
                said = ask(endpoint)
                self.assert_none(said, "out of reach", "its endpoint must be like http://169.254.169.254")
                self.assertNotIn("secret", said["why"])


if __name__ == "__main__":
    unittest.main()
