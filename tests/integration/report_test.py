"""Availability and the tree of the past, as people ask for them, after kills and planned stops of real agents."""
import threading
import time

from support import FleetTest, main


class Report(FleetTest):
    def report(self, *words):
        return self.fleet.coppice("report", "availability", *words)

    def wait_state(self, name, state):
        self.wait(f"{name} to be {state}", 30, lambda: self.fleet.hosts()[name]["state"] == state)

    def stop(self, name):
        self.fleet.agents[name].terminate()
        self.fleet.agents.pop(name).wait(10)
        self.wait_state(name, "left")

    @staticmethod
    def since_1970():
        """Now, in milliseconds."""
        return round(time.time() * 1000)

    def test_an_outage_and_a_planned_stop_are_told_apart(self):
        self.start(8)
        self.clean_tree()
        victim = self.interior()
        planned = min(name for name, node in self.fleet.tree().items() if node["role"] == "leaf")
        tree_before = self.fleet.coppice("tree")
        before = self.since_1970()
        self.fleet.kill(victim)
        self.wait_state(victim, "lost")
        self.stop(planned)
        self.clean_tree()
        tree_down = self.fleet.coppice("tree")
        down = self.since_1970()
        self.fleet.start_agent(victim)
        self.fleet.start_agent(planned)
        self.wait("all to be live", 30, lambda: self.fleet.live() == 8)

        report = self.report("--since", "1h")
        self.assertEqual(report["all"]["hosts"], 8)
        self.assertEqual((report["all"]["failures"], report["all"]["repairs"]), (1, 1))
        self.assertEqual(report["all"]["partly_known"], 8)  # none is an hour old
        hosts = {host["host"]: host for host in report["hosts"]}
        self.assertEqual(report["hosts"][0]["host"], victim)
        outage = self.outage(victim)
        self.assertAlmostEqual(hosts[victim]["down_ms"], outage, delta=2)
        self.assertAlmostEqual(hosts[victim]["mttr_ms"]["mean"], outage, delta=2)
        self.assertEqual((hosts[planned]["failures"], hosts[planned]["planned_stops"]), (0, 1))
        self.assertGreater(hosts[planned]["planned_ms"], 0)
        self.assertEqual(hosts[planned]["availability"], 1)
        for host in hosts.values():
            self.assertEqual(sum(host[part] for part in ("up_ms", "down_ms", "planned_ms",
                                                         "unknown_ms")), 3_600_000)
        self.assertEqual(self.report(f"--since={down}")["all"]["failures"], 0)

        self.expect_tree(before, tree_before)
        self.expect_tree(down, tree_down)
        self.assertNotIn(victim, {node["host"] for node in tree_down["nodes"]})
        was = self.fleet.coppice("host", victim, f"--at={down}")
        self.assertEqual((was["name"], was["state"]), (victim, "lost"))

        shown = self.run_plainly("report", "availability", "--since", "1h", "--by", "zone").stdout
        self.assertIn("(no zone)", shown)
        self.assertRegex(shown, rf"{victim} \(part\) +\S")
        self.assertIn("8 hosts known for a part of that time alone", shown)
        shown = self.run_plainly("tree", f"--at={before}").stdout
        self.assertRegex(shown, rf"^cell \S+ at 20\S+Z, generation \d+, depth \d")
        self.assertIn(victim, shown)

    def outage(self, name):
        """From its loss until it was live, in milliseconds."""
        intervals = self.fleet.coppice("host", name, "--history")["intervals"]
        states = [interval["state"] for interval in intervals]
        lost = states.index("lost")
        end = states.index("live", lost)
        return sum(interval["lasting_ms"] for interval in intervals[lost:end])

    def expect_tree(self, time_ms, then):
        """What was shown then is shown of then, as far as it is known."""
        past = self.fleet.coppice("tree", f"--at={time_ms}")
        for field in ("cell", "root", "depth", "max_children"):
            self.assertEqual(past[field], then[field], field)

        def nodes(tree):
            return {node["host"]: node for node in tree["nodes"]}
        self.assertEqual(nodes(past), nodes(then))

    def test_heartbeats_and_commands_go_on_while_reports_are_made(self):
        self.start(4)
        is_over = threading.Event()
        codes = []

        def ask():
            while not is_over.is_set():
                codes.append(self.run_plainly("report", "availability", "--json").returncode)
        askers = [threading.Thread(target=ask) for _ in range(2)]
        for asker in askers:
            asker.start()
        try:
            for number in range(5):
                self.fleet.coppice("drain" if number % 2 == 0 else "undrain", "n002")
        finally:
            is_over.set()
            for asker in askers:
                asker.join()
        self.assertIn(0, codes)
        self.assertLessEqual(set(codes), {0, 3})  # 3: another one was being made
        self.assertEqual(self.fleet.live(), 4)
        self.assertEqual(self.report("--since", "1h")["all"]["failures"], 0)

    def test_questions_without_an_answer_are_told_why(self):
        self.start(1)
        self.command = ("report", "availability")
        self.assertIn("in the future", self.refusal(2, "--since", "2999-01-01"))
        self.assertIn("in the future", self.refusal(2, "--until", "2999-01-01 12:00"))
        self.assertIn("is not a time", self.refusal(2, "--since", "yesterday"))
        self.assertIn("--since is not before --until",
                      self.refusal(2, "--since", "1h", "--until", "2h"))
        self.assertIn("kept for 90 days", self.refusal(1, "--since", "91d"))
        self.command = ()
        self.assertIn("in the future", self.refusal(2, "tree", "--at", "2999-01-01"))
        self.assertIn("the first is of", self.refusal(1, "tree", "--at", "1h"))
        self.assertIn("no record of host", self.refusal(1, "host", "n001", "--at", "1h"))
        self.assertIn("do not go together",
                      self.refusal(2, "host", "n001", "--at", "1h", "--history"))
        self.fleet.kill_manager()
        self.refusal(3, "report", "availability")


if __name__ == "__main__":
    main()
