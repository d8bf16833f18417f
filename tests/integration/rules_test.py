"""Rules of a topic on real disks: the newest that matches wins, ends, comes back, is held back."""
from local_daemon import LocalTest
from support import main


class Rules(LocalTest):
    def push(self, topic, content, *words, code=0):
        path = self.folder / "value"
        path.write_bytes(content)
        return self.fleet.coppice("push", topic, str(path), *words, code=code)

    def disks(self, topic):
        """What the hosts have, in the order of their names; nothing where there is no file."""
        files = [self.fleet.file(name, topic) for name in sorted(self.fleet.agents)]
        return [file.read_bytes().decode() if file.exists() else None for file in files]

    def have(self, topic, *values):
        self.wait(f"{topic} to be {values}", 20, lambda: self.disks(topic) == list(values))

    def complete(self, topic):
        self.wait("all receipts", 20, lambda: all(
            one["state"] in ("complete", "cancelled")
            for one in self.fleet.get(f"/v1/topics/{topic}")))

    def rules(self, topic):
        return [(rule["selector"], rule["count"]) for rule in self.fleet.coppice("rules", topic)]

    def test_a_rule_that_ends_reveals_the_one_below_and_then_nothing(self):
        self.start(4)
        below = self.push("t", b"all", "--wait", "20s")
        above = self.push("t", b"two", "--where", "host in n[002-003]", "--wait", "20s")
        self.have("t", "all", "two", "two", "all")
        self.assertEqual(self.rules("t"), [("host in n[002-003]", 2), ("", 2)])
        change = self.fleet.coppice("rule", "remove", str(above["push"]))
        self.assertEqual([one["reissue_of"] for one in change["pushes"]], [below["push"]])
        self.have("t", "all", "all", "all", "all")
        self.assertEqual(self.rules("t"), [("", 4)])
        change = self.fleet.coppice("rule", "remove", str(below["push"]))
        self.assertTrue(change["pushes"][0]["withdrawal"])
        self.have("t", None, None, None, None)
        self.assertEqual(self.rules("t"), [])
        self.complete("t")
        self.fleet.coppice("rule", "remove", str(below["push"]), code=1)

    def test_a_rollback_brings_the_value_before_back(self):
        self.start(3)
        self.push("t", b"one", "--wait", "20s")
        self.fleet.coppice("topic", "rollback", "t", code=1)
        self.push("t", b"two", "--wait", "20s")
        change = self.fleet.coppice("topic", "rollback", "t")
        self.assertEqual([one["version"] for one in change["pushes"]], [3])
        self.have("t", "one", "one", "one")
        self.fleet.kill_manager()
        self.fleet.start_manager()
        self.fleet.coppice("topic", "rollback", "t", "--to", "2")
        self.have("t", "two", "two", "two")
        self.complete("t")

    def test_a_stopped_host_begins_nothing_until_the_stop_ends(self):
        self.start(3)
        self.push("t", b"one", "--wait", "20s")
        self.fleet.coppice("stop", "--host", "n002", "--reason", "under repair")
        self.wait("the stop", 20, lambda: self.fleet.coppice("stops")[0]["stopped"] == 1)
        self.push("t", b"two")
        self.have("t", "two", "one", "two")
        self.wait("the receipt", 20, lambda: self.fleet.get("/v1/topics/t")[0]["pending"] == 1)
        self.assertEqual(self.fleet.get("/v1/topics/t")[0]["held_back"],
                         [{"reason": "stopped: under repair", "hosts": "n002", "count": 1}])
        self.fleet.kill("n002")
        self.wait("its loss", 20, lambda: self.fleet.live() == 2)
        self.fleet.start_agent("n002")
        self.wait("its return", 20, lambda: self.fleet.live() == 3)
        self.assertEqual(self.disks("t"), ["two", "one", "two"])
        self.fleet.coppice("unstop", "--host", "n002")
        self.have("t", "two", "two", "two")
        self.assertEqual(self.fleet.coppice("stops"), [])
        self.complete("t")

    def test_a_dry_run_a_deadline_and_a_mistake(self):
        self.start(3)
        self.push("t", b"one", "--wait", "20s")
        plan = self.push("t", b"two", "--where", "host in n[001-002]", "--dry-run")
        self.assertEqual((plan["target"], plan["hosts"], plan["moved"][0]["hosts"]),
                         (2, "n[001-002]", "n[001-002]"))
        self.assertEqual((self.disks("t"), self.rules("t")), (["one"] * 3, [("", 3)]))
        self.push("t", b"two", "--where", "host in n[001", code=1)
        self.push("t", b"two", "--where", "host=n009", code=1)
        self.fleet.kill("n003")
        self.push("t", b"two", "--deadline", "2s")
        self.wait("the deadline", 20, lambda: self.fleet.get("/v1/topics/t")[0]["late"])
        receipt = self.fleet.get("/v1/topics/t")[0]
        self.assertIn("n003", receipt["laggards"])
        self.fleet.start_agent("n003")
        self.have("t", "two", "two", "two")

    def test_a_push_waits_for_its_time_or_is_cancelled(self):
        self.start(2)
        waiting = self.push("t", b"later", "--not-before", "3s")
        given_up = self.push("t", b"never", "--not-before", "1h")
        self.assertEqual(waiting["state"], "waiting")
        self.fleet.coppice("rule", "remove", str(given_up["push"]))
        self.push("t", b"now")
        self.have("t", "now", "now")
        self.have("t", "later", "later")
        self.complete("t")


