#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The Kubernetes client against an API server of ours: requests, streams, and servers that misbehave."""
import json
import re
import socket
import threading
import time
import unittest

from kube_support import TOKEN, ClientCase
from server_support import VARIANT, make_certificates

PATH = "/api/v1/nodes"
NODES = {"kind": "NodeList", "apiVersion": "v1", "items": []}
MIB = 1024 * 1024


class Requests(ClientCase):
    def setUp(self):
        super().setUp()
        self.server.on("GET", PATH, lambda request: request.reply(200, NODES))

    def test_a_request_brings_its_headers_and_gets_its_answer(self):
        answer = self.client().call(PATH + "?limit=500")
        self.assertEqual((True, 200, NODES), (answer["ok"], answer["status"], json.loads(answer["body"])))
        request = self.server.requests[0]
        self.assertEqual({"limit": "500"}, request.query)
        self.assertEqual(f"Bearer {TOKEN}", request.headers["Authorization"])
        self.assertEqual("application/json", request.headers["Accept"])
        self.assertEqual("kube-driver", request.headers["User-Agent"])
        self.assertEqual(f"127.0.0.1:{self.server.port}", request.headers["Host"])
        self.assertIsNone(request.headers["Accept-Encoding"])

    def test_each_method_sends_its_body_and_type(self):
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            self.server.on(method, PATH, lambda request: request.reply(201, {"kind": "Node"}))
        client = self.client()
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            answer = client.call(PATH, method, body='{"a": 1}', contentType="application/apply-patch+yaml")
            self.assertEqual((True, 201), (answer["ok"], answer["status"]), answer)
            request = self.server.requests[-1]
            self.assertEqual((method, b'{"a": 1}'), (request.method, request.body))
            self.assertEqual("application/apply-patch+yaml", request.headers["Content-Type"])
        client.call(PATH, "POST")
        self.assertEqual(("0", b""), (self.server.requests[-1].headers["Content-Length"],
                                      self.server.requests[-1].body))

    def test_a_large_body_is_sent_at_once(self):
        self.server.on("PUT", PATH, lambda request: request.reply(200, {"length": len(request.body)}))
        answer = self.client().call(PATH, "PUT", body="x" * (3 * MIB))
        self.assertEqual({"length": 3 * MIB}, json.loads(answer["body"]))
        self.assertIsNone(self.server.requests[-1].headers["Expect"])

    def test_requests_share_a_connection(self):
        client = self.client()
        for _ in range(20):
            self.assertTrue(client.call(PATH)["ok"])
        self.assertEqual({1}, {request.connection_number for request in self.server.requests})

    def test_a_connection_that_the_server_closed_is_made_anew(self):
        client = self.client()
        self.assertTrue(client.call(PATH)["ok"])
        self.server.drop_connections()
        self.assertTrue(client.call(PATH)["ok"])
        self.assertEqual(2, self.server.requests[-1].connection_number)

    def test_the_server_s_path_goes_before_each_request_s(self):
        self.server.on("GET", "/k8s/clusters/c-1" + PATH, lambda request: request.reply(200, NODES))
        client = self.client(cluster={"server": self.server.url + "/k8s/clusters/c-1/"})
        self.assertTrue(client.call(PATH)["ok"])

    def test_other_types_of_answers_may_be_asked_for(self):
        self.server.on("GET", "/readyz", lambda request: request.reply(200, b"ok", "text/plain; charset=utf-8"))
        client = self.client()
        self.assertEqual("ok", client.call("/readyz", accept="text/plain")["body"])
        self.assert_refused(client.call("/readyz"), "text/plain came instead of application/json", "'ok'",
                            status=200)

    def test_the_server_s_name_may_differ_from_its_address(self):
        client = self.client(cluster={"tls-server-name": "localhost"})
        self.assertTrue(client.call(PATH)["ok"])
        self.assertEqual(f"127.0.0.1:{self.server.port}", self.server.requests[-1].headers["Host"])
        client = self.client(cluster={"tls-server-name": "somebody.else"})
        self.assert_refused(client.call(PATH), "somebody.else")

    def test_an_unverified_server_is_taken_when_asked_for(self):
        client = self.client(cluster={"certificate-authority": None, "insecure-skip-tls-verify": True})
        self.assertTrue(client.call(PATH)["ok"])

    def test_a_user_and_password_are_basic(self):
        client = self.client({"username": "ada", "password": "p:w-of-ada"})
        self.secrets = ("p:w-of-ada", "YWRhOnA6dy1vZi1hZGE=")
        self.assertTrue(client.call(PATH)["ok"])
        self.assertEqual("Basic YWRhOnA6dy1vZi1hZGE=", self.server.requests[-1].headers["Authorization"])


