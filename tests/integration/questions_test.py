"""Questions to a real fleet: functions, groups, mistakes, and whom an answer covers."""
import os
import platform
import signal

from support import FleetTest, main

RACKS = {"n001": "r1", "n002": "r1", "n003": "r1", "n004": "r2", "n005": "r2"}


class Questions(FleetTest):
    def ask(self, question, code=0):
        return self.fleet.coppice("query", question, code=code)

    def start_racks(self):
        for name, rack in RACKS.items():
            self.fleet.start_agent(name, "--label", f"rack={rack}")
        self.wait("all hosts", 60, lambda: self.fleet.live() == len(RACKS))
        self.wait("all answers", 30, lambda: self.ask("count()")["value"] == len(RACKS))

    def test_answers_say_whom_they_cover(self):
        self.start_racks()
        answer = self.ask("sum(mem_total) / count() by rack")
        self.assertEqual([(group["key"], group["hosts"]) for group in answer["groups"]],
                         [({"rack": "r1"}, 3), ({"rack": "r2"}, 2)])
        self.assertEqual(answer["groups"][0]["value"], answer["groups"][1]["value"])
        coverage = answer["coverage"]
        self.assertEqual((coverage["target"], coverage["included"], coverage["missing"]), (5, 5, ""))
        top = self.ask("top(2, disk_used) where rack=r2")
        self.assertEqual(sorted(entry["host"] for entry in top["value"]), ["n004", "n005"])
        self.assertEqual(top["measurement"], "disk_used")
        self.assertEqual(sum(bucket["count"] for bucket in self.ask("hist(mem_free)")["value"]), 5)
        kernels = self.ask("count() by kernel, arch, release")
        self.assertEqual(kernels["groups"][0]["key"]["kernel"], platform.release())
        self.assertEqual(self.ask("distinct(kernel)")["value"], 1)
        exact = self.ask("max(mem_total)")["value"]
        estimate = self.ask("p99(mem_total)")
        self.assertLess(abs(estimate["value"] / exact - 1), 0.01)
        self.assertEqual(estimate["errors"][0]["of"], "p99(mem_total)")

    def test_silent_hosts_are_missing_and_those_without_a_value_are_told_apart(self):
        self.start_racks()
        socket = str(self.fleet.folder / "n001" / "agent.sock")
        self.fleet.coppice("local", "set", "queue", "7", "--socket", socket)
        answer = self.ask("avg(queue)")
        self.assertEqual((answer["value"], answer["without_value"]), (7, {"queue": 4}))
        self.assertEqual(answer["coverage"]["included"], 5)
        leaf = next(name for name, node in self.fleet.tree().items() if node["role"] == "leaf")
        os.kill(self.fleet.agents[leaf].pid, signal.SIGSTOP)
        try:
            answer = self.fleet.coppice("query", "count()", "--deadline", "500ms")
        finally:
            os.kill(self.fleet.agents[leaf].pid, signal.SIGCONT)
        self.assertEqual((answer["value"], answer["coverage"]["missing"]), (4, leaf))

    def test_people_read_tables(self):
        self.start_racks()
        for question, words in [("p99(load1) by rack", ("rack=r1", "within 0.990 %", "5 of 5 hosts")),
                                ("top(2, disk_used)", ("host", "iB")),
                                ("hist(mem_free)", ("from", "###")),
                                ("sum(mem_used) / sum(mem_total)", ("= 0.",)),
                                ("avg(queue)", ("nothing", "5 hosts inside without a value of queue"))]:
            text = self.run_plainly("query", question).stdout
            for part in words:
                self.assertIn(part, text, question)

    def test_mistakes_are_pointed_at(self):
        self.start_racks()
        for question, words in [("avgg(load1)", "character 1: there is no function"),
                                ("count() by rakc", "did you mean \"rack\"?")]:
            self.assertIn(words, self.refusal(1, "query", question))
        note = self.ask("avg(laod1)", code=1)["notes"][0]
        self.assertIn("did you mean \"load1\"?", note)


if __name__ == "__main__":
    main()
