"""Data goes down, receipts come up, whatever is killed meanwhile."""
import os

from support import FleetTest, main


class Pushing(FleetTest):
    def value(self, content):
        path = self.folder / "value"
        path.write_bytes(content)
        return str(path)

    def test_a_push_is_complete_when_every_disk_has_it(self):
        self.start(10)
        receipt = self.fleet.coppice("push", "a/b", self.value(b"one"), "--wait", "20s")
        self.assertTrue(receipt["complete"])
        self.assertEqual(receipt["applied"], 10)
        for name in self.fleet.agents:
            self.assertEqual(self.fleet.file(name, "a/b").read_bytes(), b"one")

    def test_a_selector_names_the_target_and_nobody_else_gets_it(self):
        self.start(6)
        receipt = self.fleet.coppice("push", "t", self.value(b"x"), "--where", "host in n[002-003]",
                                     "--wait", "20s")
        self.assertEqual((receipt["target"], receipt["applied"]), (2, 2))
        have = {name for name in self.fleet.agents if self.fleet.file(name, "t").exists()}
        self.assertEqual(have, {"n002", "n003"})

    def test_a_late_host_gets_the_newest_version_only(self):
        self.start(5)
        self.fleet.kill("n005")
        self.wait("the loss", 15, lambda: self.fleet.hosts()["n005"]["state"] == "lost")
        for content in (b"one", b"two", b"three"):
            self.fleet.coppice("push", "t", self.value(content), "--wait", "20s", code=1)
        self.fleet.start_agent("n005")
        self.wait("the repair", 20, lambda: self.fleet.get("/v1/topics/t")[0]["complete"])
        self.assertEqual(self.fleet.file("n005", "t").read_bytes(), b"three")

    def test_a_host_that_registers_later_gets_what_it_matches(self):
        self.start(3)
        self.fleet.coppice("push", "t", self.value(b"x"), "--wait", "20s")
        self.fleet.start_agent("n004")
        self.wait("the late joiner", 20, self.fleet.file("n004", "t").exists)
        receipt = self.fleet.get("/v1/topics/t")[0]
        self.assertEqual((receipt["target"], receipt["late_joiners"]), (3, 1))

    def test_a_host_that_cannot_apply_says_why_and_the_rest_is_counted(self):
        self.start(4)
        blocked = self.fleet.file("n002", "t")
        blocked.mkdir(parents=True)  # a directory is in the way
        (blocked / "full").write_text("x")
        receipt = self.fleet.coppice("push", "t", self.value(b"x"), "--wait", "5s", code=1)
        self.assertEqual((receipt["applied"], receipt["refused"]), (3, 1))
        self.assertEqual([one["hosts"] for one in receipt["exceptions"]], ["n002"])

    def test_a_manager_killed_in_mid_push_loses_nothing_acknowledged(self):
        self.start(8)
        for round_number in range(5):
            content = os.urandom(50_000)
            accepted = self.fleet.coppice("push", "blob", self.value(content))
            self.fleet.kill_manager()
            self.fleet.start_manager()
            push = f"/v1/pushes/{accepted['push']}"
            self.assertEqual(self.fleet.get(push)["version"], round_number + 1)
            self.wait("the receipt", 30, lambda path=push: self.fleet.get(path)["complete"])
            for name in self.fleet.agents:
                self.assertEqual(self.fleet.file(name, "blob").read_bytes(), content)

    def test_the_four_counts_add_up_at_every_look(self):
        self.start(10)
        self.fleet.kill("n010")
        self.fleet.coppice("push", "t", self.value(b"x"))

        def adds_up():
            receipt = self.fleet.get("/v1/topics/t")[0]
            total = sum(receipt[name] for name in ("applied", "refused", "isolated", "pending"))
            self.assertEqual(total, receipt["target"])
            return receipt["applied"] == 9
        self.wait("the receipt", 20, adds_up)


if __name__ == "__main__":
    main()
