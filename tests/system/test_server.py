#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The HTTPS port of a running efa-webhook: what it answers, and with which status."""
import concurrent.futures
import json
import socket
import ssl
import threading
import unittest

from server_support import LIMIT, REVIEW, ServerCase, patch_of, post, read_answer, review


class Answers(ServerCase):
    def test_a_real_review_is_answered_with_a_patch(self):
        status, headers, body = self.post(REVIEW.read_bytes())
        self.assertEqual(200, status)
        self.assertEqual("application/json", headers["Content-Type"])
        answer = json.loads(body)
        self.assertEqual(("admission.k8s.io/v1", "AdmissionReview"), (answer["apiVersion"], answer["kind"]))
        asked = json.loads(REVIEW.read_text(encoding="utf-8"))["request"]
        self.assertEqual(asked["uid"], answer["response"]["uid"])
        self.assertIs(True, answer["response"]["allowed"])
        self.assertEqual("JSONPatch", answer["response"]["patchType"])
        self.assertNotIn("request", answer)
        operations = patch_of(body)
        self.assertTrue(operations)
        self.assertEqual({"add"}, {operation["op"] for operation in operations})
        self.assertIn("vpc.amazonaws.com/efa", json.dumps(operations))

    def test_a_pod_without_our_annotations_is_allowed_untouched(self):
        status, _, body = self.post(review("a-uid"))
        self.assertEqual(200, status)
        response = json.loads(body)["response"]
        self.assertEqual(("a-uid", True), (response["uid"], response["allowed"]))
        self.assertEqual([], patch_of(body))

    def test_a_denied_pod_is_an_answer_and_no_http_error(self):
        pod = {"apiVersion": "v1", "kind": "Pod",
               "metadata": {"name": "typo", "annotations": {"efa-injector.io/inject": "True"}},
               "spec": {"containers": [{"name": "main", "image": "example.com/main:1"}]}}
        status, _, body = self.post(review(pod=pod))
        response = json.loads(body)["response"]
        self.assertEqual((200, False), (status, response["allowed"]))
        self.assertIn("inject", response["status"]["message"])
        self.assertNotIn("patch", response)

    def test_the_same_bytes_are_answered_with_the_same_bytes(self):
        client = self.client()
        answers = {post(client, REVIEW.read_bytes())[2] for _ in range(5)}
        self.assertEqual(1, len(answers))

    def test_content_types_of_json_are_accepted(self):
        for value in ("application/json", "application/json; charset=utf-8", "application/json;charset=UTF-8",
                      "Application/JSON", "application/json ; x=y; z", "application/json\t"):
            with self.subTest(value):
                self.assertEqual(200, self.post(review(), Content_Type=value)[0])

    def test_other_content_types_are_415(self):
        for value in ("text/plain", "application/jsonp", "application/json-patch+json", "", "json",
                      "application/yaml", None):
            with self.subTest(value):
                self.assert_sentence(415, "application/json", self.post(review(), Content_Type=value))

    def test_other_content_encodings_are_415(self):
        for value in ("gzip", "deflate, gzip", "identity, gzip", "br", "zstd"):
            with self.subTest(value):
                self.assert_sentence(415, "content-encoding", self.post(review(), Content_Encoding=value))
        for value in ("identity", "Identity", ""):
            with self.subTest(value):
                self.assertEqual(200, self.post(review(), Content_Encoding=value)[0])

    def test_a_timeout_parameter_never_fails_a_review(self):
        for query in ("?timeout=10s", "?timeout=", "?timeout=never", "?timeout=-1", "?", "?timeout=1&timeout=2",
                      "?other=%00", "?timeout=99999999999999999999s"):
            with self.subTest(query):
                self.assertEqual(200, post(self.client(), review(), path="/mutate" + query)[0])

    def test_unknown_paths_are_404(self):
        for path in ("/", "/mutate/", "/mutatex", "/Mutate", "/%6dutate", "/mutate%00", "/healthz", "/metrics",
                     "//mutate"):
            with self.subTest(path):
                self.assert_sentence(404, "path", post(self.client(), review(), path=path))

    def test_other_methods_are_405_and_told_which_is_allowed(self):
        for method in ("GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"):
            with self.subTest(method):
                client = self.client()
                client.request(method, "/mutate", headers={"Content-Type": "application/json"})
                answer = client.getresponse()
                body = answer.read()
                self.assertEqual((405, "POST"), (answer.status, answer.headers["Allow"]))
                self.assertEqual(method == "HEAD", body == b"")

    def test_what_is_no_review_is_400_with_one_sentence(self):
        cases = {
            "nothing": b"", "no JSON": b"hello", "cut": review()[:-1], "behind it": review() + b"x",
            "a list": b"[]", "null": b"null", "not UTF-8": b'{"a":"\xff"}',
            "no request": b'{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}',
            "no uid": review().replace(b'"uid"', b'"uuid"'),
            "an empty uid": review(""),
            "another version": review().replace(b"k8s.io/v1", b"k8s.io/v1beta1"),
            "another kind": review().replace(b'"AdmissionReview"', b'"Pod"'),
            "two uids": review().replace(b'"request": {', b'"request": {"uid": "x", '),
        }
        for name, body in cases.items():
            with self.subTest(name):
                self.assert_sentence(400, "", self.post(body))

    def test_nothing_names_the_server(self):
        _, headers, _ = self.post(review())
        self.assertEqual({"Date", "Content-Type", "Content-Length"}, set(headers.keys()))

    def assert_sentence(self, status, word, answer):
        self.assertEqual(status, answer[0])
        self.assertTrue(answer[1]["Content-Type"].startswith("text/plain"))
        text = answer[2].decode()
        self.assertRegex(text, r"\A[^\n]{5,300}\n\Z")
        self.assertIn(word, text)


