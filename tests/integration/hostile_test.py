"""Peers with the key of a host, or with none, that break the rules: refused, counted, told; nobody else notices.

X numbers are listed in docs/testing.md.
"""
import os
import signal
import subprocess

import support
from support import FleetTest, main
from workload import ask

# Values of Refusal and Registration in common/message.h.
BAD_TICKET, UNKNOWN_LINK = "refused 2", "refused 7"
BAD_TOKEN, UNKNOWN_HOST = "registered 1", "registered 9"


class Hostile(FleetTest):
    init_words = ("--fanout", "3", "--interval", "400ms")

    def setUp(self):
        super().setUp()
        self.start(8)
        self.clean_tree()

    def attack(self, whom, thief, victim):
        """What a peer with the thief's folder is answered, by case."""
        done = subprocess.run([support.PROGRAMS / "hostile_peer", whom, self.folder / thief,
                               str(self.fleet.hosts()[victim]["id"])],
                              capture_output=True, text=True, timeout=60, check=True)
        return dict(line.split(": ", 1) for line in done.stdout.splitlines())

    def log(self, name):
        return (self.folder / f"{name}.log").read_text()

    def stolen(self):
        """A leaf that is killed, so that its folder can be used by another; its parent; a sibling."""
        parent = self.interior()
        thief, sibling, *_ = (name for name, node in self.fleet.tree().items() if node["parent"] == parent)
        self.fleet.kill(thief)
        return thief, parent, sibling

    def expect_unharmed(self, may_be_lost):
        self.wait("the others", 30, lambda: self.fleet.live() == 7)
        self.clean_tree()
        lost = {event["hosts"] for event in self.fleet.get("/v1/events") if event["kind"] in ("host.lost", "hosts.lost")}
        self.assertLessEqual(lost, may_be_lost)

    def test_x16_nobody_speaks_to_the_manager_in_the_name_of_another(self):
        thief, _, _ = self.stolen()
        victim = self.fleet.get("/v1/tree")["root"]
        said = self.attack("manager", thief, victim)
        self.assertEqual(said["accuse as another"], "nothing")
        self.assertEqual(said["join as another"], "nothing")
        self.assertEqual(said["stranger accuses"], "nothing")
        self.assertEqual(said["stranger seeks"], UNKNOWN_HOST)
        self.assertEqual(said["stranger registers"], BAD_TOKEN)
        for reason, least in (("wrong_sender", 2), ("unknown_key", 1), ("malformed", 3)):
            metric = f'coppice_bad_frames_total{{reason="{reason}"}}'
            self.assertGreaterEqual(self.metric(metric), least, metric)
        self.assertIn(f"link.impostor a frame in the name of host '{victim}'", self.log("manager"))
        self.expect_unharmed({thief})

    def test_x16_nobody_speaks_to_a_parent_in_the_name_of_another(self):
        thief, parent, victim = self.stolen()
        said = self.attack("parent", thief, victim)
        self.assertEqual(said["join as another"], BAD_TICKET)
        self.assertEqual(said["forged ticket"], BAD_TICKET)
        self.assertEqual(said["stolen ticket"], BAD_TICKET)
        self.assertEqual(said["own ticket"], "welcome")
        self.assertEqual(said["own heartbeat"], "answered")
        self.assertEqual(said["replayed"], "nothing")
        self.assertEqual(said["stale link"], UNKNOWN_LINK)
        self.assertEqual(said["accuse as another"], UNKNOWN_LINK)
        self.assertEqual(said["order from below"], "not understood")
        self.assertIn("link.impostor", self.log(parent))
        self.assertIn("link.bad_frame", self.log(parent))
        self.expect_unharmed({thief})

    def test_x16_an_interior_host_forges_neither_orders_nor_pushes(self):
        tree = self.fleet.tree()
        thief = self.interior()
        children = {name for name, node in tree.items() if node["parent"] == thief}
        listen = self.fleet.hosts()[thief]["addresses"][0]
        first = self.push("real", b"x")
        for name in children:
            os.kill(self.fleet.agents[name].pid, signal.SIGSTOP)  # until the thief has the place
        self.fleet.kill(thief)
        peer = subprocess.Popen(
            [support.PROGRAMS / "hostile_peer", "children", self.folder / thief, listen, str(first + 1)],
            stdout=subprocess.PIPE, text=True)
        try:
            self.assertIn("listens", peer.stdout.readline())
            for name in children:
                os.kill(self.fleet.agents[name].pid, signal.SIGCONT)
            self.wait("the lies", 30, lambda: all(
                "agent.bad_push" in self.log(name) and "agent.bad_order" in self.log(name)
                for name in children))
        finally:
            peer.kill()
            peer.communicate()
        self.wait("the others", 30, lambda: self.fleet.live() == 7)
        self.clean_tree()
        self.assertFalse(any(self.fleet.file(name, "poison").exists() for name in children))
        genuine = self.push("poison", b"antidote")
        self.assertEqual(genuine, first + 1, "the number that was taken by the forged push")
        self.wait("the genuine push", 30, lambda: (
            self.fleet.get(f"/v1/pushes/{genuine}")["applied"] == 7))
        self.assertEqual(self.fleet.get(f"/v1/pushes/{genuine}")["refused"], 0)

    def push(self, topic, content):
        status, receipt = ask(self.fleet, "POST", f"/v1/pushes?topic={topic}", content)
        self.assertEqual(status, 201)
        return receipt["push"]


if __name__ == "__main__":
    main()
