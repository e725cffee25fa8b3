#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Which Events the agent's reporter makes, how often, and the taint, against an API server of ours."""
import unittest

from reporter_support import EVENTS, TAINT, ReporterCase, node, seconds_of

HOUR = 3600
DOWN = {"id": "port-down", "expected": "ACTIVE", "found": "DOWN on efa_3", "cause": "the link is down",
        "fix": "replace the node"}
FEWER = {"id": "pod-fewer-devices", "expected": "4 devices", "found": "2"}
MEMLOCK = {"id": "memlock-low", "expected": "no limit", "found": "64 KiB"}
UNREAD = {"id": "verbs-not-counted"}
INFO = {"id": "fork-unsafe", "found": "5.10"}
OTHER_TAINT = {"key": "nvidia.com/gpu", "value": "present", "effect": "NoSchedule"}


def pod(name, *warnings, namespace="ml"):
    return {"namespace": namespace, "name": name, "uid": f"uid-of-{name}", "warnings": list(warnings)}


class Events(ReporterCase):
    def moments(self, reason):
        return [seconds_of(event["firstTimestamp"])
                for event in self.cluster.events if event["reason"] == reason]

    def test_an_error_is_told_when_it_comes_and_every_hour_while_it_lasts(self):
        reporter = self.reporter()
        reporter.live(10000, 20000)
        self.assertEqual([], self.cluster.events)
        reporter.live(20000, 20000 + 3 * HOUR, "mismatch", findings=[DOWN])
        self.assertEqual([20000, 20000 + HOUR, 20000 + 2 * HOUR], self.moments("PortDown"))
        event = self.cluster.events[0]
        self.assertEqual("expected ACTIVE, found DOWN on efa_3: the link is down; replace the node",
                         event["message"])
        self.assertEqual(("Warning", "default"), (event["type"], event["metadata"]["namespace"]))
        self.assertEqual({"apiVersion": "v1", "kind": "Node", "name": "a", "uid": "uid-of-a"},
                         event["involvedObject"])
        self.assertEqual(("efa-agent", "a"), (event["reportingComponent"], event["reportingInstance"]))
        self.assertEqual({"component": "efa-agent", "host": "a"}, event["source"])
        self.assertRegex(event["metadata"]["name"], "^a[.][0-9a-f]{16}$")

    def test_a_warning_is_told_once_and_again_when_it_has_been_gone(self):
        reporter = self.reporter()
        reporter.live(10000, 10000 + 5 * HOUR, findings=[MEMLOCK])
        self.assertEqual(1, len(self.moments("MemlockLow")))
        reporter.live(28000, 29000)
        reporter.live(29000, 30000, findings=[MEMLOCK])
        self.assertEqual(1, len(self.moments("MemlockLow")))
        reporter.live(30000, 30000 + HOUR)
        reporter.live(30000 + HOUR, 30010 + HOUR, findings=[MEMLOCK])
        self.assertEqual(2, len(self.moments("MemlockLow")))

    def test_what_is_good_to_know_is_no_event(self):
        self.reporter().live(10000, 20000, findings=[INFO])
        self.assertEqual([], self.cluster.events)

    def test_what_cannot_be_told_is_no_event_while_devices_come(self):
        reporter = self.reporter()
        reporter.live(10000, 10120, "unknown", findings=[UNREAD], settling=True)
        self.assertEqual([], self.cluster.events)
        reporter.live(10120, 10130)
        self.assertEqual([], self.cluster.events)
        reporter.live(10130, 10140, "unknown", findings=[UNREAD])
        self.assertEqual([("Node", "a", "VerbsNotCounted")], self.cluster.told())

    def test_that_all_is_well_again_is_told(self):
        reporter = self.reporter()
        reporter.live(10000, 10100)
        reporter.live(10100, 10200, "mismatch", findings=[DOWN, MEMLOCK])
        reporter.live(10200, 10300, findings=[MEMLOCK])
        self.assertEqual(["PortDown", "MemlockLow", "EFAReady"], self.cluster.reasons())
        event = self.cluster.events[-1]
        self.assertEqual("Normal", event["type"])
        self.assertEqual(self.cluster.condition("a")["message"], event["message"])

    def test_that_all_is_well_again_is_told_by_an_agent_that_was_started_since(self):
        reporter = self.reporter()
        reporter.live(10000, 10100, "mismatch", findings=[DOWN])
        reporter.live(10100, 10200, restart=True)
        self.assertEqual(["PortDown", "EFAReady"], self.cluster.reasons())

    def test_a_fault_that_comes_and_goes_is_told_once_an_hour(self):
        reporter = self.reporter()
        for start in range(12000, 12000 + 2 * HOUR, 60):
            down = start % 120 == 0
            reporter.live(start, start + 60, "mismatch" if down else "good", findings=[DOWN] if down else [])
        for reason in ("PortDown", "EFAReady"):
            moments = self.moments(reason)
            self.assertIn(len(moments), (2, 3))
            self.assertTrue(all(b - a >= HOUR for a, b in zip(moments, moments[1:])), moments)

    def test_a_pod_is_told_what_concerns_it_and_the_node_too(self):
        self.reporter().live(10000, 10020, "mismatch", pods=[pod("train-0"), pod("train-1")],
                             findings=[{**FEWER, "pod": 1}])
        self.assertEqual([("Node", "a", "PodFewerDevices"), ("Pod", "train-1", "PodFewerDevices")],
                         self.cluster.told())
        on_node, on_pod = self.cluster.events
        self.assertEqual("pod ml/train-1: expected 4 devices, found 2", on_node["message"])
        self.assertEqual("expected 4 devices, found 2", on_pod["message"])
        self.assertEqual(("ml", "uid-of-train-1"),
                         (on_pod["metadata"]["namespace"], on_pod["involvedObject"]["uid"]))

    def test_warnings_in_a_pods_status_are_told_once_within_minutes_of_the_start(self):
        reporter = self.reporter()
        pods = [pod("train-0", "no-hugepages", "of-a-later-webhook"), pod("train-1")]
        reporter.live(10000, 10302, pods=pods)
        self.assertEqual({("Pod", "train-0", "EFAWarning")}, set(self.cluster.told()))
        self.assertEqual(["the pod's status warns: huge pages were left out (no-hugepages)",
                          "the pod's status warns: of-a-later-webhook"],
                         [event["message"] for event in self.cluster.events])
        reporter.live(10302, 10302 + 12 * HOUR, pods=pods)
        self.assertEqual(2, len(self.cluster.events))
        reporter.live(60000, 60002, pods=[*pods, pod("new", "no-group")])
        self.assertEqual(("Pod", "new", "EFAWarning"), self.cluster.told()[-1])

    def test_what_somebody_wrote_into_a_status_harms_nothing(self):
        odd = ["", "a" * 5000, "\x1b[2J\n\u2028", "quote\"d", "ä" * 100]
        pods = [pod("x", *odd), pod("../../kube-system", "no-group"), pod("y", "no-group", namespace="../x")]
        counts = self.reporter().live(10000, 10400, pods=pods)
        self.assertEqual([], counts["errors"])
        self.assertEqual({"x"}, {name for _, name, _ in self.cluster.told()})
        self.assertEqual(5, len(self.cluster.events))
        for event in self.cluster.events:
            self.assertTrue(event["message"].isprintable(), event["message"])

    def test_an_hour_has_room_for_so_many_and_pods_for_half(self):
        reporter = self.reporter("a", "--event-limit", 10)
        pods = [pod(f"pod-{i}", "no-group", "no-hugepages") for i in range(20)]
        reporter.live(10000, 10400, pods=pods)
        counts = reporter.live(10400, 10500, "mismatch", pods=pods, findings=[DOWN, MEMLOCK])
        self.assertEqual((7, 35), (counts["events"], counts["heldBack"]))
        self.assertEqual(5, len([kind for kind, _, _ in self.cluster.told() if kind == "Pod"]))
        counts = reporter.live(10500, 10500 + 10 * HOUR, "mismatch", pods=pods, findings=[DOWN, MEMLOCK])
        told = {(event["involvedObject"]["name"], event["message"]) for event in self.cluster.events
                if event["involvedObject"]["kind"] == "Pod"}
        self.assertEqual(40, len(told))
        self.assertEqual(40, len([kind for kind, _, _ in self.cluster.told() if kind == "Pod"]))
        moments = [seconds_of(event["firstTimestamp"]) for event in self.cluster.events]
        for begin in moments:
            self.assertLessEqual(sum(begin <= moment < begin + HOUR for moment in moments), 10)

    def test_a_pod_that_is_gone_holds_up_nobody(self):
        def meddle(kind, name):
            gone = kind == "event" and name == "gone"
            return (403, "unable to create new content in namespace gone because it is being terminated") \
                if gone else None
        self.cluster.meddle = meddle
        pods = [*(pod(f"pod-{i}", namespace="gone") for i in range(8)), pod("train-0")]
        findings = [{**FEWER, "pod": i} for i in range(9)]
        counts = self.reporter().live(10000, 10060, "mismatch", pods=pods, findings=findings)
        self.assertIn("being terminated", counts["errors"][0])
        self.assertEqual([("Node", "a", "PodFewerDevices"), ("Pod", "train-0", "PodFewerDevices")],
                         self.cluster.told())
        self.assertEqual(8, counts["failures"])

    def test_events_that_may_not_be_made_are_tried_less_and_less(self):
        tries = []

        def meddle(kind, name):
            if kind == "event":
                tries.append(name)
                return 403, "events is forbidden"
            return None
        self.cluster.meddle = meddle
        pods = [pod(f"pod-{i}", "no-group") for i in range(50)]
        self.reporter().live(10000, 10000 + HOUR, "mismatch", pods=pods, findings=[DOWN])
        self.assertLess(len(tries), 120)
        self.assertEqual("False", self.cluster.condition("a")["status"])

    def test_an_answer_that_is_lost_makes_no_second_event(self):
        lost = []

        def lose(request):
            if lost:
                self.cluster.answer_event(request)
                return
            lost.append(request)
            with self.cluster.state:
                self.cluster.events.append(request.json())
            request.cut()
        self.cluster.on("POST", EVENTS, lose)
        counts = self.reporter().live(10000, 10060, "mismatch", findings=[DOWN])
        self.assertEqual([("Node", "a", "PortDown")], self.cluster.told())
        self.assertEqual((0, 1), (counts["events"], counts["failures"]))

    def test_an_agent_that_is_started_again_makes_the_same_events(self):
        reporter = self.reporter()
        start = 100 * HOUR
        for begin in range(start, start + HOUR, 100):
            reporter.live(begin, begin + 100, "mismatch", findings=[DOWN], restart=True)
        self.assertIn(len(self.cluster.events), (1, 2))


