"""Planned stops of hosts with children, with real signals: nobody else notices."""
import time

from support import FleetTest, main


class Stops(FleetTest):
    init_words = ("--fanout", "4", "--interval", "500ms")

    def setUp(self):
        super().setUp()
        self.start(12)
        self.clean_tree()

    def stop_host(self, name, bound=5):
        """Seconds that it took to end."""
        start = time.monotonic()
        process = self.fleet.agents.pop(name)
        process.terminate()
        self.assertEqual(process.wait(bound), 0, name)
        return time.monotonic() - start

    def kinds(self):
        return [event["kind"] for event in self.fleet.get("/v1/events?limit=10000")]

    def expect_left(self, name):
        self.wait("the goodbye", 15, lambda: self.fleet.hosts()[name]["state"] == "left")
        self.assertEqual(self.fleet.hosts()[name]["cause"], "said_goodbye")
        self.assertIn("host.leaving", self.kinds())

    def expect_return(self, name, count):
        self.fleet.start_agent(name)
        self.wait("its return", 20, lambda: self.fleet.live() == count)
        self.clean_tree()

    def test_a_branch_and_the_root_hand_over_before_they_go(self):
        for victim in (self.interior(), self.fleet.get("/v1/tree")["root"]):
            took = self.stop_host(victim)
            print(f"  {victim} was gone {took:.2f} s after SIGTERM", flush=True)
            self.expect_left(victim)
            self.wait("the others", 10, lambda: self.fleet.live() == 11)
            self.clean_tree()
            self.assertNotIn(victim, (self.fleet.get("/v1/tree")["root"], ""))
            self.expect_return(victim, 12)
        self.assertEqual([kind for kind in self.kinds() if kind.endswith(".lost")], [])

    def stop_all(self, names):
        """All at once, as a power-down does it."""
        processes = [self.fleet.agents.pop(name) for name in names]
        for process in processes:
            process.terminate()
        for name, process in zip(names, processes):
            self.assertEqual(process.wait(5), 0, name)

    def test_many_that_stop_at_once_have_all_left_and_nobody_is_lost(self):
        everybody = sorted(self.fleet.agents)
        root = self.fleet.get("/v1/tree")["root"]
        some = sorted({root, self.interior(), *everybody[:6]})
        for names in (some, everybody):
            self.stop_all(names)
            self.wait("the goodbyes", 15, lambda stopped=names: all(
                self.fleet.hosts()[name]["state"] == "left" for name in stopped))
            for name in names:
                self.fleet.start_agent(name)
            self.wait("all to be back", 30, lambda: self.fleet.live() == 12)
            self.clean_tree()
        self.assertEqual([kind for kind in self.kinds() if kind.endswith(".lost")], [])

    def test_without_a_manager_it_ends_all_the_same(self):
        victim = self.interior()
        self.fleet.kill_manager()  # nobody takes the role over
        self.stop_host(victim)
        self.fleet.start_manager()
        self.wait("the others", 30, lambda: self.fleet.live() == 11)
        self.clean_tree()
        self.wait("the goodbye", 15, lambda: self.fleet.hosts()[victim]["state"] == "left")


if __name__ == "__main__":
    main()
