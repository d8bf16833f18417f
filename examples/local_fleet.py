"""A fleet of processes on this machine: one manager, some agents. For examples and tests."""
import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path


class Broken(Exception):
    """A promise was not kept, or a step could not be carried out."""


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def seconds(duration):
    return f"{duration * 1000:.0f} ms" if duration < 1 else f"{duration:.2f} s"


class Fleet:
    """One manager and its agents as processes of this machine."""

    def __init__(self, programs, folder, *init_words, address="127.0.0.1", manager_words=()):
        self.programs, self.folder, self.manager_words = programs, folder, manager_words
        self.agents, self.daemons, self.manager = {}, {}, None
        self.api = f"127.0.0.1:{free_port()}"
        os.environ["COPPICE_API"] = f"http://{self.api}"
        made = self.coppice("init", str(folder / "manager"), "--listen",
                            f"tcp://{address}:{free_port()}", "--api", self.api, *init_words)
        self.endpoint, self.token, self.config = made["endpoint"], made["token"], made["config"]
        self.name = made["fleet"]

    def coppice(self, *words, code=0):
        """Runs the command line with --json and returns what it printed."""
        done = subprocess.run([self.programs / "coppice", *words, "--json"], capture_output=True,
                              text=True, timeout=90, check=False)
        if code is not None and done.returncode != code:
            raise Broken(f"coppice {' '.join(words)} ended with {done.returncode}: "
                         f"{done.stderr.strip() or done.stdout.strip()}")
        return json.loads(done.stdout) if done.stdout.strip() else None

    def show(self, *words):
        """Runs the command line as a person would, output and all."""
        print(f"  $ coppice {' '.join(words)}", flush=True)
        done = subprocess.run([self.programs / "coppice", *words], timeout=90, check=False,
                              stdout=subprocess.PIPE, text=True)
        print("".join(f"    {line}\n" for line in done.stdout.splitlines()), end="", flush=True)
        return done.returncode

    def get(self, path):
        with urllib.request.urlopen(f"http://{self.api}{path}", timeout=5) as answer:
            return json.load(answer)

    def spawn(self, name, command):
        with open(self.folder / f"{name}.log", "ab") as log:
            return subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)

    def start_manager(self):
        self.manager = self.spawn("manager", [self.programs / "coppice-manager", "--config",
                                              self.config, *self.manager_words])

        def answers():
            if self.manager.poll() is not None:
                raise Broken(f"the manager ended; see {self.folder}/manager.log")
            try:
                with urllib.request.urlopen(f"http://{self.api}/readyz", timeout=1):
                    return True
            except (OSError, urllib.error.URLError):
                return False
        return self.wait("the manager to answer", 10, answers)

    def agent_command(self, name, token=None, *more):
        return [self.programs / "coppice-agent", "--manager", self.endpoint,
                "--token", token or self.token, "--name", name, "--dir", self.folder / name,
                "--listen", "tcp://127.0.0.1:0", *more]

    def start_agent(self, name, *more):
        self.agents[name] = self.spawn(name, self.agent_command(name, None, *more))

    def start_daemon(self, name, program, *arguments):
        """A daemon on a host; `program` is one of ours, or a path."""
        path = program if "/" in str(program) else self.programs / program
        self.daemons[name] = self.spawn(name, [path, *arguments])

    def kill(self, name):
        process = self.agents.pop(name)
        process.kill()
        process.wait()

    def kill_manager(self):
        self.manager.kill()
        self.manager.wait()

    def hosts(self):
        return {host["name"]: host for host in self.get("/v1/hosts")}

    def live(self):
        return self.get("/v1/status")["hosts"]["live"]

    def tree(self):
        return {node["host"]: node for node in self.get("/v1/tree")["nodes"]}

    def file(self, name, topic):
        return self.folder / name / "topics" / topic

    @staticmethod
    def wait(what, bound, condition):
        """Seconds until the condition held; it must within the bound."""
        start = time.monotonic()
        while not condition():
            if time.monotonic() - start > bound:
                raise Broken(f"waited {bound} s in vain for {what}")
            time.sleep(0.01)
        return time.monotonic() - start

    def stop(self):
        processes = [*self.daemons.values(), *self.agents.values(),
                     *([self.manager] if self.manager else [])]
        for process in processes:
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + 5
        for process in processes:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextlib.contextmanager
def example_fleet(*init_words):
    """The fleet of an example, with the programs of the release build; it ends with the block."""
    programs = Path(__file__).resolve().parents[1] / "build" / "release" / "bin"
    if not (programs / "coppice-agent").exists():
        sys.exit(f"there is nothing in {programs}; build it first: ./demo, or ./test")
    with tempfile.TemporaryDirectory(prefix="coppice-example-") as folder:
        fleet = Fleet(programs, Path(folder), *init_words)
        try:
            fleet.start_manager()
            yield fleet
        finally:
            fleet.stop()
