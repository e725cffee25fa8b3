# SPDX-License-Identifier: Apache-2.0
"""Another mutating webhook beside ours, such as a service mesh: it adds a container to every pod."""
import base64
import http.server
import json
import ssl
import threading

from . import pki


class OtherWebhook:
    """Serves on loopback and is called by URL for pods of namespaces with the label `other: "on"`.

    Its name decides whether it is asked before or after ours: webhooks are called in the order of names.
    """

    def __init__(self, cluster, folder, sidecar, name="zz-other"):
        self.cluster = cluster
        self.name = name
        self.sidecar = sidecar
        self.asked = 0
        self.on_asked = lambda: None  # called before each answer
        pki.make_ca(folder, "other-ca")
        pki.make_certificate(folder, "other", "/CN=other", "serverAuth", "IP:127.0.0.1", ca="other-ca")
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "other.crt", folder / "other.key")
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.path = f"/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/{name}"
        cluster.api.apply(self.path, self.configuration((folder / "other-ca.crt").read_bytes()))

    def configuration(self, ca):
        return {
            "apiVersion": "admissionregistration.k8s.io/v1", "kind": "MutatingWebhookConfiguration",
            "metadata": {"name": self.name},
            "webhooks": [{
                "name": "other.example.com", "admissionReviewVersions": ["v1"], "sideEffects": "None",
                "reinvocationPolicy": "IfNeeded", "namespaceSelector": {"matchLabels": {"other": "on"}},
                "clientConfig": {"url": f"https://127.0.0.1:{self.server.server_port}/",
                                 "caBundle": base64.b64encode(ca).decode()},
                "rules": [{"operations": ["CREATE"], "apiGroups": [""], "apiVersions": ["v1"],
                           "resources": ["pods"]}]}]}

    def patch_of(self, pod):
        """Nothing where the sidecar is there already, as a well-behaved webhook does."""
        self.asked += 1
        self.on_asked()
        if any(each["name"] == self.sidecar["name"] for each in pod["spec"]["containers"]):
            return []
        return [{"op": "add", "path": "/spec/containers/-", "value": self.sidecar}]

    def handler(self):
        webhook = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):  # pylint: disable=invalid-name
                request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["request"]
                patch = base64.b64encode(json.dumps(webhook.patch_of(request["object"])).encode()).decode()
                answer = json.dumps({
                    "apiVersion": "admission.k8s.io/v1",
                    "kind": "AdmissionReview",
                    "response": {
                        "uid": request["uid"],
                        "allowed": True,
                        "patchType": "JSONPatch",
                        "patch": patch
                    }
                }).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        return Handler

    def stop(self):
        self.cluster.api.delete(self.path)
        self.server.shutdown()
        self.server.server_close()