class Taint(ReporterCase):
    def test_without_the_option_no_taint_is_looked_at(self):
        self.cluster.put(node("a", taints=[TAINT]))
        reporter = self.reporter()
        reporter.live(10000, 11000, "mismatch", findings=[DOWN])
        reporter.live(11000, 12000)
        self.assertNotIn("taint", self.kinds())
        self.assertEqual([TAINT], self.cluster.taints("a"))

    def test_it_is_there_while_the_node_is_a_mismatch(self):
        reporter = self.reporter("a", "--taint")
        reporter.live(10000, 10100)
        self.assertIsNone(self.cluster.taints("a"))
        reporter.live(10100, 10102, "mismatch", findings=[DOWN])
        self.assertEqual([TAINT], self.cluster.taints("a"))
        reporter.live(10102, 10200, "unknown", findings=[UNREAD])
        self.assertEqual([TAINT], self.cluster.taints("a"))
        counts = reporter.live(10200, 10202)
        self.assertEqual([], self.cluster.taints("a"))
        self.assertEqual((2, 0), (counts["taints"], counts["failures"]))

    def test_what_cannot_be_told_adds_none(self):
        self.reporter("a", "--taint").live(10000, 12000, "unknown", findings=[UNREAD])
        self.assertIsNone(self.cluster.taints("a"))

    def test_the_taints_of_others_stay_as_they_are(self):
        after = {"key": "b", "effect": "NoExecute", "timeAdded": "2026-01-01T00:00:00Z"}
        self.cluster.put(node("a", taints=[OTHER_TAINT, TAINT, after]))
        reporter = self.reporter("a", "--taint")
        reporter.live(10000, 10020)
        self.assertEqual([OTHER_TAINT, after], self.cluster.taints("a"))
        reporter.live(10020, 10040, "mismatch", findings=[DOWN])
        self.assertEqual([OTHER_TAINT, after, TAINT], self.cluster.taints("a"))

    def test_a_node_that_changes_in_between_is_read_again(self):
        changes = []

        def meddle(kind, name):
            if kind == "taint" and len(changes) < 2:
                changes.append(name)
                self.cluster.put(node("a", taints=[OTHER_TAINT]))
        self.cluster.meddle = meddle
        counts = self.reporter("a", "--taint").live(10000, 10012, "mismatch", findings=[DOWN])
        self.assertEqual([OTHER_TAINT, TAINT], self.cluster.taints("a"))
        self.assertEqual((1, 0), (counts["taints"], counts["failures"]))

    def test_one_that_was_taken_away_comes_back_with_the_next_heartbeat(self):
        reporter = self.reporter("a", "--taint")
        reporter.live(10000, 10100, "mismatch", findings=[DOWN])
        self.cluster.put(node("a", taints=[OTHER_TAINT]))
        reporter.live(10100, 11000, "mismatch", findings=[DOWN])
        self.assertEqual([OTHER_TAINT, TAINT], self.cluster.taints("a"))

    def test_a_node_that_flaps_is_tainted_five_times_a_minute_at_most(self):
        reporter = self.reporter("a", "--taint")
        for start in range(10020, 10140, 2):
            down = start % 4 == 0
            reporter.live(start, start + 2, "mismatch" if down else "good", findings=[DOWN] if down else [])
        self.assertLessEqual(self.kinds().count("taint"), 10)
        reporter.live(10140, 10202)
        self.assertEqual([], self.cluster.taints("a"))

    def test_without_the_right_the_rest_is_told(self):
        self.cluster.meddle = lambda kind, _: (403, 'nodes "a" is forbidden') if kind == "taint" else None
        counts = self.reporter("a", "--taint").live(10000, 10020, "mismatch", findings=[DOWN])
        self.assertIn("forbidden", counts["errors"][0])
        self.assertEqual(["status", "event"], self.kinds())


if __name__ == "__main__":
    unittest.main()
