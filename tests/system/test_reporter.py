#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the agent's reporter writes of a node's condition, hour by hour, against an API server of ours."""
import unittest

from reporter_support import ReporterCase, node, seconds_of

HEARTBEAT = 600
DOWN = {"id": "port-down", "expected": "port 1 of every EFA device ACTIVE", "found": "DOWN on efa_3"}


class Condition(ReporterCase):
    def test_the_first_report_says_how_the_node_is(self):
        reporter = self.reporter()
        reporter.live(10000, 10012)
        self.assertEqual(["status"], self.kinds())
        condition = self.cluster.condition("a")
        self.assertEqual(("True", "EFAReady"), (condition["status"], condition["type"]))
        self.assertTrue(condition["reason"].isalnum(), condition)
        self.assertTrue(condition["message"])
        self.assertEqual(condition["lastTransitionTime"], condition["lastHeartbeatTime"])
        self.assertIn(seconds_of(condition["lastHeartbeatTime"]), range(10000, 10011))

    def test_conditions_of_others_stay(self):
        self.reporter().live(10000, 10012)
        conditions = self.cluster.nodes["a"]["status"]["conditions"]
        self.assertEqual(["Ready", "EFAReady"], [condition["type"] for condition in conditions])

    def test_a_day_of_the_same_is_a_heartbeat_every_ten_minutes(self):
        counts = self.reporter().live(10000, 10000 + 86400)
        beats = self.cluster.heartbeats("a")
        self.assertEqual({HEARTBEAT}, {b - a for a, b in zip(beats[2:], beats[3:])})
        self.assertTrue(HEARTBEAT / 2 <= beats[1] - beats[0] <= HEARTBEAT * 1.5, beats)
        self.assertTrue(143 <= len(beats) <= 146, len(beats))
        self.assertEqual((len(beats), len(beats) - 1), (counts["conditions"], counts["heartbeats"]))
        self.assertEqual(counts["reports"], len(beats))
        transitions = {what["lastTransitionTime"] for _, _, what in self.cluster.writes}
        self.assertEqual({beats[0]}, set(map(seconds_of, transitions)))
        self.assertEqual([], self.cluster.events)

    def test_nodes_beat_at_moments_of_their_own(self):
        phases = set()
        for name in ("a", "b", "c", "d", "e", "f"):
            self.cluster.put(node(name))
            self.reporter(name).live(10000, 12000)
            phases.add(self.cluster.heartbeats(name)[-1] % HEARTBEAT)
        self.assertGreater(len(phases), 4)

    def test_a_change_is_written_at_once_with_the_moment_of_the_transition(self):
        reporter = self.reporter()
        reporter.live(10000, 10100)
        reporter.live(10100, 10102, "mismatch", findings=[DOWN])
        condition = self.cluster.condition("a")
        self.assertEqual(("False", "PortDown"), (condition["status"], condition["reason"]))
        self.assertIn("efa_3", condition["message"])
        self.assertEqual(10100, seconds_of(condition["lastTransitionTime"]))
        reporter.live(10102, 10104, "mismatch", findings=[{**DOWN, "found": "DOWN on efa_7"}])
        condition = self.cluster.condition("a")
        self.assertIn("efa_7", condition["message"])
        self.assertEqual(10100, seconds_of(condition["lastTransitionTime"]))
        self.assertEqual(10102, seconds_of(condition["lastHeartbeatTime"]))
        reporter.live(10104, 10106, "unknown", findings=[{"id": "verbs-not-counted"}])
        condition = self.cluster.condition("a")
        self.assertEqual("Unknown", condition["status"])
        self.assertEqual(10104, seconds_of(condition["lastTransitionTime"]))

    def test_an_agent_that_is_started_again_writes_nothing_but_heartbeats(self):
        reporter = self.reporter()
        reporter.live(10000, 13000, "mismatch", findings=[DOWN])
        before = self.cluster.heartbeats("a")
        began = self.cluster.condition("a")["lastTransitionTime"]
        for start in range(13000, 15000, 100):
            reporter.live(start, start + 100, "mismatch", findings=[DOWN], restart=True)
        beats = self.cluster.heartbeats("a")
        self.assertLessEqual(len(beats) - len(before), 4)
        self.assertEqual({HEARTBEAT}, {b - a for a, b in zip(beats[2:], beats[3:])})
        self.assertEqual(began, self.cluster.condition("a")["lastTransitionTime"])

    def test_an_agent_that_was_away_for_long_waits_for_its_own_moment(self):
        reporter = self.reporter()
        reporter.live(10000, 12000)
        phase = self.cluster.heartbeats("a")[-1] % HEARTBEAT
        start = 100000 - 100000 % HEARTBEAT + phase + 100  # its own moment is long gone
        reporter.live(start, start + HEARTBEAT, restart=True)
        self.assertEqual(start - 100 + HEARTBEAT, self.cluster.heartbeats("a")[-1])

    def test_what_another_wrote_while_the_agent_was_away_is_put_right(self):
        reporter = self.reporter()
        reporter.live(10000, 10100)
        stale = {"status": "False", "reason": "PortDown", "message": "of old",
                 "lastTransitionTime": "1970-01-01T01:00:00Z", "lastHeartbeatTime": "1970-01-01T01:00:00Z"}
        self.cluster.put(node("a", stale))
        reporter.live(10100, 10112, restart=True)
        self.assertEqual("True", self.cluster.condition("a")["status"])

    def test_a_node_that_is_made_anew_gets_its_condition_back(self):
        reporter = self.reporter()
        reporter.live(10000, 10100)
        self.cluster.put(node("a", uid="another"))
        reporter.live(10100, 10200)
        self.assertEqual("True", self.cluster.condition("a")["status"])

    def test_a_verdict_that_flaps_is_written_five_times_a_minute_and_the_latest_in_the_end(self):
        reporter = self.reporter()
        reporter.live(10000, 10060)
        for start in range(10060, 10660, 2):
            down = start % 4 == 0
            reporter.live(start, start + 2, "mismatch" if down else "good", findings=[DOWN] if down else [])
        beats = [beat for beat in self.cluster.heartbeats("a") if beat >= 10060]
        for begin in range(10060, 10600):
            self.assertLessEqual(sum(begin <= beat < begin + 60 for beat in beats), 5)
        self.assertTrue(40 <= len(beats) <= 51, len(beats))
        reporter.live(10660, 10722, "mismatch", findings=[DOWN])
        self.assertEqual("False", self.cluster.condition("a")["status"])
        self.assertLessEqual(len(self.cluster.events), 2)

    def test_a_clock_that_is_put_back_stops_nothing(self):
        reporter = self.reporter()
        reporter.live(1000000, 1002000)
        count = len(self.cluster.writes)
        reporter.live(10000, 12000)
        self.assertIn(len(self.cluster.writes) - count, (3, 4, 5))
        reporter.live(12000, 12002, "mismatch", findings=[DOWN])
        self.assertEqual("False", self.cluster.condition("a")["status"])


