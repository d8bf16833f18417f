"""Who may join, and what those who may not are told."""
import subprocess

from support import FleetTest, main


class Joining(FleetTest):
    def refused(self, name, token):
        """Output and exit code of an agent that is expected to end by itself."""
        done = subprocess.run(self.fleet.agent_command(name, token), capture_output=True,
                              text=True, timeout=20, check=False)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def test_a_token_that_was_never_made_is_refused_with_what_to_do(self):
        other = self.fleet.coppice("token", "create", "--uses", "1")["token"]
        self.fleet.coppice("token", "revoke", self.fleet.coppice("token", "list")[-1]["id"])
        self.assertIn("token", self.refused("n001", other))

    def test_an_exhausted_token_is_refused_with_what_to_do(self):
        token = self.fleet.coppice("token", "create", "--uses", "1")["token"]
        self.fleet.agents["n001"] = self.fleet.spawn("n001", self.fleet.agent_command("n001", token))
        self.wait("the first host", 20, lambda: self.fleet.live() == 1)
        self.assertIn("coppice token create", self.refused("n002", token))

    def test_an_expired_token_is_refused_with_what_to_do(self):
        token = self.fleet.coppice("token", "create", "--ttl", "200ms")["token"]
        self.wait("the token to expire", 10, lambda: any(
            one["state"] == "expired" for one in self.fleet.coppice("token", "list")))
        self.assertIn("expired", self.refused("n001", token))

    def test_a_garbled_token_is_told_before_anything_is_sent(self):
        done = subprocess.run(self.fleet.agent_command("n001", self.fleet.token[:-3]),
                              capture_output=True, text=True, timeout=20, check=False)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("token", done.stderr)

    def test_a_second_host_of_the_same_name_is_refused_and_the_first_stays(self):
        self.fleet.start_agent("n001")
        self.wait("the first host", 20, lambda: self.fleet.live() == 1)
        command = self.fleet.agent_command("n001")
        command[command.index("--dir") + 1] = self.folder / "impostor"
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("n001", done.stdout + done.stderr)
        self.assertEqual(self.fleet.live(), 1)

    def test_a_host_that_restarts_is_the_same_host_in_a_new_incarnation(self):
        self.start(2)
        before = self.fleet.hosts()["n002"]
        self.fleet.kill("n002")
        self.fleet.start_agent("n002")
        self.wait("the new incarnation", 20, lambda: (
            self.fleet.hosts()["n002"]["incarnation"] > before["incarnation"] and
            self.fleet.live() == 2))
        self.assertEqual(self.fleet.hosts()["n002"]["id"], before["id"])


if __name__ == "__main__":
    main()