def chunked(body, size):
    pieces = [body[i:i + size] for i in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def old_context(server):
    context = server.context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    return context


HEAD = b"POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


class Bodies(ServerCase):
    def test_seven_mebibytes_are_accepted(self):
        status, _, body = self.post(review("large").ljust(LIMIT))
        self.assertEqual(200, status)
        self.assertEqual("large", json.loads(body)["response"]["uid"])

    def test_one_byte_more_is_413(self):
        self.assertEqual(413, self.send_all(b"Content-Length: %d\r\n\r\n" % (LIMIT + 1), b" " * (LIMIT + 1))[0])

    def test_a_huge_announcement_is_refused_before_the_body_comes(self):
        for length in (LIMIT + 1, 10**12, 2**64 - 1):
            with self.subTest(length):
                self.assertEqual(413, self.send_all(b"Content-Length: %d\r\n\r\n" % length, b"")[0])

    def test_a_client_that_asks_first_is_refused_without_sending(self):
        head = b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % (LIMIT + 1)
        self.assertEqual(413, self.send_all(head, b"")[0])

    def test_a_client_that_asks_first_is_told_to_go_on(self):
        body = review()
        connection = self.connect()
        connection.sendall(HEAD + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(body))
        told = b""
        while not told.endswith(b"\r\n\r\n"):
            told += connection.recv(100)
        self.assertTrue(told.startswith(b"HTTP/1.1 100 "), told)
        connection.sendall(body)
        self.assertEqual(200, read_answer(connection)[0])

    def test_chunked_bodies_are_read(self):
        for size in (1, 7, 1000, 10**6):
            with self.subTest(size):
                answer = self.send_all(b"Transfer-Encoding: chunked\r\n\r\n", chunked(review("chunks"), size))
                self.assertEqual(200, answer[0])
                self.assertEqual("chunks", json.loads(answer[2])["response"]["uid"])

    def test_seven_mebibytes_in_chunks_are_accepted_and_one_byte_more_is_413(self):
        for extra, status in ((0, 200), (1, 413)):
            with self.subTest(extra):
                body = chunked(review().ljust(LIMIT + extra), 100000)
                self.assertEqual(status, self.send_all(b"Transfer-Encoding: chunked\r\n\r\n", body)[0])

    def test_endless_chunks_are_cut_off(self):
        connection = self.connect()
        connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        piece = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
        with self.assertRaises(OSError):
            for _ in range(64):
                connection.sendall(piece)

    def test_a_body_in_two_halves_is_one_review(self):
        body = review("halves")
        connection = self.connect()
        connection.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body[:100])
        self.assertEqual(200, self.post(review())[0])  # others are served meanwhile
        connection.sendall(body[100:])
        status, _, answer = read_answer(connection)
        self.assertEqual((200, "halves"), (status, json.loads(answer)["response"]["uid"]))

    def test_half_a_body_and_goodbye_harms_nobody(self):
        for cut in (0, 1, 100):
            connection = self.connect()
            connection.sendall(HEAD + b"Content-Length: 1000\r\n\r\n" + review()[:cut])
            connection.close()
        self.assertEqual(200, self.post(review())[0])

    def send_all(self, head, body):
        """Post; the server may answer and close before it has read everything."""
        connection = self.connect()
        try:
            connection.sendall(HEAD + head + body)
        except OSError:
            pass
        return read_answer(connection)


