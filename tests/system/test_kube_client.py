#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The Kubernetes client against an API server of ours: what it asks, and refusals in the server's words."""
import json
import time
import unittest

from kube_support import TOKEN, ClientCase

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

    def test_a_long_token_is_hidden_before_a_sentence_is_cut(self):
        token = "k8s-aws-v1." + "aHR0cHM6Ly9zdHMu" * 200
        self.secrets = ("aHR0cHM6",)
        client = self.client({"token": token})
        for reply in (lambda request: request.refuse(403, f"you showed {token}"),
                      lambda request: request.reply(302, b"", headers=[("Location", f"https://a/{token}")]),
                      lambda request: request.reply(200, b"{}", f"text/{token}"),
                      lambda request: request.reply(500, token.encode(), "text/plain")):
            self.server.on("GET", PATH, reply)
            self.assertFalse(client.call(PATH)["ok"])


if __name__ == "__main__":
    unittest.main()
