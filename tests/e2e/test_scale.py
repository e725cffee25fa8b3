#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""5,000 nodes in 50 node groups and a Job of 2,000 pods: what our webhook and its term cost, in a table."""
import os
import signal
import ssl
import time
import unittest

from fleet import ZONE, create_nodes, efa_of, has_our_term, make_node, our_nodes
from harness.api import Api, collection
from harness.case import OwnInstalledTest
from harness.control_plane import ControlPlane
from harness.objects import annotated_pod, job, status_of
from harness.process import end_with_parent, rss_mib, wait_for
from prometheus import Histogram, Samples

NODES = 5000
GROUPS = 50
PODS = 2000
COMPARED = 1000  # pods of the run without the term
ONE_BY_ONE = 300
CHANGES = 20  # of nodes, to see when the webhook knows
RSS_LIMIT_MIB = 64
# What the term cost when it was designed, with the same programs on two shared cores, 5,000 nodes in three
# zones and 1,000 pods that take a node each: pods bound a second, milliseconds of algorithm a pod.
REFERENCE = {"auto": (59, 16.7), "off": (198, 4.9)}


class RunningPods(ControlPlane):
    """kwok without the stage that ends the pods of Jobs: to the scheduler, those that ended are no peers."""

    def write_kwok_stages(self):
        return [stage for stage in super().write_kwok_stages() if stage.name != "pod-complete.yaml"]