class Trouble(ReporterCase):
    def refuse(self, *kinds, status=503, message="etcd is slow", headers=()):
        moments = []

        def meddle(kind, _):
            if kind not in kinds:
                return None
            moments.append(kind)
            return (status, message, *headers)
        self.cluster.meddle = meddle
        return moments

    def test_a_server_that_fails_is_asked_less_and_less(self):
        tries = self.refuse("status")
        reporter = self.reporter()
        counts = reporter.live(10000, 13600)
        self.assertIn("etcd is slow", counts["errors"][0])
        self.assertEqual(counts["failures"], len(tries))
        self.assertTrue(15 <= len(tries) <= 35, len(tries))
        self.cluster.meddle = None
        reporter.live(13600, 13910)
        self.assertEqual("True", self.cluster.condition("a")["status"])
        self.assertEqual(1, len(self.cluster.writes))

    def test_retry_after_is_heeded(self):
        tries = self.refuse("status", status=429, message="slow down", headers=[("Retry-After", "120")])
        self.reporter().live(10000, 10120)
        self.assertEqual(1, len(tries))

    def test_a_change_during_trouble_is_written_as_it_is_in_the_end(self):
        reporter = self.reporter()
        reporter.live(10000, 10100)
        self.refuse("status")
        reporter.live(10100, 10130, "mismatch", findings=[DOWN])
        self.cluster.meddle = None
        reporter.live(10130, 10200)
        self.assertEqual(1, len(self.cluster.heartbeats("a")))
        self.assertEqual("True", self.cluster.condition("a")["status"])

    def test_a_condition_that_may_not_be_written_holds_up_no_event(self):
        self.refuse("status", status=403, message='nodes "a" is forbidden')
        counts = self.reporter().live(10000, 10020, "mismatch", findings=[DOWN])
        self.assertIn("forbidden", counts["errors"][0])
        self.assertEqual([("Node", "a", "PortDown")], self.cluster.told())

    def test_while_the_node_cannot_be_read_nothing_is_said_for_two_minutes(self):
        self.refuse("read")
        reporter = self.reporter()
        reporter.live(10000, 10118, "unknown", findings=[{"id": "node-not-read"}])
        self.assertEqual([], self.cluster.writes)
        reporter.live(10118, 10132, "unknown", findings=[{"id": "node-not-read"}])
        self.assertEqual("Unknown", self.cluster.condition("a")["status"])
        self.assertEqual(["status", "event"], self.kinds())

    def test_a_server_that_is_away_for_an_hour_finds_everything_as_it_left_it(self):
        reporter = self.reporter()
        reporter.live(10000, 12000)
        count = len(self.cluster.writes)
        began = self.cluster.condition("a")["lastTransitionTime"]
        self.refuse("read", "status", "event")
        reporter.live(12000, 15600, "unknown", findings=[{"id": "node-not-read"}], restart=True)
        self.cluster.meddle = None
        reporter.live(15600, 16800)
        self.assertEqual({"True"}, self.cluster.statuses())
        self.assertLessEqual(len(self.cluster.writes) - count, 3)
        self.assertEqual(began, self.cluster.condition("a")["lastTransitionTime"])
        self.assertEqual([], self.cluster.events)

    def test_a_node_that_is_not_there_is_an_error(self):
        counts = self.reporter("gone").live(10000, 10200)
        self.assertIn('404: nodes "gone" not found', counts["errors"][0])
        self.assertEqual([], self.cluster.writes)


if __name__ == "__main__":
    unittest.main()
