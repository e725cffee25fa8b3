# SPDX-License-Identifier: Apache-2.0
"""A Kubernetes control plane on loopback: started, stopped, and found again by other programs."""
import http.client
import json
import os
import pathlib
import random
import shutil
import socket
import subprocess
import tempfile

from . import pki
from .cluster import Cluster
from .objects import KEEPS_RUNNING
from .process import Process, stop_all, wait_for
from .programs import part, program

PARTS = ("scheduler", "controller-manager", "kwok", "kubeflow")
AUDIT_POLICY = {
    "apiVersion": "audit.k8s.io/v1", "kind": "Policy", "omitStages": ["RequestReceived"],
    "rules": [{"level": "Metadata", "verbs": ["create"], "resources": [{"group": "", "resources": ["pods"]}]},
              {"level": "None"}],
}


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def reserve_network():
    """A second octet N that no other cluster on this machine has; the socket keeps it ours while it is open.

    Services get 127.N.0.0/17, what plays a pod 127.N.200.x: Linux owns all of 127/8, so that the API server
    reaches a Service's cluster IP with no kube-proxy, and nothing leaves the machine.
    """
    for octet in random.sample(range(64, 192), 128):
        try:
            return octet, socket.create_server((f"127.{octet}.255.254", 47))
        except OSError:
            continue
    raise AssertionError("all 128 loopback networks are in use")


