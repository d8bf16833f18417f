"""Processes are killed at random moments under load, again and again; nothing acknowledged is lost.

COPPICE_ROUNDS kills of each kind (20), with the dice of COPPICE_SEED (1). Each test prints what it did.
"""
import os
import random

from support import FleetTest, main
from workload import Workload

ROUNDS = int(os.environ.get("COPPICE_ROUNDS", "20"))
SEED = int(os.environ.get("COPPICE_SEED", "1"))
CORE = [f"n{number:03}" for number in range(1, 9)]
HOSTS_MAX = 16


class CrashLoop(FleetTest):
    init_words = ("--fanout", "3", "--interval", "250ms")

    def setUp(self):
        super().setUp()
        self.random = random.Random(SEED)
        print(f"\n  {ROUNDS} rounds, COPPICE_SEED={SEED}", flush=True)

    def test_a_manager_killed_at_any_moment_keeps_what_it_acknowledged(self):
        self.start(len(CORE))
        term = self.term()
        with Workload(self.fleet, CORE, SEED) as load:
            for _ in range(ROUNDS):
                self.disturb_a_guest(load)
                load.ended.wait(self.random.uniform(0, 0.8))
                self.fleet.kill_manager()
                self.expect_a_sound_store()
                self.disturb_a_guest(load)
                load.ended.wait(self.random.choice((0, 0, 0.3, 1.5)))  # beyond lost, now and then
                self.fleet.start_manager()
                self.assertGreater(self.term(), term)
                term = self.term()
                self.expect_sound(load)
        self.expect_rest(load)

    def test_root_branches_and_leaves_killed_at_any_moment_take_nothing_back(self):
        for name in [f"n{number:03}" for number in range(len(CORE) + 1, HOSTS_MAX - 2)]:
            self.fleet.start_agent(name)
        self.start_more(CORE)
        killed = {"root": 0, "branch": 0, "leaf": 0}
        with Workload(self.fleet, CORE, SEED) as load:
            load.watcher.restarted |= set(self.fleet.agents)
            for _ in range(ROUNDS):
                role, victim = self.victim()
                killed[role] += 1
                self.fleet.kill(victim)
                load.ended.wait(self.random.uniform(0, 1.2))  # back before the verdict, or after it
                self.fleet.start_agent(victim)
                if self.random.random() < 0.3:
                    self.wait("all to be live", 60, self.are_all_live)
                self.expect_sound(load)
        print(f"  killed: {killed}", flush=True)
        self.expect_rest(load)

    def term(self):
        return self.fleet.get("/v1/status")["cells"][0]["term"]

    def start_more(self, names):
        for name in names:
            self.fleet.start_agent(name)
        self.wait("all to be live", 60, self.are_all_live)

    def are_all_live(self):
        return self.fleet.live() == len(self.fleet.agents)

    def disturb_a_guest(self, load):
        """Hosts besides the core come, and are killed and come again."""
        dice = self.random.random()
        guests = [name for name in self.fleet.agents if name not in CORE]
        if dice < 0.4 and len(self.fleet.agents) < HOSTS_MAX:
            self.fleet.start_agent(f"n{len(self.fleet.agents) + 1:03}")
        elif dice < 0.8 and guests:
            guest = self.random.choice(guests)
            load.watcher.restarted.add(guest)
            self.fleet.kill(guest)
            self.fleet.start_agent(guest)

    def victim(self):
        """A living host of a random role, when there is one."""
        wanted = self.random.choice(("root", "branch", "leaf"))
        of_role = sorted(name for name, node in self.fleet.tree().items() if node["role"] == wanted)
        if of_role:
            return wanted, self.random.choice(of_role)
        name = self.random.choice(sorted(self.fleet.agents))
        return self.fleet.tree()[name]["role"], name

    def expect_sound(self, load):
        self.assertEqual(load.problems() + load.registered_problems(), [])
        ended = [name for name, agent in self.fleet.agents.items() if agent.poll() is not None]
        self.assertEqual(ended, [], "agents ended by themselves")
        self.assertIsNone(self.fleet.manager.poll(), "the manager ended by itself")

    def expect_a_sound_store(self):
        """As the killed manager left it; records and histories of hosts agree, too."""
        checks = self.fleet.coppice("doctor", str(self.folder / "manager"), code=1)
        store = next(check for check in checks if check["check"] == "store")
        self.assertTrue(store["ok"] and "is sound" in store["detail"], store)

    def expect_rest(self, load):
        self.wait("all to be live", 60, self.are_all_live)
        self.wait("all pushes to be complete", 60, load.all_complete)
        self.clean_tree()
        self.expect_sound(load)
        self.assertGreater(len(load.pushes), ROUNDS / 2)
        print(f"  acknowledged: {len(load.pushes)} pushes, {len(load.tokens)} tokens, "
              f"{len(load.ids)} hosts; all there", flush=True)


if __name__ == "__main__":
    main()
