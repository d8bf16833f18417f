"""Bugs that other systems of this kind had with deaths, pauses and restarts, as procedures with what must come out.

X numbers are listed in docs/testing.md. COPPICE_PAUSES are the seconds of X1 (5,20).
"""
import os
import signal
import time
import urllib.parse
from contextlib import contextmanager

from support import FleetTest, main
from workload import ask

PAUSES = [float(pause) for pause in os.environ.get("COPPICE_PAUSES", "5,20").split(",")]


class Healing(FleetTest):
    init_words = ("--fanout", "3", "--interval", "400ms")
    manager_words = ("--cool-down", "2s")

    def last_event(self):
        return max((event["change"] for event in self.fleet.get("/v1/events")), default=0)

    def events(self, after, kind):
        """Hosts of each event of a kind since then."""
        found = self.fleet.get(f"/v1/events?after={after}&limit=10000")
        return [self.names(event["hosts"]) for event in found if event["kind"] == kind]

    def names(self, hosts):
        where = urllib.parse.quote(f"host in {hosts}")
        return {host["name"] for host in self.fleet.get(f"/v1/hosts?where={where}")} if hosts else set()

    def counted(self):
        answer = self.fleet.coppice("query", "count()", code=None)
        return answer["coverage"]["included"] if answer else 0

    def parents(self):
        return {name: node["parent"] for name, node in self.fleet.tree().items()}

    @contextmanager
    def paused(self, name):
        os.kill(self.fleet.agents[name].pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.fleet.agents[name].pid, signal.SIGCONT)

    def settled(self, count):
        self.wait(f"{count} live hosts", 60, lambda: self.fleet.live() == count)
        self.clean_tree()

    def drain(self, name, word="drain"):
        self.fleet.coppice(word, name, *(["--reason", "test"] if word == "drain" else []))


class Pauses(Healing):
    def test_x1_a_paused_branch_moves_its_children_once_and_nobody_else(self):
        self.start(14)
        self.clean_tree()
        for pause in PAUSES:
            self.pause_a_branch(pause)

    def pause_a_branch(self, pause):
        self.quiet()
        victim, before, mark = self.interior(), self.parents(), self.last_event()
        children = {name for name, parent in before.items() if parent == victim}
        with self.paused(victim):
            until = time.monotonic() + pause
            self.wait("the children to be back", 30, lambda: (
                self.fleet.hosts()[victim]["state"] == "lost" and self.fleet.live() == 13))
            self.wait("the pause to be over", pause + 1, lambda: time.monotonic() > until)
        self.settled(14)
        self.quiet()
        self.assertEqual(self.events(mark, "host.lost"), [{victim}], "who slept accuses nobody")
        moves = [name for moved in self.events(mark, "tree.changed") for name in moved]
        for child in children:
            self.assertLessEqual(moves.count(child), 1, f"{child} moved more than once")
        after = self.parents()
        others = {name for name in before if name not in children | {victim}}
        self.assertEqual({name: after[name] for name in others}, {name: before[name] for name in others})
        self.assertEqual(self.fleet.tree()[victim]["role"], "leaf")

    def quiet(self):
        """No change for two intervals of the slowest follow-up."""
        mark = [self.last_event(), time.monotonic()]

        def is_quiet():
            if self.last_event() != mark[0]:
                mark[:] = [self.last_event(), time.monotonic()]
            return time.monotonic() - mark[1] > 3
        self.wait("a quiet tree", 60, is_quiet)


class Restarts(Healing):
    def test_x18_all_leaves_restart_at_once_with_reset_counters(self):
        self.start(10)
        ids = {name: host["id"] for name, host in self.fleet.hosts().items()}
        leaves = [name for name, node in self.fleet.tree().items() if node["role"] == "leaf"]
        for name in leaves:
            self.fleet.agents[name].kill()
        for name in leaves:
            self.fleet.agents.pop(name).wait()
            for file in (self.folder / name).glob("agent.db*"):  # the key stays, the counters do not
                file.unlink()
            self.fleet.start_agent(name)
        self.settled(10)  # none stuck dead
        self.assertEqual(ids, {name: host["id"] for name, host in self.fleet.hosts().items()})
        self.wait("an answer of all", 20, lambda: self.counted() == 10)
        self.fleet.kill(leaves[0])  # none stuck alive
        self.wait("the verdict", 20, lambda: self.fleet.hosts()[leaves[0]]["state"] == "lost")
        self.fleet.start_agent(leaves[0])
        self.settled(10)

    def test_x24_a_restarted_root_and_then_a_branch_are_visible_soon(self):
        self.start(10)
        self.clean_tree()
        for victim in (self.fleet.get("/v1/tree")["root"], self.interior()):
            incarnation = self.fleet.hosts()[victim]["incarnation"]
            self.fleet.kill(victim)
            self.fleet.start_agent(victim)
            took = self.wait("the whole tree to answer", 20, lambda old=incarnation, name=victim: (
                self.fleet.hosts()[name]["incarnation"] > old and self.counted() == 10))
            print(f"  X24: all visible {took:.1f} s after the start, of intervals of 0.4 s", flush=True)
            self.settled(10)


class Returns(Healing):
    init_words = ("--fanout", "2", "--interval", "400ms")

    def test_x27_an_interior_host_that_was_away_is_used_again(self):
        self.start(5)
        self.clean_tree()
        victim = self.interior()
        self.fleet.kill(victim)
        self.wait("the failure to be seen", 20, lambda: self.fleet.hosts()[victim]["state"] == "lost")
        self.assertEqual(self.fleet.hosts()[victim]["cause"], "crashed")
        self.settled(4)
        self.fleet.start_agent(victim)
        self.settled(5)
        self.assertEqual(self.fleet.tree()[victim]["role"], "leaf")
        count = 5
        while self.fleet.tree()[victim]["role"] == "leaf" and count < 40:  # until it is needed
            count += 1
            self.fleet.start_agent(f"n{count:03}")
            self.settled(count)
        self.assertEqual(self.fleet.tree()[victim]["role"], "branch")
        self.assertEqual(self.counted(), count)


class Emptiness(Healing):
    def test_x17_no_host_then_one_then_none_that_is_eligible(self):
        self.assertEqual(self.fleet.get("/v1/status")["hosts"]["registered"], 0)
        self.assertEqual(self.fleet.get("/v1/tree")["nodes"], [])
        self.assertEqual(self.fleet.coppice("query", "count()", code=None)["coverage"]["target"], 0)
        self.assertEqual(ask(self.fleet, "POST", "/v1/pushes?topic=early", b"1 x")[0], 404)
        self.start(1)
        self.assertEqual(self.fleet.get("/v1/tree")["root"], "n001")
        self.fleet.start_agent("n002")
        self.settled(2)
        self.drain("n002")
        self.fleet.kill("n001")  # nobody is eligible now
        self.wait("the verdict", 20, lambda: self.fleet.hosts()["n001"]["state"] == "lost")
        self.fleet.kill_manager()
        self.fleet.start_manager()
        self.fleet.kill("n002")
        self.fleet.start_agent("n002")
        self.wait("no root", 20, lambda: self.fleet.get("/v1/tree")["root"] == "")
        self.drain("n002", "undrain")
        self.wait("a root", 30, lambda: self.fleet.get("/v1/tree")["root"] == "n002")
        self.wait("an answer", 20, lambda: self.counted() == 1)


if __name__ == "__main__":
    main()
