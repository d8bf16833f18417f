"""Bad input, hostile clients and ill disks: a clear sentence, and nobody else is disturbed."""
import json
import os
import socket
import subprocess
import urllib.error
import urllib.request

from support import PROGRAMS, FleetTest, main

STREAMS_MAX = 16


class AbuseTest(FleetTest):
    def setUp(self):
        super().setUp()
        self.clients = []

    def tearDown(self):
        for client in self.clients:
            client.close()
        super().tearDown()

    def connect(self, text="", address=None):
        """A client that sends so much and then waits."""
        host, port = (address or self.fleet.api).split(":")
        client = socket.create_connection((host, int(port)), timeout=20)
        self.clients.append(client)
        if text:
            client.sendall(text.encode())
        return client

    def ask(self, method, path, body=None):
        """Status, headers and document of a request, whatever it is."""
        request = urllib.request.Request(f"http://{self.fleet.api}{path}", body, method=method)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, answer.headers, json.load(answer)
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.headers, json.load(refusal)

    def push(self, topic, content=b"x", code=0):
        path = self.folder / "value"
        path.write_bytes(content)
        return self.fleet.coppice("push", topic, str(path), "--wait", "20s", code=code)

    def ends(self, command, code):
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stderr

    def refused(self, reason):
        return self.metric(f'coppice_http_refused_total{{reason="{reason}"}}')


class Starts(AbuseTest):
    def manager(self, *more):
        return [PROGRAMS / "coppice-manager", "--config", self.fleet.config, *more]

    def test_ports_that_are_in_use_are_named(self):
        self.fleet.kill_manager()
        with socket.socket() as thief:
            thief.bind(("127.0.0.1", 0))
            thief.listen()
            taken = f"127.0.0.1:{thief.getsockname()[1]}"
            for option, address in (("--api", taken), ("--listen", f"tcp://{taken}")):
                sentence = self.ends(self.manager(option, address), 1)
                self.assertIn(f"cannot listen on {address}: Address already in use", sentence)
            command = self.fleet.agent_command("n001")
            command[command.index("--listen") + 1] = f"tcp://{taken}"
            self.assertIn(f"cannot listen on tcp://{taken}", self.ends(command, 1))

    def test_a_setting_that_is_unknown_is_named_with_its_line_and_what_was_meant(self):
        settings = self.folder / "typo.conf"
        for program, typo, name in [("coppice-manager", "fanuot", "fanout"),
                                    ("coppice-agent", "topisc", "topics")]:
            settings.write_text(f"# settings\n{typo} = 8\n")
            sentence = self.ends([PROGRAMS / program, "--config", settings], 2)
            self.assertIn(f"{settings}:2: there is no setting \"{typo}\"; "
                          f"did you mean \"{name}\"?", sentence)


