"""What hosts were, as people ask for it: intervals of one, all of them at one time, after kills and restarts."""
import subprocess
import time

from support import PROGRAMS, FleetTest, main


class History(FleetTest):
    def history(self, name, *words):
        return self.fleet.coppice("host", name, "--history", *words)

    def states(self, name):
        return [interval["state"] for interval in self.history(name)["intervals"]]

    def leaf(self):
        tree = self.fleet.tree()
        return max(name for name, node in tree.items() if node["role"] == "leaf")

    def wait_state(self, name, state):
        self.wait(f"{name} to be {state}", 30, lambda: self.fleet.hosts()[name]["state"] == state)

    def test_intervals_tell_of_a_death_through_restarts_of_the_manager(self):
        self.start(5)
        victim = self.leaf()
        before = time.time()
        self.fleet.kill(victim)
        self.wait_state(victim, "lost")
        lost_since = self.fleet.hosts()[victim]["since"]
        down = time.time()
        self.fleet.kill_manager()
        self.fleet.start_manager()
        self.assertEqual(self.states(victim)[-2:], ["live", "lost"])
        self.fleet.start_agent(victim)
        self.wait_state(victim, "live")

        history = self.history(victim)
        intervals = history["intervals"]
        self.assertEqual([interval["state"] for interval in intervals][-1], "live")
        lost = next(interval for interval in intervals if interval["state"] == "lost")
        self.assertEqual((lost["cause"], lost["from"]), ("crashed", lost_since))
        for earlier, later in zip(intervals, intervals[1:]):
            self.assertEqual(earlier["to"], later["from"])
        self.assertEqual(intervals[-1]["to"], "")
        self.assertTrue(0 < history["availability"] < 1)
        self.assertEqual(self.history(victim, "--since", lost_since)["intervals"][0], lost)

        then = f"--at={down * 1000:.0f}"  # milliseconds
        self.assertEqual([host["name"] for host in
                          self.fleet.coppice("hosts", then, "--state", "lost")], [victim])
        self.assertEqual({host["name"] for host in self.fleet.coppice("hosts", then)},
                         set(self.fleet.hosts()))
        counts = self.fleet.coppice("status", then)["hosts"]
        self.assertEqual((counts["registered"], counts["live"], counts["lost"]), (5, 4, 1))
        self.assertEqual(self.fleet.coppice("hosts", "--count", then), counts)
        self.assertEqual(self.fleet.coppice("hosts", "--count", then, "--state", "lost"), 1)
        self.assertEqual(self.fleet.coppice("hosts", "--count", then, "--where",
                                            f"host in {victim}")["lost"], 1)
        self.assertEqual(self.fleet.coppice("hosts", "--count", "--state", "live"), 5)
        host = self.fleet.coppice("hosts", f"--at={before * 1000:.0f}", "--where",
                                  f"host in {victim}")[0]
        self.assertEqual((host["state"], host["id"]), ("live", self.fleet.hosts()[victim]["id"]))
        shown = subprocess.run([PROGRAMS / "coppice", "host", victim, "--history"], check=True,
                               capture_output=True, text=True, timeout=30).stdout
        self.assertIn("LASTING", shown)
        self.assertRegex(shown, rf"{victim} was live for \d+\.\d\d % of the time from ")

    def test_a_drain_and_a_goodbye_are_in_the_history(self):
        self.start(3)
        self.fleet.coppice("drain", "n002")
        self.assertTrue(self.history("n002")["intervals"][-1]["drained"])
        self.fleet.agents["n003"].terminate()
        self.fleet.agents.pop("n003").wait(10)
        self.wait_state("n003", "left")
        self.assertEqual(self.history("n003")["intervals"][-1]["cause"], "said_goodbye")

    def test_questions_without_an_answer_are_told_why(self):
        self.start(1)
        self.assertIn("in the future", self.refusal(2, "hosts", "--at", "2999-01-01T00:00:00Z"))
        self.assertIn("is not a time", self.refusal(2, "hosts", "--at", "yesterday"))
        self.assertIn("the first is of", self.refusal(1, "hosts", "--at", "1h"))
        self.assertIn("kept for 90 days", self.refusal(1, "hosts", "--at", "2001-01-01T00:00:00Z"))
        self.assertIn("no host \"n9\"", self.refusal(1, "host", "n9", "--history"))
        self.assertIn("in the future",
                      self.refusal(2, "host", "n001", "--history", "--since", "2999-01-01T00:00:00Z"))
        self.assertIn("goes with --history", self.refusal(2, "host", "n001", "--since", "1h"))
        self.fleet.kill_manager()
        self.refusal(3, "host", "n001", "--history")


if __name__ == "__main__":
    main()
