"""Many real agents in one process: they form one tree, and come back after deaths and pauses."""
import json
import os
import signal
import subprocess

from support import FleetTest, main

AGENTS = 300


class Swarm(FleetTest):
    init_words = ("--fanout", "16", "--interval", "500ms")

    def start_swarm(self, *more):
        with open(self.folder / "swarm.log", "wb") as log:
            self.swarm = subprocess.Popen(
                [self.fleet.programs / "coppice-swarm", "--manager", self.fleet.endpoint,
                 "--token", self.fleet.token, "--agents", str(AGENTS), "--json", *more],
                stdout=subprocess.PIPE, stderr=log, text=True)
        self.addCleanup(self.end_swarm)

    def end_swarm(self):
        if self.swarm.poll() is None:
            self.swarm.terminate()
        self.swarm.communicate(timeout=20)

    def report(self):
        self.swarm.send_signal(signal.SIGTERM)
        out, _ = self.swarm.communicate(timeout=20)
        self.assertEqual(self.swarm.returncode, 0)
        return json.loads(out)

    def descriptors(self):
        """Open ones of all processes of the swarm."""
        pid = self.swarm.pid
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as children:
            pids = [pid, *children.read().split()]
        return sum(len(os.listdir(f"/proc/{one}/fd")) for one in pids)

    def all_live(self):
        self.wait("all live", 60, lambda: self.fleet.live() == AGENTS)

    def test_two_processes_make_one_tree_and_apply_a_push(self):
        self.start_swarm("--processes", "2")
        self.all_live()
        self.clean_tree()
        # What agents opened to a manager while they joined is closed again when it is idle.
        self.wait("few descriptors", 60, lambda: self.descriptors() < 3.6 * AGENTS)
        value = self.folder / "value"
        value.write_text("hello")
        receipt = self.fleet.coppice("push", "motd", str(value), "--wait", "30s")
        self.assertTrue(receipt["complete"])
        self.assertEqual(receipt["applied"], AGENTS)
        report = self.report()
        self.assertEqual(report["live"], AGENTS)
        self.assertEqual(report["applied"], AGENTS)
        self.assertEqual(report["processes"], 2)
        self.assertEqual(report["bad_frames"], 0)
        self.assertLess(report["signatures_checked"], report["statements_opened"])
        self.assertEqual(sum(report["roles"].values()), AGENTS)

    def test_killed_and_paused_agents_and_the_root_come_back(self):
        self.start_swarm("--kill", "5%", "--pause", "5%", "--kill-root", "--round", "8s",
                         "--down", "4s")
        self.all_live()
        root = self.fleet.get("/v1/tree")["root"]
        self.wait("another root", 40, lambda: self.fleet.get("/v1/tree")["root"] not in ("", root))
        self.all_live()
        self.clean_tree()
        report = self.report()
        self.assertGreaterEqual(report["killed"], AGENTS // 20)
        self.assertGreaterEqual(report["paused"], AGENTS // 20)
        self.assertGreater(report["returned"], 0)

    def test_a_wrong_token_ends_it_with_the_reason(self):
        other = self.fleet.coppice("token", "create", "--ttl", "1s", "--uses", "1")
        self.fleet.coppice("token", "revoke", other["id"])
        done = subprocess.run(
            [self.fleet.programs / "coppice-swarm", "--manager", self.fleet.endpoint, "--token",
             other["token"], "--agents", "3"], capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("refused", done.stderr)


if __name__ == "__main__":
    main()
