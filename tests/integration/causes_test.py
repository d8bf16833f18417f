"""What happened to a host is told apart (X29), and one that comes and goes is one story; with real signals.

X numbers are listed in docs/testing.md. COPPICE_TIMES is how often X10 kills (5).
"""
import os
import signal
import subprocess

import support
from support import FleetTest, main

TIMES = int(os.environ.get("COPPICE_TIMES", "5"))


class CausesTest(FleetTest):
    init_words = ("--fanout", "3", "--interval", "400ms")

    def cause_when(self, name, state):
        self.wait(f"{name} to be {state}", 20, lambda: self.fleet.hosts()[name]["state"] == state)
        return self.fleet.hosts()[name]["cause"]

    def told(self, kind, name):
        """Causes of the events of a kind about a host, oldest first."""
        return [event["cause"] for event in self.fleet.get("/v1/events?limit=10000")
                if event["kind"] == kind and event["hosts"] == name]

    def back(self, name, kind, cause):
        self.wait(f"{kind} of {name}", 30, lambda: cause in self.told(kind, name))
        self.wait("all", 30, lambda: self.fleet.live() == len(self.fleet.agents))

    def a_leaf(self):
        return next(name for name, node in self.fleet.tree().items() if node["role"] == "leaf")


class Causes(CausesTest):
    manager_words = ("--cool-down", "1s")  # nobody is unstable for long

    def test_x29_a_kill_a_stop_signal_a_drain_and_a_planned_stop_are_told_apart(self):
        self.start(8)
        self.clean_tree()
        for choose in (self.a_leaf, self.interior):
            name = choose()
            self.fleet.kill(name)
            self.assertEqual(self.cause_when(name, "lost"), "crashed")
            self.fleet.start_agent(name)
            self.back(name, "host.restarted", "crashed")
            self.clean_tree()

            name = choose()
            os.kill(self.fleet.agents[name].pid, signal.SIGSTOP)
            try:
                self.assertEqual(self.cause_when(name, "lost"), "silent")
            finally:
                os.kill(self.fleet.agents[name].pid, signal.SIGCONT)
            self.back(name, "host.live", "paused")
            self.clean_tree()

            name = choose()
            self.fleet.coppice("drain", name, "--reason", "new disk")
            self.assertEqual(self.told("host.drained", name), ["new disk"])
            self.assertTrue(self.fleet.hosts()[name]["drained"])
            self.assertEqual(self.fleet.hosts()[name]["state"], "live")
            self.fleet.coppice("undrain", name)
            self.clean_tree()

            name = choose()
            process = self.fleet.agents.pop(name)
            process.terminate()
            self.assertEqual(process.wait(5), 0)
            self.assertEqual(self.cause_when(name, "left"), "said_goodbye")
            self.fleet.start_agent(name)
            self.back(name, "host.restarted", "restart")
            self.clean_tree()

    def test_x10_an_interior_host_that_is_killed_again_and_again_rejoins(self):
        self.start(8)
        self.clean_tree()
        depth = self.fleet.get("/v1/tree")["depth_max"]
        for _ in range(TIMES):
            name = self.interior()
            self.fleet.kill(name)
            self.assertEqual(self.cause_when(name, "lost"), "crashed")
            self.fleet.start_agent(name)
            self.wait("all", 30, lambda: self.fleet.live() == 8)
            self.clean_tree()
            self.assertLessEqual(self.fleet.get("/v1/tree")["depth"], depth)


class Flapping(CausesTest):
    manager_words = ("--cool-down", "30s")

    def test_a_host_that_comes_and_goes_is_one_story_and_is_shown_so(self):
        self.start(6)
        self.clean_tree()
        name = self.a_leaf()
        for _ in range(3):
            self.fleet.kill(name)
            self.assertEqual(self.cause_when(name, "lost"), "crashed")
            self.fleet.start_agent(name)
            self.wait("all", 20, lambda: self.fleet.live() == 6)
        self.assertTrue(self.fleet.hosts()[name]["unstable"])
        self.assertEqual(self.told("host.lost", name), ["crashed"], "the first alone")
        listed = subprocess.run([support.PROGRAMS / "coppice", "hosts"], capture_output=True, text=True,
                                timeout=30, check=True).stdout
        self.assertIn("live (unstable)", listed)
        stories = [event for event in self.fleet.coppice("events") if event["kind"] == "host.unstable"]
        self.assertEqual([event["hosts"] for event in stories], [name])
        self.assertGreaterEqual(stories[0]["revision"], 3)
        self.assertIn("gone 3 times", stories[0]["evidence"]["story"])
        self.wait("quiet", 90, lambda: not self.fleet.hosts()[name]["unstable"])
        self.wait("the end of the story", 5, lambda: self.told("host.unstable", name)[-1] == "stable")


if __name__ == "__main__":
    main()
