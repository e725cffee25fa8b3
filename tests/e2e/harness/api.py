# SPDX-License-Identifier: Apache-2.0
"""The Kubernetes API as HTTP, for what kubectl is too slow for or does not show."""
import http.client
import json
import ssl
import threading
import time
import urllib.parse

PLURALS = {"NetworkPolicy": "networkpolicies", "ValidatingAdmissionPolicy": "validatingadmissionpolicies",
           "PriorityClass": "priorityclasses", "ResourceQuota": "resourcequotas"}
IDLE_SECONDS = 20
CLUSTER_KINDS = {"Namespace", "Node", "MutatingWebhookConfiguration", "ValidatingAdmissionPolicy",
                 "ValidatingAdmissionPolicyBinding", "PriorityClass", "ClusterRole", "ClusterRoleBinding",
                 "CustomResourceDefinition", "FlowSchema"}


class ApiError(AssertionError):
    """An answer of 400 or above; `status` is the code, `body` the Status object."""

    def __init__(self, method, path, answer):
        message = answer.body.get("message", answer.body) if isinstance(answer.body, dict) else answer.body
        super().__init__(f"{method} {path}: {answer.status}: {message}")
        self.status = answer.status
        self.body = answer.body


class Answer:
    def __init__(self, status, body, headers):
        self.status = status
        self.body = body
        self.headers = headers
        self.warnings = [text.split('"', 1)[1].rsplit('"', 1)[0].replace('\\"', '"')
                         for text in headers.get_all("Warning") or []]


def collection(kind, api_version="v1", namespace=None):
    """The path of a kind's collection: /api/v1/namespaces/x/pods."""
    root = "/api/v1" if api_version == "v1" else f"/apis/{api_version}"
    plural = PLURALS.get(kind, kind.lower() + "s")
    if kind in CLUSTER_KINDS or namespace is None:
        return f"{root}/{plural}"
    return f"{root}/namespaces/{namespace}/{plural}"


class Api:
    """One connection a thread, kept open. With a token it is that user instead of the admin."""

    def __init__(self, port, ca, certificate=None, key=None, token=None):
        self.port = port
        self.token = token
        self.context = ssl.create_default_context(cafile=ca)
        if certificate:
            self.context.load_cert_chain(certificate, key)
        self.local = threading.local()

    def connection(self):
        """This thread's connection; a new one after a while, since the server closes idle ones."""
        if time.monotonic() - getattr(self.local, "used_at", 0) > IDLE_SECONDS:
            self.close()
        self.local.used_at = time.monotonic()
        if getattr(self.local, "client", None) is None:
            self.local.client = http.client.HTTPSConnection("127.0.0.1",
                                                            self.port,
                                                            timeout=60,
                                                            context=self.context)
        return self.local.client

    def close(self):
        """Drop this thread's connection."""
        client = getattr(self.local, "client", None)
        if client is not None:
            client.close()
        self.local.client = None

    def send(self, method, path, body, headers):
        """Do one request, twice where the API server has closed the connection that had been idle."""
        was_idle = getattr(self.local, "client", None) is not None
        try:
            return self.send_once(method, path, body, headers)
        except (http.client.RemoteDisconnected, ConnectionError, ssl.SSLError):
            if not was_idle:
                raise
            return self.send_once(method, path, body, headers)

    def send_once(self, method, path, body, headers):
        client = self.connection()
        try:
            client.request(method, path, body, headers)
            response = client.getresponse()
            return response, response.read()
        except (OSError, http.client.HTTPException):
            self.close()
            raise

    def call(self, method, path, body=None, content_type="application/json"):
        """Do one request; the Answer, whatever its status. Text that is no JSON is left as text."""
        headers = {"Accept": "application/json", "Content-Type": content_type}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        data = json.dumps(body) if isinstance(body, (dict, list)) else body
        response, text = self.send(method, path, data, headers)
        try:
            parsed = json.loads(text)
        except ValueError:
            parsed = text.decode(errors="replace")
        return Answer(response.status, parsed, response.headers)

    def must(self, method, path, body=None, content_type="application/json"):
        """Like call(), but ApiError for 400 and above; returns the body."""
        answer = self.call(method, path, body, content_type)
        if answer.status >= 400:
            raise ApiError(method, path, answer)
        return answer.body

    def get(self, path, **query):
        return self.must("GET", path + ("?" + urllib.parse.urlencode(query) if query else ""))

    def find(self, path):
        """The object, or None where there is none."""
        answer = self.call("GET", path)
        if answer.status == 404:
            return None
        if answer.status >= 400:
            raise ApiError("GET", path, answer)
        return answer.body

    def items(self, path, **query):
        return self.get(path, **query).get("items") or []

    def create(self, thing, namespace=None, dry_run=False):
        return self.must("POST", self.path_to_create(thing, namespace, dry_run), thing)

    def try_create(self, thing, namespace=None, dry_run=False):
        """The Answer to a creation, be it a refusal."""
        return self.call("POST", self.path_to_create(thing, namespace, dry_run), thing)

    @staticmethod
    def path_to_create(thing, namespace=None, dry_run=False):
        namespace = namespace or thing.get("metadata", {}).get("namespace")
        path = collection(thing["kind"], thing["apiVersion"], namespace)
        return path + ("?dryRun=All" if dry_run else "")

    def apply(self, path, thing, manager="e2e"):
        """Server-side apply."""
        return self.must("PATCH", f"{path}?fieldManager={manager}&force=true", thing,
                         "application/apply-patch+yaml")

    def merge(self, path, patch):
        return self.must("PATCH", path, patch, "application/merge-patch+json")

    def delete(self, path, **query):
        """Delete; None where it was not there."""
        answer = self.call("DELETE", path + ("?" + urllib.parse.urlencode(query) if query else ""))
        if answer.status == 404:
            return None
        if answer.status >= 400:
            raise ApiError("DELETE", path, answer)
        return answer.body
