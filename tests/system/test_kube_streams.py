#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Bodies and streams that are cut, endless, slow or silent, and who may end them."""
import json
import socket
import time
import unittest

from kube_support import ClientCase
from process_support import VARIANT

PATH = "/api/v1/nodes"
MIB = 1024 * 1024


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
        client.ask(PATH, stream=True)
        self.server.wait_for_requests(1)
        time.sleep(0.2)
        self.server.drop_connections()
        self.assert_refused(client.read(), "https://", status=200)


if __name__ == "__main__":
    unittest.main()