class Http(AbuseTest):
    def test_requests_that_make_no_sense_are_told_why(self):
        large = b"x" * (1 << 20)
        cases = [("POST", "/v1/query", b"avg(load1)", 400, "not a JSON object"),
                 ("POST", "/v1/query", b"[]", 400, "not a JSON object"),
                 ("POST", "/v1/query", b"[" * 60_000, 400, "not a JSON object"),
                 ("POST", "/v1/query", b'{"expr": 3}', 400, "question is missing"),
                 ("POST", "/v1/query", b'{"expr": "count()", "x": 1}', 400, "\"x\""),
                 ("POST", "/v1/query", b'{"expr": "' + b"(" * 60_000 + b'"}', 400, "at most 8192"),
                 ("POST", "/v1/query", b'{"expr": "avgg(load1)"}', 400, "did you mean \"avg\"?"),
                 ("POST", "/v1/tokens", b'{"uses": "many"}', 400, "uses is a whole number"),
                 ("POST", "/v1/tokens", b'{"uses": -1}', 400, "uses is a whole number"),
                 ("POST", "/v1/tokens", b'{"labels": {"a": 1}}', 400, "\"a\" is not a text"),
                 ("POST", "/v1/pushes?topic=t", large, 413, "holds at most"),
                 ("POST", "/v1/pushes?topic=t", b"x" * 65_537, 413, "holds at most 65536"),
                 ("POST", "/v1/pushes", b"x", 400, "topic is missing"),
                 ("POST", "/v1/pushes?topics=t", b"x", 400, "no parameter \"topics\""),
                 ("GET", "/v1/nothing", None, 404, "/v1/openapi.json"),
                 ("DELETE", "/v1/hosts", None, 405, "DELETE does not fit"),
                 ("PUT", "/v1/status", b"", 405, "PUT does not fit"),
                 ("GET", "/v1/pushes/abc", None, 400, "not a whole number"),
                 ("GET", "/" + "x" * 1000, None, 414, "too long")]
        for method, path, body, status, words in cases:
            with self.subTest(f"{method} {path[:40]}"):
                got, headers, problem = self.ask(method, path, body)
                self.assertEqual((got, problem["status"]), (status, status), problem)
                self.assertEqual(headers["Content-Type"], "application/problem+json")
                self.assertIn(words, problem["detail"])
        self.assertEqual(self.refused("not_json"), 3)
        self.assertEqual(self.refused("wrong_method"), 2)
        self.assertEqual(self.refused("too_large"), 3)

    def test_silent_slow_and_vanishing_clients_disturb_nobody(self):
        self.start(3)
        for text in ("", "GET /v1/sta", "POST /v1/pushes?topic=t HTTP/1.1\r\nHost: localhost\r\n"
                     "Content-Length: 1000\r\n\r\nabc"):
            for _ in range(150):
                self.connect(text)
        for text in ("", "GET /v1/hosts", "GET /v1/hosts HTTP/1.1\r\nHost: localhost\r\n\r\n"):
            for _ in range(100):
                self.connect(text).close()
        self.assertEqual(self.ask("GET", "/healthz")[0], 200)
        self.assertTrue(self.push("t")["complete"])
        self.wait("the slow to be told", 20, lambda: self.refused("timeout") > 0)
        self.assertEqual(self.fleet.live(), 3)

    def test_streams_above_the_limit_are_sent_away_and_the_rest_goes_on(self):
        self.start(3)
        ask = ("GET /v1/events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n")
        streams = [self.connect(ask) for _ in range(STREAMS_MAX)]
        for stream in streams:
            self.assertIn(b"200 OK", stream.recv(4096))
        self.wait("the streams", 20, lambda: self.metric("coppice_http_streams") == STREAMS_MAX)
        for _ in range(1000):
            client = self.connect(ask)
            answer = b"".join(iter(lambda one=client: one.recv(4096), b""))
            client.close()
            self.assertIn(b"HTTP/1.1 503", answer)
            self.assertIn(b"\r\nRetry-After: ", answer)
            self.assertIn(b"16 streams are open already", answer)
        self.assertEqual(self.ask("GET", "/healthz")[0], 200)
        self.assertTrue(self.push("t")["complete"])
        for stream in streams:  # they heard of the push
            heard = b""
            while b"push.completed" not in heard:
                more = stream.recv(4096)
                self.assertNotEqual(more, b"")
                heard += more
            stream.close()
        self.wait("free places", 20, lambda: self.metric("coppice_http_streams") == 0)
        self.assertEqual(self.refused("too_many_streams"), 1000)

    def test_a_flood_of_commands_is_bounded_and_the_fleet_lives(self):
        self.start(3)
        body = '{"uses": 1}'
        request = (f"POST /v1/tokens HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}"
                   f"\r\n\r\n{body}")
        clients = [self.connect(request) for _ in range(400)]
        answers = [client.recv(64).split(b"\r\n")[0] for client in clients]
        made = sum(b" 201 " in answer for answer in answers)
        self.assertGreater(made, 0)
        self.assertEqual(set(answers) - {b"HTTP/1.1 201 Created"} - {b"HTTP/1.1 503 Unavailable"},
                         set())
        self.assertEqual(len(self.fleet.coppice("token", "list")), made + 1)
        self.assertEqual(self.fleet.live(), 3)


class Hosts(AbuseTest):
    def test_strangers_on_the_port_of_hosts_are_counted_and_disturb_nobody(self):
        self.start(3)
        port = self.fleet.endpoint.removeprefix("tcp://")
        for _ in range(100):
            self.connect("GET / HTTP/1.1\r\nHost: x\r\n\r\n", port)
            self.connect("", port)
            self.connect("\xff" * 64, port).close()
        self.wait("the count", 20,
                  lambda: self.metric("coppice_link_refused_connections_total") > 0)
        self.fleet.start_agent("n004")
        self.wait("a host that joins meanwhile", 20, lambda: self.fleet.live() == 4)
        self.assertTrue(self.push("t")["complete"])

    def test_a_flood_of_bad_joins_is_refused_and_counted(self):
        self.start(3)
        token = self.fleet.coppice("token", "create", "--uses", "1")["token"]
        self.fleet.coppice("token", "revoke", self.fleet.coppice("token", "list")[-1]["id"])
        flood = [self.fleet.spawn(f"bad{number}", self.fleet.agent_command(f"bad{number}", token))
                 for number in range(10)]
        self.fleet.start_agent("n004")
        self.wait("a good host", 20, lambda: self.fleet.live() == 4)
        self.assertEqual([one.wait(20) for one in flood], [1] * len(flood))
        name = 'coppice_registrations_refused_total{reason="bad_token"}'
        self.assertGreaterEqual(self.metric(name), len(flood))
        self.assertEqual(set(self.fleet.hosts()), {"n001", "n002", "n003", "n004"})


