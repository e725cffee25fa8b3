#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The Kubernetes client on its way to the server: addresses, certificates, proxies."""
import re
import socket
import ssl
import threading
import unittest

from kube_support import TOKEN, ClientCase
from server_support import make_certificates

PATH = "/api/v1/nodes"
NODES = {"kind": "NodeList", "apiVersion": "v1", "items": []}


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
        version = ssl.TLSVersion.TLSv1_1
        self.server.context.minimum_version = version
        self.server.context.maximum_version = version
        self.server.context.set_ciphers("DEFAULT@SECLEVEL=0")
        old = ssl.create_default_context(cafile=self.server.authority)
        old.minimum_version = version
        old.set_ciphers("DEFAULT@SECLEVEL=0")
        with socket.create_connection(("127.0.0.1", self.server.port)) as plain:
            with old.wrap_socket(plain, server_hostname="localhost") as secure:
                self.assertEqual("TLSv1.1", secure.version())  # others get through
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


if __name__ == "__main__":
    unittest.main()