class ControlPlane(Cluster):
    """etcd and kube-apiserver, and of `parts` what is asked for. Call stop() when done.

    `options` are further flags by program name: {"kube-apiserver": ["--v=2"]}.
    """

    def __init__(self, parts=PARTS, options=None):
        self.parts = tuple(parts)
        self.options = options or {}
        self.processes = {}
        self.network, self.reservation = reserve_network()
        folder = pathlib.Path(tempfile.mkdtemp(prefix="efa-cluster-"))
        self.ports = dict(
            zip(("etcd", "peer", "api", "scheduler", "controller-manager", "kwok"), free_ports(6)))
        (folder / "log").mkdir()
        super().__init__(folder, self.ports["api"], self.network, self.parts)
        try:
            self.start()
        except BaseException:
            self.stop()
            raise

    def start(self):
        pki.make_cluster_pki(self.folder / "pki", f"127.{self.network}.0.1")
        (self.folder / "audit-policy.json").write_text(json.dumps(AUDIT_POLICY), encoding="ascii")
        for user in ("admin", "scheduler", "controller-manager"):
            self.write_kubeconfig(user)
        self.start_etcd()
        self.start_apiserver()
        if "kubeflow" in self.parts:
            self.kubectl("apply", "--server-side", "-f", part("kubeflow") / "crds")
        for name, command in self.part_commands().items():
            if name in self.parts:
                self.run(name, command)
        if "scheduler" in self.parts:
            self.wait_until_healthy("scheduler", self.ports["scheduler"])
        if "controller-manager" in self.parts:
            self.wait_until("controller-manager", lambda: self.api.find(
                "/api/v1/namespaces/default/serviceaccounts/default"))

    def write_kubeconfig(self, user):
        target = self.folder / f"{user}.kubeconfig"
        keys = self.folder / "pki"
        target.write_text(json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "e2e",
            "clusters": [{"name": "e2e", "cluster": {"server": f"https://127.0.0.1:{self.port}",
                                                     "certificate-authority": str(keys / "ca.crt")}}],
            "contexts": [{"name": "e2e", "context": {"cluster": "e2e", "user": user}}],
            "users": [{"name": user, "user": {"client-certificate": str(keys / f"{user}.crt"),
                                              "client-key": str(keys / f"{user}.key")}}],
        }), encoding="ascii")

    def run(self, name, command):
        binary = pathlib.Path(command[0]).name
        command = [*command, *self.options.get(binary, [])]
        environment = os.environ | {"KUBECONFIG": str(self.kubeconfig)}
        self.processes[name] = Process(name, command, self.folder / "log" / f"{name}.log", env=environment,
                                       start_new_session=True)

    def wait_until(self, name, probe, seconds=120):
        """Wait for a sign of life of a process, and show its log when it dies first."""
        def look():
            if not self.processes[name].is_running():
                raise AssertionError(f"{name} has ended:\n{self.processes[name].tail()}")
            try:
                return probe()
            except OSError:
                return None
        try:
            wait_for(f"{name} is ready", look, seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.processes[name].tail()}") from None

    def wait_until_healthy(self, name, port):
        def is_up():
            with socket.create_connection(("127.0.0.1", port), 1):
                return True
        self.wait_until(name, is_up)

    def start_etcd(self):
        client, peer = (f"http://127.0.0.1:{self.ports[name]}" for name in ("etcd", "peer"))
        self.run("etcd", [
            program("etcd"), "--name", "e2e", "--data-dir", self.folder / "etcd", "--listen-client-urls",
            client, "--advertise-client-urls", client, "--listen-peer-urls", peer,
            "--initial-advertise-peer-urls", peer, "--initial-cluster", f"e2e={peer}", "--log-level", "warn",
            "--unsafe-no-fsync"
        ])
        self.wait_until_healthy("etcd", self.ports["etcd"])

    def start_apiserver(self):
        keys = self.folder / "pki"
        self.run("apiserver", [
            program("kube-apiserver"), f"--etcd-servers=http://127.0.0.1:{self.ports['etcd']}",
            "--bind-address=127.0.0.1", "--advertise-address=127.0.0.1", f"--secure-port={self.port}",
            "--endpoint-reconciler-type=none",  # Endpoints may not hold a loopback address
            f"--tls-cert-file={keys}/apiserver.crt", f"--tls-private-key-file={keys}/apiserver.key",
            f"--client-ca-file={keys}/ca.crt", f"--service-account-key-file={keys}/sa.pub",
            f"--service-account-signing-key-file={keys}/sa.key",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-cluster-ip-range=127.{self.network}.0.0/17", "--authorization-mode=RBAC",
            "--allow-privileged=true", f"--cert-dir={self.folder}",
            f"--audit-policy-file={self.folder}/audit-policy.json", f"--audit-log-path={self.audit_log}",
            *self.admission_options()])
        self.wait_until("apiserver", self.is_ready)

    def admission_options(self):
        """Without the controller-manager nobody makes ServiceAccounts, so pods may do without."""
        return [] if "controller-manager" in self.parts else ["--disable-admission-plugins=ServiceAccount"]

    def is_ready(self):
        return self.api.call("GET", "/readyz").status == 200

    def part_commands(self):
        files = self.folder
        keys = files / "pki"
        commands = {}
        for name, binary in (("scheduler", "kube-scheduler"), ("controller-manager",
                                                               "kube-controller-manager")):
            if name not in self.parts:
                continue
            config = files / f"{name}.kubeconfig"
            commands[name] = [
                program(binary), f"--kubeconfig={config}", f"--authentication-kubeconfig={config}",
                f"--authorization-kubeconfig={config}", "--leader-elect=false", "--bind-address=127.0.0.1",
                f"--secure-port={self.ports[name]}", f"--cert-dir={files}/{name}"]
        if "controller-manager" in commands:
            commands["controller-manager"] += [
                "--use-service-account-credentials=true", f"--service-account-private-key-file={keys}/sa.key",
                f"--root-ca-file={keys}/ca.crt", f"--cluster-signing-cert-file={keys}/ca.crt",
                f"--cluster-signing-key-file={keys}/ca.key",
                "--node-monitor-grace-period=240h"]  # nobody renews the leases of nodes that are not there
        if "kwok" in self.parts:
            stages = self.write_kwok_stages()
            commands["kwok"] = [program("kwok"), "--kubeconfig", self.kubeconfig, "--node-ip", "127.0.0.1",
                                "--manage-all-nodes", *(word for stage in stages for word in ("-c", stage))]
        if "kubeflow" in self.parts:
            commands["kubeflow"] = [program("kubeflow-controllers")]
        return commands

    def write_kwok_stages(self):
        """kwok's own stages of pods, but for pods of ours, which kubelet.Kubelet runs for true.

        A Job's pod with the label KEEPS_RUNNING does not end. To the scheduler, those that ended are no peers.
        The stage of new nodes is never reached, since ours are made with a status, but without one kwok looks
        at no node; heartbeats nobody looks at.
        """
        ours = ("    - key: '.metadata.labels[\"app.kubernetes.io/name\"]'\n      operator: 'NotIn'\n"
                "      values:\n      - 'efa-injector'\n      - 'efa-agent'\n")
        keeps = f"    - key: '.metadata.labels[\"{KEEPS_RUNNING}\"]'\n      operator: 'DoesNotExist'\n"
        folder = part("kwok") / "stages"
        written = [folder / "node-initialize.yaml"]
        for stage in sorted(folder.glob("pod-*.yaml")):
            text = stage.read_text(encoding="utf-8")
            if text.count("matchExpressions:\n") != 1:
                raise AssertionError(f"{stage} is not written as the tests expect")
            written.append(self.folder / stage.name)
            more = ours + (keeps if stage.name == "pod-complete.yaml" else "")
            written[-1].write_text(text.replace("matchExpressions:\n", "matchExpressions:\n" + more),
                                   encoding="utf-8")
        return written

    def stop_apiserver(self):
        """SIGTERM, and SIGKILL soon after: by itself it waits a minute for watches."""
        self.processes.pop("apiserver").stop(3)
        self.api.close()

    def etcd_call(self, path, body):
        """A call of etcd's JSON gateway."""
        client = http.client.HTTPConnection("127.0.0.1", self.ports["etcd"], timeout=30)
        client.request("POST", path, json.dumps(body))
        answer = json.loads(client.getresponse().read())
        client.close()
        return answer

    def compact_etcd(self):
        """Throw away every revision before the newest, as a busy cluster does every five minutes."""
        revision = self.etcd_call("/v3/kv/range", {"key": "AA==", "limit": 1})["header"]["revision"]
        self.etcd_call("/v3/kv/compaction", {"revision": revision, "physical": True})
        return int(revision)

    def describe(self):
        return {"folder": str(self.folder), "port": self.port, "network": self.network, "parts": self.parts}

    def stop(self):
        stop_all(list(self.processes.values()))
        self.processes = {}
        self.reservation.close()
        if os.environ.get("EFA_E2E_KEEP"):
            print(f"kept {self.folder}")
        else:
            shutil.rmtree(self.folder, ignore_errors=True)


def kubectl_version():
    return subprocess.run([program("kubectl"), "version", "--client"], capture_output=True, text=True,
                          check=True).stdout.splitlines()[0]