class Refusals(ClientCase):
    def test_a_status_is_told_in_the_server_s_words(self):
        message = 'nodes is forbidden: User "system:anonymous" cannot list resource "nodes"'
        self.server.on("GET", PATH, lambda request: request.refuse(403, message, "Forbidden"))
        self.assert_refused(self.client().call(PATH + "?limit=1"), f"GET {PATH}: 403: {message}", status=403)

    def test_other_statuses_are_kept_apart(self):
        client = self.client()
        for status in (400, 404, 409, 410, 422, 429, 500, 503):
            self.server.on("GET", PATH, lambda request, code=status: request.refuse(code, f"because of {code}"))
            self.assert_refused(client.call(PATH), f"{status}: because of {status}", status=status)
            self.assert_refused(client.stream(PATH), f"{status}: because of {status}", status=status)

    def test_retry_after_is_read_as_seconds_date_and_detail(self):
        client = self.client()
        date = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 100))
        for value, least, most in (("7", 7, 7), (date, 90, 100), ("soon", 0, 0), ("-3", 0, 0),
                                   ("99999999999999999999", 0, 0), ("4000000000", 86400, 86400)):
            self.server.on("GET", PATH, lambda request, v=value: request.refuse(
                429, "too many requests", headers=[("Retry-After", v)]))
            answer = client.call(PATH)
            self.assertTrue(least <= answer["retryAfter"] <= most, (value, answer))
        self.server.on("GET", PATH, lambda request: request.refuse(503, "wait", details={"retryAfterSeconds": 3}))
        self.assertEqual(3, client.call(PATH)["retryAfter"])

    def test_a_web_page_is_no_answer(self):
        page = b"<!DOCTYPE html>\n<html><title>Sign in</title></html>"
        self.server.on("GET", PATH, lambda request: request.reply(200, page, "text/html; charset=utf-8"))
        client = self.client()
        for answer in (client.call(PATH), client.stream(PATH)):
            self.assert_refused(answer, "200: text/html came", "<!DOCTYPE html>", status=200)
            self.assertEqual(0, answer["bytes"])
        self.server.on("GET", PATH, lambda request: request.reply(502, page, "text/html"))
        self.assert_refused(client.call(PATH), "502: text/html came", status=502)
        self.server.on("GET", PATH, lambda request: request.reply(200, b"{}", None))
        self.assert_refused(client.call(PATH), "a body of no stated type", status=200)

    def test_a_refusal_without_reason_or_with_nonsense_is_told(self):
        client = self.client()
        for body, words in ((b"", "500, and no reason given"), (b"[1]", "500: [1]"), (b"{nonsense", "500: {nonsense"),
                            (b'{"kind": "Status"}', '500: {"kind": "Status"}'),
                            (b'{"kind":"Status","reason":"Gone"}', "500: Gone"),
                            (b"\x00\x1b\xff" * 9, "500:"), (b"y" * MIB, "500: yyyy")):
            self.server.on("GET", PATH, lambda request, data=body: request.reply(500, data))
            answer = client.call(PATH)
            self.assert_refused(answer, words, status=500)
            self.assertTrue(answer["error"].isprintable())

    def test_redirects_are_not_followed(self):
        elsewhere = "https://example.com/login?ticket=secret-ticket"
        self.server.on("GET", PATH, lambda request: request.reply(302, b"", headers=[("Location", elsewhere)]))
        answer = self.client().call(PATH)
        self.assert_refused(answer, "302: it redirects to 'https://example.com/login'", status=302)
        self.assertNotIn("secret-ticket", answer["error"])
        self.assertEqual(1, len(self.server.requests))

    def test_a_server_that_repeats_our_token_gives_nothing_away(self):
        client = self.client()
        said = f"{'x' * 150} {TOKEN} is what you showed"
        self.server.on("GET", PATH, lambda request: request.refuse(403, said))
        self.assert_refused(client.call(PATH), "403: xxx", status=403)
        self.server.on("GET", PATH, lambda request: request.reply(400, f"<{TOKEN}".encode(), "text/html"))
        self.assert_refused(client.call(PATH), "<***", status=400)
        for reply in (lambda request: request.reply(302, b"", headers=[("Location", f"https://a/{TOKEN}")]),
                      lambda request: request.reply(200, TOKEN.encode(), "text/plain")):
            self.server.on("GET", PATH, reply)
            self.assertFalse(client.call(PATH)["ok"])


