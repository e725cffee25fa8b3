# SPDX-License-Identifier: Apache-2.0
"""haproxy in kube-proxy's place: a Service's cluster IP, led to the endpoints of its EndpointSlices."""
import http.client
import pathlib
import socket
import threading
import time

from .api import ApiError, collection
from .process import Process, wait_for

PERIOD = 0.1
REMOVAL_SECONDS = 2.0  # until every node of a real cluster has taken out an endpoint that ends
SLOTS = 16

CONFIGURATION = """
global
    stats socket {socket} mode 600 level admin
    maxconn 8192
defaults
    mode tcp
    retries 0
    timeout connect 5s
    timeout client 10m
    timeout server 10m
frontend service
    bind {address}
    default_backend endpoints
backend endpoints
    balance roundrobin
"""


class ServiceProxy(threading.Thread):
    """Serves the first port of a Service; new endpoints at once, ending ones for REMOVAL_SECONDS more.

    As with kube-proxy a connection that is open stays, and with no endpoint the address refuses connections.
    """

    def __init__(self, cluster, namespace, service, folder):
        super().__init__(name=f"proxy {service}", daemon=True)
        self.cluster = cluster
        self.namespace = namespace
        self.service = service
        spec = cluster.api.get(f"{collection('Service', 'v1', namespace)}/{service}")["spec"]
        self.address = (spec["clusterIP"], spec["ports"][0]["port"])
        self.port_name = spec["ports"][0].get("name")
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.socket = self.folder / "haproxy.sock"
        self.slots = {}
        self.history = []  # (time.monotonic(), what happened)
        self.leaving = {}
        self.is_open = True
        self.is_paused = False
        self.lock = threading.Lock()
        self.error = None
        self.process = self.start_haproxy()
        self.is_stopping = threading.Event()
        self.start()

    def start_haproxy(self):
        text = CONFIGURATION.format(socket=self.socket, address="%s:%d" % self.address)
        text += "".join(f"    server s{i} 127.0.0.1:9 disabled\n" for i in range(SLOTS))
        (self.folder / "haproxy.cfg").write_text(text, encoding="ascii")
        process = Process("haproxy", ["haproxy", "-db", "-f", self.folder / "haproxy.cfg"],
                          self.folder / "haproxy.log")

        def is_up():
            if not process.is_running():
                raise AssertionError("haproxy has ended (a port below 1024 needs root or "
                                     f"net.ipv4.ip_unprivileged_port_start=0): {process.tail()}")
            return self.socket.exists()
        wait_for("haproxy is up", is_up)
        return process

    def tell(self, command):
        """One command to haproxy's runtime API."""
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(self.socket))
            client.sendall(command.encode() + b"\n")
            answer = b""
            while block := client.recv(4096):
                answer += block
        return answer.decode().strip()

    def run(self):
        try:
            while not self.is_stopping.wait(PERIOD):
                self.look()
        except Exception as error:  # pylint: disable=broad-except
            self.error = error
        finally:
            self.cluster.api.close()

    def look(self):
        try:
            slices = self.cluster.api.items(collection("EndpointSlice", "discovery.k8s.io/v1",
                                                       self.namespace),
                                            labelSelector=f"kubernetes.io/service-name={self.service}")
        except (OSError, http.client.HTTPException, ApiError):
            return
        with self.lock:
            self.follow(ready_endpoints(slices, self.port_name, self.cluster.network))

    def follow(self, wanted):
        for endpoint in wanted - set(self.slots):
            self.add(endpoint)
        for endpoint in set(self.slots) - wanted:
            if endpoint not in self.leaving:
                self.note(f"{endpoint} is leaving")
            since = self.leaving.setdefault(endpoint, time.monotonic())
            if time.monotonic() - since >= REMOVAL_SECONDS:
                self.remove(endpoint)
        for endpoint in wanted & set(self.leaving):
            del self.leaving[endpoint]
        wants_open = bool(self.slots) and not self.is_paused
        if self.is_open != wants_open:
            self.is_open = wants_open
            self.tell(f"{'enable' if wants_open else 'disable'} frontend service")

    def pause(self, is_paused):
        """Refuse connections, and break those that are open, as if every endpoint had died; or no longer."""
        with self.lock:
            self.is_paused = is_paused
            self.follow(set(self.slots) - set(self.leaving))
            if is_paused:
                for slot in self.slots.values():
                    self.tell(f"shutdown sessions server endpoints/s{slot}")

    def note(self, text):
        self.history.append((time.monotonic(), text))

    def add(self, endpoint):
        self.note(f"{endpoint} is there")
        slot = next(i for i in range(SLOTS) if i not in self.slots.values())
        self.slots[endpoint] = slot
        self.tell(f"set server endpoints/s{slot} addr {endpoint[0]} port {endpoint[1]}")
        self.tell(f"set server endpoints/s{slot} state ready")

    def remove(self, endpoint):
        del self.leaving[endpoint]
        self.note(f"{endpoint} is taken out")
        self.tell(f"set server endpoints/s{self.slots.pop(endpoint)} state maint")

    def wait_for_endpoints(self, count, seconds=30):
        wait_for(f"{count} endpoints of {self.service}",
                 lambda: self.error or len(set(self.slots) - set(self.leaving)) == count, seconds)
        if self.error:
            raise AssertionError(f"the proxy has ended: {self.error!r}") from self.error

    def stop(self):
        self.is_stopping.set()
        self.join(30)
        self.process.stop()


def ready_endpoints(slices, port_name, network):
    """{(loopback address, port)} of the endpoints that get new connections."""
    found = set()
    for each in slices:
        port = next((port["port"] for port in each.get("ports") or [] if port.get("name") == port_name), None)
        for endpoint in each.get("endpoints") or []:
            if (endpoint.get("conditions") or {}).get("ready"):
                last = endpoint["addresses"][0].rsplit(".", 1)[1]
                found.add((f"127.{network}.200.{last}", port))
    return found
