# SPDX-License-Identifier: Apache-2.0
"""Plays the kubelet for pods of ours: each container is a real process, its readiness what its probe says.

The API server, the controllers and the scheduler treat them as any other pod: a Deployment rolls by their
readiness, a Job ends with their exit status, a deleted pod gets SIGTERM and its grace period.
"""
import http.client
import pathlib
import signal
import ssl
import threading
import time

from .api import ApiError, collection
from .container import Container
from .process import wait_for
from .volumes import NotYet, Volumes

PERIOD = 0.2  # seconds between two looks at the cluster
READINESS_PERIOD = 1.0  # at most; a pod may ask for shorter ones


def now():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


class Machine:
    """What a node has of its own: hostPath volumes are in the folder `root`; `environment` and `mounts` ({path in the
    container: path here}) are what the test adds to containers."""

    def __init__(self, root="/nonexistent", environment=None, mounts=None):
        self.root = pathlib.Path(root)
        self.environment = environment or {}
        self.mounts = mounts or {}


class Run:
    """One pod and its process. `address` is where it listens, `ip` what the cluster is told."""

    def __init__(self, kubelet, pod, number):
        self.cluster = kubelet.cluster
        self.pod = pod
        self.name = pod["metadata"]["name"]
        self.uid = pod["metadata"]["uid"]
        self.spec = pod["spec"]["containers"][0]
        self.ip = f"10.{self.cluster.network}.200.{number}"
        self.address = f"127.{self.cluster.network}.200.{number}"
        self.folder = kubelet.folder / self.name
        self.folder.mkdir(parents=True)
        self.machine = kubelet.machine_of(pod["spec"]["nodeName"])
        self.volumes = Volumes(self.cluster, pod, self.folder / "volumes", self.machine)
        self.container = None
        self.waits_for = None
        self.is_ready = False
        self.asked_at = 0.0
        self.ends_at = None  # when it is killed
        self.terminated_at = None  # when it got SIGTERM
        self.ended_at = None  # when we saw that it had ended
        self.restarts = 0
        self.reported = None
        if len(pod["spec"]["containers"]) != 1 or pod["spec"].get("initContainers"):
            raise AssertionError(f"{self.name} has more than one container, which the tests cannot run")

    @property
    def log(self):
        """What the container wrote, as kubectl logs would show it."""
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")

    @property
    def pid(self):
        return self.container.pid

    def get(self, path, seconds=2):
        """(status, text) of a path on the plain port."""
        port = next(port["containerPort"] for port in self.spec["ports"] if port["name"] == "http")
        client = http.client.HTTPConnection(self.address, port, timeout=seconds)
        try:
            client.request("GET", path)
            response = client.getresponse()
            return response.status, response.read().decode()
        finally:
            client.close()

    def start(self):
        try:
            self.volumes.refresh()
        except NotYet as missing:
            self.waits_for = str(missing)
            return
        self.waits_for = None
        self.container = Container(self.cluster, self.pod, self.spec, self.volumes, self.address,
                                   self.folder / "log", self.machine)

    def served_certificate(self):
        """The PEM that a fresh TLS connection gets."""
        port = next(port["containerPort"] for port in self.spec["ports"] if port["name"] == "https")
        return ssl.get_server_certificate((self.address, port), timeout=5)

    def probe(self):
        probe = self.spec.get("readinessProbe")
        if probe is None:
            self.is_ready = True
            return
        if time.monotonic() - self.asked_at < min(READINESS_PERIOD, probe.get("periodSeconds", 10)):
            return
        self.asked_at = time.monotonic()
        try:
            self.is_ready = self.get(probe["httpGet"]["path"], probe.get("timeoutSeconds", 1))[0] < 400
        except (OSError, http.client.HTTPException):
            self.is_ready = False

    def terminate(self):
        """SIGTERM once, after what preStop sleeps; SIGKILL when the grace period is over."""
        if self.ends_at is None:
            grace = self.pod["spec"].get("terminationGracePeriodSeconds", 30)
            hook = (self.spec.get("lifecycle") or {}).get("preStop") or {}
            sleep = hook.get("sleep", {}).get("seconds", 0)
            self.ends_at = time.monotonic() + grace
            self.asked_to_stop_at = time.monotonic() + sleep
        if self.container is None:
            return
        if self.terminated_at is None and time.monotonic() >= self.asked_to_stop_at:
            self.terminated_at = time.monotonic()
            self.container.signal(signal.SIGTERM)
        if time.monotonic() >= self.ends_at:
            self.container.kill()

    def restart_if_ended(self):
        status = self.container.poll()
        policy = self.pod["spec"].get("restartPolicy", "Always")
        if status is not None and (policy == "Always" or policy == "OnFailure" and status != 0):
            self.restarts += 1
            self.start()

    def phase(self):
        if self.container is None:
            return "Pending"
        status = self.container.poll()
        if status is None:
            return "Running"
        return "Succeeded" if status == 0 else "Failed"

    def status(self):
        """The pod's status as a kubelet reports it."""
        phase = self.phase()
        is_ready = self.is_ready and phase == "Running"
        if phase == "Pending":
            state = {"waiting": {"reason": "ContainerCreating", "message": self.waits_for or ""}}
        elif phase == "Running":
            state = {"running": {"startedAt": self.pod["metadata"]["creationTimestamp"]}}
        else:
            state = {"terminated": {"exitCode": abs(self.container.poll()), "reason": phase}}
        truth = "True" if is_ready else "False"
        conditions = [{"type": kind, "status": value, "lastTransitionTime": now()} for kind, value in (
            ("PodScheduled", "True"), ("Initialized", "True"), ("ContainersReady", truth), ("Ready", truth))]
        return {
            "phase":
            phase,
            "podIP":
            self.ip,
            "podIPs": [{
                "ip": self.ip
            }],
            "conditions":
            conditions,
            "containerStatuses": [{
                "name": self.spec["name"],
                "image": self.spec["image"],
                "imageID": self.spec["image"],
                "ready": is_ready,
                "restartCount": self.restarts,
                "started": phase == "Running",
                "state": state
            }]
        }

    def report(self):
        status = self.status()
        news = (status["phase"], status["containerStatuses"][0]["ready"], self.restarts, self.waits_for)
        if news != self.reported:
            path = f"{collection('Pod', 'v1', self.pod['metadata']['namespace'])}/{self.name}"
            self.cluster.api.call("PATCH", path + "/status", {"status": status},
                                  "application/merge-patch+json")
            self.reported = news


