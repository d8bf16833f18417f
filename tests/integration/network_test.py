"""Networks that cut, delay and lose, each host in a namespace; skipped where that is not permitted.

X numbers are listed in docs/testing.md. COPPICE_CUT are the seconds of a cut (5).
"""
import os
import time

import support
from local_fleet import Fleet
from network import Network, enter_a_namespace
from workload import Watcher

CUT = float(os.environ.get("COPPICE_CUT", "5"))


def setUpModule():
    enter_a_namespace()


class NetworkedFleet(Fleet):
    """Each agent on a host of a Network; the manager is here, with the address of `manager`."""

    def __init__(self, network, *words, **options):
        self.network = network
        super().__init__(*words, address=network.add("manager", is_here=True), **options)

    def agent_command(self, name, token=None, *more):
        if name not in self.network.addresses:
            self.network.add(name)
        command = super().agent_command(name, token, *more)
        command[command.index("--listen") + 1] = f"tcp://{self.network.addresses[name]}:0"
        return [*self.network.inside(name), *command]


class NetworkTest(support.FleetTest):
    init_words = ("--fanout", "3", "--interval", "400ms")
    count = 8

    def make_fleet(self):
        self.network = Network(seed=1)
        self.addCleanup(self.network.close)
        return NetworkedFleet(self.network, support.PROGRAMS, self.folder, *self.init_words)

    def setUp(self):
        super().setUp()
        self.start(self.count)
        self.clean_tree()
        self.watcher = Watcher(self.fleet, ["t"])
        self.number = 0

    def push(self):
        self.number += 1
        path = self.folder / "value"
        path.write_text(f"{self.number} of this test")
        return self.fleet.coppice("push", "t", str(path))["push"]

    def is_complete(self, push):
        return self.fleet.get(f"/v1/pushes/{push}")["complete"]

    def complete(self, push):
        self.wait("the push to be complete", 90, lambda: self.is_complete(push))
        self.watcher.look()
        self.assertEqual(self.watcher.problems, [])
        self.assertEqual({self.watcher.number(name, "t") for name in self.fleet.agents}, {self.number})

    def wait_out(self, duration):
        """Until the time is over; what happens meanwhile is looked at afterwards."""
        until = time.monotonic() + duration
        self.wait("the time to be over", duration + 5, lambda: time.monotonic() > until)

    def lost(self):
        return {name for name, host in self.fleet.hosts().items() if host["state"] == "lost"}

    def ever_lost(self):
        return {event["hosts"] for event in self.fleet.get("/v1/events?since=1h")
                if event["kind"] in ("host.lost", "hosts.lost")}

    def told(self, name):
        """The cause of its last return."""
        return [event["cause"] for event in self.fleet.get("/v1/events?limit=10000")
                if event["kind"] == "host.live" and event["hosts"] == name][-1]

    def runs(self):
        return {name: host["incarnation"] for name, host in self.fleet.hosts().items()}

    def counted(self):
        answer = self.fleet.coppice("query", "count()", code=None)
        return answer["coverage"]["included"] if answer else 0

    def agreed(self):
        """Seconds until all are live, all answer, and the tree has no fault."""
        took = self.wait("all to agree", 90, lambda: (
            self.fleet.live() == self.count and self.counted() == self.count))
        self.clean_tree()
        return took

    def a_leaf(self):
        return next(name for name, node in self.fleet.tree().items() if node["role"] == "leaf")


class Cuts(NetworkTest):
    def test_x3_a_host_that_was_cut_off_agrees_soon_after_and_applies_nothing_stale(self):
        runs = self.runs()
        for victim in (self.a_leaf(), self.interior()):
            self.complete(self.push())
            self.network.isolate(victim)
            self.wait("the verdict", 30, lambda name=victim: self.lost() == {name})
            self.assertEqual(self.fleet.hosts()[victim]["cause"], "unreachable")
            missed = [self.push() for _ in range(3)]
            self.wait("the others", 30, lambda push=missed[-1]: (
                self.fleet.get(f"/v1/pushes/{push}")["applied"] == self.count - 1))
            self.wait_out(CUT)
            self.network.mend()
            print(f"  X3: agreed {self.agreed():.1f} s after a cut, of intervals of 0.4 s", flush=True)
            self.complete(missed[-1])
            self.assertEqual(self.told(victim), "cut_off", "X29: not paused, not restarted")
        self.assertEqual(self.runs(), runs, "an agent was restarted")

    def test_x3_a_link_that_was_cut_costs_nobody_else(self):
        victim = self.interior()
        parent = self.fleet.tree()[victim]["parent"]
        self.network.cut(victim, parent)
        self.another_way(victim, parent)
        self.complete(self.push())
        self.network.mend()
        self.agreed()
        self.assertLessEqual(self.ever_lost(), {victim})

    def test_one_way_cuts_are_seen_by_the_side_that_hears_nothing(self):
        for is_upward in (True, False):
            child = self.interior()
            parent = self.fleet.tree()[child]["parent"]
            self.network.cut_one_way(*((child, parent) if is_upward else (parent, child)))
            self.another_way(child, parent)
            self.complete(self.push())
            self.network.mend()
            self.agreed()

    def another_way(self, child, parent):
        self.wait("another way", 30, lambda: (
            self.fleet.tree().get(child, {}).get("parent") not in (None, parent) and
            self.counted() == self.count))

    def test_a_manager_that_was_cut_off_declares_nobody_lost_but_the_root(self):
        root = self.fleet.get("/v1/tree")["root"]
        self.network.isolate("manager")
        push = self.push()
        self.wait_out(CUT)
        self.network.mend()
        self.agreed()
        self.complete(push)
        self.assertLessEqual(self.ever_lost(), {root})

    def test_x6_whoever_is_cut_off_ends_within_five_seconds_of_sigterm(self):
        root = self.fleet.get("/v1/tree")["root"]
        for name in (self.a_leaf(), self.interior(), root, "manager"):
            self.network.isolate(name)
        self.push()
        for name in [name for name in self.fleet.agents if self.network.inside(name)]:
            process = self.fleet.agents.pop(name)
            self.expect_end(name, process)
        self.expect_end("the manager", self.fleet.manager)

    def expect_end(self, name, process):
        start = time.monotonic()
        process.terminate()
        self.assertEqual(process.wait(5), 0, name)
        print(f"  X6: {name} ended {time.monotonic() - start:.2f} s after SIGTERM", flush=True)


class BadLines(NetworkTest):
    init_words = ("--fanout", "3", "--interval", "1s")

    def test_a_delay_of_20_ms_each_way_and_a_loss_of_5_percent_accuse_nobody(self):
        self.network.delay, self.network.loss = 0.02, 0.05
        for _ in range(8):
            self.complete(self.push())
            self.assertEqual(self.counted(), self.count)
        self.fleet.start_agent("n009")  # joins over such lines, too
        self.count += 1
        self.agreed()
        self.complete(self.push())
        self.assertEqual(self.ever_lost(), set())


if __name__ == "__main__":
    support.main()
