"""The socket of an agent for the daemons of its host: what it tells and takes, and whom it bears."""
import json
import os
import signal
import socket
import subprocess
import threading
import time

from local_daemon import Local, LocalTest
from support import PROGRAMS, main


class Roles(LocalTest):
    def test_a_role_has_a_fence_and_an_expiry_and_moves_with_a_drain(self):
        self.start(6)
        root = self.root()
        shown = self.role(root)
        self.assertEqual((shown["role"], shown["name"], shown["is_valid"]), ("root", root, True))
        self.assertGreater(shown["fence"]["term"], 0)
        leaf = next(name for name, node in self.fleet.tree().items() if node["role"] == "leaf")
        self.assertIsNone(self.role(leaf)["expires_in_ms"])
        everybody = {name: self.listen(name) for name in self.fleet.agents}
        # It is put off again and again.
        self.wait("leases", 20, lambda: len(everybody[root].named("lease")) >= 3)
        self.assertEqual(everybody[root].named("role"), [])
        self.fleet.coppice("drain", root)
        self.wait("another root", 20, lambda: self.root() != root)
        heir = self.root()
        self.wait("the end of the role", 20, lambda: self.role(root)["role"] != "root")
        self.wait("its beginning", 20, lambda: self.role(heir)["is_valid"])
        before, after = shown["fence"], self.role(heir)["fence"]
        self.assertGreater((after["term"], after["generation"]),
                           (before["term"], before["generation"]))
        self.wait("the heir's daemon to be told", 20, lambda: "root" in [
            role["role"] for role in everybody[heir].named("role") if role["is_valid"]])

    def test_a_daemon_of_a_paused_agent_sees_the_role_expire_before_another_has_it(self):
        self.start(6)
        root = self.root()
        events = self.listen(root)
        self.wait("a lease", 20, lambda: events.named("lease"))
        process = self.fleet.agents[root]
        process.send_signal(signal.SIGSTOP)
        self.addCleanup(process.send_signal, signal.SIGCONT)
        clock = lambda: time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        self.wait("another root", 30, lambda: self.root() != root)
        self.assertLess(events.named("lease")[-1]["expires_at_ns"], clock())

    def test_events_go_on_where_they_were(self):
        self.start(2)
        events = self.listen("n001")
        self.wait("the beginning", 20, lambda: events.named("reset"))
        after = events.seen[0][2]
        events.close()
        self.push("t", b"1")
        self.push("t", b"2")
        resumed = self.listen("n001", after=after)
        self.wait("what was missed", 20, lambda: len(resumed.named("topic")) == 2)
        self.assertEqual(resumed.named("reset"), [])
        stranger = self.listen("n001", after="1-1")
        self.wait("all there is", 20, lambda: stranger.named("reset"))
        self.assertEqual(stranger.named("reset")[0]["topics"], [{"topic": "t", "version": 2}])


class Topics(LocalTest):
    def test_a_subscribed_daemon_applies_and_refuses(self):
        self.start(2)
        self.assertTrue(self.push("app/a", b"first")["complete"])
        daemon = self.subscribe("n001", "app/*")
        self.wait("what is there", 20, lambda: daemon.named("current"))
        pushing = threading.Thread(target=self.push, args=("app/a", b"second"))
        pushing.start()
        self.wait("the offer", 20, lambda: daemon.named("offer"))
        offer = daemon.named("offer")[0]
        self.assertEqual((offer["topic"], offer["version"]), ("app/a", 2))
        self.assertEqual(self.fleet.file("n001", "app/a").read_bytes(), b"first")
        self.assertEqual(self.ask("n001", "POST", "/v1/topics/app/a/applied", {"version": 2})[0], 200)
        pushing.join(30)
        self.assertEqual(self.fleet.file("n001", "app/a").read_bytes(), b"second")
        pushing = threading.Thread(target=self.push, args=("app/a", b"third", 1))
        pushing.start()
        self.wait("the offer", 20, lambda: len(daemon.named("offer")) == 2)
        status, _ = self.ask("n001", "POST", "/v1/topics/app/a/refused",
                             {"version": 3, "reason": "no such port"})
        self.assertEqual(status, 200)
        pushing.join(30)
        receipt = self.fleet.get("/v1/topics/app%2Fa")[0]
        self.assertEqual((receipt["applied"], receipt["refused"]), (1, 1))
        self.assertEqual(receipt["exceptions"][0]["reason"], "no such port")
        self.assertEqual(self.ask("n001", "GET", "/v1/topics/app/a")[1]["version"], 2)

    def test_a_daemon_that_dies_while_it_applies_is_followed_by_the_next(self):
        self.fleet.start_agent("n001", "--apply-limit", "4s", "--subscriber-only", "only/")
        self.wait("the host", 60, lambda: self.fleet.live() == 1)
        first = self.subscribe("n001", "t")
        pushing = threading.Thread(target=self.push, args=("t",))
        pushing.start()
        self.wait("the offer", 20, lambda: first.named("offer"))
        first.close()
        second = self.subscribe("n001", "t")
        self.wait("the offer again", 20, lambda: second.named("offer"))
        self.ask("n001", "POST", "/v1/topics/t/applied", {"version": 1})
        pushing.join(30)
        # Nobody answers, then nobody is there.
        receipt = self.push("t", b"y", code=1)
        self.assertEqual(receipt["exceptions"][0]["reason"], "no answer of the subscribed daemon in 4s")
        self.wait("the withdrawal", 20, lambda: second.named("withdrawn"))
        receipt = self.push("only/t", code=1)
        self.assertEqual(receipt["exceptions"][0]["reason"],
                         "no daemon subscribed to the topic within 4s")


