# SPDX-License-Identifier: Apache-2.0
"""An API server that does what a test tells it to, over TLS on the loopback.

    server = KubeServer(folder)                                   # certificates go to the folder
    server.on("GET", "/api/v1/nodes", lambda request: request.reply(200, {"kind": "NodeList", "items": []}))
    server.on("PATCH", re.compile("/api/v1/namespaces/.*"), handler)
    server.write_kubeconfig(folder / "config", {"token": "abc"})
    ...
    server.requests[-1].path, .query, .headers, .body
    server.stop()

A handler runs in a thread of its connection and may take its time: `request.wait(seconds)` ends early, and
false, when the server stops. What is asked for and has no handler is answered 404.
"""
import base64
import http.server
import json
import pathlib
import re
import socket
import ssl
import threading
import urllib.parse

import server_support


class Request:
    """One request: what came, and the ways to answer."""

    def __init__(self, handler, body):
        self.handler = handler
        self.server = handler.server.owner
        self.method = handler.command
        parts = urllib.parse.urlsplit(handler.path)
        self.path = parts.path
        self.query = dict(urllib.parse.parse_qsl(parts.query, keep_blank_values=True))
        self.headers = handler.headers
        self.body = body
        self.connection_number = handler.connection_number
        self.client_name = handler.client_name

    def json(self):
        return json.loads(self.body)

    def reply(self, status, body=b"", content_type="application/json", headers=()):
        """A whole answer; what is no bytes becomes JSON."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.begin(status, content_type, [*headers, ("Content-Length", str(len(data)))])
        self.write(data)

    def refuse(self, status, message, reason="", headers=(), **more):
        """A metav1.Status."""
        self.reply(status, {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
                            "message": message, "reason": reason, "code": status, **more}, headers=headers)

    def begin(self, status, content_type="application/json", headers=()):
        """The head alone."""
        self.handler.send_response(status)
        if content_type is not None:
            self.handler.send_header("Content-Type", content_type)
        for name, value in headers:
            self.handler.send_header(name, value)
        self.handler.end_headers()

    def write(self, data):
        self.handler.wfile.write(data)
        self.handler.wfile.flush()

    def begin_chunks(self, status=200, content_type="application/json", headers=()):
        self.begin(status, content_type, [*headers, ("Transfer-Encoding", "chunked")])

    def chunk(self, data):
        """Part of a body; what is no bytes becomes a line of JSON, as in a watch."""
        if not isinstance(data, bytes):
            data = json.dumps(data).encode() + b"\n"
        self.write(b"%x\r\n%b\r\n" % (len(data), data))

    def end_chunks(self):
        self.write(b"0\r\n\r\n")

    def cut(self):
        """End the connection where it stands, without a word."""
        self.handler.close_connection = True
        try:
            self.handler.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def wait(self, seconds):
        """True when the time has passed, false when the server stops."""
        return not self.server.stopping.wait(seconds)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "kube-server"
    timeout = 600
    disable_nagle_algorithm = True  # head and body are written apart
    connection_number = 0
    client_name = None

    def setup(self):
        self.connection_number = self.server.owner.count_connection(self.request)
        self.request.do_handshake()
        certificate = self.request.getpeercert() or {}
        names = [value for part in certificate.get("subject", ()) for name, value in part if name == "commonName"]
        self.client_name = names[0] if names else None
        super().setup()

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        request = Request(self, body)
        self.server.owner.handle(request)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

    def log_message(self, format, *arguments):
        """Nothing: a test looks at the requests."""


class Listener(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    owner = None

    def handle_error(self, request, client_address):
        """A client that goes away is what many tests are about."""


class KubeServer:
    def __init__(self, folder, client_authority=None):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(exist_ok=True)
        self.handlers = []
        self.requests = []
        self.connections = []
        self.token = None  # where it is set, all else is answered 401
        self.stopping = threading.Event()
        self.lock = threading.Condition()
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server_support.make_certificates(self.folder)
        self.load_certificate()
        if client_authority is not None:
            self.context.load_verify_locations(client_authority)
            self.context.verify_mode = ssl.CERT_OPTIONAL
        self.listener = Listener(("127.0.0.1", 0), Handler)
        self.listener.owner = self
        self.listener.socket = self.context.wrap_socket(self.listener.socket, server_side=True,
                                                        do_handshake_on_connect=False)
        self.port = self.listener.server_address[1]
        self.url = f"https://127.0.0.1:{self.port}"
        self.authority = self.folder / "ca.crt"
        self.thread = threading.Thread(target=self.listener.serve_forever, args=(0.05,))
        self.thread.start()

    def load_certificate(self):
        """What is in the folder is shown from now on."""
        self.context.load_cert_chain(self.folder / "tls.crt", self.folder / "tls.key")

    def renew_certificate(self):
        """A new authority and a certificate by it; connections that are open go on."""
        for name in ("ca.crt", "tls.crt", "tls.key"):
            (self.folder / name).unlink()
        server_support.make_certificates(self.folder)
        self.load_certificate()

    def count_connection(self, connection):
        with self.lock:
            self.connections.append(connection)
            return len(self.connections)

    def on(self, method, path, handler):
        """`path` is a string or a compiled expression, without the query; later ones go before earlier ones."""
        with self.lock:
            self.handlers.insert(0, (method, path, handler))

    def find(self, request):
        with self.lock:
            self.requests.append(request)
            self.lock.notify_all()
            for method, path, handler in self.handlers:
                is_path = path.fullmatch(request.path) if isinstance(path, re.Pattern) else path == request.path
                if method == request.method and is_path:
                    return handler
        return None

    def handle(self, request):
        handler = self.find(request)
        if self.token is not None and request.headers.get("Authorization") != f"Bearer {self.token}":
            request.refuse(401, "Unauthorized", "Unauthorized")
        elif handler is None:
            request.refuse(404, "the server could not find the requested resource", "NotFound")
        else:
            handler(request)

    def wait_for_requests(self, count, seconds=server_support.SECONDS):
        """The requests, as soon as there are that many."""
        with self.lock:
            if not self.lock.wait_for(lambda: len(self.requests) >= count, seconds):
                raise AssertionError(f"{len(self.requests)} requests came instead of {count}")
            return list(self.requests)

    def kubeconfig(self, user=None, cluster=None, namespace=None):
        """A kubeconfig as a dictionary; it names this server and its authority unless `cluster` says otherwise."""
        context = {"cluster": "main", "user": "main"}
        if namespace is not None:
            context["namespace"] = namespace
        entry = {"server": self.url, "certificate-authority": str(self.authority), **(cluster or {})}
        return {"apiVersion": "v1", "kind": "Config", "current-context": "main",
                "contexts": [{"name": "main", "context": context}],
                "clusters": [{"name": "main", "cluster": {k: v for k, v in entry.items() if v is not None}}],
                "users": [{"name": "main", "user": user or {}}]}

    def write_kubeconfig(self, path, user=None, cluster=None, namespace=None):
        pathlib.Path(path).write_text(json.dumps(self.kubeconfig(user, cluster, namespace)), encoding="ascii")
        return str(path)

    def authority_data(self):
        return base64.b64encode(self.authority.read_bytes()).decode()

    def drop_connections(self):
        """End all that are open, as a restart would."""
        with self.lock:
            connections = list(self.connections)
        for connection in connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def stop(self):
        self.stopping.set()
        self.listener.shutdown()
        self.thread.join()
        self.drop_connections()
        self.listener.server_close()