class Connections(ClientCase):
    def test_nobody_listens(self):
        client = self.client(cluster={"server": "https://127.0.0.1:1"})
        self.assert_refused(client.call(PATH), "https://127.0.0.1:1: ", "port 1")
        self.assert_refused(client.stream(PATH), "https://127.0.0.1:1: ")

    def test_a_name_that_nobody_has(self):
        client = self.client(cluster={"server": "https://nobody.invalid"})
        self.assert_refused(client.call(PATH, deadline=20), "https://nobody.invalid:443: ")

    def test_an_authority_that_did_not_sign(self):
        other = self.folder / "other"
        make_certificates(other)
        client = self.client(cluster={"certificate-authority": str(other / "ca.crt")})
        self.assert_refused(client.call(PATH), "certificate", str(other / "ca.crt"))
        self.assertEqual([], self.server.requests)

    def test_the_system_s_authorities_did_not_sign_either(self):
        client = self.client(cluster={"certificate-authority": None})
        self.assert_refused(client.call(PATH), "certificate", "the system's authorities")

    def test_a_server_that_speaks_no_tls(self):
        plain = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(plain.close)

        def answer():
            connection, _ = plain.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
                connection.recv(4096)

        thread = threading.Thread(target=answer)
        thread.start()
        client = self.client(cluster={"server": f"https://127.0.0.1:{plain.getsockname()[1]}"})
        self.assert_refused(client.call(PATH), "SSL")
        thread.join()

    def test_a_server_with_tls_1_1_alone_is_refused(self):
        version = self.server.context.maximum_version.__class__.TLSv1_1
        self.server.context.minimum_version = version
        self.server.context.maximum_version = version
        self.assert_refused(self.client().call(PATH), "https://")

    def test_a_proxy_in_the_environment_is_used_only_when_asked_for(self):
        self.server.on("GET", PATH, lambda request: request.reply(200, NODES))
        proxy = Proxy()
        self.addCleanup(proxy.stop)
        variables = {"HTTPS_PROXY": proxy.url, "https_proxy": proxy.url, "ALL_PROXY": proxy.url}
        self.assertTrue(self.client(**variables).call(PATH)["ok"])
        self.assertEqual([], proxy.targets)
        self.assertTrue(self.client(arguments=["--proxy"], **variables).call(PATH)["ok"])
        self.assertEqual([f"127.0.0.1:{self.server.port}"], proxy.targets)
        asked = self.client(arguments=["--proxy"], NO_PROXY="127.0.0.1", **variables)
        self.assertTrue(asked.call(PATH)["ok"])
        self.assertEqual(1, len(proxy.targets))

    def test_the_kubeconfig_s_proxy_is_used(self):
        self.server.on("GET", PATH, lambda request: request.reply(200, NODES))
        proxy = Proxy()
        self.addCleanup(proxy.stop)
        self.secrets = (TOKEN, "proxy-password")
        url = proxy.url.replace("http://", "http://user:proxy-password@")
        client = self.client(cluster={"proxy-url": url}, NO_PROXY="127.0.0.1")
        self.assertTrue(client.call(PATH)["ok"])
        self.assertEqual([f"127.0.0.1:{self.server.port}"], proxy.targets)
        proxy.status = "407 Proxy Authentication Required"
        self.assert_refused(self.client(cluster={"proxy-url": url}).call(PATH), "407")
        client = self.client(cluster={"proxy-url": "http://user:proxy-password@nobody.invalid:1"})
        self.assert_refused(client.call(PATH, deadline=20), "proxy")