class Hooks(LocalTest):
    def test_hooks_good_missing_hanging_failing_and_chatty(self):
        def hook(name, script):
            path = self.folder / name
            path.write_text(f"#!/bin/sh\n{script}\n")
            path.chmod(0o755)
            return f"{name}/={path}"
        hooks = [hook("good", f'cat "$COPPICE_FILE" > {self.folder}/"$COPPICE_VERSION".seen'),
                 hook("bad", 'echo "line 3: no such key" >&2; exit 1'),
                 hook("hangs", "sleep 100"),
                 hook("chatty", "head -c 30000000 /dev/zero; head -c 30000000 /dev/zero >&2"),
                 f"missing/={self.folder}/nowhere"]
        words = [word for one in hooks for word in ("--hook", one)]
        self.fleet.start_agent("n001", "--apply-limit", "2s", *words)
        self.fleet.start_agent("n002")
        self.wait("the hosts", 60, lambda: self.fleet.live() == 2)
        self.assertTrue(self.push("good/t", b"payload")["complete"])
        self.assertEqual((self.folder / "1.seen").read_bytes(), b"payload")
        self.assertEqual(self.fleet.file("n001", "good/t").read_bytes(), b"payload")
        self.assertTrue(self.push("chatty/t")["complete"])
        for topic, reason in (("bad/t", "line 3: no such key"),
                              ("hangs/t", "the hook did not end within 2s"),
                              ("missing/t", "the hook cannot be started: No such file or directory")):
            receipt = self.push(topic, code=1)
            self.assertEqual((receipt["applied"], receipt["refused"]), (1, 1))
            said = receipt["exceptions"][0]
            self.assertEqual((said["reason"], said["hosts"]), (reason, "n001"))
            self.assertFalse(self.fleet.file("n001", topic).exists())
        self.assertEqual(self.fleet.live(), 2)


class Measurements(LocalTest):
    def test_what_daemons_measure_is_asked_for_until_it_expires(self):
        self.start(3)
        for value, name in enumerate(self.fleet.agents, 1):
            self.local(name, "set", "queue", str(value), "--for", "4s" if value == 1 else "60s")
        answer = self.fleet.coppice("query", "sum(queue)")
        self.assertEqual((answer["value"], answer["coverage"]["included"]), (6, 3))
        self.wait("the expiry", 30, lambda: self.fleet.coppice("query", "sum(queue)")["value"] == 5)
        self.assertIn("the agent itself", self.local("n001", "set", "load1", "3", code=1))
        self.local("n001", "set", "queue", "many", code=2)