class Connections(ServerCase):
    def test_a_connection_is_kept(self):
        client = self.client()
        post(client, review())
        before = client.sock
        for _ in range(20):
            self.assertEqual(200, post(client, review())[0])
        self.assertIs(before, client.sock)

    def test_a_connection_survives_refusals(self):
        client = self.client()
        post(client, review())
        before = client.sock
        self.assertEqual(404, post(client, review(), path="/x")[0])
        self.assertEqual(415, post(client, review(), Content_Type="text/plain")[0])
        self.assertEqual(400, post(client, b"{")[0])
        self.assertEqual(200, post(client, review())[0])
        self.assertIs(before, client.sock)

    def test_fifty_connections_at_once(self):
        together = threading.Barrier(50)

        def talk(number):
            client = self.server.client()
            try:
                client.connect()
                together.wait(30)
                uids = [f"{number}-{i}" for i in range(8)]
                return uids, [json.loads(post(client, review(uid))[2])["response"]["uid"] for uid in uids]
            finally:
                client.close()

        with concurrent.futures.ThreadPoolExecutor(50) as pool:
            for sent, got in pool.map(talk, range(50)):
                self.assertEqual(sent, got)

    def test_too_many_requests_at_once_are_429(self):
        context = self.server.context()
        held = [self.connect(context) for _ in range(512)]
        for connection in held:
            connection.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % len(review()))
        self.wait_for_in_flight(512)
        client = self.client()
        status, headers, body = post(client, review())
        self.assertEqual((429, "1"), (status, headers["Retry-After"]))
        self.assertIn(b"try again", body)
        held[0].sendall(review())
        self.assertEqual(200, read_answer(held[0])[0])
        self.wait_for_in_flight(511)
        self.assertEqual(200, post(client, review())[0])

    def wait_for_in_flight(self, count):
        for _ in range(1000):
            if self.server.metrics()["efa_webhook_in_flight_requests"] == count:
                return
        self.fail(f"never {count} in flight")

    def test_tls_1_2_is_refused(self):
        with self.assertRaises(OSError):
            self.connect(old_context(self.server))

    def test_a_client_that_trusts_another_authority_is_no_trouble(self):
        with self.assertRaises(ssl.SSLError):
            self.connect(ssl.create_default_context())
        self.assertEqual(200, self.post(review())[0])

    def test_plain_http_on_the_tls_port_is_no_trouble(self):
        with socket.create_connection(("127.0.0.1", self.server.port), 30) as connection:
            connection.sendall(HEAD + b"Content-Length: 0\r\n\r\n")
            try:
                self.assertNotIn(b"HTTP/1.1 200", connection.recv(1000))
            except ConnectionError:
                pass
        self.assertEqual(200, self.post(review())[0])


class Options(ServerCase):
    arguments = ("--tls-min", "1.2", "--threads", "5", "--path", "/other/path")

    def test_tls_1_2_is_accepted_if_asked_for(self):
        self.assertEqual("TLSv1.2", self.connect(old_context(self.server)).version())
        self.assertEqual("TLSv1.3", self.connect().version())

    def test_the_path_is_the_configured_one(self):
        self.assertEqual(200, post(self.client(), review(), path="/other/path?timeout=10s")[0])
        self.assertEqual(404, post(self.client(), review())[0])
        self.assertEqual(5, self.server.started["threads"])


if __name__ == "__main__":
    unittest.main()