class Proxy:
    """Tunnels for CONNECT."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        self.targets = []
        self.status = "200 Connection established"
        self.open = []
        self.threads = []
        self.start(self.accept)

    def start(self, function, *arguments):
        thread = threading.Thread(target=function, args=arguments)
        self.threads.append(thread)
        thread.start()

    def accept(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.open.append(connection)
            self.start(self.serve, connection)

    def serve(self, connection):
        head = b""
        while b"\r\n\r\n" not in head:
            head += connection.recv(4096)
        target = re.match(rb"CONNECT (\S+) ", head)[1].decode()
        self.targets.append(target)
        connection.sendall(f"HTTP/1.1 {self.status}\r\nContent-Length: 0\r\n\r\n".encode())
        if not self.status.startswith("200"):
            connection.shutdown(socket.SHUT_RDWR)
            return
        host, port = target.split(":")
        server = socket.create_connection((host, int(port)))
        self.open.append(server)
        self.start(self.pump, server, connection)
        self.pump(connection, server)

    @staticmethod
    def pump(source, target):
        try:
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def stop(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        for connection in self.open:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            connection.close()
        for thread in self.threads:
            thread.join()


class Bodies(ClientCase):
    def serve(self, handler):
        self.server.on("GET", PATH, handler)

    def test_a_truncated_body_is_no_answer(self):
        def half(request):
            request.begin(200, headers=[("Content-Length", "100")])
            request.write(b'{"kind"')
            request.cut()

        self.serve(half)
        client = self.client()
        self.assert_refused(client.call(PATH), "ended before", status=200)
        self.assert_refused(client.stream(PATH), "ended before", status=200)

        def torn(request):
            request.begin_chunks()
            request.chunk({"type": "ADDED"})
            request.cut()

        self.serve(torn)
        for answer in (client.call(PATH), client.stream(PATH)):
            self.assert_refused(answer, "GET /api/v1/nodes: https://127.0.0.1", status=200)

    def test_an_answer_that_is_none(self):
        def nothing(request):
            request.cut()

        def nonsense(request):
            request.write(b"\x16\x03\x01 what?\r\n\r\n")
            request.cut()

        client = self.client()
        for handler in (nothing, nonsense):
            self.serve(handler)
            self.assert_refused(client.call(PATH), "https://")

    def test_a_body_of_gigabytes_is_refused_without_being_kept(self):
        def endless(request):
            request.begin_chunks()
            part = b" " * MIB
            for _ in range(5 * 1024):
                request.chunk(part)

        self.serve(endless)
        client = self.client()
        self.assertTrue(client.opened["ok"])
        self.assert_refused(client.call(PATH), "longer than the 16777216 bytes", status=200)
        self.assert_refused(client.call(PATH, limit=1000), "longer than the 1000 bytes", status=200)
        answer = client.stream(PATH, limit=200 * MIB)
        self.assert_refused(answer, "longer than the", status=200)
        self.assertGreater(answer["bytes"], 190 * MIB)
        if VARIANT == "release":
            self.assertLess(answer["peakKib"], 80 * 1024)  # twice the limit of the first, while it grows

    def test_a_stream_of_gigabytes_takes_no_memory(self):
        def long(request):
            request.begin_chunks()
            for _ in range(300):
                request.chunk(b" " * MIB)
            request.end_chunks()

        self.serve(long)
        answer = self.client().stream(PATH)
        self.assertEqual((True, 300 * MIB), (answer["ok"], answer["bytes"]))
        if VARIANT == "release":
            self.assertLess(answer["peakKib"], 32 * 1024)

    def test_a_slow_trickle_meets_the_deadline(self):
        def trickle(request):
            request.begin(200, headers=[("Content-Length", "100000")])
            while request.wait(0.05):
                request.write(b" ")

        self.serve(trickle)
        began = time.monotonic()
        self.assert_refused(self.client().call(PATH, deadline=1), "within 1 s", status=200)
        self.assertLess(time.monotonic() - began, 10)

    def test_a_server_that_says_nothing_meets_the_deadline(self):
        self.serve(lambda request: request.wait(60))
        self.assert_refused(self.client().call(PATH, deadline=1), "within 1 s, but 0 bytes")

    def test_a_head_without_end_is_refused(self):
        def head(request):
            request.write(b"HTTP/1.1 200 OK\r\n")
            while request.wait(0):
                request.write(b"X-More: " + b"y" * 60000 + b"\r\n")

        self.serve(head)
        self.assertFalse(self.client().call(PATH, deadline=20)["ok"])


class Streams(ClientCase):
    def serve(self, handler):
        self.server.on("GET", PATH, handler)

    def test_events_come_as_they_are_sent(self):
        def watch(request):
            request.begin_chunks(content_type="application/json;stream=watch")
            for number in range(3):
                request.chunk({"type": "ADDED", "number": number})
                request.wait(0.1)
            request.end_chunks()

        self.serve(watch)
        answer = self.client().stream(PATH + "?watch=1")
        self.assertEqual((True, 200), (answer["ok"], answer["status"]))
        self.assertEqual([0, 1, 2], [json.loads(line)["number"] for line in answer["body"].splitlines()])

    def test_silence_is_taken_for_a_dead_connection(self):
        def silent(request):
            request.begin_chunks()
            request.chunk({"type": "BOOKMARK"})
            request.wait(60)

        self.serve(silent)
        began = time.monotonic()
        self.assert_refused(self.client().stream(PATH, idle=1), "nothing came for 1 s", status=200)
        self.assertLess(time.monotonic() - began, 10)

    def test_bytes_now_and_then_keep_it_alive(self):
        def slow(request):
            request.begin_chunks()
            for _ in range(8):
                request.chunk({"type": "BOOKMARK"})
                request.wait(0.5)
            request.end_chunks()

        self.serve(slow)
        self.assertTrue(self.client().stream(PATH, idle=3)["ok"])

    def test_tick_ends_it_while_it_is_silent(self):
        def silent(request):
            request.begin_chunks()
            request.wait(60)

        self.serve(silent)
        answer = self.client().stream(PATH, ticks=4)
        self.assertEqual((True, 200, 4), (answer["ok"], answer["status"], answer["ticks"]))
        self.assertLess(answer["longestMs"], 1000 if VARIANT == "release" else 5000)

    def test_tick_ends_it_while_it_connects(self):
        full = socket.create_server(("127.0.0.1", 0), backlog=0)
        self.addCleanup(full.close)
        address = full.getsockname()
        waiting = [socket.socket() for _ in range(8)]  # fill the queue: further ones get no answer
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(address)
            self.addCleanup(one.close)
        client = self.client(cluster={"server": f"https://127.0.0.1:{address[1]}"})
        answer = client.stream(PATH, ticks=3)
        self.assertEqual((True, 0, 3), (answer["ok"], answer["status"], answer["ticks"]))
        self.assert_refused(client.call(PATH, deadline=1), "within 1 s")

    def test_the_taker_may_end_it(self):
        def watch(request):
            request.begin_chunks()
            while request.wait(0):
                request.chunk(b" " * 1000)

        self.serve(watch)
        self.assert_refused(self.client().stream(PATH, take=5000), "the taker has had enough", status=200)

    def test_a_restart_of_the_server_ends_it(self):
        def watch(request):
            request.begin_chunks()
            request.chunk({"type": "ADDED"})
            request.wait(60)

        self.serve(watch)
        client = self.client()
        client.send(PATH, stream=True)
        self.server.wait_for_requests(1)
        time.sleep(0.2)
        self.server.drop_connections()
        self.assert_refused(client.read(), "https://", status=200)


if __name__ == "__main__":
    unittest.main()