class Withdrawals(LocalTest):
    def remove(self, topic):
        rule = self.fleet.coppice("rules", topic)[0]["rule"]
        return self.fleet.coppice("rule", "remove", str(rule))["pushes"][0]["push"]

    def receipt(self, push):
        return self.fleet.get(f"/v1/pushes/{push}")

    def test_a_hook_is_asked_before_a_file_goes(self):
        hook = self.folder / "hook"
        hook.write_text('#!/bin/sh\n[ -z "$COPPICE_WITHDRAWN" ] || [ $COPPICE_TOPIC != h/kept ] || '
                        "{ echo it is in use >&2; exit 1; }\n")
        hook.chmod(0o755)
        self.fleet.start_agent("n001", "--hook", f"h/={hook}")
        self.wait("the host", 60, lambda: self.fleet.live() == 1)
        for topic in ("h/kept", "h/free"):
            self.assertTrue(self.push(topic)["complete"])
        kept, free = self.remove("h/kept"), self.remove("h/free")
        self.wait("the refusal", 20, lambda: self.receipt(kept)["refused"] == 1)
        self.assertEqual(self.receipt(kept)["exceptions"][0]["reason"], "it is in use")
        self.wait("the removal", 20, lambda: self.receipt(free)["complete"])
        self.assertTrue(self.fleet.file("n001", "h/kept").exists())
        self.assertFalse(self.fleet.file("n001", "h/free").exists())

    def test_a_daemon_is_offered_a_withdrawal(self):
        self.start(1)
        self.push("app/a", b"value")
        daemon, events = self.subscribe("n001", "app/*"), self.listen("n001")
        self.wait("what is there", 20, lambda: daemon.named("current") and events.named("reset"))
        push = self.remove("app/a")
        self.wait("the offer", 20, lambda: daemon.named("offer"))
        offer = daemon.named("offer")[0]
        self.assertTrue(offer["withdrawn"])
        self.assertNotIn("payload", offer)
        self.assertTrue(self.fleet.file("n001", "app/a").exists())
        self.ask("n001", "POST", "/v1/topics/app/a/applied", {"version": offer["version"]})
        self.wait("the removal", 20, lambda: self.receipt(push)["complete"])
        self.assertFalse(self.fleet.file("n001", "app/a").exists())
        self.wait("the event", 20, lambda: events.named("topic"))
        self.assertEqual(events.named("topic"),
                         [{"topic": "app/a", "version": 2, "withdrawn": True}])
        self.assertEqual(self.ask("n001", "GET", "/v1/topics/app/a")[0], 404)


if __name__ == "__main__":
    main()
