"""Deaths, pauses and planned stops with real signals."""
import os
import signal
import time

from support import FleetTest, main


class Healing(FleetTest):
    def test_a_killed_branch_loses_nobody_else(self):
        self.start(14)
        victim = self.interior()
        self.fleet.kill(victim)
        self.wait("the verdict", 15, lambda: self.fleet.hosts()[victim]["state"] == "lost")
        self.assertEqual(self.fleet.hosts()[victim]["cause"], "crashed")
        self.wait("the others", 20, lambda: self.fleet.live() == 13)
        self.clean_tree()

    def test_a_killed_root_loses_nobody_else(self):
        self.start(14)
        victim = self.fleet.get("/v1/tree")["root"]
        self.fleet.kill(victim)
        self.wait("another root", 20, lambda: (
            self.fleet.get("/v1/tree")["root"] not in ("", victim) and self.fleet.live() == 13))
        self.clean_tree()
        states = {host["state"] for name, host in self.fleet.hosts().items() if name != victim}
        self.assertEqual(states, {"live"})

    def test_a_paused_branch_accuses_nobody_on_waking_and_is_a_leaf_then(self):
        self.start(14)
        victim = self.interior()
        lost_before = self.lost_events()
        os.kill(self.fleet.agents[victim].pid, signal.SIGSTOP)
        try:
            self.wait("the verdict", 20, lambda: self.fleet.hosts()[victim]["state"] == "lost")
            self.assertEqual(self.fleet.hosts()[victim]["cause"], "silent")
            self.wait("its children", 20, lambda: self.fleet.live() == 13)
        finally:
            os.kill(self.fleet.agents[victim].pid, signal.SIGCONT)
        self.wait("its return", 20, lambda: self.fleet.live() == 14)
        self.clean_tree()
        self.assertEqual(self.fleet.tree()[victim]["role"], "leaf")
        accused = self.lost_events() - lost_before
        self.assertEqual(accused, {victim})

    def lost_events(self):
        return {event["hosts"] for event in self.fleet.get("/v1/events")
                if event["kind"] in ("host.lost", "hosts.lost")}

    def test_a_planned_stop_is_told_apart_from_a_death(self):
        self.start(3)
        self.fleet.agents["n003"].terminate()
        self.fleet.agents.pop("n003").wait(10)
        self.wait("the goodbye", 15, lambda: self.fleet.hosts()["n003"]["state"] == "left")

    def test_a_restarted_manager_declares_nobody_lost(self):
        self.start(10)
        for _ in range(3):
            term = self.fleet.get("/v1/status")["cells"][0]["term"]
            self.fleet.kill_manager()
            self.fleet.start_manager()
            status = self.fleet.get("/v1/status")
            self.assertGreater(status["cells"][0]["term"], term)
            self.assertEqual(status["hosts"]["lost"], 0)
            self.wait("the root to report", 20, lambda: self.counts_ten())
        self.assertEqual(self.lost_events(), set())

    def counts_ten(self):
        answer = self.fleet.coppice("query", "count()", code=None)
        return answer is not None and answer["coverage"]["included"] == 10

    def test_an_idle_fleet_writes_nothing(self):
        self.start(8)
        self.fleet.coppice("series", "remove", "hosts")
        name = "coppice_store_writes_total"
        settled = [self.metric(name), time.monotonic()]

        def is_quiet():
            writes = self.metric(name)
            if writes != settled[0]:
                settled[:] = [writes, time.monotonic()]
            return time.monotonic() - settled[1] > 5  # ten intervals without a write
        self.wait("ten quiet intervals", 60, is_quiet)


if __name__ == "__main__":
    main()