class Kubelet(threading.Thread):
    """Runs the pods of ours in one namespace until stop(): those with that name in app.kubernetes.io/name.

    `machine_of` says of a node's name what it has (a Machine).
    `refreshes` says whether changed Secrets and ConfigMaps reach running pods by themselves, as they do
    within some 90 s in a real cluster; without it refresh(run) brings them, when the test says so.
    """

    def __init__(self, cluster, namespace, folder, refreshes=True, name="efa-injector", machine_of=None):
        super().__init__(name=f"kubelet {namespace}", daemon=True)
        self.cluster = cluster
        self.namespace = namespace
        self.folder = pathlib.Path(folder)
        self.refreshes = refreshes
        self.selector = f"app.kubernetes.io/name={name}"
        self.machine_of = machine_of or (lambda _: Machine())
        self.runs = {}
        self.past = []
        self.started = 0
        self.error = None
        self.is_stopping = threading.Event()
        self.start()

    def run(self):
        try:
            while not self.is_stopping.wait(PERIOD):
                self.look()
        except Exception as error:  # pylint: disable=broad-except  # shown by whoever waits for us
            self.error = error
        finally:
            self.cluster.api.close()
            for run in self.runs.values():
                if run.container is not None:
                    run.container.kill()

    def look(self):
        """One round; what the API server, when it is away, cannot be told is told in the next."""
        try:
            path = collection("Pod", "v1", self.namespace)
            self.look_at(self.cluster.api.items(path, labelSelector=self.selector))
        except (OSError, http.client.HTTPException, ApiError):
            pass

    def look_at(self, pods):
        there = {pod["metadata"]["uid"]: pod for pod in pods if pod["spec"].get("nodeName")}
        for uid, pod in there.items():
            if uid not in self.runs and pod["status"].get("phase") == "Pending":
                self.started += 1
                self.runs[uid] = Run(self, pod, self.started)
        for uid, run in list(self.runs.items()):
            if uid not in there:
                self.forget(run)
            else:
                self.tend(run, there[uid])

    def tend(self, run, pod):
        if pod["metadata"].get("deletionTimestamp"):
            run.terminate()
            if run.container is None or run.container.poll() is not None:
                run.ended_at = time.monotonic()
                self.remove(run)
                return
        elif run.container is None:
            run.start()
        else:
            run.restart_if_ended()
        if run.container is not None and run.container.poll() is None:
            if self.refreshes and not run.terminated_at:
                self.refresh(run)
            run.probe()
        run.report()

    @staticmethod
    def refresh(run):
        """Bring a running pod's volumes up to date; True if something changed."""
        try:
            return run.volumes.refresh()
        except NotYet:
            return False

    def remove(self, run):
        """Tell the API server that the pod has ended."""
        path = f"{collection('Pod', 'v1', self.namespace)}/{run.name}"
        # All in the body: where there is one, the API server does not look at the query.
        self.cluster.api.call("DELETE", path, {"gracePeriodSeconds": 0, "preconditions": {"uid": run.uid}})
        self.forget(run)

    def forget(self, run):
        if run.container is not None and run.container.poll() is None:
            run.container.kill()
        self.past.append(self.runs.pop(run.uid))

    def serving(self):
        """The runs that serve and are not ending, oldest first."""
        return [
            run for run in list(self.runs.values()) if run.terminated_at is None and run.spec.get("ports")
        ]

    def wait_until_ready(self, count, seconds=60):
        """These runs once `count` of them are ready."""
        def look():
            if self.error:
                raise AssertionError(f"the kubelet has ended: {self.error!r}") from self.error
            ready = [run for run in self.serving() if run.is_ready]
            return ready if len(ready) >= count else None
        try:
            return wait_for(f"{count} replicas are ready", look, seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.state()}") from None

    def state(self):
        lines = []
        for run in list(self.runs.values()) + self.past:
            lines.append(f"{run.name}: {run.phase()}, ready: {run.is_ready}, waits for: {run.waits_for}")
            if run.container is not None:
                lines.append("\n".join(run.log.splitlines()[-10:]))
        return "\n".join(lines)

    def stop(self):
        self.is_stopping.set()
        self.join(30)
