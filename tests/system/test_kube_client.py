#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The Kubernetes client against an API server of ours: requests, streams, and servers that misbehave."""
import socket
import time
import unittest

from kube_support import TOKEN, ClientCase

PATH = "/api/v1/nodes"
NODES = {"kind": "NodeList", "apiVersion": "v1", "items": []}


class Requests(ClientCase):
    def test_a_request_brings_its_headers_and_gets_its_answer(self):
        self.server.on("GET", PATH, lambda request: request.reply(200, NODES))
        answer = self.client().call(PATH + "?limit=500")
        self.assertEqual((True, 200), (answer["ok"], answer["status"]))
        self.assertIn("NodeList", answer["body"])
        request = self.server.requests[0]
        self.assertEqual({"limit": "500"}, request.query)
        self.assertEqual(f"Bearer {TOKEN}", request.headers["Authorization"])
        self.assertEqual("application/json", request.headers["Accept"])
        self.assertEqual("kube-driver", request.headers["User-Agent"])
        self.assertIsNone(request.headers["Accept-Encoding"])


if __name__ == "__main__":
    unittest.main()
