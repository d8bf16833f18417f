"""`coppice tree plan`, `apply`, `history` and `rollback` before a real fleet."""
import urllib.error
import urllib.request

from support import FleetTest, main


class Reshaping(FleetTest):
    command = ("tree",)

    def tree(self, *words, code=0):
        return self.fleet.coppice("tree", *words, code=code)

    def parents(self):
        return {name: node["parent"] for name, node in self.fleet.tree().items()}

    def settled(self):
        """Every host is where the newest generation has it."""
        return self.metric("coppice_orders_open") == 0

    def wear_out(self):
        """A branch is drained and may lead again: its children are elsewhere, and it has none."""
        branch = self.interior()
        self.fleet.coppice("drain", branch)
        self.wait("the branch to be a leaf", 20, self.settled)
        self.fleet.coppice("undrain", branch)
        self.wait("the tree to be at rest", 20, self.settled)
        return branch

    def test_a_plan_is_looked_at_applied_remembered_and_taken_back(self):
        self.start(20)
        self.clean_tree()
        self.wait("all orders to be obeyed", 20, self.settled)
        self.assertEqual(self.tree("plan")["moves"], [])
        self.assertIn("nothing to move", self.run_plainly("plan").stdout)
        drained = self.wear_out()
        before = self.parents()

        plan = self.tree("plan", "--moves-max", "2")
        self.assertTrue(plan["moves"], plan)
        self.assertLessEqual(len(plan["moves"]), 2)
        self.assertEqual(plan["moves_max"], 2)
        self.assertEqual(plan["to"], plan["from"] + 1)
        self.assertEqual(self.parents(), before, "a plan moves nobody")
        text = self.run_plainly("plan", "--moves-max", "2").stdout
        self.assertIn(f"coppice tree apply {plan['digest']} --moves-max 2", text)
        for part in ("BEFORE", "AFTER", "WHY"):
            self.assertIn(part, text)

        self.assertIn("plan anew", self.refusal(1, "apply", "0123456789abcdef",
                                                "--moves-max", "2"))
        self.assertIn("plan anew", self.refusal(1, "apply", plan["digest"]))
        done = self.tree("apply", plan["digest"], "--moves-max", "2")
        self.assertEqual(done["moves"], plan["moves"])
        for move in plan["moves"]:
            self.assertEqual(before[move["host"]], move["old_parent"])
            self.wait(f"{move['host']} to be live elsewhere", 20, lambda to=move: (
                self.parents()[to["host"]] == to["new_parent"]))
        self.wait("the moves to be obeyed", 20, self.settled)
        self.clean_tree()

        self.check_history(plan, drained)
        self.check_way_back(plan, before)

    def check_history(self, plan, drained):
        changes = self.tree("history", "--count", "1000")
        self.assertEqual([change["to"] for change in changes],
                         sorted({change["to"] for change in changes}))
        newest = changes[-1]
        self.assertEqual((newest["from"], newest["to"]), (plan["from"], plan["to"]))
        self.assertEqual([{key: move[key] for key in plan["moves"][0]} for move in newest["moves"]],
                         sorted(plan["moves"], key=lambda move: self.fleet.hosts()[
                             move["host"]]["id"]))
        self.assertEqual({move["by"] for move in newest["moves"]}, {"people"})
        self.assertIn(f"drain of {drained}", {move["why"] for change in changes
                                              for move in change["moves"]})
        self.assertIn("joined", changes[0]["cause"])
        self.assertEqual(self.tree("history", "--count", "1"), [newest])
        self.assertEqual(self.fleet.get("/v1/tree/history?count=1"), [newest])
        self.assertIn(plan["moves"][0]["why"], self.run_plainly("history").stdout)
        kinds = {event["kind"] for event in self.fleet.coppice("events")}
        self.assertIn("tree.reshaped", kinds)
        self.fleet.kill_manager()
        self.fleet.start_manager()
        self.assertEqual(self.tree("history", "--count", "1000")[:len(changes)], changes)
        self.wait("the root to be heard", 20, lambda: self.metric("coppice_root_heard") == 1)
        self.wait("all orders to be obeyed", 20, self.settled)

    def check_way_back(self, plan, before):
        generation = str(plan["from"])
        dry = self.tree("rollback", generation, "--dry-run", "--moves-max", "100%")
        self.assertEqual(len(dry["moves"]) + len(dry["cannot"]), len(plan["moves"]))
        self.assertIn("plan anew", self.refusal(1, "rollback", generation, "0123456789abcdef"))
        done = self.tree("rollback", generation, dry["digest"], "--moves-max", "100%")
        self.assertEqual(done["moves"], dry["moves"])
        for move in done["moves"]:
            self.assertEqual(move["new_parent"], before[move["host"]])
            self.assertEqual(move["why"], f"rollback to {generation}")
        self.wait("the way back to be gone", 20, self.settled)
        self.clean_tree()

    def test_what_cannot_be_done_is_refused_with_a_sentence(self):
        self.start(2)
        self.wait("all orders to be obeyed", 20, self.settled)
        for words, part in ((("plan", "--moves-max", "0%"), "--moves-max"),
                            (("plan", "--moves-max", "101%"), "--moves-max"),
                            (("apply", "--moves-max", "x"), "--moves-max"),
                            (("rollback",), "usage:"),
                            (("rollback", "soon"), "soon"),
                            (("history", "--since", "soon"), "--since"),
                            (("history", "--count", "few"), "--count"),
                            (("plan", "now"), "now")):
            self.assertIn(part, self.refusal(2, *words))
        self.assertIn("at most 10000 hosts", self.refusal(1, "plan", "--moves-max", "10001"))
        self.assertIn("is not known", self.refusal(1, "rollback", "1000000"))
        newest = self.fleet.get("/v1/tree")["generation"]
        self.assertEqual(self.tree("rollback", str(newest))["moves"], [])
        with self.assertRaises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(f"http://{self.fleet.api}/v1/tree/plan?moves_max=0", timeout=5)
        self.assertEqual(caught.exception.code, 400)
        caught.exception.close()
        for name in list(self.fleet.agents):
            self.fleet.kill(name)
        self.wait("nobody to be heard", 20, lambda: self.metric("coppice_root_heard") == 0)
        for words in (("plan",), ("apply",), ("rollback", str(newest))):
            self.assertIn("no root is heard", self.refusal(1, *words))


if __name__ == "__main__":
    main()