class Disks(AbuseTest):
    def on_faulty_disk(self, command):
        """The same command on a disk that ails as the file says."""
        return ["env", f"LD_PRELOAD={PROGRAMS}/libfaulty_disk.so",
                f"COPPICE_FAULTY_DISK={self.folder}/ailment", *command]

    def ail(self, how):
        (self.folder / "new").write_text(how)
        os.replace(self.folder / "new", self.folder / "ailment")

    def heal(self):
        (self.folder / "ailment").unlink()

    def manager_on_faulty_disk(self):
        self.fleet.kill_manager()
        command = [PROGRAMS / "coppice-manager", "--config", self.fleet.config]
        self.fleet.manager = self.fleet.spawn("manager", self.on_faulty_disk(command))
        self.wait("the manager", 20, self.answers)
        return self.on_faulty_disk(command)

    def answers(self):
        try:
            return self.ask("GET", "/readyz")[0] == 200
        except OSError:
            return False

    def test_a_manager_whose_disk_fills_or_breaks_ends_and_loses_nothing(self):
        self.start(3)
        for number, (how, words) in enumerate((("full", "full"), ("broken", "disk I/O error"))):
            command = self.manager_on_faulty_disk()
            known = self.push(f"known{number}", b"kept")
            self.ail(how)
            path = self.folder / "value"
            self.fleet.coppice("push", "unknown", str(path), code=3)
            self.assertEqual(self.fleet.manager.wait(20), 1)
            log = (self.folder / "manager.log").read_text()
            self.assertIn("store.commit_failed", log)
            self.assertIn(words, log)
            sentence = self.ends(command, 1)
            self.assertIn("look at the disk and start again", sentence)
            self.heal()
            self.fleet.start_manager()
            receipt = self.fleet.get(f"/v1/pushes/{known['push']}")
            self.assertEqual(receipt["topic"], f"known{number}")
            self.wait("the hosts", 20, lambda: self.fleet.live() == 3)
            self.wait("the receipt", 20, lambda push=known["push"]: self.fleet.get(
                f"/v1/pushes/{push}")["complete"])
            self.assertTrue(self.push(f"after{number}")["complete"])

    def test_a_manager_with_a_slow_disk_is_slow_and_nobody_is_lost(self):
        self.start(3)
        self.manager_on_faulty_disk()
        self.wait("the hosts", 20, lambda: self.fleet.live() == 3)
        self.ail("slow")
        for number in range(5):
            self.assertTrue(self.push(f"t{number}")["complete"])
        self.assertEqual(self.fleet.live(), 3)
        lost = [event for event in self.fleet.get("/v1/events") if event["kind"] in ("host.lost", "hosts.lost")]
        self.assertEqual(lost, [])

    def test_a_host_whose_disk_is_full_refuses_and_the_others_have_it(self):
        self.start(2)
        command = self.on_faulty_disk(self.fleet.agent_command("n003"))
        self.fleet.agents["n003"] = self.fleet.spawn("n003", command)
        self.wait("the third host", 20, lambda: self.fleet.live() == 3)
        self.assertTrue(self.push("t", b"one")["complete"])
        self.ail("full")
        receipt = self.push("t", b"two", code=1)
        self.assertEqual((receipt["applied"], receipt["refused"]), (2, 1))
        self.assertEqual(receipt["exceptions"][0]["hosts"], "n003")
        self.assertIn("No space left on device", receipt["exceptions"][0]["reason"])
        self.assertEqual(self.fleet.file("n003", "t").read_bytes(), b"one")
        self.heal()
        self.assertTrue(self.push("t", b"three")["complete"])
        self.assertEqual(self.fleet.file("n003", "t").read_bytes(), b"three")

    def test_a_host_with_a_slow_disk_is_slow_and_delays_nobody_else(self):
        self.start(2)
        command = self.on_faulty_disk(self.fleet.agent_command("n003"))
        self.fleet.agents["n003"] = self.fleet.spawn("n003", command)
        self.wait("the third host", 20, lambda: self.fleet.live() == 3)
        self.ail("slow")
        self.assertTrue(self.push("t")["complete"])
        self.assertEqual(self.fleet.live(), 3)


if __name__ == "__main__":
    main()
