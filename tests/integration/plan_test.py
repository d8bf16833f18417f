"""`coppice plan detection` before a real fleet."""
import urllib.error
import urllib.parse
import urllib.request

from support import FleetTest, main


class PlanDetection(FleetTest):
    command = ("plan", "detection")

    def plan(self, *words, code=0):
        return self.fleet.coppice("plan", "detection", *words, code=code)

    def status_of(self, query):
        url = f"http://{self.fleet.api}/v1/plan/detection?{query}"
        with self.assertRaises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(url, timeout=5)
        caught.exception.close()
        return caught.exception.code

    def test_bounds_are_those_of_the_tree_as_it_is(self):
        self.start(8)
        self.clean_tree()
        tree = self.fleet.tree()
        root = next(name for name, node in tree.items() if node["role"] == "root")
        for name, node in tree.items():
            found = self.plan(name)
            depth = 0 if name == root else 1 if node["parent"] == root else 2
            self.assertEqual((found["host"], found["depth"], found["parent"]),
                             (name, depth, node["parent"]))
            self.assertEqual(found["interval_ms"], 500)
            self.assertEqual(found["bound_ms"]["killed"], 5 * 50 + depth * 55)
            self.assertEqual(found["bound_ms"]["silent"], 50 + 2000 + depth * 55)
            self.assertEqual(found["bound_ms"]["parent_too"] is None, name == root)
            self.assertNotIn("plan", found)
        deepest = next(name for name in tree if self.plan(name)["depth"] == 2)
        found = self.plan(deepest, "--message", "10ms")
        self.assertEqual(found["bound_ms"], {"killed": 80, "silent": 2040, "parent_too": 6045,
                                             "parent_later": 8055,
                                             "mass": 4040, "mass_later": 12055})
        self.assertEqual(found["formula"]["parent_too"],
                         "message + lost_after + way_up_above + not_back_after")
        terms = {term["name"]: (term["ms"], term["formula"]) for term in found["terms"]}
        self.assertEqual(terms["way_up_above"], (35, "1 (hint_gap + 3 message)"))
        self.assertEqual(terms["lost_after"], (2000, "4 interval"))
        path = "/v1/plan/detection?message_ms=10&host=" + deepest
        self.assertEqual(self.fleet.get(path), found)
        self.check_text(deepest, root)
        self.check_targets(deepest)

    def check_text(self, deepest, root):
        text = self.run_plainly(deepest).stdout
        for part in ("at depth 2 below", "its process is killed", "its parent with it",
                     "lost_after", "not_back_after"):
            self.assertIn(part, text)
        self.assertNotIn("new_root", text, "only formulas of children of the root have it")
        self.assertIn(f"{root} is the root", self.run_plainly(root).stdout)

    def check_targets(self, name):
        met = self.plan(name, "--detect", "5s", "--false-deaths-per-host-year", "0.1",
                        "--loss", "0.1%", "--bytes-per-branch", "50kB/s")["plan"]
        self.assertTrue(met["met"])
        self.assertLessEqual(met["silent_ms"], 5000)
        self.assertLessEqual(met["false_deaths_per_host_year"], 0.1)
        self.assertLessEqual(met["bytes_per_branch"], 50_000)
        for words, sentence in ((("--detect", "300ms"), "at the shortest interval, 100 ms"),
                                (("--detect", "1s", "--bytes-per-branch", "1B/s"),
                                 "1 B/s for a branch cannot be had"),
                                (("--detect", "5s", "--false-deaths-per-host-year", "0.01",
                                  "--loss", "1%"), "it would take a loss of at most")):
            plan = self.plan(name, *words, code=1)["plan"]
            self.assertFalse(plan["met"])
            self.assertIn(sentence, plan["sentence"])
            text = self.run_plainly(name, *words)
            self.assertEqual(text.returncode, 1)
            self.assertIn(plan["sentence"], text.stdout)

    def test_what_cannot_be_answered_is_refused_with_a_sentence(self):
        self.start(2)
        self.assertIn('there is no host "n999"', self.refusal(1, "n999"))
        for words, part in (((), "usage:"),
                            (("n001", "n002"), "n002"),
                            (("n001", "--detect", "5"), "--detect"),
                            (("n001", "--detect", "0s"), "--detect"),
                            (("n001", "--message", "soon"), "--message"),
                            (("n001", "--bytes-per-branch", "50"), "--bytes-per-branch"),
                            (("n001", "--bytes-per-branch", "-1B/s"), "--bytes-per-branch"),
                            (("n001", "--loss", "1%"), "go together"),
                            (("n001", "--false-deaths-per-host-year", "1"), "go together"),
                            (("n001", "--false-deaths-per-host-year", "x", "--loss", "1%"),
                             "--false-deaths-per-host-year"),
                            (("n001", "--false-deaths-per-host-year", "1", "--loss", "2"),
                             "--loss"),
                            (("n001", "--quickly"), "quickly")):
            self.assertIn(part, self.refusal(2, *words))
        self.assertIn("up to 0.5", self.refusal(1, "n001", "--false-deaths-per-host-year", "1",
                                                "--loss", "60%"))
        self.assertEqual(self.status_of("host=n999"), 404)
        for query in ("", "host=", "host=n001&detect_ms=-1", "host=n001&detect_ms=1e99",
                      "host=n001&loss=nan&false_deaths_per_host_year=1", "host=n001&soon=1"):
            self.assertEqual(self.status_of(query), 400, query)
        self.fleet.kill("n002")
        self.wait("n002 lost", 20, lambda: self.fleet.hosts()["n002"]["state"] == "lost")
        self.assertIn('host "n002" is lost', self.refusal(1, "n002"))
        self.assertEqual(self.status_of("host=n002"), 409)


if __name__ == "__main__":
    main()