class CommandLine(LocalTest):
    def test_local_commands_and_their_exit_codes(self):
        self.start(2)
        self.push("motd", b"hello\n")
        shown = json.loads(self.local(self.root(), "role", "--json"))
        self.assertEqual((shown["role"], shown["is_valid"]), ("root", True))
        self.assertIn("is root", self.local(self.root(), "role"))
        self.assertEqual(self.local("n001", "get", "motd"), "hello\n")
        self.assertIn("no version of topic", self.local("n001", "get", "none", code=1))
        self.assertIn("no agent answers", self.local("n009", "role", code=3))
        watching = subprocess.Popen(
            [PROGRAMS / "coppice", "local", "watch", "--json", "--socket", self.socket("n002")],
            stdout=subprocess.PIPE, text=True)
        self.addCleanup(watching.wait)
        self.addCleanup(watching.terminate)
        self.assertEqual(json.loads(watching.stdout.readline())["role"]["name"], "n002")
        self.assertEqual(json.loads(watching.stdout.readline())["topic"], "motd")
        self.addCleanup(watching.stdout.close)


class Abuse(LocalTest):
    def test_nobody_at_the_socket_holds_up_heartbeats(self):
        self.start(3)
        path = self.socket("n001")
        lost = lambda: [event for event in self.fleet.get("/v1/events")
                        if event["kind"] in ("host.suspect", "host.lost", "hosts.lost")]
        for body in (b"{", b"[" * 30_000, b"nonsense", b'{"value": 1e999}', b"\xff\xfe"):
            self.assertEqual(self.ask("n001", "PUT", "/v1/measurements/q", body)[0], 400)
        self.assertEqual(self.ask("n001", "PUT", "/v1/measurements/q", b"x" * 100_000)[0], 413)
        slow = []
        for _ in range(600):  # heads that never end
            one = socket.socket(socket.AF_UNIX)
            one.connect(str(path))
            one.sendall(b"GET /v1/role HTTP/1.1\r\nX-Slow: ")
            slow.append(one)
        self.addCleanup(lambda: [one.close() for one in slow])
        streams = []
        for _ in range(64):
            one = Local(path)
            one.request("GET", "/v1/events")
            streams.append(one.getresponse())  # which holds the connection
            self.assertEqual(streams[-1].status, 200)
        self.addCleanup(lambda: [one.close() for one in streams])
        self.assertEqual(self.ask("n001", "GET", "/v1/events")[0], 503)
        self.assertEqual(self.role("n001")["name"], "n001")
        self.assertTrue(self.push("t", b"x" * 60_000)["complete"])
        self.assertEqual(lost(), [])
        self.assertEqual(self.fleet.live(), 3)

    def test_a_killed_agent_leaves_nothing_in_the_way(self):
        self.start(1)
        self.fleet.kill("n001")
        self.assertTrue(self.socket("n001").exists())
        self.fleet.start_agent("n001")
        self.wait("the socket", 20, lambda: self.answers("n001"))
        second = subprocess.run(
            [*self.fleet.agent_command("n002"), "--socket", self.socket("n001")],
            capture_output=True, text=True, timeout=20, check=False)
        self.assertEqual(second.returncode, 1)
        self.assertIn("another agent listens there", second.stderr)
        self.fleet.agents["n001"].terminate()
        self.fleet.agents["n001"].wait(20)
        self.assertFalse(self.socket("n001").exists())

    def answers(self, name):
        try:
            return self.role(name)["name"] == name
        except OSError:
            return False

    def test_other_users_are_sent_away_whatever_the_mode_of_the_file(self):
        if os.geteuid() != 0:
            self.skipTest("needs root, to be somebody else")
        self.start(1)
        self.folder.chmod(0o755)
        path = self.socket("n001")
        script = ("import socket,sys; s = socket.socket(socket.AF_UNIX); s.settimeout(10)\n"
                  "s.connect(sys.argv[1]); s.sendall(b'GET /v1/role HTTP/1.1\\r\\n\\r\\n')\n"
                  "print(s.recv(1000).decode().split(chr(13))[0])")

        def as_nobody(groups=()):
            done = subprocess.run(["python3", "-c", script, str(path)], user=65534, group=65534,
                                  extra_groups=groups, capture_output=True, text=True, timeout=20,
                                  check=False)
            return done.stdout.strip() or done.stderr.strip().splitlines()[-1]
        self.assertIn("Permission denied", as_nobody())
        path.chmod(0o666)
        self.assertEqual(as_nobody(), "HTTP/1.1 403 Forbidden")
        self.fleet.kill("n001")
        self.fleet.start_agent("n001", "--socket-group", "4321")
        self.wait("the socket", 20, lambda: self.answers("n001"))
        self.assertIn("Permission denied", as_nobody())
        self.assertEqual(as_nobody([4321]), "HTTP/1.1 200 OK")


if __name__ == "__main__":
    main()
