"""Agents of one rack that are killed at once are told as one event, by a manager that may die too."""
import os
import signal
import subprocess
import urllib.request

from support import PROGRAMS, FleetTest, main

RACK = [f"n{number:03}" for number in range(1, 6)]
OTHERS = [f"n{number:03}" for number in range(6, 13)]


class Together(FleetTest):
    def start_racks(self):
        for name in OTHERS:  # the root is one of them
            self.fleet.start_agent(name, "--label", "rack=r2")
        self.wait("the others", 60, lambda: self.fleet.live() == len(OTHERS))
        for name in RACK:
            self.fleet.start_agent(name, "--label", "rack=r1")
        self.wait("all hosts", 60, lambda: self.fleet.live() == len(RACK + OTHERS))
        self.clean_tree()

    def kill_rack(self):
        processes = [self.fleet.agents.pop(name) for name in RACK]
        for process in processes:
            os.kill(process.pid, signal.SIGKILL)
        for process in processes:
            process.wait()

    def told(self):
        """The hosts of each row that tells of deaths, by its id."""
        return {event["id"]: event for event in self.fleet.get("/v1/events")
                if event["kind"] in ("host.lost", "hosts.lost")}

    def one_story(self):
        rows = list(self.told().values())
        return len(rows) == 1 and rows[0]["count"] == len(RACK)

    def streamed(self, change):
        """What a stream of events says in its piece with that number."""
        request = urllib.request.Request(f"http://{self.fleet.api}/v1/events?after={change - 1}",
                                         headers={"Accept": "text/event-stream"})
        with urllib.request.urlopen(request, timeout=20) as stream:
            for line in stream:
                if line.decode() == f"id: {change}\n":
                    return stream.readline().decode() + stream.readline().decode()
        raise AssertionError(f"the stream ended before change {change}")

    def test_a_rack_is_one_story_and_stays_one_through_a_restart_and_a_return(self):
        self.start_racks()
        with open(self.folder / "followed", "wb") as followed:
            follower = subprocess.Popen([PROGRAMS / "coppice", "events", "--follow", "--manager",
                                         f"http://{self.fleet.api}"], stdout=followed)
        try:
            self.kill_rack()
            self.wait("one story", 60, self.one_story)
            story = next(iter(self.told().values()))
            self.assertEqual(story["kind"], "hosts.lost")
            self.assertEqual(story["hosts"], "n[001-005]")
            self.assertEqual(story["cause"], "common rack")
            self.assertIn("rack r1: 5 of 5 hosts", story["evidence"]["story"])
            self.assertIn(story["evidence"]["story"], self.streamed(story["change"]))
            self.wait("the story at the follower", 20, lambda: (
                "n[001-005]  rack r1: 5 of 5" in (self.folder / "followed").read_text()))
        finally:
            follower.kill()
            follower.wait()
        for name in RACK:
            self.fleet.start_agent(name, "--label", "rack=r1")
        self.wait("their return", 60, lambda: self.fleet.live() == len(RACK + OTHERS))
        self.fleet.kill_manager()
        self.fleet.start_manager()
        after = self.told()[story["id"]]
        self.assertEqual(after | {"change": story["change"]}, story)
        self.assertTrue(self.one_story(), "nobody is told twice")

    def test_a_manager_that_dies_while_they_die_tells_each_host_once(self):
        self.start_racks()
        self.kill_rack()
        self.wait("the first row", 60, lambda: self.told())
        self.fleet.kill_manager()
        self.fleet.start_manager()
        self.wait("all verdicts", 60, lambda: self.fleet.get("/v1/status")["hosts"]["lost"] == len(RACK))
        counts = [event["count"] for event in self.told().values()]
        self.assertEqual(sum(counts), len(RACK))


if __name__ == "__main__":
    main()