def fleet():
    """Two zones that can take the Job whole, and a third with other types."""
    nodes = []
    for group in range(GROUPS):
        zone, kind = (("us-east-1a", "p5.48xlarge"), ("us-east-1b", "p5.48xlarge"))[group % 2]
        if group >= 44:
            zone, kind = "us-east-1c", ("p4d.24xlarge", "g6e.48xlarge", "trn1.32xlarge")[group % 3]
        labels = {"eks.amazonaws.com/nodegroup": f"group-{group}"}
        nodes += [make_node(f"g{group}-{i}", kind, zone, labels) for i in range(NODES // GROUPS)]
    return nodes


class ScaleTest(OwnInstalledTest):
    parts = ("scheduler", "controller-manager", "kwok")
    options = {
        # no 5,000 taints to take off, and pods deleted quickly
        "kube-apiserver": ["--disable-admission-plugins=TaintNodesByCondition",
                           "--delete-collection-workers=8"],
        # 200 pods made a second, and no second write to each node
        "kube-controller-manager": ["--kube-api-qps=200", "--kube-api-burst=200",
                                    "--controllers=*,-ttl-controller,-node-lifecycle-controller"],
        "kube-scheduler": ["--kube-api-qps=2000", "--kube-api-burst=2000"],  # so that its algorithm shows
        "kwok": ["--node-lease-duration-seconds=0"],
    }

    @classmethod
    def get_cluster(cls):
        end_with_parent()
        own = RunningPods(cls.parts, cls.options)
        cls.addClassCleanup(own.stop)
        return own

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        keys = cls.cluster.folder / "pki"
        port = cls.cluster.ports["scheduler"]
        cls.scheduler = Api(port, cls.cluster.ca, keys / "admin.crt", keys / "admin.key")
        cls.scheduler.context.check_hostname = False
        cls.scheduler.context.verify_mode = ssl.CERT_NONE  # it has made its certificate itself
        cls.addClassCleanup(cls.scheduler.close)
        cls.rows = []

    def row(self, what, value):
        self.rows.append((what, value))

    def samples_of_scheduler(self):
        return Samples(self.scheduler.must("GET", "/metrics"))

    def samples_of_webhooks(self):
        return [Samples(replica.get("/metrics")[1]) for replica in self.installed.replicas]

    def nodes_known(self):
        """Of the replica that knows the fewest."""
        return min(samples.value("efa_webhook_nodes") for samples in self.samples_of_webhooks())

    def fill(self):
        started = time.monotonic()
        create_nodes(self.api, fleet())
        self.row("nodes, node groups", f"{NODES}, {GROUPS} (made in {time.monotonic() - started:.0f} s)")
        wait_for("the webhook knows the nodes", lambda: self.nodes_known() == NODES, 60)
        classes = max(samples.value("efa_webhook_node_classes") for samples in self.samples_of_webhooks())
        self.row("classes of nodes", f"{classes:.0f}")

    def measure_lag(self):
        """From the API server's answer to a change until both replicas have it."""
        lags = []
        for i in range(CHANGES):
            self.api.create(make_node(f"late-{i}", "p5.48xlarge", "us-east-1c"))
            changed = time.monotonic()
            wait_for("the new node is known", lambda: self.nodes_known() == NODES + i + 1, 30, 0.005)
            lags.append(time.monotonic() - changed)
        lags.sort()
        median, longest = lags[CHANGES // 2] * 1e3, lags[-1] * 1e3
        self.row("lag of the watch", f"median {median:.0f} ms, longest {longest:.0f} ms")
        self.assertLess(lags[-1], 5)

    def count_pods(self, namespace):
        answer = self.api.get(collection("Pod", "v1", namespace), limit=1)
        return len(answer["items"]) + answer["metadata"].get("remainingItemCount", 0)

    def pods(self, namespace):
        """All, by pages."""
        found, token = [], None
        while token != "":
            query = {"limit": 500, **({"continue": token} if token else {})}
            page = self.api.get(collection("Pod", "v1", namespace), **query)
            found += page["items"]
            token = page["metadata"].get("continue", "")
        return found

    def create_job(self, namespace, count, same_zone):
        """With the scheduler held, which later has them all before it; the seconds until they are there."""
        thing = job("train", count, annotations={"efa-injector.io/same-zone": same_zone})
        os.kill(self.cluster.processes["scheduler"].pid, signal.SIGSTOP)
        try:
            started = time.monotonic()
            self.api.create(thing, namespace)
            wait_for(f"{count} pods", lambda: self.count_pods(namespace) == count, 240, 0.2)
            return time.monotonic() - started
        finally:
            os.kill(self.cluster.processes["scheduler"].pid, signal.SIGCONT)

    def bind(self, count, before):
        """Pods bound a second among the first COMPARED, among all, and milliseconds of algorithm a pod."""
        seen = []

        def look():
            seen.append((time.monotonic(), self.samples_of_scheduler()))
            return scheduled(seen[-1][1]) - scheduled(before) >= count
        wait_for(f"{count} pods have a node", look, 300, 0.5)
        times = [(at, scheduled(samples) - scheduled(before)) for at, samples in seen]
        start = next((at, bound) for at, bound in times if bound > 0)
        ends = [next(each for each in times if each[1] >= bound) for bound in (min(COMPARED, count), count)]
        name = "scheduler_scheduling_algorithm_duration_seconds"
        algorithm = Histogram(seen[-1][1], name).since(Histogram(before, name))
        return rate(start, ends[0]), rate(start, ends[1]), algorithm.mean() * 1e3

    def run_job(self, count, same_zone):
        """Its pods, and what binding them took."""
        namespace = self.make_namespace()
        before = self.samples_of_scheduler()
        seconds = self.create_job(namespace, count, same_zone)
        bound = self.bind(count, before)
        pods = self.pods(namespace)
        self.api.delete(collection("Job", "batch/v1", namespace) + "/train", propagationPolicy="Background")
        self.cluster.delete_pods(namespace)
        wait_for("the pods are gone", lambda: self.count_pods(namespace) == 0, 120, 0.3)
        return pods, seconds, bound

    def row_of_term(self, what, same_zone, measured):
        first, _, milliseconds = measured
        reference, reference_milliseconds = REFERENCE[same_zone]
        self.row(f"bound a second, {what}", f"{first:.0f} ({milliseconds:.1f} ms a pod); when it was designed"
                 f" {reference} ({reference_milliseconds} ms)")

    def check_large_job(self):
        pods, seconds, bound = self.run_job(PODS, "auto")
        self.assertEqual(PODS, len(pods))
        for pod in pods:
            self.assertEqual((32, "injected"), (efa_of(pod), status_of(pod)["result"]))
            self.assertTrue(has_our_term(pod))
        zones = {node["metadata"]["name"]: node["metadata"]["labels"][ZONE] for node in our_nodes(self.api)}
        self.assertEqual(1, len({zones[pod["spec"]["nodeName"]] for pod in pods}))
        self.row("pods of the Job, all patched", f"{PODS} (made in {seconds:.0f} s)")
        self.row_of_term(f"our term, first {COMPARED}", "auto", bound)
        self.row("bound a second, our term, all", f"{bound[1]:.0f}")

    def admission(self):
        """By the API server's clock: calling us, with every wait for a processor in between."""
        labels = {"name": "pods.efa-injector.io", "operation": "CREATE", "type": "admit", "rejected": "false"}
        samples = Samples(self.cluster.metrics())
        return Histogram(samples, "apiserver_admission_webhook_admission_duration_seconds", labels)

    def row_of_admission(self, what, before, count):
        measured = self.admission().since(before)
        self.assertLessEqual(count, measured.count)
        p50, p99 = measured.quantile(0.5) * 1e3, measured.quantile(0.99) * 1e3
        self.row(f"admission by us, {what}",
                 f"mean {measured.mean() * 1e3:.1f} ms, p50 ≤ {p50:g} ms, p99 ≤ {p99:g} ms")

    def check_one_by_one(self):
        """The same programs without a queue before them."""
        namespace, before = self.make_namespace(), self.admission()
        for i in range(ONE_BY_ONE):
            self.api.create(annotated_pod(f"one-{i}"), namespace, dry_run=True)
        self.row_of_admission("one pod after the other", before, ONE_BY_ONE)

    def check_own_clocks(self):
        own = [Histogram(each, "efa_webhook_review_seconds") for each in self.samples_of_webhooks()]
        self.row("reviews by our replicas' clocks", ", ".join(
            f"mean {each.mean() * 1e6:.0f} µs, p99 ≤ {each.quantile(0.99) * 1e6:g} µs" for each in own))
        failed = {"name": "pods.efa-injector.io", "error_type": "calling_webhook_error"}
        rejected = Samples(self.cluster.metrics())
        self.assertEqual(0, rejected.value("apiserver_admission_webhook_rejection_count", failed))

    def check_memory(self):
        sizes = [rss_mib(replica.pid) for replica in self.installed.replicas]
        self.row("resident memory of our replicas", ", ".join(f"{size:.1f} MiB" for size in sizes))
        self.assertLess(max(sizes), RSS_LIMIT_MIB)

    def test_a_large_job_on_a_large_cluster(self):
        self.fill()
        self.measure_lag()
        self.check_one_by_one()
        before = self.admission()
        self.check_large_job()
        self.row_of_admission("all of the Job at once", before, PODS)
        self.check_own_clocks()
        self.check_memory()
        self.row_of_term("no term", "off", self.run_job(COMPARED, "off")[2])
        print()
        for what, value in self.rows:
            print(f"| {what:40} | {value}")


def scheduled(samples):
    return samples.value("scheduler_schedule_attempts_total", {"result": "scheduled"})


def rate(start, end):
    return (end[1] - start[1]) / max(end[0] - start[0], 1e-3)


if __name__ == "__main__":
    unittest.main(verbosity=2)
