"""libcoppice as a daemon uses it: installed, found by CMake, and through agents that come and go."""
import shutil
import subprocess
import tempfile
from pathlib import Path

from support import PROGRAMS, FleetTest, main

ROOT = Path(__file__).resolve().parents[2]


class Library(FleetTest):
    def daemon(self, program, *arguments):
        self.fleet.start_daemon(f"daemon{len(self.fleet.daemons)}", program, *arguments)
        return self.folder / f"daemon{len(self.fleet.daemons) - 1}.log"

    def socket(self, name):
        return self.folder / name / "agent.sock"

    def says(self, log, words):
        self.wait(f"'{words}'", 20, lambda: words in log.read_text())

    def push(self, text, code=0):
        (self.folder / "value").write_text(text)
        return self.fleet.coppice("push", "web", str(self.folder / "value"), "--wait", "20s", code=code)

    def test_a_daemon_takes_what_it_can_use_and_refuses_the_rest(self):
        self.start(1)
        log = self.daemon(PROGRAMS / "example_config_daemon", self.socket("n001"), "web")
        self.fleet.kill("n001")
        self.fleet.start_agent("n001", "--subscriber-only", "web")
        self.wait("the host", 30, lambda: self.fleet.live() == 1)
        self.assertTrue(self.push("port=8080\n")["complete"])
        self.says(log, "version 1 in use, port 8080")
        receipt = self.push("port=80\n", code=1)
        self.assertEqual(receipt["exceptions"][0]["reason"], "port 80 is not between 1024 and 65535")
        again = self.daemon(PROGRAMS / "example_config_daemon", self.socket("n001"), "web")
        self.says(again, "version 1 in use, port 8080, as before")

    def test_a_daemon_is_told_its_role_by_library_and_by_script(self):
        self.start(4)
        root = next(name for name, node in self.fleet.tree().items() if node["role"] == "root")
        cpp = self.daemon(PROGRAMS / "example_role_watcher", self.socket(root))
        python = self.daemon(ROOT / "examples" / "daemons" / "role_watcher.py", self.socket(root))
        for log in (cpp, python):
            self.says(log, f"{root} is root, fence")
        self.says(cpp, "acting as root")
        self.fleet.coppice("drain", root)
        for log in (cpp, python):
            self.says(log, f"{root} is leaf")
        self.fleet.kill(root)
        for log in (cpp, python):
            self.says(log, "the agent is gone")

    def test_daemons_of_neighbours_talk(self):
        self.start(6)
        tree = self.fleet.tree()
        root = next(name for name, node in tree.items() if node["role"] == "root")
        self.assertIn("branch", [node["role"] for node in tree.values()])
        logs = {name: self.daemon(PROGRAMS / "example_roll_call", self.socket(name)) for name in tree}
        wanted = {f"{name} is here" for name in tree if name != root}

        def is_complete():
            """What is sent to a daemon that does not listen yet is lost, so it is said again."""
            self.fleet.coppice("local", "send", "roll", "call", "--to", "children",
                               "--socket", str(self.socket(root)), code=None)
            return wanted <= set(logs[root].read_text().splitlines())
        self.wait("all names", 20, is_complete)

    def test_daemons_fold_with_their_own_code(self):
        self.start(6)
        for number, name in enumerate(sorted(self.fleet.agents)):
            path = self.folder / f"{name}.kernel"
            path.write_text("a line\n" * number + "another line\n")
            self.daemon(PROGRAMS / "example_own_reducer", self.socket(name), path)
        wanted = ["15 a line\n6 another line\n"]

        def is_complete():
            answer = self.fleet.coppice("query", "reduce(log_lines)", code=None)
            return answer["value"] == wanted and "notes" not in answer
        self.wait("all lines", 20, is_complete)
        name = next(name for name, node in self.fleet.tree().items() if node["role"] == "leaf")

        def has_thrown():
            """Its own daemon gives the right one again, but not within 20 s."""
            self.fleet.coppice("local", "contribute", "log_lines", "no number", "--socket", str(self.socket(name)))
            answer = self.fleet.coppice("query", "reduce(log_lines)")
            return any("'no number' is not a number and a line" in note for note in answer.get("notes", []))
        self.wait("an exception", 20, has_thrown)

    def test_it_is_installed_and_found(self):
        if shutil.which("cmake") is None:
            self.skipTest("there is no cmake here")
        prefix = Path(tempfile.mkdtemp(prefix="coppice-prefix-"))
        self.addCleanup(shutil.rmtree, prefix, ignore_errors=True)
        for command in (["cmake", "--install", PROGRAMS.resolve().parent, "--component", "client",
                         "--prefix", prefix / "installed"],
                        ["cmake", "-S", ROOT / "examples" / "daemons", "-B", prefix / "build",
                         f"-DCMAKE_PREFIX_PATH={prefix / 'installed'}"],
                        ["cmake", "--build", prefix / "build"]):
            done = subprocess.run(command, capture_output=True, text=True, timeout=150, check=False)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        done = subprocess.run([prefix / "build" / "example_role_watcher"], capture_output=True,
                              text=True, timeout=20, check=False)
        self.assertEqual((done.returncode, done.stderr), (2, "usage: role_watcher SOCKET\n"))


if __name__ == "__main__":
    main()
